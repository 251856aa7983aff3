"""The one writer of workbooks: everything is reopened and looked at as Excel would."""

from __future__ import annotations

import datetime as dt
import tracemalloc
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation

from platform_site.lists import sheets
from platform_site.lists.sheets import Heading, SheetWriter

NASTY = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "\x00=1+1",
    "\ufeff=1+1",
    '=HYPERLINK("http://evil.example","x")',
    "http://evil.example/",
    "mailto:someone@example.org",
    "{=1+1}",
    "<b>&amp;</b>",
    "440100",
    "00123",
    "1E5",
)


@pytest.fixture
def write(tmp_path):
    def make(rows, headings=("甲", "乙"), title="通知", about=()):
        path = tmp_path / "list.xlsx"
        columns = [Heading(label) for label in headings]
        with (
            translation.override("zh-hans"),
            SheetWriter(path, title=title, headings=columns, about=about) as sheet,
        ):
            for row in rows:
                sheet.write(row)
        return openpyxl.load_workbook(path)

    return make


def cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_nothing_becomes_a_formula_or_a_link(write):
    book = write(
        [(text, text) for text in NASTY],
        headings=("=甲", "@乙"),
        title="=标题",
        about=[("=谁", "+86"), ("@何时", "=now()")],
    )
    assert [cell.value for cell in cells(book) if cell.data_type == "f"] == []
    assert [cell.value for cell in cells(book) if cell.hyperlink] == []
    assert [cell.value for cell in book.worksheets[0]["A"]][1:10] == [
        *("=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)"),
        *("\t=1+1", "\n=1+1", "\n=1+1", "  =1+1"),
    ]


def test_what_looks_like_a_formula_stays_text_when_it_is_edited(write):
    sheet = write([(text, None) for text in NASTY]).worksheets[0]
    quoted = {cell.value for cell in sheet["A"] if cell.quotePrefix}
    assert {"=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＠SUM(A1)", "\t=1+1"} <= quoted
    assert "440100" not in quoted


def test_codes_stay_texts_and_numbers_and_days_are_what_they_are(write):
    day, moment = dt.date(2026, 9, 14), dt.datetime(2026, 9, 14, 2, 30, tzinfo=dt.UTC)
    sheet = write(
        [
            ("00123", 42),
            (day, moment),
            (Decimal("120.5"), True),
            (10**17, dt.date(1850, 1, 1)),
            (None, ""),
        ]
    ).worksheets[0]
    row = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert row[0] == ["00123", 42]
    assert row[1] == [dt.datetime(2026, 9, 14), dt.datetime(2026, 9, 14, 10, 30)]
    assert row[2] == [120.5, "是"]
    assert row[3] == [str(10**17), "1850-01-01"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A3"].number_format == "yyyy-mm-dd"


def test_characters_that_no_workbook_can_hold_are_left_out(write):
    sheet = write([("甲\x00乙\x0b丙\ud800丁\uffff", "x" * 40_000)]).worksheets[0]
    assert sheet["A2"].value == "甲乙丙丁"
    assert len(sheet["B2"].value) == sheets.CELL_LENGTH


def test_the_heading_stays_in_sight_and_filters(write):
    sheet = write([("a", 1), ("b", 2)]).worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    assert [cell.value for cell in sheet[1]] == ["甲", "乙"]


def test_an_empty_list_is_a_workbook_too(write):
    book = write([])
    assert [cell.value for cell in book.worksheets[0][1]] == ["甲", "乙"]


def test_the_second_sheet_tells_what_it_is(write):
    about = [("导出人", "林国章"), ("导出时间", dt.date(2026, 9, 14))]
    told = write([("a", 1)], about=about).worksheets[1]
    lines = [[cell.value for cell in row] for row in told.iter_rows()]
    assert ["表格", "通知"] in lines
    assert ["导出人", "林国章"] in lines
    assert ["行数", 1] in lines


def test_a_demonstration_is_marked_on_every_sheet(write, settings):
    settings.DEMO_MODE = True
    book = write([("a", 1)])
    assert all(name.startswith("样例") for name in book.sheetnames)
    assert all("样例" in sheet.oddHeader.center.text for sheet in book)
    settings.DEMO_MODE = False
    assert not any("样例" in name for name in write([]).sheetnames)


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(write, monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_PER_SHEET", 3)
    book = write([(n, None) for n in range(7)])
    data = book.worksheets[:-1]
    found = [[row[0].value for row in sheet.iter_rows(min_row=2)] for sheet in data]
    assert found == [[0, 1, 2], [3, 4, 5], [6]]


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(rows: int) -> int:
        tracemalloc.start()
        with SheetWriter(tmp_path / "many.xlsx", title="t", headings=[Heading("a")] * 5) as sheet:
            for n in range(rows):
                sheet.write((f"第{n}行", n, dt.date(2026, 9, 14), "440100", None))
            before_closing = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return before_closing

    few, many = peak(500), peak(10_000)
    assert many < 1.5 * few


def test_a_failed_export_leaves_no_temporary_files(tmp_path):
    path = tmp_path / "list.xlsx"
    with pytest.raises(ZeroDivisionError), SheetWriter(path, title="t", headings=[Heading("a")]):
        raise ZeroDivisionError
    assert [file.name for file in tmp_path.iterdir()] == ["list.xlsx"]
    assert zipfile.is_zipfile(path)
