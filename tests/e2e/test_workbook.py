"""A province fills a report in with Excel: two errors first, then all of it."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.workbooks import put, row_of, saved

from . import beginnings
from .running import Machine

pytestmark = pytest.mark.e2e


def test_two_errors_are_told_by_cell_and_the_mended_file_is_taken_in(demo, page_for, tmp_path):
    report = beginnings.empty_report(demo, beginnings.owed(demo))
    page = page_for("440000.liaison")
    page.goto(f"/w/reports/{report}/fill/")
    page.get_by_role("link", name="用Excel填报").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载表格").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    put(book, "goals", "年内在五个地市各建一个服务基地。")
    put(book, "pilots_city", "五个左右")
    put(book, "starts_on", "十月")
    first = tmp_path / "first.xlsx"
    first.write_bytes(saved(book))

    page.get_by_label("填好的表格（.xlsx）").set_input_files(first)
    page.get_by_role("button", name="核对表格").click()
    for code in ("pilots_city", "starts_on"):
        assert page.get_by_role("cell", name=f"D{row_of(book, code)}", exact=True).is_visible()
    assert page.get_by_role("button", name="确认导入").count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="下载带标注的表格").click()
    marked = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = marked.worksheets[0]
    assert sheet.cell(row_of(marked, "pilots_city"), 4).value == "五个左右"
    assert sheet.cell(row_of(marked, "pilots_city"), 8).value

    put(marked, "pilots_city", 5)
    put(marked, "starts_on", "2026-12-01")
    second = tmp_path / "second.xlsx"
    second.write_bytes(saved(marked))
    page.get_by_role("link", name="返回").click()
    page.get_by_label("填好的表格（.xlsx）").set_input_files(second)
    page.get_by_role("button", name="核对表格").click()
    page.get_by_role("button", name="确认导入").click()
    page.get_by_text("已导入3项内容。").wait_for()
    answers = Machine(demo, "440000.liaison").get(f"/reports/{report}/")["answers"]
    assert answers["pilots_city"] == "5"
    assert answers["starts_on"] == "2026-12-01"
    assert answers["goals"].startswith("年内在五个地市")
