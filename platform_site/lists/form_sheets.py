"""A form as a workbook: written to be filled in offline, and read again when it comes back.

The first sheet has a line for each question. Only the cells for answers can be changed; choices are lists to
choose from, numbers and days are checked by Excel itself as far as it can. What the platform needs to know the
workbook again is hidden: the code of each question, a fingerprint of what stood there when it was written, and
on a sheet of its own the stamp of whoever wrote it. Nothing but the first sheet and the stamp is read.

Texts are written as :mod:`.sheets` does: never as a formula, without what XML cannot hold.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext as _

from .sheets import CELL_LENGTH, FIRST_DAY, FOR_NAMES, LARGEST_NUMBER, NAME_LENGTH, Text, plain

#: The columns; the first two are hidden. A row of these words, hidden too, shows where the form begins.
COLUMNS = ("code", "was", "label", "value", "unit", "former", "help", "note")
WIDTHS = (2, 2, 44, 48, 10, 16, 44, 40)
VALUE = COLUMNS.index("value")
STAMP_SHEET, CHOICES_SHEET = "_platform", "_choices"
#: Excel takes no more characters than these of a list that stands in the rule itself.
_INLINE = 250


@dataclass(frozen=True)
class Line:
    """A question, or with ``kind`` "section" a heading. ``value`` is what stands in its cell."""

    kind: str
    label: Text
    code: str = ""
    value: str = ""
    was: str = ""
    unit: Text = ""
    former: Text = ""
    help: Text = ""
    #: What may be chosen, as it is shown.
    options: tuple[str, ...] = ()
    decimals: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int = 0
    #: What is wrong with the answer: shown beside it, the cell in red.
    mark: str = ""


@dataclass(frozen=True)
class Cell:
    """What came back in a line: ``place`` is the cell's name as people see it, such as D12."""

    code: str
    was: str
    value: str | bool | None
    place: str


@dataclass(frozen=True)
class Filled:
    stamp: str
    cells: tuple[Cell, ...]


