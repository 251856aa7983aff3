"""Filling in and filing under difficulties: two people, no JavaScript, no mouse, bad files."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.answers import GOOD_ANSWERS

from .pages import ANSWERS, EXPLANATION, SECTIONS, button, fill_section, sign_off

pytestmark = pytest.mark.e2e

RECEIPT = re.compile(r"\d{4}-[0-9A-F]{8}-1")


def test_two_people_on_one_answer_get_a_choice(page_for, empty_report):
    first, second = page_for("440000.liaison"), page_for("440000.head")
    for page in (first, second):
        page.goto(f"/w/reports/{empty_report}/fill/safeguards/")
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


def test_what_cannot_be_read_stays_beside_its_message(page_for, empty_report):
    page = page_for("440000.liaison")
    page.goto(f"/w/reports/{empty_report}/fill/safeguards/")
    with page.expect_response(lambda answer: "/answers/" in answer.url):
        page.fill("[name=answer-contact_persons]", "二十来个")
    expect(page.locator("main")).to_contain_text("请只填数字")
    page.reload()
    expect(page.locator("[name=answer-contact_persons]")).to_have_value("二十来个")


def test_without_javascript_the_whole_way(page_for, owed):
    page = page_for("440000.liaison", java_script_enabled=False)
    page.goto(f"/w/obligations/{owed}/")
    page.get_by_role("link", name="签收", exact=True).click()
    page.fill("[name=leader_name]", "梁粤领（演示）")
    page.fill("[name=department]", "社会联络部")
    button(page, "签收").click()
    button(page, "填写报告").click()
    report = page.url.removesuffix("fill/")
    page.goto(report + "submit/")
    button(page, "提交审核").click()
    expect(page).to_have_title(re.compile("^错误："))
    # What cannot be taken is said beside the field and stays as it was typed.
    page.goto(report + "fill/safeguards/")
    page.fill("[name=answer-contact_persons]", "约二十人")
    button(page, "保存并继续").click()
    expect(page.locator("main")).to_contain_text("请只填数字")
    expect(page.locator("[name=answer-contact_persons]")).to_have_value("约二十人")
    for section in SECTIONS:
        page.goto(f"{report}fill/{section}/")
        fill_section(page, ANSWERS)
        button(page, "保存并继续").click()
        assert f"/{section}/" not in page.url, f"{section} was not taken"
    sign_off(page, report)
    page.goto(report + "submit/")
    page.fill("[name=explanation]", EXPLANATION)
    button(page, "提交审核").click()
    expect(page.locator("main")).to_contain_text(RECEIPT)


def tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until this control has the focus."""
    control = wanted.element_handle()
    for _ in range(most):
        page.keyboard.press("Tab")
        if control.evaluate("e => e === document.activeElement"):
            return
    pytest.fail(f"{wanted} is not reached by {most} times Tab")


