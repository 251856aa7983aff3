"""The main job in the browser, by four people: notice, signing for, plan, return, acceptance."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests.answers import GOOD_ANSWERS

from .pages import ANSWERS, EXPLANATION, SECTIONS, button, fill_section, sign_off

pytestmark = pytest.mark.e2e

TITLE = f"关于报送第二批试点方案的通知（浏览器演练 {dt.datetime.now():%H%M%S}）"
DUE = dt.date.today() + dt.timedelta(days=21)


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


def test_the_story(page_for, mailbox):
    notice = draft_and_issue(page_for)

    # The liaison officer finds it on the first page of the list and signs for it. It need not be the first
    # line: other notices of the same demo may have to be signed for by the same day.
    liaison = page_for("440000.liaison")
    liaison.goto("/w/todo/")
    line = liaison.locator("main tbody tr").filter(has_text="签收通知").filter(has_text=TITLE)
    line.get_by_role("link", name=TITLE).click()
    obligation = liaison.url
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

    for section in SECTIONS:
        elsewhere.goto(f"{base}{section}/")
        fill_section(elsewhere, ANSWERS)
        button(elsewhere, "保存并继续").click()
        elsewhere.wait_for_load_state()
        assert f"/{section}/" not in elsewhere.url, f"{section} was not taken"
    sign_off(elsewhere, report)
    elsewhere.goto(report + "submit/")
    # 412 pilots are unusual: an explanation is asked for, and then it goes through.
    elsewhere.fill("[name=explanation]", EXPLANATION)
    button(elsewhere, "提交审核").click()
    elsewhere.wait_for_url("**/submitted/")
    expect(elsewhere.locator("main")).to_contain_text(re.compile(r"\d{4}-[0-9A-F]{8}-1"))

    # Another province sees none of it.
    outsider = page_for("430000.liaison")
    for address in (report, base + "goals/", report + "compare/", report + "review/", obligation):
        assert outsider.goto(address).status == 404, address
    expect(outsider.locator("main")).not_to_contain_text(TITLE)

    # The reviewer reads the explanation first, comments, and returns it with a reason.
    officer = page_for("officer")
    officer.goto(report + "review/")
    expect(officer.locator("main .notice").first).to_contain_text(EXPLANATION)
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
    mail = mailbox.wait_for(to="440000.liaison@", saying="请按意见修改后重新提交")
    assert TITLE in mail.get_content()
    assert report in mail.get_content()

    # No resubmission before the comment has its reply.
    liaison.goto(base)
    expect(liaison.locator("main")).to_contain_text("请按意见修改后重新提交。")
    liaison.goto(report + "submit/")
    button(liaison, "提交审核").click()
    expect(liaison).to_have_title(re.compile("^错误："))
    expect(liaison.locator(".error-summary")).to_contain_text("请回复批注")
    liaison.goto(base)
    liaison.locator("a[href*='/reply/']").first.click()
    liaison.fill("[name=text]", "已逐项写明。")
    liaison.locator("main form[method=post] button.button").last.click()
    liaison.goto(base + "tasks/")
    liaison.fill("[name=answer-tasks]", GOOD_ANSWERS["tasks"] + "\n（四）年底前验收。")
    button(liaison, "保存并继续").click()
    sign_off(liaison, report)
    liaison.goto(report + "submit/")
    liaison.fill("[name=explanation]", EXPLANATION)
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
    for words in ("已通过", dt.date.today().isoformat(), "梁粤领（演示）", "社会联络部"):
        expect(row).to_contain_text(words)
    expect(officer.get_by_role("row", name=re.compile("湖南"))).to_contain_text("待签收")
    officer.goto(report + "?tab=history")
    for words in ("开始填报", "提交审核", "退回修改", "请按意见修改后重新提交。", "审核通过"):
        expect(officer.locator("main")).to_contain_text(words)
