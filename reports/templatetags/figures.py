"""Numbers of tables of figures, as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platform_site.questionnaires.models import Indicator
from platform_site.text.words import listed

from ..queries.figures import Cell
from ..queries.timing import Leg
from ..queries.trends import Change

register = template.Library()


@register.filter
def grouped(number: Decimal | None) -> str:
    """1,234.5: thousands apart, no trailing zeros; nothing where nothing is known."""
    return "" if number is None else f"{number.normalize():,f}"


def sources_url(cell: Cell, group: str, first: Any, last: Any) -> str:
    """Where the number of a cell comes from: its reports."""
    if cell.period is not None:
        first = last = cell.period
    asked = {
        "indicator": cell.indicator.code,
        "group": group,
        "federation": cell.federation.code if cell.federation else "",
        "since": first.code,
        "until": last.code,
    }
    known = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('figure-sources')}?{known}"


@register.simple_tag
def figure_cell(cell: Cell, view: Any) -> SafeString:
    """The number as a link to its reports, and what has to be known of it: how many, whose, a part."""
    amount = cell.amount
    notes = []
    if amount.of:
        notes.append(_("reported %(n)s/%(of)s") % {"n": amount.reported, "of": amount.of})
    if amount.whose is not None:
        notes.append(amount.whose.short_name)
    if amount.is_part and amount.number is not None and not amount.of:
        notes.append(_("part of it"))
    if amount.number is None and not notes:
        return format_html('<span class="visually-hidden">{}</span>', _("no figure"))
    said = format_html('<span class="pivot__note">{}</span>', listed(notes)) if notes else ""
    if amount.number is None:
        return format_html("{}", said)
    choice = view.choice
    address = sources_url(cell, choice.group, choice.first, choice.last)
    return format_html('<a href="{}">{}</a>{}', address, grouped(amount.number), said)


def change_words(change: Change | None, *, over: bool) -> str:
    """“+12.5% (28)”: the share, else the difference; ``over`` adds of how many federations it is."""
    if change is None:
        return ""
    if change.percent is None:
        word = f"{'+' if change.difference > 0 else ''}{grouped(change.difference)}"
    else:
        word = f"{'+' if change.percent > 0 else ''}{change.percent}%"
    return f"{word} ({change.over})" if over else word


@register.simple_tag
def change(of: Change | None, over: bool = False) -> str:
    return change_words(of, over=over)


@register.filter
def leg(of: Leg) -> str:
    """“2 / 5”: the median and what nine of ten stay within, in working days."""
    if of.median is None:
        return ""
    return f"{of.median:g} / {of.ninth}"


@register.filter
def with_unit(indicator: Indicator) -> str:
    return _("%(indicator)s (%(unit)s)") % {"indicator": indicator, "unit": indicator.unit}
