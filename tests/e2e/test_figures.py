"""From the national table of figures to the missing, to a report and to a workbook; a province sees its own."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from .pages import button

pytestmark = pytest.mark.e2e
INDICATOR = "建立联系的社会组织数"


def export(page: Page) -> list[tuple]:
    """Ask for the workbook, follow the job to its end, take it home."""
    button(page, "导出 Excel").click()
    page.wait_for_url("**/w/jobs/**")
    link = page.get_by_role("link", name=re.compile("下载"))
    link.first.wait_for(timeout=90_000)
    with page.expect_download() as got:
        link.first.click()
    book = load_workbook(BytesIO(Path(got.value.path()).read_bytes()))
    return list(book.worksheets[0].iter_rows(values_only=True))


def test_a_national_officer_pivots_and_follows_a_number(page_for):
    page = page_for("officer")
    page.goto("/w/")
    page.get_by_role("link", name="数据统计", exact=True).click()
    expect(page.locator("#pivot tbody tr")).to_have_count(33)

    # One indicator, period by period.
    page.locator("#id_indicator_field summary").click()
    while (ticked := page.locator("[name=indicator]:checked")).count():
        ticked.first.uncheck()
    page.get_by_label(INDICATOR, exact=True).check()
    page.locator("[name=columns]").select_option("period")
    button(page, "搜索").click()
    total = page.locator("#pivot tr.pivot__total")
    expect(total).to_contain_text(re.compile(r"已报\d+/32"))

    # Who is missing, by name.
    page.locator("#missing summary").click()
    expect(page.locator("#missing dd").first).to_contain_text("、")

    # The number of a federation leads to its report.
    page.locator("#pivot tbody tr").filter(has=page.get_by_role("rowheader", name="广东")).locator(
        "a"
    ).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("数据来源")
    page.locator("table.pivot tbody a").first.click()
    expect(page).to_have_url(re.compile("/w/reports/"))

    # The same table as a workbook; what nobody reported is blank in it.
    page.go_back()
    page.go_back()
    rows = export(page)
    guangdong = next(row for row in rows if row[0] == "440000")
    assert any(isinstance(cell, int | float) for cell in guangdong[2:])
    assert any("缺报" in str(cell) for row in rows for cell in row)


def test_a_province_sees_its_own_figures(page_for):
    page = page_for("440000.liaison")
    page.goto("/w/figures/")
    expect(page.locator("#pivot tbody tr")).to_have_count(1)
    expect(page.locator("#pivot tbody th")).to_have_text("广东")
    page.goto("/w/figures/progress/")
    expect(page.locator("table.pivot")).to_contain_text("广东")
    expect(page.locator("table.pivot")).not_to_contain_text("湖南")


def test_targets_are_pasted(page_for):
    page = page_for("officer")
    year = dt.date.today().year
    page.goto(f"/w/figures/targets/?indicator=trainings&year={year}")
    page.fill("[name=targets]", "全国 500\n火星 3")
    button(page, "保存").click()
    expect(page.locator(".field--error")).to_contain_text("第2行")
    page.fill("[name=targets]", "全国 500\n湖北 30")
    button(page, "保存").click()
    expect(page.locator("table.pivot")).to_contain_text("湖北")
