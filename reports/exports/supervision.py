"""The lists of supervision: its log, the contact with each federation, the phone rounds."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from ..filters import SupervisionFilter
from ..models import PhoneRound, SupervisionRecord
from ..queries.supervision import (
    federations_by_contact,
    follows_supervision,
    note_contacts,
    reads_supervision,
)


def select_supervision(user: Any, parameters: QueryDict) -> Selection:
    visible = SupervisionRecord.objects.visible_to(user).with_context()
    narrowed = SupervisionFilter(parameters, queryset=visible, user=user)
    return Selection(narrowed.qs, ("-on", "-id"), narrowed.form)


SUPERVISION_COLUMNS = (
    Column(_("Date"), lambda record: record.on, 14),
    Column(_("Kind"), lambda record: record.get_kind_display(), 16),
    Column(_("Federation"), lambda record: record.federation.name, 30),
    Column(_("State"), lambda record: record.get_state_display(), 12),
    Column(_("Findings"), lambda record: record.findings, 60),
    Column(_("Outcome"), lambda record: record.outcome, 60),
    Column(_("Next contact"), lambda record: record.next_contact_on, 14),
)


def select_contacts(user: Any, parameters: QueryDict) -> Selection:
    return Selection(federations_by_contact(user), ("contact_order", "position"))


CONTACT_COLUMNS = (
    Column(_("Federation"), lambda row: row.name, 30),
    Column(_("Last contact"), lambda row: row.last_contact_on, 14),
    Column(_("Days since"), lambda row: row.days, 12),
    Column(_("Next contact"), lambda row: row.next_contact_on, 14),
    Column(_("Action points open"), lambda row: row.actions.running, 18),
    Column(_("Overdue"), lambda row: row.actions.overdue, 12),
)


def select_phone_rounds(user: Any, parameters: QueryDict) -> Selection:
    rounds = PhoneRound.objects.visible_to(user).with_progress()
    return Selection(rounds, ("-starts_on", "-id"))


PHONE_ROUND_COLUMNS = (
    Column(_("Title"), lambda round: round.title, 50),
    Column(_("From"), lambda round: round.starts_on, 14),
    Column(_("Until"), lambda round: round.ends_on, 14),
    Column(_("Federations"), lambda round: round.total, 12),
    Column(_("Called"), lambda round: round.called, 12),
    Column(_("State"), lambda round: round.get_state_display(), 12),
)


exports.register(
    Export(
        "supervision",
        _("Supervision log"),
        select=select_supervision,
        columns=SUPERVISION_COLUMNS,
        may=reads_supervision,
        parameters=frozenset({"federation", "kind", "state", "since"}),
        resource="supervision-records",
    )
)


exports.register(
    Export(
        "contacts",
        _("Contact with the federations"),
        select=select_contacts,
        columns=CONTACT_COLUMNS,
        may=follows_supervision,
        resource="supervision-records",
        prepare=note_contacts,
    )
)


exports.register(
    Export(
        "phone-rounds",
        _("Phone rounds"),
        select=select_phone_rounds,
        columns=PHONE_ROUND_COLUMNS,
        may=follows_supervision,
        resource="phone-rounds",
    )
)
