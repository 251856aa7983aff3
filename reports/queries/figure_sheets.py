"""Tables of figures as rows of a workbook: numbers as numbers, blank where nothing was reported."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from platform_site.lists.sheets import Share
from platform_site.questionnaires.models import Indicator
from platform_site.text.words import listed

from .figures import Axis, Head, Pivot
from .sheets import Sheet, Value
from .timing import Handling, Timing
from .trends import Change, Progress, Ranking, Trend


def pivot_sheet(view: Pivot) -> Sheet:
    """As on the page; below it each total's number of federations, and who is missing."""
    choice = view.choice
    header = [_("Code"), str(Axis(choice.rows).label)]
    if choice.rows == Axis.INDICATOR:
        header.append(_("Unit"))
    header += [_heading(head) for head in view.columns]
    rows: list[tuple[Value, ...]] = []
    for line in view.lines:
        start: list[Value] = [
            line.head.code if line.head.item is not None else None,
            line.head.label,
        ]
        if choice.rows == Axis.INDICATOR:
            start.append(line.head.unit)
        rows.append((*start, *(cell.amount.number for cell in line.cells)))
    for cell, head in view.totals():
        told = _("%(n)s of %(of)s") % {"n": cell.amount.reported, "of": cell.amount.of}
        missing = listed(each.short_name for each in cell.amount.missing)
        where = head.label if choice.rows == Axis.FEDERATION else f"{cell.indicator} {head.label}"
        words = _("%(reported)s; missing: %(names)s") if missing else "%(reported)s"
        rows.append(
            (
                None,
                _("Reported: %(where)s") % {"where": where},
                words % {"reported": told, "names": missing},
            )
        )
    return Sheet(_("Table of figures"), tuple(header), tuple(rows))


def _heading(head: Head) -> str:
    return f"{head.label} ({head.unit})" if head.unit else head.label


def _named(indicator: Indicator) -> str:
    return f"{indicator} ({indicator.unit})"


def _percent(change: Change | None) -> Share | None:
    return Share(change.percent / 100) if change and change.percent is not None else None


def trend_sheet(view: Trend) -> Sheet:
    header = (
        _("Federation"),
        _("Period"),
        _named(view.indicator),
        _("Reported"),
        _("Against the period before"),
        _("Against the year before"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            track.federation.name if track.federation else _("All together"),
            point.period.label,
            point.amount.number,
            point.amount.reported if point.amount.of else None,
            _percent(point.before),
            _percent(point.year),
        )
        for track in view.tracks
        for point in track.points
    ]
    return Sheet(_("Trend"), header, tuple(rows))


def ranking_sheet(view: Ranking) -> Sheet:
    header = (
        _("Rank"),
        _("Code"),
        _("Federation"),
        _named(view.indicator),
        _("Share"),
        _("Against the period before"),
        _("Against the year before"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            line.rank,
            line.federation.code,
            line.federation.name,
            line.point.amount.number,
            Share(line.share / 100) if line.share is not None else None,
            _percent(line.point.before),
            _percent(line.point.year),
        )
        for line in view.lines
    ]
    missing = view.total.amount.missing
    rows += [(None, each.code, each.name, None, None, None, None) for each in missing]
    title = _("Ranking, %(period)s") % {"period": view.period.label}
    return Sheet(title, header, tuple(rows))


def progress_sheet(year: int, lines: Iterable[Progress]) -> Sheet:
    header = (
        _("Indicator"),
        _("Unit"),
        _("Federation"),
        _("Target"),
        _("Reached"),
        _("Share of the target"),
        _("Share of the year"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            str(line.target.indicator),
            line.target.indicator.unit,
            line.target.federation.name,
            line.target.number,
            line.amount.number,
            _of(line.amount.number, line.target.number),
            Share(line.elapsed),
        )
        for line in lines
    ]
    return Sheet(_("Targets of %(year)s") % {"year": year}, header, tuple(rows))


def _of(part: Decimal | None, whole: Decimal) -> Share | None:
    return None if part is None else Share((part / whole).quantize(Decimal("0.0001")))


def timing_sheet(view: Timing) -> Sheet:
    header = (
        _("Federation or notice"),
        _("Completeness"),
        _("On time"),
        _("Signing for: median"),
        _("Signing for: nine of ten"),
        _("Filing: median"),
        _("Filing: nine of ten"),
        _("Decision: median"),
        _("Decision: nine of ten"),
        _("Reports"),
        _("Returned"),
    )
    rows = [_timed(_("All together"), view.view.total, view.whole)]
    rows += [_timed(each.name, rates, found) for each, rates, found in view.federations]
    rows += [_timed(each.title, rates, found) for each, rates, found in view.notices]
    return Sheet(_("Timeliness of %(year)s") % {"year": view.year}, header, tuple(rows))


def _timed(name: str, rates: Any, found: Handling) -> tuple[Value, ...]:
    shares = (
        _of(Decimal(rate.part), Decimal(rate.whole)) if rate.whole else None
        for rate in (rates.completeness, rates.on_time)
    )
    legs: list[Value] = []
    for leg in (found.signing, found.filing, found.deciding):
        legs += [None if leg.median is None else Decimal(str(leg.median)), leg.ninth]
    return (name, *shares, *legs, found.reports, found.returns)
