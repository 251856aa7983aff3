"""The ledger of reminders in figures: how many are due and not said, and since when."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from platform_site.web.metrics import METRICS, Reading

from .models import Reminder
from .services.reminders import due_now


def reminders() -> list[Reading]:
    """Both halves count: what no beat has recorded yet, and what was recorded and not written."""
    now = timezone.now()
    recorded = Reminder.objects.filter(state=Reminder.State.RECORDED).order_by()
    found = due_now(at=now)
    since = [timezone.make_aware(dt.datetime.combine(each.day, _opening())) for each in found]
    if first := recorded.aggregate(first=Min("recorded_at"))["first"]:
        since.append(first)
    age = max((now - min(since)).total_seconds(), 0.0) if since else 0.0
    return [
        Reading(
            "platform_reminders_due",
            "Reminders that are due and not written yet.",
            [({}, len(found) + recorded.count())],
        ),
        Reading(
            "platform_reminder_oldest_due_age_seconds",
            "How long the oldest reminder that is due has waited to be written.",
            [({}, age)],
        ),
    ]


def _opening() -> dt.time:
    """A reminder of a day is due from the hour at which that day's may go out."""
    return settings.REMINDER_HOURS[0]


def register() -> None:
    METRICS.append(reminders)
