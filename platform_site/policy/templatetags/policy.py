"""Marks of policy documents."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.safestring import SafeString

from platform_site.policy.models import PolicyDocument
from platform_site.policy.queries import validity_of
from platform_site.text.words import in_chinese
from platform_site.web.templatetags.platform import render_tag, zh_date

register = template.Library()


@register.simple_tag
def validity_tag(document: PolicyDocument) -> SafeString:
    """有效性, as a mark in words and colour."""
    validity = validity_of(document)
    return render_tag(PolicyDocument.TONES[validity], str(validity.label))


@register.simple_tag
def policy_day(day: dt.date, month_only: bool) -> str:
    """The day of a document; year and month where no more is known."""
    if not month_only:
        return zh_date(day)
    return f"{day.year}年{day.month}月" if in_chinese() else f"{day:%B %Y}"
