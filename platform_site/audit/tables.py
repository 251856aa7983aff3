from __future__ import annotations

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from platform_site.lists.tables import KeysetTable

from .models import Entry


class EntryTable(KeysetTable):
    at = tables.TemplateColumn(
        '{{ record.at|date:"Y-m-d H:i:s" }}'
        "{% if record.recorded_later %}"
        '<br><span class="meta">{% load i18n %}{% translate "recorded later" %} '
        '{{ record.recorded_at|date:"Y-m-d" }}</span>{% endif %}',
        verbose_name=_("When"),
        orderable=False,
    )
    actor = tables.TemplateColumn(
        "{% load i18n %}{{ record.actor_name|default:_('The platform') }}"
        '{% if record.actor_office %}<br><span class="meta">{{ record.actor_office }}</span>'
        "{% endif %}",
        verbose_name=_("Who"),
        orderable=False,
    )
    action = tables.Column(accessor="title", verbose_name=_("Action"), orderable=False)
    subject = tables.TemplateColumn(
        '{% if record.subject_type %}<span class="meta">{{ record.subject_kind }}</span><br>'
        "{% endif %}{{ record.what }}",
        verbose_name=_("Object"),
        orderable=False,
    )
    state = tables.TemplateColumn(
        "{% if record.from_state %}{{ record.from_label }} → {% endif %}{{ record.to_label }}",
        verbose_name=_("State"),
        orderable=False,
    )
    note = tables.Column(verbose_name=_("Reason"), orderable=False)
    result = tables.Column(accessor="get_result_display", verbose_name=_("Result"), orderable=False)
    address = tables.Column(verbose_name=_("Address"), orderable=False)

    class Meta(KeysetTable.Meta):
        model = Entry
        fields = ("at", "actor", "action", "subject", "state", "note", "result", "address")
        sequence = fields
