"""A form as a workbook: written to be filled in offline, and read again when it comes back.

The first sheet has a line for each question; a table has a sheet of its own, a line for each of its rows. Only
the cells for answers can be changed; choices are lists to choose from, numbers and days are checked by Excel
itself as far as it can. What the platform needs to know the workbook again is hidden: the code of each question
and column, a fingerprint of what stood there when it was written, and on a sheet of its own the stamp of whoever
wrote it. Nothing but the first sheet, the tables and the stamp is read.

Texts are written as :mod:`.sheets` does: never as a formula, without what XML cannot hold.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
#: Stands instead of a code where a line of the first sheet has no answer of its own.
ELSEWHERE = "-"
#: A table's sheet: its first row names it, hidden; then title, words, the codes of its columns (hidden), their
#: headings, the totals, and the lines.
TABLE_MARK = "_table"
GRID_CODES, GRID_HEADINGS, GRID_TOTALS, GRID_LINES = 3, 4, 5, 6
MOST_DECIMALS = 4
#: Excel takes no more characters than these of a list that stands in the rule itself.
_INLINE = 250


@dataclass(frozen=True)
class Line:
    """A question, with ``kind`` "section" a heading, or with "elsewhere" words instead of a cell. ``value`` is
    what stands in its cell."""

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
    #: A number is shown with thousands apart and all of its decimals, as money is.
    is_money: bool = False
    #: What is wrong with the answer: shown beside it, the cell in red.
    mark: str = ""


@dataclass(frozen=True)
class GridLine:
    """A row of a table: its code (free rows have none), and by column what stands in it and what is wrong."""

    label: Text
    code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    """A table question. ``columns`` are lines that say how the cells below each are filled in."""

    code: str
    name: str
    label: Text
    lead: Text
    was: str
    columns: Sequence[Line]
    lines: Sequence[GridLine]


@dataclass(frozen=True)
class Cell:
    """What came back in a line: ``place`` is the cell's name as people see it, such as D12."""

    code: str
    was: str
    value: str | bool | None
    place: str


@dataclass(frozen=True)
class FilledGrid:
    """What came back in a table's sheet: a code and the cells of each line, with its row on the sheet."""

    code: str
    was: str
    sheet: str
    columns: tuple[str, ...]
    lines: tuple[tuple[int, str, tuple[str | bool | None, ...]], ...]

    def place(self, row: int, column: str) -> str:
        """The name of a cell as people see it, such as “表1!C7”."""
        at = self.columns.index(column) + 2 if column in self.columns else 1
        return f"{self.sheet}!{xlsxwriter.utility.xl_col_to_name(at)}{row}"


@dataclass(frozen=True)
class Filled:
    stamp: str
    cells: tuple[Cell, ...]
    grids: tuple[FilledGrid, ...] = ()


