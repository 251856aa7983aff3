"""Tables of one's own webhooks and of what was sent to one."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.lists.tables import KeysetTable
from platform_site.text.words import listed
from platform_site.web.templatetags.platform import status_tag, table_datetime

from .models import Webhook, WebhookDelivery


class WebhookTable(KeysetTable):
    caption = _("Webhooks")

    name = tables.Column(verbose_name=_("Name"), linkify=True)
    host = tables.Column(verbose_name=_("Server"))
    kind_labels = tables.Column(verbose_name=_("Events"))
    federation = tables.Column(verbose_name=_("Federation"), empty_values=())
    state = tables.Column(verbose_name=_("State"))
    last_success_at = tables.Column(verbose_name=_("Last success"), empty_values=())

    def render_kind_labels(self, value: list[str]) -> str:
        return listed(value)

    def render_federation(self, value: Any) -> str:
        return str(value or "–")

    def render_state(self, record: Webhook) -> str:
        return status_tag(record)

    def render_last_success_at(self, value: Any) -> str:
        return table_datetime(value) or "–"


class LogTable(KeysetTable):
    caption = _("Deliveries")

    created_at = tables.Column(verbose_name=_("Written"))
    kind_label = tables.Column(verbose_name=_("Event"))
    state = tables.Column(verbose_name=_("State"), accessor="delivery__state")
    tries = tables.Column(verbose_name=_("Tries"), accessor="delivery__tries")
    answer = tables.Column(verbose_name=_("Answer"), empty_values=())
    duration_ms = tables.Column(verbose_name=_("Duration"))
    next_try_at = tables.Column(verbose_name=_("Next try"), empty_values=())
    resend = tables.TemplateColumn(
        template_name="webhooks/resend_cell.html", verbose_name=_("Action"), orderable=False
    )

    def render_created_at(self, value: Any) -> str:
        return table_datetime(value)

    def render_state(self, record: WebhookDelivery) -> str:
        return status_tag(record.delivery)

    def render_answer(self, record: WebhookDelivery) -> str:
        told = [str(record.response_status or ""), record.get_problem_display()]
        return " ".join(filter(None, told)) or "–"

    def render_duration_ms(self, value: int) -> str:
        return f"{value} ms"

    def render_next_try_at(self, record: WebhookDelivery) -> str:
        if record.is_held:
            return gettext("when resumed")
        return table_datetime(record.next_try_at) or "–"
