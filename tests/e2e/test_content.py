"""A policy document on its way: written in the editor, read by three people, found by everybody."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from .running import DESKTOP, Demo, sign_in

pytestmark = pytest.mark.e2e

TITLE = "关于建立联席会议制度的通知（演示）"
#: What comes along when a passage is copied from a word processor.
PASTED = (
    '<h1 class="MsoTitle" style="font-size:22pt">一、总体要求</h1><p class="MsoNormal" style="color:red">'
    "第一条　每季度召开一次联席会议。</p><table border=1><tr><td>事项</td><td>时限</td></tr></table>"
    "<script>document.title = 'x'</script>"
)
PASTE = """(html) => {
  const data = new DataTransfer(); data.setData("text/html", html);
  document.querySelector(".tiptap").dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))
}"""


def opened(browser: Browser, demo: Demo, username: str) -> Page:
    context = browser.new_context(base_url=demo.url, viewport=DESKTOP, locale="zh-CN")
    if username:
        sign_in(context, username, demo.accounts[username]["password"])
    return context.new_page()


def take(page: Page, address: str, step: str, note: str = "") -> None:
    page.goto(address)
    page.get_by_role("link", name=step, exact=True).click()
    if note:
        page.fill("[name=note]", note)
    page.get_by_role("button", name=step, exact=True).click()


def test_a_document_goes_through_three_reviews_to_the_site(demo: Demo, browser: Browser):
    writer = opened(browser, demo, "editor")
    writer.goto("/w/content/")
    writer.get_by_role("link", name="新建政策文件").click()
    writer.fill("[name=title]", TITLE)
    writer.fill("[name=summary]", "每季度召开联席会议，会商重点事项。")
    writer.fill("[name=number]", "总工办发[2026]99")
    writer.fill("[name=issuers]", "中华全国总工会办公厅")
    writer.fill("[name=made_on]", "2026-09-01")
    writer.select_option("[name=kind]", "notice")
    writer.select_option("[name=level]", "national")
    editor = writer.locator(".tiptap")
    editor.click()
    writer.evaluate(PASTE, PASTED)
    editor.press("Control+End")
    writer.get_by_role("button", name="保存草稿").click()
    expect(writer.locator("h1")).to_contain_text(TITLE)
    desk = writer.url
    take(writer, desk, "送审")
    take(opened(browser, demo, "officer"), desk, "初审通过")
    second = opened(browser, demo, "officer2")
    take(second, desk, "退回修改", "请写明牵头部门。")

    writer.goto("/w/todo/")
    writer.get_by_role("link", name=re.compile(re.escape(TITLE))).first.click()
    expect(writer.locator("main")).to_contain_text("请写明牵头部门。")
    writer.get_by_role("link", name="编辑", exact=True).click()
    writer.locator(".tiptap").click()
    writer.keyboard.press("Control+End")
    writer.keyboard.type("由社会联络部牵头。")
    writer.get_by_role("button", name="保存草稿").click()
    take(writer, desk, "送审")
    take(opened(browser, demo, "officer"), desk, "初审通过")
    take(second, desk, "复审通过", "可以。")
    take(opened(browser, demo, "leader"), desk, "终审通过")

    reader = opened(browser, demo, "")
    reader.goto("/policy/")
    reader.fill("[name=search]", "总工办发〔2026〕99号")
    reader.get_by_role("button", name="搜索").click()
    reader.get_by_role("link", name=TITLE).click()
    sheet = reader.locator(".policy__sheet")
    expect(sheet).to_contain_text("由社会联络部牵头。")
    expect(sheet.locator("h2")).to_have_text("一、总体要求")
    expect(sheet.locator("td")).to_have_text(["事项", "时限"])
    assert "style=" not in sheet.inner_html()
    with reader.expect_download() as downloaded:
        reader.get_by_role("link", name="Word文档").click()
    assert downloaded.value.suggested_filename.endswith(".docx")

    take(second, desk, "从网站撤下", "与新文件重复。")
    gone = reader.reload()
    assert gone is not None
    assert gone.status == 410
    expect(reader.locator("main")).to_contain_text("与新文件重复。")
