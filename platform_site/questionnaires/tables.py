from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from platform_site.lists.tables import KeysetTable
from platform_site.web.templatetags.platform import tag

from . import purposes
from .models import Form, Indicator

#: How many titles of what uses a form its row names.
FIRST = 3


class FormTable(KeysetTable):
    caption = _("Forms")
    name_zh = tables.Column(_("Form"), linkify=True)
    code = tables.Column(_("Code"))
    purpose = tables.Column(_("Filled in as"))
    seen_versions = tables.Column(_("Versions"), empty_values=())
    uses = tables.Column(_("Used by"), empty_values=())

    class Meta(getattr(KeysetTable, "Meta", object)):
        model = Form
        fields = ["name_zh", "code", "purpose", "seen_versions", "uses"]
        sequence = fields

    def render_name_zh(self, record: Form) -> str:
        return str(record)

    def render_purpose(self, value: str) -> str:
        return purposes.label(value)

    def render_seen_versions(self, record: Any) -> str:
        return (
            format_html_join(
                "",
                '<div class="nowrap"><a href="{}">{}</a> {}</div>',
                (
                    (
                        reverse("form-version", args=[record.code, each.number]),
                        _("Version %(number)s") % {"number": each.number},
                        state_tag(each),
                    )
                    for each in record.seen_versions
                ),
            )
            or "–"
        )

    def render_uses(self, record: Any) -> str:
        if not record.uses:
            return "–"
        more = len(record.uses) - FIRST
        rest = ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more}
        return format_html(
            "{}{}",
            format_html_join(
                "",
                '<div><a href="{}">{}</a></div>',
                ((each.url, each.title) for each in record.uses[:FIRST]),
            ),
            format_html('<div class="muted">{}</div>', rest) if more > 0 else "",
        )


def state_tag(version: Any) -> str:
    """Whether a version is being built, published, or in use by a round."""
    if version.is_draft:
        return str(tag("amber", _("draft")))
    if version.frozen_at is not None:
        return str(tag("green", _("in use")))
    return str(tag("blue", _("published")))


class IndicatorTable(KeysetTable):
    caption = _("Indicators")
    name_zh = tables.Column(_("Indicator"))
    code = tables.Column(_("Code"))
    unit_zh = tables.Column(_("Unit"))
    measure = tables.Column(_("Measured"))
    adds_up = tables.Column(_("Combined as"))

    class Meta(getattr(KeysetTable, "Meta", object)):
        model = Indicator
        fields = ["name_zh", "code", "unit_zh", "measure", "adds_up"]
        sequence = fields

    def __init__(self, *args: Any, may_change: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_change = may_change

    def render_name_zh(self, record: Indicator) -> str:
        if not self.may_change:
            return str(record)
        address = reverse("indicator-change", args=[record.code])
        return format_html('<a href="{}">{}</a>', address, record)

    def render_unit_zh(self, record: Indicator) -> str:
        return record.unit
