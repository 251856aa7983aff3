"""Tables of the list pages."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.lists.tables import KeysetTable
from platform_site.web.templatetags.platform import render_tag, status_tag, table_date


class ActionPointTable(KeysetTable):
    """Rows come ``with_context()``."""

    caption = _("Action points")

    task = tables.Column(verbose_name=_("What is to be done"), linkify=True)
    concerns = tables.Column(accessor="concerns__short_name", verbose_name=_("For"))
    federation = tables.Column(accessor="federation__short_name", verbose_name=_("Who does it"))
    due_on = tables.Column(verbose_name=_("Due date"))
    state = tables.Column(verbose_name=_("State"))

    def render_task(self, record: Any) -> str:
        return str(record)

    def render_due_on(self, value: Any) -> str:
        return table_date(value)

    def render_state(self, record: Any) -> str:
        state = status_tag(record)
        if record.is_overdue(self.today):
            late = render_tag("red", gettext("overdue"), "triangle-alert")
            return format_html("{} {}", state, late)
        return state

    @cached_property
    def today(self) -> Any:
        return today()
