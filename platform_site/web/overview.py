"""The overview: the five lines of business and the platform on one page, the leader's first screen.

An app tells its part in ``overview.py``, so that a new line needs no change here:

``LINES = [Line(code, label)]``
    the lines it names, in their order;
``SOURCES = [Source(read, permission, first_page)]``
    ``read(user)`` gives a :class:`Contribution`: what is due and late and what changed, by line.
    The page opens for whoever one source is open to, and is the first page of whoever
    ``first_page`` says;
``BLOCKS = [HomeBlock(template, context, ...)]``
    what waits for the reader's own decision, drawn by the app's own template.

A figure that is not known is None and is shown blank, never as zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from .charts import BarChart
from .home import rendered
from .menu import Permission, Text, app_modules, may_open

#: How many matters a list names, and how many changes a line; the rest is counted and linked.
NAMED = 6
CHANGES = 4


@dataclass(frozen=True)
class Line:
    """A line of business, by the code that the sources use."""

    code: str
    label: Text
    order: int = 100


@dataclass(frozen=True)
class Matter:
    """Something with a name that is due or late: a notice with so many reports missing, a case."""

    line: str
    title: str
    url: str
    #: How many are missing, and that number in words.
    count: int
    words: str
    day: dt.date


@dataclass(frozen=True)
class Change:
    """What happened to one matter, told once however often it happened."""

    line: str
    title: str
    url: str
    words: str
    count: int
    at: dt.datetime


@dataclass(frozen=True)
class Contribution:
    """What one app knows. ``running``: lines in which something runs now; ``used``: lines in which
    there ever was anything; ``links``: where a line's figures lead when they are of several matters."""

    due: tuple[Matter, ...] = ()
    late: tuple[Matter, ...] = ()
    changes: tuple[Change, ...] = ()
    running: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    charts: tuple[BarChart, ...] = ()


@dataclass(frozen=True)
class Source:
    """``read(user)`` is asked once for a page and must need a fixed number of queries."""

    read: Callable[[Any], Contribution]
    permission: Permission
    first_page: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Figure:
    """A sum and where it leads: to the one matter that it is of, else to the line's list."""

    value: int | None
    url: str = ""


@dataclass(frozen=True)
class LineRow:
    """A line's row of the first table. None: nothing runs there, so there is no figure."""

    line: Line
    due: Figure
    late: Figure
    changed: int | None
    url: str
    used: bool
    changes: tuple[Change, ...]

    @property
    def named(self) -> tuple[Change, ...]:
        return self.changes[:CHANGES]

    @property
    def unnamed(self) -> int:
        return len(self.changes) - len(self.named)


def _registered(name: str) -> list[Any]:
    return [each for module in app_modules("overview") for each in getattr(module, name, [])]


def opens(user: Any) -> bool:
    """May this person open the page at all?"""
    return any(may_open(user, source.permission) for source in _registered("SOURCES"))


def is_first_page(user: Any) -> bool:
    return any(source.first_page and source.first_page(user) for source in _registered("SOURCES"))


def monday() -> dt.date:
    """The first day of this week, by the calendar of the platform (Asia/Shanghai)."""
    today = timezone.localdate()
    return today - dt.timedelta(days=today.weekday())


@dataclass(frozen=True)
class Overview:
    """All that is told to one reader, as the page draws it and the API gives it."""

    today: dt.date
    monday: dt.date
    lines: tuple[LineRow, ...]
    due: tuple[Matter, ...]
    late: tuple[Matter, ...]
    charts: tuple[BarChart, ...]

    @property
    def changes(self) -> list[Change]:
        """What changed in all lines, newest first."""
        found = [change for row in self.lines for change in row.changes]
        return sorted(found, key=lambda change: change.at, reverse=True)


def overview_for(user: Any) -> Overview:
    told = [
        source.read(user) for source in _registered("SOURCES") if may_open(user, source.permission)
    ]
    lines = sorted(_registered("LINES"), key=lambda line: line.order)
    return Overview(
        today=timezone.localdate(),
        monday=monday(),
        lines=tuple(line_rows(told, lines)),
        due=tuple(_by_day(told, "due")),
        late=tuple(_by_day(told, "late")),
        charts=tuple(chart for part in told for chart in part.charts),
    )


def page_for(request: HttpRequest) -> dict[str, Any]:
    found = overview_for(request.user)
    return {
        "decisions": rendered(request, _registered("BLOCKS")),
        "lines": found.lines,
        "labels": {row.line.code: row.line.label for row in found.lines},
        "due": found.due[:NAMED],
        "due_more": len(found.due[NAMED:]),
        "late": found.late[:NAMED],
        "late_more": len(found.late[NAMED:]),
        "any_change": bool(found.changes),
        "charts": found.charts,
        "monday": found.monday,
        "today": found.today,
    }


def line_rows(told: Iterable[Contribution], lines: Iterable[Line]) -> list[LineRow]:
    """Every line with the sums over what all sources say of it."""
    told = list(told)
    rows = []
    for line in lines:
        code = line.code
        running = any(code in part.running for part in told)
        used = running or any(code in part.used for part in told)
        url = next((part.links[code] for part in told if code in part.links), "")
        changes = sorted(
            (each for part in told for each in part.changes if each.line == code),
            key=lambda each: each.at,
            reverse=True,
        )
        rows.append(
            LineRow(
                line=line,
                due=_figure(told, "due", code, url) if running else Figure(None),
                late=_figure(told, "late", code, url) if running else Figure(None),
                changed=sum(each.count for each in changes) if used else None,
                url=url,
                used=used,
                changes=tuple(changes),
            )
        )
    return rows


def _by_day(told: Iterable[Contribution], what: str) -> list[Matter]:
    return sorted(
        (each for part in told for each in getattr(part, what)),
        key=lambda each: (each.day, each.title),
    )


def _figure(told: Iterable[Contribution], what: str, code: str, url: str) -> Figure:
    matters = [each for each in _by_day(told, what) if each.line == code]
    if len(matters) == 1:
        url = matters[0].url
    return Figure(sum(each.count for each in matters), url)
