"""The main job in the browser, by four people: notice, signing for, plan, return, acceptance."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import GOOD_ANSWERS

pytestmark = pytest.mark.e2e

TITLE = f"关于报送第二批试点方案的通知（浏览器演练 {dt.datetime.now():%H%M%S}）"
DUE = dt.date.today() + dt.timedelta(days=21)


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def draft_and_issue(page_for) -> str:
    """An officer drafts it, the leader approves, the officer issues; returns its address."""
    officer = page_for("officer")
    officer.goto("/w/notices/new/")
    officer.fill("[name=title]", TITLE)
    officer.fill("[name=text]", "现将有关事项通知如下。\n\n一、请按时报送试点方案。")
    officer.fill("[name=due_on]", DUE.isoformat())
    expect(officer.locator("main")).to_contain_text("个工作日")
    button(officer, "全不选").click()
    for name in ("广东", "湖南"):
        officer.get_by_role("checkbox", name=name, exact=True).check()
    button(officer, "保存草稿").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text(TITLE)
    address = officer.url

    leader = page_for("leader")
    leader.goto("/w/todo/")
    leader.get_by_role("link", name=re.compile(re.escape(TITLE))).first.click()
    leader.get_by_role("link", name="批准", exact=True).click()
    button(leader, "批准").click()
    expect(leader.locator("main")).to_contain_text("已批准")

    officer.goto(address)
    officer.get_by_role("link", name="下发", exact=True).click()
    officer.get_by_role("button", name=re.compile("2 ?家工会")).click()
    expect(officer.locator("main")).to_contain_text("已下发")
    return address


def fill_section(page: Page, answers: dict[str, str]) -> None:
    for code, value in answers.items():
        control = page.locator(f"[name=answer-{code}]")
        if control.count() == 0:
            continue
        if control.first.get_attribute("type") == "radio":
            page.locator(f"[name=answer-{code}][value={value}]").check()
        elif control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


SECTIONS = ("goals", "places", "tasks", "safeguards", "approval")


def test_the_story(page_for, context_for, demo):
    notice = draft_and_issue(page_for)

    # The liaison officer finds it first on the list and signs for it.
    liaison = page_for("440000.liaison")
    liaison.goto("/w/todo/")
    first = liaison.locator("main tbody tr").first
    expect(first).to_contain_text("签收通知")
    liaison.locator("main tbody").get_by_role("link", name=TITLE).click()
    liaison.get_by_role("link", name="签收", exact=True).first.click()
    liaison.fill("[name=leader_name]", "")
    liaison.fill("[name=department]", "")
    liaison.locator("main form[method=post] button.button").last.click()
    expect(liaison).to_have_title(re.compile("^错误："))
    liaison.fill("[name=leader_name]", "梁粤领（演示）")
    liaison.fill("[name=department]", "社会联络部")
    liaison.locator("main form[method=post] button.button").last.click()
    expect(liaison.locator("main")).to_contain_text("已签收")
    button(liaison, "填写报告").or_(
        liaison.get_by_role("button", name=re.compile("填"))
    ).first.click()
    liaison.wait_for_url("**/fill/")
    base = liaison.url

    # Fields save themselves; another machine goes on where this one stopped.
    liaison.goto(base + "goals/")
    liaison.fill("[name=answer-basis]", GOOD_ANSWERS["basis"])
    expect(liaison.locator("[data-autosave-status]")).to_contain_text("已保存")
    elsewhere = page_for("440000.liaison")
    elsewhere.goto(base + "goals/")
    expect(elsewhere.locator("[name=answer-basis]")).to_have_value(GOOD_ANSWERS["basis"])

    # Submitting too early shows everything that is missing at once.
    report = base.removesuffix("fill/")
    elsewhere.goto(report + "submit/")
    button(elsewhere, "提交审核").click()
    expect(elsewhere).to_have_title(re.compile("^错误："))
    missing = elsewhere.locator("main").get_by_role("link", name=re.compile("请填写"))
    assert missing.count() >= 10

    answers = {**GOOD_ANSWERS, "pilots_county": "412"}
    for section in SECTIONS:
        elsewhere.goto(f"{base}{section}/")
        fill_section(elsewhere, answers)
        button(elsewhere, "保存并继续").click()
        elsewhere.wait_for_load_state()
        assert f"/{section}/" not in elsewhere.url, f"{section} was not taken"
    elsewhere.goto(report + "sign-off/")
    elsewhere.fill("[name=name]", "梁粤领（演示）")
    elsewhere.fill("[name=on]", dt.date.today().isoformat())
    button(elsewhere, "登记签批").click()
    elsewhere.goto(report + "submit/")
    # 412 pilots are unusual: an explanation is asked for, and then it goes through.
    elsewhere.fill("[name=explanation]", "全省县区全部纳入试点，已核实。")
    button(elsewhere, "提交审核").click()
    elsewhere.wait_for_url("**/submitted/")
    expect(elsewhere.locator("main")).to_contain_text(re.compile(r"\d{4}-[0-9A-F]{8}-1"))

    # Another province sees none of it.
    outsider = page_for("430000.liaison")
    assert outsider.goto(report).status == 404
    assert outsider.goto(base + "goals/").status == 404

    # The reviewer reads the explanation first, comments, and returns it with a reason.
    officer = page_for("officer")
    officer.goto(report + "review/")
    expect(officer.locator("main")).to_contain_text("全省县区全部纳入试点")
    form = officer.locator("form:has(input[name=question][value=tasks])")
    officer.locator("details:has(input[name=question][value=tasks]) summary").click()
    form.locator("textarea").fill("请写明每项任务的完成时限。")
    form.locator("button").click()
    expect(officer.locator("main")).to_contain_text("请写明每项任务的完成时限。")
    officer.fill("form[action$='/return/'] [name=note]", "请按意见修改后重新提交。")
    button(officer, "退回修改").click()
    expect(officer.locator("main")).to_contain_text("已退回")

    # The reason reaches the filer in the portal and by e-mail.
    liaison.goto("/w/notifications/")
    expect(liaison.locator("main")).to_contain_text("退回")
    until = time.monotonic() + 60
    while not any("请按意见修改后重新提交" in mail for mail in demo.mails()):
        assert time.monotonic() < until, "the worker sent no e-mail with the reason"
        liaison.wait_for_timeout(500)

    # No resubmission before the comment has its reply.
    liaison.goto(base)
    expect(liaison.locator("main")).to_contain_text("请按意见修改后重新提交。")
    liaison.goto(report + "submit/")
    expect(liaison.locator("main")).to_contain_text("请答复意见")
    liaison.goto(base)
    liaison.locator("a[href*='/reply/']").first.click()
    liaison.fill("[name=text]", "已逐项写明。")
    liaison.locator("main form[method=post] button.button").last.click()
    liaison.goto(base + "tasks/")
    liaison.fill("[name=answer-tasks]", GOOD_ANSWERS["tasks"] + "\n（四）年底前验收。")
    button(liaison, "保存并继续").click()
    liaison.goto(report + "sign-off/")
    liaison.fill("[name=name]", "梁粤领（演示）")
    liaison.fill("[name=on]", dt.date.today().isoformat())
    button(liaison, "登记签批").click()
    liaison.goto(report + "submit/")
    liaison.fill("[name=explanation]", "全省县区全部纳入试点，已核实。")
    button(liaison, "提交审核").click()
    liaison.wait_for_url("**/submitted/")

    # The reviewer sees what changed beside what stood before, and accepts.
    officer.goto(report + "review/")
    expect(officer.locator("ins").first).to_contain_text("（四）年底前验收。")
    button(officer, "通过").click()
    officer.get_by_role("dialog").get_by_role("button", name="通过").click()
    expect(officer.locator("main")).to_contain_text("已通过")
    officer.goto(report + "compare/?from=1&to=2")
    expect(officer.locator("ins").first).to_contain_text("年底前验收")

    # The page of the notice and the trail tell it.
    officer.goto(notice)
    row = officer.get_by_role("row", name=re.compile("广东"))
    expect(row).to_contain_text("已通过")
    expect(officer.get_by_role("row", name=re.compile("湖南"))).to_contain_text("待签收")
    officer.goto(report + "?tab=history")
    for words in ("开始填报", "提交审核", "退回修改", "请按意见修改后重新提交。", "审核通过"):
        expect(officer.locator("main")).to_contain_text(words)


@pytest.fixture
def drafting(demo) -> str:
    """The address of a report of Guangdong that is being filled in."""
    import json
    import urllib.request

    asked = urllib.request.Request(
        f"{demo.url}/api/v1/reports/?state=draft",
        headers={"Authorization": f"Bearer {demo.accounts['440000.liaison']['token']}"},
    )
    rows = json.load(urllib.request.urlopen(asked))["results"]
    return f"/w/reports/{rows[0]['id']}/"


def test_two_people_on_one_answer_get_a_choice(page_for, drafting):
    first, second = page_for("440000.liaison"), page_for("440000.head")
    for page in (first, second):
        page.goto(drafting + "fill/safeguards/")
    first.fill("[name=answer-risks]", "甲：风险在于力量不足。")
    expect(first.locator("[data-autosave-status]")).to_contain_text("已保存")
    second.fill("[name=answer-risks]", "乙：风险在于经费不足。")
    box = second.locator(".conflict")
    expect(box).to_contain_text("甲：风险在于力量不足。")
    expect(box).to_contain_text("乙：风险在于经费不足。")
    first.reload()
    expect(first.locator("[name=answer-risks]")).to_have_value("甲：风险在于力量不足。")
    box.get_by_role("button").first.click()
    expect(second.locator("[data-autosave-status]")).to_contain_text("已保存")
    first.reload()
    expect(first.locator("[name=answer-risks]")).to_have_value("乙：风险在于经费不足。")


def test_what_cannot_be_read_stays_beside_its_message(page_for, drafting):
    page = page_for("440000.liaison")
    page.goto(drafting + "fill/safeguards/")
    with page.expect_response(lambda answer: "/answers/" in answer.url):
        page.fill("[name=answer-contact_persons]", "二十来个")
    expect(page.locator("main")).to_contain_text("请只填数字")
    page.reload()
    expect(page.locator("[name=answer-contact_persons]")).to_have_value("二十来个")


def test_without_javascript_it_is_filled_and_checked(page_for, drafting):
    page = page_for("440000.head", java_script_enabled=False)
    page.goto(drafting + "fill/")
    page.get_by_role("link", name="审定情况", exact=True).click()
    page.fill("[name=answer-approved_on]", "2026-09-10")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("[name=answer-approved_on]")).to_have_value("2026-09-10")
    page.goto(drafting + "submit/")
    page.get_by_role("button", name="提交审核", exact=True).click()
    expect(page).to_have_title(re.compile("^错误："))


def test_by_keyboard_alone(page_for, drafting):
    page = page_for("440000.liaison")
    page.goto(drafting + "fill/goals/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text("跳到")
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("name") == "answer-basis":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("键盘填写的依据：根据上级部署和本省实际制定本方案。")
    for _ in range(20):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.evaluate("e => e.tagName") == "BUTTON" and "保存并继续" in focused.inner_text():
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/fill/places/"))


def test_a_double_click_signs_once(page_for, demo):
    page = page_for("430000.liaison")
    page.goto("/w/todo/")
    page.locator("main tbody tr", has_text="签收通知").first.get_by_role("link").first.click()
    page.get_by_role("link", name="签收", exact=True).first.click()
    page.fill("[name=leader_name]", "刘领导（演示）")
    page.fill("[name=department]", "基层工作部")
    page.locator("main form[method=post] button.button").last.dblclick()
    expect(page.locator("main")).to_contain_text("已签收")


def test_files_go_up_and_bad_ones_are_refused(page_for, drafting, tmp_path):
    page = page_for("440000.liaison")
    page.goto(drafting + "?tab=files")
    good, renamed, empty = (tmp_path / name for name in ("方案说明.txt", "扫描件.pdf", "空白.txt"))
    good.write_text("方案说明：略。", encoding="utf-8")
    renamed.write_text("<script>alert(1)</script>", encoding="utf-8")
    empty.write_bytes(b"")
    page.set_input_files("input[type=file]", good)
    expect(page.locator("main")).to_contain_text("方案说明.txt")
    page.goto(drafting + "?tab=files")
    expect(page.get_by_role("link", name=re.compile("方案说明.txt"))).to_be_visible()
    page.set_input_files("input[type=file]", renamed)
    expect(page.locator("main")).to_contain_text(re.compile("不是|不符|PDF"))
    page.set_input_files("input[type=file]", empty)
    expect(page.locator("main")).to_contain_text(re.compile("空"))
    page.goto(drafting + "?tab=files")
    assert page.get_by_role("link", name=re.compile("扫描件|空白")).count() == 0


def test_a_phone_reads_and_signs(page_for):
    phone = page_for("leader", viewport={"width": 390, "height": 844})
    phone.goto("/w/todo/")
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
