"""The national view as rows of a workbook: typed cells, nothing drawn, blank where nothing is known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.lists.sheets import Share

from .matrix import Column, Matrix, Rate, Rates

#: What a cell of a workbook holds; None is an empty cell, never a zero.
Value: TypeAlias = str | int | Decimal | dt.date | None


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, one header and rows of the same width."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def matrix_sheet(view: Matrix) -> Sheet:
    """Federations × notices as on the page; the two last rows are the rates of the notices.

    Rates are shares, shown as percentages.
    """
    header = (
        _("Code"),
        _("Federation"),
        _("Owed"),
        _("Filed"),
        _("Completeness"),
        _("Decided"),
        _("Filed on time"),
        _("On time"),
        *(_heading(column) for column in view.columns),
    )
    rows = [
        (
            row.federation.code,
            row.federation.name,
            *_numbers(row.rates),
            *(cell.word if cell else None for cell in row.cells),
        )
        for row in view.rows
    ]
    total = _numbers(view.total)
    completeness = (_fraction(column.rates.completeness) for column in view.columns)
    on_time = (_fraction(column.rates.on_time) for column in view.columns)
    rows.append((None, _("Completeness"), *total[:3], None, None, None, *completeness))
    rows.append((None, _("On time"), None, None, None, *total[3:], *on_time))
    return Sheet(_("Reporting overview"), header, tuple(rows))


def matrix_lines_sheet(view: Matrix) -> Sheet:
    """The same, a line for each federation and notice, with its dates: for sorting and counting."""
    header = (
        _("Code"),
        _("Federation"),
        _("Notice"),
        _("Document number"),
        _("Business line"),
        _("Due date"),
        _("Standing"),
        _("Late"),
        _("Signed for"),
        _("Filed"),
        _("Settled"),
    )
    rows = [
        (
            row.federation.code,
            row.federation.name,
            column.title,
            column.notice.number or None,
            column.notice.get_business_line_display(),
            cell.due_on,
            str(cell.standing.label),
            _("late") if cell.is_late else None,
            _day(cell.signed_for_at),
            _day(cell.filed_at),
            _day(cell.settled_at),
        )
        for number, column in enumerate(view.columns)
        for row, cell in view.column_cells(number)
        if cell is not None
    ]
    return Sheet(_("Federations and notices"), header, tuple(rows))


def _heading(column: Column) -> str:
    day = column.due_on.isoformat() if column.due_on else column.notice.dated
    return f"{column.title} {day}"


def _numbers(rates: Rates) -> tuple[Value, ...]:
    values: list[Value] = []
    for rate in (rates.completeness, rates.on_time):
        known = bool(rate.whole)
        values += [rate.whole if known else None, rate.part if known else None, _fraction(rate)]
    return tuple(values)


def _fraction(rate: Rate) -> Share | None:
    if not rate.whole:
        return None
    return Share((Decimal(rate.part) / rate.whole).quantize(Decimal("0.0001")))


def _day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localtime(moment).date() if moment else None
