"""The one writer of Excel workbooks and of CSV. Streaming: memory does not grow with the rows.

Every text is written as text, whatever it begins with. What begins like a formula (``= + - @``, a tab or
a carriage return, and the full-width forms that an input method may turn into these) also carries
Excel's quote mark, so that it stays text when somebody edits the cell. No links are made of addresses.
What XML cannot hold (NUL and other control characters, lone surrogates) is left out. In CSV, which knows
no types, the quote mark is an apostrophe before the text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise

#: Excel's limits: characters in a cell, rows of a sheet (the heading is one), characters of a sheet's name.
CELL_LENGTH = 32_767
ROWS_PER_SHEET = 1_048_576 - 1
NAME_LENGTH = 31
#: A number of more digits loses the last ones in Excel, which reckons with 15.
LARGEST_NUMBER = 10**15
#: Excel's calendar begins here; what lies before is written in words.
FIRST_DAY = dt.date(1900, 3, 1)

RISKY = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
FOR_NAMES = re.compile(r"[\[\]:*?/\\']")


class Share(Decimal):
    """A fraction that the sheet shows as a percentage: 0.83 as 83%."""


@dataclass(frozen=True)
class Heading:
    """A column: its heading, and its width in characters."""

    label: Text
    width: int = 18


class SheetWriter:
    """Writes one table into a new workbook at ``path``, row by row; use it as a context manager.

    The heading row stays in sight and carries filters. A second sheet tells what this is: ``about`` is
    pairs of a word and its value (who exported, when, by which filters). In demo mode every sheet is
    marked as a sample. A table of more rows than a sheet holds goes on in further sheets.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        title: Text,
        headings: Sequence[Heading],
        about: Iterable[tuple[Text, Any]] = (),
    ) -> None:
        self.title = plain(title)
        self.headings = list(headings)
        self.about = list(about)
        self.rows = 0
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(Path(path).parent),
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self._book.set_properties({"title": self.title})
        looks: dict[str, dict[str, Any]] = {
            "heading": {"bold": True, "bg_color": "#F0F2F5", "bottom": 1, "text_wrap": True},
            "text": {"text_wrap": True},
            "quoted": {"text_wrap": True, "quote_prefix": True, "num_format": "@"},
            "date": {"num_format": "yyyy-mm-dd"},
            "datetime": {"num_format": "yyyy-mm-dd hh:mm"},
            "number": {},
            "share": {"num_format": "0%"},
        }
        self._formats = {
            name: self._book.add_format({"valign": "top", **look}) for name, look in looks.items()
        }
        self._sheets = 0
        self._new_sheet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closed in any case: else the library's temporary files would stay behind.
        self.close()

    def write(self, values: Sequence[Any]) -> None:
        """The next row: dates as dates, numbers as numbers, all else as text; None is left empty."""
        if self._row > ROWS_PER_SHEET:
            self._end_sheet()
            self._new_sheet()
        for column, value in enumerate(values):
            self._cell(self._row, column, value)
        self._row += 1
        self.rows += 1

    def close(self) -> None:
        """End the table, add the sheet that tells what it is, and write the file."""
        self._end_sheet()
        self._tell_about()
        self._book.close()

    # --- Sheets ---------------------------------------------------------------------------------
    def _new_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._add(
            _("Data") if self._sheets == 1 else _("Data %(n)s") % {"n": self._sheets}
        )
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        for column, heading in enumerate(self.headings):
            self._sheet.set_column(column, column, heading.width)
            self._text(0, column, plain(heading.label), "heading")
        self._row = 1

    def _end_sheet(self) -> None:
        self._sheet.autofilter(0, 0, max(self._row - 1, 0), max(len(self.headings) - 1, 0))

    def _add(self, name: str) -> Any:
        """A sheet whose name, and whose head in print, say where the data is a sample."""
        mark = _("Sample") if settings.DEMO_MODE else ""
        full = f"{mark} {name}".strip()
        sheet = self._book.add_worksheet(FOR_NAMES.sub("", full)[:NAME_LENGTH])
        sheet.set_paper(9)  # A4
        # An ampersand begins a code in heads of pages.
        head = f"{mark} {self.title}".strip().replace("&", "&&")
        sheet.set_header(f"&C{head[:200]}")
        return sheet

    def _tell_about(self) -> None:
        data, last = self._sheet, self._row
        self._sheet = self._add(_("About this table"))
        self._sheet.set_column(0, 0, 24)
        self._sheet.set_column(1, 1, 80)
        lines: list[tuple[Any, Any]] = [(_("Table"), self.title), *self.about]
        lines.append((_("Rows"), self.rows))
        if settings.DEMO_MODE:
            lines.insert(0, (_("Sample"), _("Demonstration data: invented, not for use.")))
        for row, (word, value) in enumerate(lines):
            self._text(row, 0, plain(word), "heading")
            self._cell(row, 1, value)
        self._sheet, self._row = data, last

    # --- Cells ----------------------------------------------------------------------------------
    def _cell(self, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            self._text(row, column, _("yes") if value else _("no"))
        elif isinstance(value, dt.datetime):
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            self._day(row, column, local, local.replace(tzinfo=None), "datetime")
        elif isinstance(value, dt.date):
            self._day(row, column, value, value, "date")
        elif isinstance(value, int | float | Decimal) and -LARGEST_NUMBER < value < LARGEST_NUMBER:
            look = "share" if isinstance(value, Share) else "number"
            self._sheet.write_number(row, column, value, self._formats[look])
        else:  # text, and numbers that Excel would round or cannot hold (NaN compares with nothing)
            self._text(row, column, plain(value))

    def _day(self, row: int, column: int, shown: dt.date, value: Any, kind: str) -> None:
        day = shown.date() if isinstance(shown, dt.datetime) else shown
        if day < FIRST_DAY:
            self._text(row, column, day.isoformat())
        else:
            self._sheet.write_datetime(row, column, value, self._formats[kind])

    def _text(self, row: int, column: int, text: str, look: str = "") -> None:
        look = look or ("quoted" if RISKY.match(text) else "text")
        self._sheet.write_string(row, column, text, self._formats[look])


def csv_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A table as CSV (RFC 4180) in UTF-8 without a mark, a line at a time; the first one holds ``names``.

    Instants carry their offset, truth is ``true`` or ``false``, None is empty.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for values in itertools.chain([names], rows):
        writer.writerow([_in_csv(value) for value in values])
        yield buffer.getvalue().encode("utf-8")
        buffer.seek(0)
        buffer.truncate()


def _in_csv(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat()
    if isinstance(value, int | float | Decimal):
        return value
    text = value.isoformat() if isinstance(value, dt.date) else plain(value)
    return f"'{text}" if RISKY.match(text) else text


def plain(value: Any) -> str:
    """What a cell can hold of it: without what XML cannot carry, at most 32,767 characters."""
    text = _ILLEGAL.sub("", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - 1] + "…"
