"""Tables of the to-do lists."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from platform_site.lists.tables import KeysetTable
from platform_site.web.templatetags.platform import table_datetime


class _DutyTable(KeysetTable):
    rule = tables.Column(accessor="rule__label", verbose_name=_("What to do"))
    title = tables.Column(verbose_name=_("Concerns"), linkify=True)
    federation = tables.Column(accessor="federation__name", verbose_name=_("Whose duty"))


class TodoTable(_DutyTable):
    caption = _("To do")

    due_on = tables.Column(verbose_name=_("Due date"), empty_values=())

    def render_due_on(self, record: Any) -> str:
        return render_to_string("casework/duty_due_cell.html", {"duty": record})


class DoneTable(_DutyTable):
    caption = _("Done")

    done_at = tables.Column(verbose_name=_("Done on"))

    def render_done_at(self, value: Any) -> str:
        return table_datetime(value)


class StartedTable(_DutyTable):
    caption = _("Started by me")

    opened_at = tables.Column(verbose_name=_("Started on"))
    state = tables.Column(verbose_name=_("Stands"), empty_values=())

    def render_opened_at(self, value: Any) -> str:
        return table_datetime(value)

    def render_state(self, record: Any) -> str:
        return render_to_string("casework/duty_state_cell.html", {"duty": record})