def test_by_keyboard_alone(page_for, owed):
    page = page_for("440000.liaison")
    page.goto(f"/w/obligations/{owed}/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text("跳到")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="签收", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-for/")
    for name, text in (("leader_name", "梁粤领（演示）"), ("department", "社会联络部")):
        tab_to(page, page.locator(f"[name={name}]"))
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/obligations/{owed}/")
    tab_to(page, button(page, "填写报告"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/fill/")
    tab_to(page, page.locator("main a[href$='/fill/safeguards/']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/fill/safeguards/")
    tab_to(page, page.locator("[name=answer-organisation]"))
    page.keyboard.type(GOOD_ANSWERS["organisation"])
    # One Tab enters a group of choices, the arrows move in it.
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    chosen = page.locator(":focus")
    expect(chosen).to_have_attribute("name", "answer-leading_group")
    expect(chosen).to_be_checked()
    tab_to(page, page.locator("[name=answer-contact_persons]"))
    page.keyboard.type("21")
    tab_to(page, button(page, "保存并继续"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/fill/approval/")
    page.goto(page.url.split("/fill/")[0] + "/fill/safeguards/")
    expect(page.locator("[name=answer-organisation]")).to_have_value(GOOD_ANSWERS["organisation"])
    expect(page.locator("[name=answer-contact_persons]")).to_have_value("21")


def test_a_dialog_closes_by_escape_and_gives_the_focus_back(page_for, machine, ready_report):
    machine("440000.liaison").take(f"/reports/{ready_report}/", "submit")
    page = page_for("officer")
    page.goto(f"/w/reports/{ready_report}/review/")
    accept = button(page, "通过")
    accept.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(accept).to_be_focused()
    assert machine("officer").get(f"/reports/{ready_report}/")["state"] == "submitted"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_files_once(page_for, machine, ready_report, scripts):
    page = page_for("440000.liaison", java_script_enabled=scripts)
    page.goto(f"/w/reports/{ready_report}/submit/")
    button(page, "提交审核").dblclick()
    page.wait_for_url("**/submitted/")
    expect(page.locator("main")).to_contain_text(RECEIPT)
    filed = machine("440000.liaison").get(f"/reports/{ready_report}/versions/")["results"]
    assert [version["number"] for version in filed] == [1]


def test_a_double_click_signs_once(page_for, owed):
    page = page_for("440000.liaison")
    page.goto(f"/w/obligations/{owed}/sign-for/")
    page.fill("[name=leader_name]", "梁粤领（演示）")
    page.fill("[name=department]", "社会联络部")
    button(page, "签收").dblclick()
    expect(page.locator("main")).to_contain_text("已签收")
    expect(page.locator("main .timeline").get_by_text("签收通知")).to_have_count(1)


# --- Files --------------------------------------------------------------------------------------


@pytest.fixture
def files_page(page_for, empty_report) -> Page:
    page = page_for("440000.liaison")
    page.goto(f"/w/reports/{empty_report}/?tab=files")
    return page


def test_a_file_goes_up_with_progress_and_can_be_called_off(files_page, tmp_path):
    page, held = files_page, []
    plan = tmp_path / "方案说明.txt"
    plan.write_text("方案说明：略。", encoding="utf-8")

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/attachments/upload/", hold)
    page.set_input_files("input[type=file]", plan)
    line = page.locator("[data-uploader-list] li")
    expect(line.get_by_role("progressbar")).to_be_visible()
    line.get_by_role("button").click()
    expect(line).to_contain_text("已取消")
    page.unroute("**/attachments/upload/", hold)

    page.set_input_files("input[type=file]", plan)
    expect(line.last.get_by_role("link", name="方案说明.txt")).to_be_visible()
    expect(line.last.get_by_role("progressbar")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="方案说明.txt")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="方案说明.txt").click()
    assert download.value.suggested_filename == "方案说明.txt"


def test_a_large_file_goes_on_where_the_line_broke(files_page, tmp_path):
    page, ranges = files_page, []
    scan = tmp_path / "扫描件.txt"
    scan.write_text("扫描内容。\n" * 600_000, encoding="utf-8")
    size = scan.stat().st_size

    def line_that_breaks_once(route: Route) -> None:
        ranges.append(route.request.headers["content-range"])
        if len(ranges) == 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/attachments/*/content/", line_that_breaks_once)
    page.set_input_files("input[type=file]", scan)
    line = page.locator("[data-uploader-list] li")
    expect(line).to_contain_text("从中断处续传")
    expect(line.get_by_role("link", name="扫描件.txt")).to_be_visible()
    expect(line).to_contain_text("已发送")
    part = 4 * 1024 * 1024
    assert ranges == [
        f"bytes 0-{part - 1}/{size}",
        f"bytes {part}-{2 * part - 1}/{size}",
        f"bytes */{size}",
        f"bytes {part}-{2 * part - 1}/{size}",
        f"bytes {2 * part}-{size - 1}/{size}",
    ]
    with page.expect_download() as download:
        line.get_by_role("link", name="扫描件.txt").click()
    assert download.value.path().read_bytes() == scan.read_bytes()


def test_too_large_and_empty_files_are_refused_before_sending(files_page, tmp_path):
    page, sent = files_page, []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else 0)
    limit = int(page.locator("[data-uploader]").get_attribute("data-max-bytes"))
    large, empty = tmp_path / "影像资料.pdf", tmp_path / "空白.txt"
    with large.open("wb") as file:
        file.truncate(limit + 1)
    empty.write_bytes(b"")
    for file, words in ((large, "超过"), (empty, "空")):
        page.set_input_files("input[type=file]", file)
        told = page.locator("[data-uploader-errors]")
        expect(told).to_contain_text(file.name)
        expect(told).to_contain_text(words)
    assert sent == []


def test_a_renamed_or_foreign_file_is_refused_with_its_reason(files_page, tmp_path):
    page = files_page
    renamed, program = tmp_path / "扫描件.pdf", tmp_path / "工具.exe"
    renamed.write_text("<script>alert(1)</script>", encoding="utf-8")
    program.write_bytes(b"MZ" + b"\0" * 200)
    for file, words in (
        (renamed, re.compile("PDF|pdf|不符|不是")),
        (program, re.compile("不能|不接受|exe")),
    ):
        page.set_input_files("input[type=file]", file)
        line = page.locator("[data-uploader-list] li").filter(has_text=file.name)
        expect(line).to_have_class(re.compile("failed"))
        expect(line.locator(".uploader__state")).to_contain_text(words)
    page.reload()
    expect(page.locator("main")).to_contain_text("没有附件")
