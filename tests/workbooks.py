"""Workbooks of reports as somebody fills them in."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from reports.models import Report
from reports.queries import workbook_of


def row_of(book: openpyxl.Workbook, code: str) -> int:
    """The row of a question."""
    sheet = book.worksheets[0]
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == code)


def put(book: openpyxl.Workbook, code: str, value: Any) -> None:
    book.worksheets[0].cell(row_of(book, code), 4).value = value


def saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def filled_in(report: Report, **answers: Any) -> bytes:
    """The report's workbook with these answers in it."""
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(report)[1]))
    for code, value in answers.items():
        put(book, code, value)
    return saved(book)
