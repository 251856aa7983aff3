"""A notice that asks every quarter: drafted with its dates, issued to the 32, filled in beside the last period."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from .pages import button, sign_off

pytestmark = pytest.mark.e2e
#: The section of the texts in the form of the quarterly notice.
SECTION = "work"

TITLE = f"关于按季度报送专项数据的通知（{uuid.uuid4().hex[:6]}）"
RECEIPT = re.compile(r"\d{4}-[0-9A-F]{8}-1")


def test_an_officer_issues_a_quarterly_notice_to_the_32(page_for, machine):
    page = page_for("officer")
    page.goto("/w/notices/new/")
    page.fill("[name=title]", TITLE)
    page.locator("[name=asks][value=progress]").check()
    page.select_option("[name=form]", "quarterly_figures")
    expect(page.locator("[name=first_period]")).to_be_hidden()
    page.locator("[name=frequency][value=quarterly]").check()
    expect(page.locator("[name=due_on]")).to_be_hidden()
    group = page.locator("[name=first_period] optgroup[label=每季度] option")
    # Two quarters before the present one are offered.
    first = group.nth(2).get_attribute("value")
    page.select_option("[name=first_period]", first)
    preview = page.locator("#round-preview")
    expect(preview.locator("tbody tr")).to_have_count(12)
    page.fill("[name=due_after]", "0")
    expect(preview).to_contain_text("请填写")
    page.fill("[name=due_after]", "15")
    expect(preview.locator("tbody tr")).to_have_count(12)
    page.fill("[name=text]", "请按季度报送。")
    button(page, "保存草稿").click()
    expect(page.locator("#rounds")).to_contain_text("后续各期")
    path = re.search(r"/notices/[0-9a-f-]+/", page.url).group(0)
    machine("leader").take(path, "approve")
    page.goto(f"/w{path}issue/")
    page.get_by_role("button", name=re.compile("32")).click()
    expect(page.locator("#rounds")).to_contain_text("0 / 32")
    # One round ahead gets another date, with the reason.
    page.locator("#rounds details summary").click()
    page.locator("#rounds details tbody tr").first.get_by_role("link").click()
    page.fill("[name=reason]", "年终总结较多，顺延一周。")
    button(page, "调整日期").click()
    expect(page.locator("#rounds")).to_contain_text("顺延一周")


def test_one_fills_in_beside_the_last_period_and_explains_a_change(page_for, machine):
    [owed] = [
        row
        for row in machine("430000.liaison").rows("/obligations/")
        if row["title"] == "关于按季度报送社会组织工作数据的通知" and not row["filed_at"]
    ]
    page = page_for("430000.liaison")
    page.goto(f"/w/obligations/{owed['id']}/")
    button(page, "填写报告").click()
    report = page.url.removesuffix("fill/")
    button(page, "带入上期内容").click()
    expect(page.locator("main")).to_contain_text("项上期内容待核对")
    page.goto(f"{report}fill/{SECTION}/")
    expect(page.locator("[data-question=contact]")).to_contain_text("由上期带入，尚未核对")
    expect(page.locator("[data-question=done]")).to_contain_text("上期（")
    page.fill("[name=answer-done]", "本季度继续走访联系，组织服务项目进园区。")
    button(page, "保存并继续").click()
    served = page.locator("[data-question=workers_served]")
    expect(served).to_contain_text("上期（")
    before = int(
        re.search(r"(\d+) ", served.locator(".answer__last-value").inner_text() + " ").group(1)
    )
    with page.expect_response(lambda answer: "/answers/" in answer.url):
        page.fill("[name=answer-workers_served]", str(before * 3))
    # Said while it is filled in, before anything is submitted.
    expect(served.locator("[data-changed]")).to_be_visible()
    for code in ("projects_purchased", "funds_purchased", "trainings"):
        control = page.locator(f"[name=answer-{code}]")
        last = page.locator(f"[data-question={code}] .answer__last-value").inner_text()
        control.fill(re.search(r"[\d.]+", last).group(0))
    button(page, "保存并继续").click()
    sign_off(page, report)
    page.goto(report + "submit/")
    button(page, "提交审核").click()
    expect(page).to_have_title(re.compile("^错误："))
    page.fill("[name=explanation]", "新增两个园区服务站，服务人数增加，已核实。")
    button(page, "提交审核").click()
    expect(page.locator("main")).to_contain_text(RECEIPT)
