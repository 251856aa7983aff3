"""Rules of reminding in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platform_site.text.words import listed

from ..deadlines import rule as rule_of
from ..models import Channel, Rung

register = template.Library()


def _of(rule: Any, name: str) -> Any:
    return rule.get(name) if isinstance(rule, Mapping) else getattr(rule, name)


@register.filter
def rule_when(rule: Any) -> str:
    """ "three working days before the due date", "from one working day after it, every working day"."""
    days, every = int(_of(rule, "days") or 0), _of(rule, "every")
    if days < 0:
        words = ngettext(
            "%(n)s working day before the due date", "%(n)s working days before the due date", -days
        ) % {"n": -days}
    elif days == 0:
        words = _("on the due date")
    else:
        words = ngettext(
            "%(n)s working day after the due date", "%(n)s working days after the due date", days
        ) % {"n": days}
    if every:
        words += _(", then ") + ngettext(
            "every working day", "every %(n)s working days", int(every)
        ) % {"n": every}
    return words


@register.filter
def rule_what(rule: Any) -> str:
    return str(rule_of(_of(rule, "duty_rule")).label)


@register.filter
def rule_whom(rule: Any) -> str:
    return str(Rung(int(_of(rule, "rung"))).label)


@register.filter
def rule_channels(rule: Any) -> str:
    return listed(Channel(each).label for each in _of(rule, "channels"))
