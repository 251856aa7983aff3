"""The marks of a standing: icon, word and colour, the same in the table, on the map and in the key."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platform_site.web.templatetags.platform import icon, render_tag, table_date

from ..queries import Cell, Matrix, Rate, Row, Standing

register = template.Library()

#: Colour and icon of each standing; each has an icon of its own, so that no colour is needed.
LOOKS: dict[Standing, tuple[str, str]] = {
    Standing.WAITING: ("grey", "inbox"),
    Standing.SIGNED_FOR: ("blue", "check"),
    Standing.DRAFTING: ("blue", "file-pen"),
    Standing.SUBMITTED: ("blue", "send"),
    Standing.RETURNED: ("amber", "undo-2"),
    Standing.ACCEPTED: ("green", "circle-check"),
    Standing.SETTLED: ("green", "clipboard-check"),
    Standing.WAIVED: ("grey", "circle-dashed"),
    Standing.CANCELLED: ("grey", "x"),
    Standing.SILENT: ("red", "triangle-alert"),
}
LATE_ICON = "clock"
_NOBODY = uuid.UUID(int=0)


@register.simple_tag
def standing_mark(standing: Standing) -> SafeString:
    tone, name = LOOKS[standing]
    return render_tag(tone, str(standing.label), name)


@register.simple_tag
def late_mark() -> SafeString:
    return render_tag("red", _("late"), LATE_ICON)


@register.simple_tag
def cell_marks(cell: Cell) -> SafeString:
    """Standing, and late where it is late, as tags."""
    mark = standing_mark(cell.standing)
    return format_html("{} {}", mark, late_mark()) if cell.shows_late else mark


@register.simple_tag
def rate(of: Rate) -> SafeString:
    """“83% 25/30”; nothing at all where nothing is owed."""
    if of.percent is None:
        return format_html("{}", "")
    return format_html(
        '<span class="rate"><b>{}%</b> <span class="rate__of">{}/{}</span></span>',
        of.percent,
        of.part,
        of.whole,
    )


@register.simple_tag
def cell_url(cell: Cell, as_of: dt.date | None = None) -> str:
    """The report, or what was asked where the reader may not open a report."""
    if cell.report is None:
        return reverse("obligation-detail", args=[cell.obligation])
    address = reverse("report-detail", args=[cell.report])
    return f"{address}?as_of={as_of.isoformat()}" if as_of else address


@register.simple_tag
def matrix_cells(row: Row, view: Matrix) -> SafeString:
    """The cells of a row. Written here and not in the template: there may be nine hundred a page."""
    looks = _looks(view)
    report = reverse("report-detail", args=[_NOBODY])
    obligation = reverse("obligation-detail", args=[_NOBODY])
    after = f"?as_of={view.as_of.isoformat()}" if view.as_of else ""
    return format_html_join(
        "",
        '<td class="{}"{}>{}</td>',
        (
            ("matrix__cell", "", "")
            if cell is None
            else (
                f"matrix__cell matrix__cell--{LOOKS[cell.standing][0]}"
                + ("" if cell.matches else " matrix__cell--other"),
                _title(cell),
                format_html(
                    '<a href="{}">{}</a>',
                    report.replace(str(_NOBODY), str(cell.report)) + after
                    if cell.report
                    else obligation.replace(str(_NOBODY), str(cell.obligation)),
                    looks[cell.standing, cell.shows_late],
                ),
            )
            for cell in row.cells
        ),
    )


def _title(cell: Cell) -> SafeString:
    """The day that decided, for whoever points at the cell; the report's page has it as well."""
    done = cell.filed_at or cell.settled_at
    if done is None:
        return format_html("{}", "")
    return format_html(' title="{}"', _("Filed on %(day)s") % {"day": table_date(done)})


def _looks(view: Matrix) -> dict[Any, SafeString]:
    late = format_html('<span class="matrix__late">{}{}</span>', icon(LATE_ICON), _("late"))
    looks: dict[Any, SafeString] = {}
    for standing, (_tone, name) in LOOKS.items():
        word = format_html(
            '<span class="matrix__word">{}{}</span>', icon(name), str(standing.label)
        )
        looks[standing, False] = word
        looks[standing, True] = format_html("{} {}", word, late)
    return looks
