"""Reading the trail."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from .models import Entry, EntryQuerySet


@dataclass(frozen=True)
class Filters:
    """What the auditor asks for; both days are included, by the calendar of the platform."""

    person: str = ""
    action: str = ""
    subject: str = ""
    result: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None


def entries_about(subject: Model) -> EntryQuerySet:
    """Everything done to ``subject``, unordered; as visible as ``subject`` itself."""
    return Entry.objects.about(subject)


def story(subject: Model) -> list[Entry]:
    """Everything done to ``subject``, oldest first.

    The caller must have found ``subject`` by ``visible_to()``: who may see it may read its story.
    """
    return list(entries_about(subject).order_by("at", "id"))


def entries_for(user: Any, filters: Filters = Filters()) -> EntryQuerySet:
    """The entries that ``user`` may read across all objects, narrowed by ``filters``, unordered."""
    return narrowed(Entry.objects.visible_to(user), filters)


def narrowed(entries: EntryQuerySet, filters: Filters) -> EntryQuerySet:
    if filters.person:
        entries = entries.filter(actor_name__icontains=filters.person)
    if filters.action:
        entries = entries.filter(action=filters.action)
    if filters.subject:
        entries = entries.filter(
            Q(subject_id=filters.subject)
            | Q(subject_label__icontains=filters.subject)
            | Q(federation_code=filters.subject)
        )
    if filters.result:
        entries = entries.filter(result=filters.result)
    if filters.since:
        entries = entries.filter(at__gte=_midnight(filters.since))
    if filters.until:
        entries = entries.filter(at__lt=_midnight(filters.until + datetime.timedelta(days=1)))
    return entries


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