def form_workbook(
    *, title: Text, lead: Text, headings: Mapping[str, Text], lines: Sequence[Line], stamp: str
) -> bytes:
    """The workbook. ``headings``: a word for each of ``COLUMNS`` from "label" on."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    ) as book:
        book.set_properties({"title": plain(title)})
        _Form(book, title, lead, headings, lines)
        hidden = book.add_worksheet(STAMP_SHEET)
        hidden.write_string(0, 0, stamp)
        hidden.very_hidden()
        hidden.protect()
    return target.getvalue()


class _Form:
    def __init__(
        self,
        book: Any,
        title: Text,
        lead: Text,
        headings: Mapping[str, Text],
        lines: Sequence[Line],
    ) -> None:
        self.book = book
        name = f"{_('Sample') if settings.DEMO_MODE else ''} {_('Form')}".strip()
        self.sheet = book.add_worksheet(FOR_NAMES.sub("", name)[:NAME_LENGTH])
        self.choices: Any = None
        self.chosen = 0
        self.looks = self._looks()
        for column, width in enumerate(WIDTHS):
            options = {"hidden": True} if column < 2 else {}
            self.sheet.set_column(column, column, width, None, options)
        self._text(0, 2, title, "title")
        self._text(1, 2, lead, "lead")
        for column, word in enumerate(COLUMNS):
            self._text(2, column, word, "locked")
            self._text(3, column, headings.get(word, ""), "heading")
        self.sheet.set_row(2, None, None, {"hidden": True})
        self.sheet.freeze_panes(4, 3)
        for row, line in enumerate(lines, start=4):
            if line.kind == "section":
                for column in range(2, len(COLUMNS)):
                    self._text(row, column, line.label if column == 2 else "", "section")
            else:
                self._line(row, line)
        self.sheet.protect("", {"format_columns": True, "format_rows": True})
        self.sheet.set_paper(9)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(3)

    def _looks(self) -> dict[str, Any]:
        field = {"locked": False, "border": 1, "bg_color": "#FFF9E0"}
        wrong = {**field, "bg_color": "#FDE3E3", "border_color": "#B3261E"}
        looks: dict[str, dict[str, Any]] = {
            "locked": {},
            "title": {"bold": True, "font_size": 14},
            "lead": {"font_color": "#555555"},
            "heading": {"bold": True, "bg_color": "#F0F2F5", "bottom": 1, "text_wrap": True},
            "section": {"bold": True, "bg_color": "#E3EBF6"},
            "label": {"text_wrap": True},
            "muted": {"text_wrap": True, "font_color": "#555555"},
            "mark": {"text_wrap": True, "font_color": "#B3261E", "bold": True},
        }
        for name, look in (("field", field), ("wrong", wrong)):
            looks |= {
                f"{name}-text": {
                    **look,
                    "text_wrap": True,
                    "num_format": "@",
                    "quote_prefix": True,
                },
                f"{name}-number": {**look, "align": "left"},
                f"{name}-date": {**look, "align": "left", "num_format": "yyyy-mm-dd"},
            }
        return {
            name: self.book.add_format({"valign": "top", **look}) for name, look in looks.items()
        }

    def _text(self, row: int, column: int, text: Text, look: str) -> None:
        self.sheet.write_string(row, column, plain(text), self.looks[look])

    def _line(self, row: int, line: Line) -> None:
        self._text(row, 0, line.code, "locked")
        self._text(row, 1, line.was, "locked")
        self._text(row, 2, line.label, "label")
        self._value(row, line)
        self._text(row, 4, line.unit, "muted")
        self._text(row, 5, line.former, "muted")
        self._text(row, 6, line.help, "muted")
        self._text(row, 7, line.mark, "mark")
        if line.kind == "text":
            # A line is about fifteen points high and holds some forty characters.
            height = 15 * min(20, max(4, len(line.value) // 22 + line.value.count("\n") + 1))
            self.sheet.set_row(row, height)
        if rule := self._rule(line):
            self.sheet.data_validation(row, VALUE, row, VALUE, rule)

    def _value(self, row: int, line: Line) -> None:
        kind = line.kind if line.kind in {"number", "date"} else "text"
        look = self.looks[f"{'wrong' if line.mark else 'field'}-{kind}"]
        number, day = _number(line.value), _day(line.value)
        if not line.value:
            self.sheet.write_blank(row, VALUE, None, look)
        elif kind == "number" and number is not None:
            self.sheet.write_number(row, VALUE, number, look)
        elif kind == "date" and day is not None:
            self.sheet.write_datetime(row, VALUE, dt.datetime.combine(day, dt.time()), look)
        else:
            self.sheet.write_string(row, VALUE, plain(line.value), look)

    def _rule(self, line: Line) -> dict[str, Any] | None:
        """What Excel itself can refuse, with the reason; the platform checks all of it again."""
        if line.options:
            source: Any = list(line.options)
            if len(",".join(line.options)) > _INLINE or any("," in each for each in line.options):
                source = self._list_elsewhere(line.options)
            return {
                "validate": "list",
                "source": source,
                "error_title": _("Choose from the list"),
                "error_message": _("Choose one of the options."),
            }
        if line.kind == "number":
            low = -LARGEST_NUMBER if line.minimum is None else line.minimum
            high = LARGEST_NUMBER if line.maximum is None else line.maximum
            words = _("Give a number.") if line.decimals else _("Give a whole number.")
            if line.minimum is not None or line.maximum is not None:
                words += " " + _("From %(low)s to %(high)s.") % {
                    "low": "–" if line.minimum is None else format(line.minimum.normalize(), "f"),
                    "high": "–" if line.maximum is None else format(line.maximum.normalize(), "f"),
                }
            return {
                "validate": "decimal" if line.decimals else "integer",
                "criteria": "between",
                "minimum": float(low),
                "maximum": float(high),
                "error_title": _("This does not fit"),
                "error_message": words,
            }
        if line.kind == "date":
            return {
                "validate": "date",
                "criteria": ">=",
                "value": FIRST_DAY,
                "error_title": _("This does not fit"),
                "error_message": _("Give a date such as 2026-09-14."),
            }
        if line.max_length:
            return {
                "validate": "length",
                "criteria": "<=",
                "value": min(line.max_length, CELL_LENGTH),
                "error_title": _("This does not fit"),
                "error_message": _("At most %(limit)s characters.") % {"limit": line.max_length},
            }
        return None

    def _list_elsewhere(self, options: Sequence[str]) -> str:
        if self.choices is None:
            self.choices = self.book.add_worksheet(CHOICES_SHEET)
            self.choices.very_hidden()
            self.choices.protect()
        for row, option in enumerate(options):
            self.choices.write_string(row, self.chosen, plain(option))
        column = xlsxwriter.utility.xl_col_to_name(self.chosen)
        self.chosen += 1
        return f"='{CHOICES_SHEET}'!${column}$1:${column}${len(options)}"


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() and abs(number) < LARGEST_NUMBER else None


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= FIRST_DAY else None


# --- Back again ------------------------------------------------------------------------------------
def read_form(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Filled | None:
    """What a workbook of :func:`write_form` brings back; None when it is none, or its build was changed.

    ``sheets``: the rows of each sheet by its name, the first sheet first.
    """
    stamps = sheets.get(STAMP_SHEET) or [[None]]
    stamp = stamps[0][0] if stamps[0] else None
    first = next(iter(sheets.values()), [])
    begin = next(
        (row for row, cells in enumerate(first) if tuple(cells[: len(COLUMNS)]) == COLUMNS), None
    )
    if not isinstance(stamp, str) or begin is None:
        return None
    found = []
    for row, cells in enumerate(first[begin + 2 :], start=begin + 3):
        code, was, _label, value = (*cells, None, None, None, None)[:4]
        if code is None:
            if value is not None:
                return None  # an answer in a line that was added, or in a heading
            continue
        place = f"{xlsxwriter.utility.xl_col_to_name(VALUE)}{row}"
        found.append(Cell(str(code), str(was or ""), value, place))
    return Filled(stamp, tuple(found))
