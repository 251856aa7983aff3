"""Reminders as people meet them: what comes by itself, chasing nine late provinces, dates far ahead."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from .pages import button

pytestmark = pytest.mark.e2e

SENTENCE = f"请务必于本周五下班前报送（演练 {dt.datetime.now():%H%M%S}）。"


def test_a_reminder_comes_by_itself(page_for, mailbox):
    """Guangdong's plan is due in four working days: the portal says so, and so does the mail."""
    mail = mailbox.wait_for(to="440000.liaison@", saying="还剩4个工作日")
    text = mail.get_content()
    assert mail["Subject"].strip().startswith("提醒")
    for words in ("试点方案", "事项：", "截止日：", "重要性：", "咨询：", "/w/obligations/"):
        assert words in text, words
    page = page_for("440000.liaison")
    page.goto("/w/notifications/")
    told = page.locator("main").get_by_role("link", name=re.compile("提醒（还剩4个工作日）")).first
    expect(told).to_be_visible()
    told.click()  # one click leads to where the work is done
    expect(page.get_by_role("heading", level=1)).to_contain_text("试点方案的通知")
    expect(page.locator("main")).to_contain_text("还剩4个工作日")


def test_nine_late_provinces_are_chased(page_for, machine, mailbox):
    [notice] = [
        row
        for row in machine("officer").rows("/notices/", state="issued", asks="progress")
        if "月份社会组织工作进展情况" in row["title"]
    ]
    officer = page_for("officer")
    officer.goto(f"/w/notices/{notice['id']}/")
    officer.get_by_role("link", name="催办").first.click()
    expect(officer.locator("main")).to_contain_text("9个单位逾期")
    boxes = officer.locator("main input[name=federations]")
    assert boxes.count() == 9
    assert officer.locator("main input[name=federations]:checked").count() == 9
    for name in ("山西", "江西", "山东", "海南", "贵州", "云南", "西藏", "宁夏", "新疆"):
        expect(officer.locator("main table")).to_contain_text(name)

    # Nobody ticked: told beside the list, and the sentence stays.
    officer.fill("[name=sentence]", SENTENCE)
    for number in range(9):
        boxes.nth(number).uncheck()
    button(officer, "催办所选单位").click()
    officer.get_by_role("dialog").get_by_role("button", name="催办").click()
    expect(officer).to_have_title(re.compile("^错误："))
    expect(officer.locator("[name=sentence]")).to_have_value(SENTENCE)

    # By keyboard: tick all again, ask, confirm the question that names how many.
    for number in range(9):
        boxes.nth(number).focus()
        officer.keyboard.press("Space")
    button(officer, "催办所选单位").focus()
    officer.keyboard.press("Enter")
    asked = officer.get_by_role("dialog")
    expect(asked).to_contain_text("9")
    asked.get_by_role("button", name="催办").focus()
    officer.keyboard.press("Enter")
    # A background job does it: a line for each federation, then the history of the notice.
    officer.wait_for_url("**/w/jobs/**")
    officer.get_by_role("link", name="查看结果").first.wait_for(timeout=60_000)
    expect(officer.locator("main")).to_contain_text("江西省总工会：已催办")
    officer.get_by_role("link", name="查看结果").first.click()
    told = officer.locator("article").filter(has_text=SENTENCE)
    expect(told.get_by_role("listitem")).to_have_count(9)
    expect(told.get_by_text("已催办")).to_have_count(9)

    # Each province has it by mail, in the officer's own words; its file shows it too.
    for code in ("640000", "140000"):
        mail = mailbox.wait_for(to=f"{code}.liaison@", saying=SENTENCE)
        assert notice["title"] in mail.get_content()
    [owed] = machine("officer").rows(f"/obligations/?request={notice['id']}&federation=640000")
    officer.goto(f"/w/obligations/{owed['id']}/")
    expect(officer.locator("#reminders")).to_contain_text(SENTENCE)

    # The lists of a circular: on time, late, silent, names ready to be copied.
    officer.goto(f"/w/notices/{notice['id']}/punctuality/")
    for words in ("按时", "逾期", "甘肃"):
        expect(officer.locator("main")).to_contain_text(words)


def test_a_date_in_a_year_without_a_plan_says_provisional(page_for):
    """The State Council has not published 2030: Monday to Friday are counted, and the page says so."""
    officer = page_for("officer")
    officer.goto("/w/notices/new/")
    officer.fill("[name=due_on]", "2030-01-09")
    expect(officer.locator("main")).to_contain_text("2030年1月9日")
    expect(officer.locator("main")).to_contain_text("暂定")
