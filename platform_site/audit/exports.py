"""The trail as a list: what it holds, for the auditor's page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from .forms import FilterForm
from .queries import entries_for


def select_entries(user: Any, parameters: QueryDict) -> Selection:
    """Newest first."""
    form = FilterForm(parameters)
    form.is_valid()
    return Selection(entries_for(user, form.filters()), ("-at", "-id"), form)


def reads_trail(user: Any) -> bool:
    return bool(user.has_perm("audit.read_trail"))


COLUMNS = (
    Column(_("When"), lambda entry: entry.at),
    Column(_("Recorded at"), lambda entry: entry.recorded_at),
    Column(_("Who"), lambda entry: entry.actor_name or _("The platform"), 14),
    Column(_("Office"), lambda entry: entry.actor_office, 34),
    Column(_("Action"), lambda entry: entry.title, 28),
    Column(_("Kind of object"), lambda entry: entry.subject_kind, 14),
    Column(_("Object"), lambda entry: entry.what, 44),
    Column(_("From state"), lambda entry: entry.from_label, 12),
    Column(_("To state"), lambda entry: entry.to_label, 12),
    Column(_("Reason"), lambda entry: entry.note, 40),
    Column(_("Result"), lambda entry: entry.get_result_display(), 10),
    Column(_("Address"), lambda entry: entry.address),
)

exports.register(
    Export(
        "trail",
        _("Decision trail"),
        select=select_entries,
        columns=COLUMNS,
        may=reads_trail,
        parameters=frozenset({"person", "action", "subject", "result", "since", "until"}),
        private=frozenset({"person", "subject"}),
        resource="audit-entries",
    )
)