def form_workbook(
    *,
    title: Text,
    lead: Text,
    headings: Mapping[str, Text],
    lines: Sequence[Line],
    stamp: str,
    grids: Sequence[Grid] = (),
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
        form = _Form(book, title, lead, headings, lines)
        for grid in grids:
            form.grid(grid, headings.get("note", ""))
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
            elif line.kind == "elsewhere":
                self._text(row, 0, ELSEWHERE, "locked")
                for column, text, look in (
                    (2, line.label, "label"),
                    (VALUE, line.value, "muted"),
                    (6, line.help, "muted"),
                    (7, line.mark, "mark"),
                ):
                    self._text(row, column, text, look)
            else:
                self._line(row, line)
        self._close(repeated=3)

    def _close(self, *, repeated: int) -> None:
        """Nothing but the cells for answers can be changed; printed, it is as wide as the paper."""
        self.sheet.protect("", {"format_columns": True, "format_rows": True})
        self.sheet.set_paper(9)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(repeated)

    def grid(self, grid: Grid, note: Text) -> None:
        """A table on a sheet of its own, behind the first one."""
        self.sheet = self.book.add_worksheet(grid.name)
        last = len(grid.columns) + 2
        self.sheet.set_column(0, 0, 2, None, {"hidden": True})
        self.sheet.set_column(1, 1, 24)
        for column, line in enumerate(grid.columns, start=2):
            self.sheet.set_column(column, column, 14 if line.kind in {"number", "date"} else 24)
        self.sheet.set_column(last, last, 50)
        for column, word in enumerate((TABLE_MARK, grid.code, grid.was)):
            self._text(0, column, word, "locked")
        self._text(1, 1, grid.label, "title")
        self._text(2, 1, grid.lead, "lead")
        for column, word in enumerate(("code", "label", *(each.code for each in grid.columns))):
            self._text(GRID_CODES, column, word, "locked")
        for hidden in (0, GRID_CODES):
            self.sheet.set_row(hidden, None, None, {"hidden": True})
        self._text(GRID_HEADINGS, 1, "", "heading")
        self._text(GRID_HEADINGS, last, note, "heading")
        first, end = GRID_LINES, GRID_LINES + len(grid.lines) - 1
        for column, line in enumerate(grid.columns, start=2):
            self._text(GRID_HEADINGS, column, line.label, "heading")
            self._total(grid, line, column)
            if rule := self._rule(line):
                self.sheet.data_validation(first, column, end, column, rule)
        self._text(GRID_TOTALS, 1, _("Total"), "section")
        self._text(GRID_TOTALS, last, "", "section")
        for row, given in enumerate(grid.lines, start=first):
            self._text(row, 0, given.code, "locked")
            self._text(row, 1, given.label, "muted")
            for column, line in enumerate(grid.columns, start=2):
                mark = given.marks.get(line.code, "")
                cell = replace(line, value=given.values.get(line.code, ""), mark=mark)
                self._value(row, cell, column)
            said = " ".join(
                f"{line.label}: {given.marks[line.code]}"
                for line in grid.columns
                if given.marks.get(line.code)
            )
            self._text(row, last, said, "mark")
        self.sheet.freeze_panes(GRID_LINES, 2)
        self._close(repeated=GRID_HEADINGS)

    def _total(self, grid: Grid, line: Line, column: int) -> None:
        """The sum is the only formula of the workbook: ours, for whoever fills it in; it is not read."""
        if line.kind != "number":
            self._text(GRID_TOTALS, column, "", "section")
            return
        name = xlsxwriter.utility.xl_col_to_name(column)
        first, end = GRID_LINES + 1, GRID_LINES + len(grid.lines)
        numbers = [_number(each.values.get(line.code, "")) for each in grid.lines]
        self.sheet.write_formula(
            GRID_TOTALS,
            column,
            f"=SUM({name}{first}:{name}{end})",
            self.looks["total"],
            float(sum((each for each in numbers if each is not None), Decimal(0))),
        )

    def _looks(self) -> dict[str, Any]:
        field = {"locked": False, "border": 1, "bg_color": "#FFF9E0"}
        wrong = {**field, "bg_color": "#FDE3E3", "border_color": "#B3261E"}
        looks: dict[str, dict[str, Any]] = {
            "locked": {},
            "title": {"bold": True, "font_size": 14},
            "lead": {"font_color": "#555555"},
            "heading": {"bold": True, "bg_color": "#F0F2F5", "bottom": 1, "text_wrap": True},
            "section": {"bold": True, "bg_color": "#E3EBF6"},
            "total": {
                "bold": True,
                "bg_color": "#E3EBF6",
                "align": "left",
                "num_format": "#,##0.####",
            },
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
                **{
                    f"{name}-money{places}": {
                        **look,
                        "align": "left",
                        "num_format": "#,##0" + ("." + "0" * places if places else ""),
                    }
                    for places in range(MOST_DECIMALS + 1)
                },
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

    def _value(self, row: int, line: Line, column: int = VALUE) -> None:
        kind = line.kind if line.kind in {"number", "date"} else "text"
        shown = f"money{line.decimals}" if line.is_money else kind
        look = self.looks[f"{'wrong' if line.mark else 'field'}-{shown}"]
        number, day = _number(line.value), _day(line.value)
        if not line.value:
            self.sheet.write_blank(row, column, None, look)
        elif kind == "number" and number is not None:
            self.sheet.write_number(row, column, number, look)
        elif kind == "date" and day is not None:
            self.sheet.write_datetime(row, column, dt.datetime.combine(day, dt.time()), look)
        else:
            self.sheet.write_string(row, column, plain(line.value), look)

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

    ``sheets``: the rows of each sheet by its name, the first sheet first. A formula is what it showed when the
    file was saved.
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
        if code == ELSEWHERE:
            continue
        if code is None:
            if value is not None:
                return None  # an answer in a line that was added, or in a heading
            continue
        place = f"{xlsxwriter.utility.xl_col_to_name(VALUE)}{row}"
        found.append(Cell(str(code), str(was or ""), value, place))
    grids = []
    for name, rows in list(sheets.items())[1:]:
        if not rows or not rows[0] or rows[0][0] != TABLE_MARK:
            continue
        grid = _read_grid(name, rows)
        if grid is None:
            return None
        grids.append(grid)
    return Filled(stamp, tuple(found), tuple(grids))


def _read_grid(name: str, rows: Sequence[Sequence[Any]]) -> FilledGrid | None:
    """The lines with anything in them; None where the sheet was built anew."""
    _mark, code, was = (*rows[0], None, None, None)[:3]
    codes = [] if len(rows) <= GRID_CODES else [cell for cell in rows[GRID_CODES] if cell]
    if not isinstance(code, str) or codes[:2] != ["code", "label"]:
        return None
    columns = tuple(str(each) for each in codes[2:])
    lines = []
    for number, cells in enumerate(rows[GRID_LINES:], start=GRID_LINES + 1):
        row_code, _label, *values = (*cells, None, None)
        given = tuple((*values, *[None] * len(columns))[: len(columns)])
        if any(each is not None for each in given):
            lines.append((number, str(row_code or ""), given))
    return FilledGrid(code, str(was or ""), name, columns, tuple(lines))
