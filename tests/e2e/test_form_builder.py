"""A form is built with a table, money, a rule and a condition; two provinces answer it, on the web and by Excel."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import uuid

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.workbooks import put, row_of, saved

from .pages import button
from .running import PHONE, Machine

pytestmark = pytest.mark.e2e


def built_form(page: Page, code: str) -> None:
    """Everything on the pages of the builder, then published."""
    page.goto("/w/forms/new/")
    page.fill("[name=code]", code)
    page.fill("[name=name_zh]", "试点季度表（浏览器演练）")
    page.select_option("[name=purpose]", "progress")
    page.locator("main form button.button").last.click()
    outline = page.url

    for section, name in (("state", "总体情况"), ("sites", "试点单位和经费")):
        page.locator("a[href$='/sections/new/']").first.click()
        page.fill("[name=code]", section)
        page.fill("[name=name_zh]", name)
        button(page, "保存").click()

    def ask(section: str, kind: str, **fields: str) -> None:
        page.goto(outline)
        page.select_option(f"#kind-{section}", kind)
        page.locator(f"#section-{section} form.outline__add button").click()
        for field, value in fields.items():
            control = page.locator(f"[name={field}]")
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)
        button(page, "保存").click()
        expect(page.locator(f"#question-{fields['code']}")).to_be_visible()

    ask("state", "yes_no", code="started", name_zh="本季度是否开展试点")
    ask("state", "text", code="why_not", name_zh="未开展的原因", shown_if="started=no")
    ask("sites", "money", code="funds", name_zh="本季度投入经费", unit_zh="万元", minimum="0")

    # The table: a column with a wrong code first; what was typed stays.
    page.goto(outline)
    page.select_option("#kind-sites", "table")
    page.locator("#section-sites form.outline__add button").click()
    page.fill("[name=code]", "units")
    page.fill("[name=name_zh]", "试点单位明细")
    page.fill("[name=max_rows]", "20")
    for number, (column, name, kind) in enumerate(
        [
            ("Name", "单位名称", "text"),
            ("workers", "覆盖职工", "number"),
            ("funds", "经费", "money"),
        ]
    ):
        page.fill(f"[name=column_{number}_code]", column)
        page.fill(f"[name=column_{number}_name_zh]", name)
        page.select_option(f"[name=column_{number}_kind]", kind)
        page.check(f"[name=column_{number}_required]")
    for summary in page.locator(".column-group summary").all():
        summary.click()
    page.fill("[name=column_1_unit_zh]", "人")
    page.fill("[name=column_2_unit_zh]", "万元")
    page.fill("[name=column_2_decimals]", "2")
    button(page, "保存").click()
    expect(page.locator("#id_column_0_code_field")).to_contain_text("代码")
    page.fill("[name=column_0_code]", "name")
    button(page, "保存").click()
    expect(page.locator("#question-units")).to_contain_text("单位名称；覆盖职工；经费")

    page.locator("a[href$='/rules/new/']").click()
    expect(page.locator("main")).to_contain_text("units.funds")
    page.fill("[name=left]", "units.funds")
    page.select_option("[name=comparison]", "le")
    page.fill("[name=right]", "funds")
    page.fill("[name=message_zh]", "明细经费合计不应大于本季度投入经费。")
    button(page, "保存").click()
    expect(page.locator("#rules")).to_contain_text("“试点单位明细 · 经费” ≤ “本季度投入经费”")

    page.goto(outline + "preview/?section=sites")
    button(page, "增加一行").click()
    page.get_by_label("覆盖职工 (人) 第1行").fill("120")
    page.get_by_label("覆盖职工 (人) 第2行").fill("30")
    expect(page.locator("[data-total=workers]")).to_have_text("150")
    page.goto(outline)
    button(page, "发布").click()
    expect(page.locator("main")).to_contain_text("已发布")


def issued(demo, code: str) -> str:
    """A notice that asks Guangdong and Hunan with the form."""
    notice = {
        "id": str(uuid.uuid4()),
        "title": f"关于报送季度报表的通知（{code}）",
        "text": "请按时报送。",
        "asks": "progress",
        "form": code,
        "business_line": "social_organisations",
        "due_on": (dt.date.today() + dt.timedelta(days=28)).isoformat(),
        "recipients": ["440000", "430000"],
    }
    Machine(demo, "officer").call("POST", "/notices/", notice)
    Machine(demo, "leader").take(f"/notices/{notice['id']}/", "approve")
    Machine(demo, "officer").take(f"/notices/{notice['id']}/", "issue")
    return notice["id"]


def begun(demo, notice: str, code: str) -> str:
    province = Machine(demo, f"{code}.liaison")
    [owed] = province.rows(f"/obligations/?request={notice}")
    who = {"leader_name": "领导（演示）", "department": "社会联络部"}
    province.take(f"/obligations/{owed['id']}/", "sign-for", **who)
    answers = {"obligation": owed["id"], "answers": {"started": True}}
    return json.load(province.call("POST", "/reports/", answers))["id"]


def fill_on_the_web(page: Page, report: str) -> None:
    """By keyboard alone once the first cell has the focus."""
    page.goto(f"/w/reports/{report}/fill/sites/")
    page.get_by_label("本季度投入经费").fill("1234567.5")
    expect(page.locator("[data-in-full]")).to_have_text("1,234,567.50 万元")
    page.get_by_label("单位名称 第1行").focus()
    keys = page.keyboard
    for words in ("东区服务站", "很多", "1200000"):
        keys.type(words)
        keys.press("Tab")
    expect(page.locator(".grid td .field__error")).to_contain_text("请只填数字")
    wrong = page.get_by_label("覆盖职工 (人) 第1行")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    wrong.fill("120")
    expect(page.locator(".grid td .field__error")).to_have_count(0)
    wrong.press("Enter")
    keys.type("30")
    page.get_by_label("单位名称 第2行").fill("西区服务站")
    page.get_by_label("经费 (万元) 第2行").fill("40,000")
    expect(page.locator("[data-total=workers]")).to_have_text("150")
    expect(page.locator("[data-total=funds]")).to_have_text("1,240,000.00")
    expect(page.locator("[data-autosave-status]")).to_contain_text("已保存")
    # Too much: the rule says so beside the table once it is saved.
    button(page, "保存").click()
    expect(page.locator("main")).to_contain_text("明细经费合计不应大于本季度投入经费。")
    button(page, "增加一行").click()
    page.get_by_label("单位名称 第3行").fill("误填")
    page.get_by_role("button", name="移除 第3行").click()
    page.get_by_label("经费 (万元) 第2行").fill("4000")
    with page.expect_response(lambda answer: "/answers/" in answer.url):
        page.get_by_label("经费 (万元) 第2行").press("Tab")
    expect(page.locator("[data-autosave-status]")).to_contain_text("已保存")
    button(page, "保存并继续").click()
    page.wait_for_url(re.compile(r"/fill/$"))


def fill_by_excel(page: Page, report: str, tmp_path) -> None:
    page.goto(f"/w/reports/{report}/workbook/")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载表格").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    units = book["表1"]
    for row, cells in enumerate([("北区", "若干", 12.5), ("南区", 40, "1.234")], start=7):
        for column, value in enumerate(cells, start=3):
            units.cell(row, column).value = value
    put(book, "funds", 500)
    assert book.worksheets[0].cell(row_of(book, "why_not"), 3).value == "未开展的原因"
    first = tmp_path / "first.xlsx"
    first.write_bytes(saved(book))
    page.get_by_label("填好的表格（.xlsx）").set_input_files(first)
    button(page, "核对表格").click()
    for place in ("表1!D7", "表1!E8"):
        expect(page.get_by_role("cell", name=place, exact=True)).to_be_visible()
    with page.expect_download() as download:
        button(page, "下载带标注的表格").click()
    marked = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert marked["表1"].cell(7, 4).value == "若干"
    assert marked["表1"].cell(7, 6).value
    marked["表1"].cell(7, 4).value = 60
    marked["表1"].cell(8, 5).value = 1.23
    second = tmp_path / "second.xlsx"
    second.write_bytes(saved(marked))
    page.get_by_role("link", name="返回").click()
    page.get_by_label("填好的表格（.xlsx）").set_input_files(second)
    button(page, "核对表格").click()
    button(page, "确认导入").click()
    page.get_by_text("已导入2项内容。").wait_for()


def test_a_form_is_built_and_answered(demo, page_for, tmp_path):
    code = f"trial_{uuid.uuid4().hex[:6]}"
    built_form(page_for("officer"), code)
    notice = issued(demo, code)
    guangdong, hunan = begun(demo, notice, "440000"), begun(demo, notice, "430000")
    fill_on_the_web(page_for("440000.liaison"), guangdong)
    told = Machine(demo, "440000.liaison").get(f"/reports/{guangdong}/")["answers"]
    assert told["units"] == [
        {"name": "东区服务站", "workers": "120", "funds": "1200000"},
        {"name": "西区服务站", "workers": "30", "funds": "4000"},
    ]
    assert told["funds"] == "1234567.5"
    fill_by_excel(page_for("430000.liaison"), hunan, tmp_path)
    told = Machine(demo, "430000.liaison").get(f"/reports/{hunan}/")["answers"]
    assert told["units"] == [
        {"name": "北区", "workers": "60", "funds": "12.5"},
        {"name": "南区", "workers": "40", "funds": "1.23"},
    ]


def test_a_table_on_a_phone(demo, page_for):
    notice = issued(demo, "quarterly_pilots")
    report = begun(demo, notice, "440000")
    page = page_for("440000.liaison", viewport=PHONE)
    page.goto(f"/w/reports/{report}/fill/sites/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_label("单位名称 第1行").fill("东区服务站")
    page.get_by_label("类别 第1行").select_option("service")
    page.get_by_label("覆盖职工 (人) 第1行").fill("12")
    expect(page.locator("[data-total=workers]")).to_have_text("12")
    width = page.get_by_label("单位名称 第1行").bounding_box()["width"]
    assert width > 250, "a field has the width of the screen"
    expect(page.locator("[data-autosave-status]")).to_contain_text("已保存")
