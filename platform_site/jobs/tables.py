"""The table of one's own jobs."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from platform_site.lists.tables import KeysetTable
from platform_site.web.templatetags.platform import status_tag, table_datetime

from . import queries
from .models import Job


class JobTable(KeysetTable):
    caption = _("Background jobs")

    title = tables.Column(verbose_name=_("Job"), linkify=True)
    kind_label = tables.Column(verbose_name=_("Kind"))
    state = tables.Column(verbose_name=_("State"))
    outcome = tables.Column(verbose_name=_("Result"), empty_values=())
    queued_at = tables.Column(verbose_name=_("Asked for on"))
    ended_at = tables.Column(verbose_name=_("Ended on"), empty_values=())

    def render_state(self, record: Job) -> str:
        return status_tag(record)

    def render_outcome(self, record: Job) -> Any:
        if record.state == Job.State.RUNNING and record.total:
            return format_html('<span class="nowrap">{} / {}</span>', record.done, record.total)
        if record.state == Job.State.DONE and not queries.may_read(self.request.user, record):
            return "—"
        if record.result_id:
            return format_html(
                '<a href="{}">{}</a>', record.result.get_absolute_url(), record.result.filename
            )
        return record.failed_reason or record.summary or "—"

    def render_queued_at(self, value: Any) -> str:
        return table_datetime(value)

    def render_ended_at(self, value: Any) -> str:
        return table_datetime(value) or "—"
