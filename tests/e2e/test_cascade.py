"""A province passes a notice down to three cities; what they file adds up into its report, with a trace."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from tests.answers import GOOD_ANSWERS

from .running import Machine

pytestmark = pytest.mark.e2e

PROVINCE, CITIES = "530000", ("530100", "530300", "530400")
LEADER = "某主席（演示）"


def issued(demo) -> str:
    """The id of a new notice that asks Yunnan for a pilot plan."""
    notice = {
        "id": str(uuid.uuid4()),
        "title": f"关于报送州市试点情况的通知（{uuid.uuid4().hex[:6]}）",
        "text": "请按时报送。",
        "asks": "pilot_plan",
        "form": "pilot_plan",
        "business_line": "social_organisations",
        "due_on": (dt.date.today() + dt.timedelta(days=28)).isoformat(),
        "recipients": [PROVINCE],
    }
    Machine(demo, "officer").call("POST", "/notices/", notice)
    Machine(demo, "leader").take(f"/notices/{notice['id']}/", "approve")
    Machine(demo, "officer").take(f"/notices/{notice['id']}/", "issue")
    return notice["id"]


def signed(machine: Machine, notice: str, code: str) -> str:
    """The obligation of the federation of this code, signed for."""
    [row] = machine.rows(f"/obligations/?request={notice}", federation=code)
    machine.take(
        f"/obligations/{row['id']}/", "sign-for", leader_name=LEADER, department="社会联络部"
    )
    return row["id"]


def test_three_cities_file_and_the_figures_lead_back_to_them(demo, page_for):
    notice = issued(demo)
    province = Machine(demo, "530000.liaison")
    owed = signed(province, notice, PROVINCE)

    page = page_for("530000.liaison")
    page.goto(f"/w/obligations/{owed}/")
    page.get_by_role("link", name="下发下级").click()
    for name in ("昆明", "曲靖", "玉溪"):
        page.get_by_label(name, exact=True).check()
    page.get_by_label("截止日期", exact=True).fill(
        (dt.date.today() + dt.timedelta(days=28)).isoformat()
    )
    page.get_by_label("工作要求").fill("请对照台账填报。")
    page.get_by_text("题目1", exact=True).click()
    page.locator("[name=questions-0-name_zh]").fill("试点街道数")
    page.locator("[name=questions-0-unit_zh]").fill("个")
    page.get_by_role("button", name="下发下级").click()
    page.get_by_role("dialog").get_by_role("button", name="下发下级").click()
    # As late as its own: refused, and nothing of what was typed is lost.
    page.locator(".field__error", has_text="须早于").wait_for()
    page.get_by_label("截止日期", exact=True).fill(
        (dt.date.today() + dt.timedelta(days=20)).isoformat()
    )
    page.get_by_role("button", name="下发下级").click()
    page.get_by_role("dialog").get_by_role("button", name="下发下级").click()
    page.get_by_text("已下发给3家组织。").wait_for()

    # One by its own account, the two others by programs of theirs.
    [passed] = province.rows(f"/pass-downs/?request={notice}")
    [added] = province.get(f"/pass-downs/{passed['id']}/")["questions"]
    tokens = demo.tokens(*(f"{code}.liaison" for code in CITIES))
    for number, code in enumerate(CITIES, 1):
        city = Machine(demo, f"{code}.liaison", tokens[f"{code}.liaison"])
        below = signed(city, notice, code)
        report = json.load(city.call("POST", "/reports/", {"obligation": below, "answers": {}}))
        answers = {**GOOD_ANSWERS, "pilots_city": str(number), added["code"]: "4"}
        city.change(f"/reports/{report['id']}/", {"answers": answers})
        city.take(
            f"/reports/{report['id']}/", "sign-off", name=LEADER, on=dt.date.today().isoformat()
        )
        city.take(f"/reports/{report['id']}/", "submit")
    kunming = page_for("530100.liaison")
    kunming.goto("/w/reports/")
    kunming.locator("main table").get_by_text("已提交").first.wait_for()

    begun = json.load(province.call("POST", "/reports/", {"obligation": owed, "answers": {}}))
    page.goto(f"/w/reports/{begun['id']}/fill/places/")
    beside = page.locator("[data-question=pilots_city]")
    assert "6" in beside.inner_text()
    beside.get_by_role("button", name="采用").click()
    page.get_by_text("已将下级汇总的数字填入报告。").wait_for()
    assert page.locator("[name=answer-pilots_city]").input_value() == "6"

    page.goto(f"/w/reports/{begun['id']}/")
    trace = page.locator("#source-pilots_city")
    assert "昆明" in trace.inner_text()
    trace.get_by_role("link", name="3", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()
    assert "玉溪" in page.locator("main").inner_text()

    # The centre sees one obligation and no report of a city.
    centre = Machine(demo, "officer")
    assert len(centre.rows(f"/obligations/?request={notice}")) == 1
    assert centre.rows(f"/reports/?notice={notice}") == []
