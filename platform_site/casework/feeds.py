"""The calendar feed (RFC 5545): what waits for a person, a day each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from platform_site.notifications.services import absolute

from . import queries

#: Entries of a feed: more is no calendar any more.
MOST = 500


def calendar_of(user: Any) -> bytes:
    """The open duties of ``user`` that have a due date, in the language in force."""
    calendar = Calendar()
    calendar.add("prodid", "-//union-platform//duties//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("To do – union platform"))
    calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"value": "DURATION"})
    duties = queries.todo(user).filter(due_on__isnull=False).select_related("federation")
    for duty in duties.order_by("due_on", "id")[:MOST]:
        event = Event()
        event.add("uid", f"{duty.pk}@duties")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", duty.due_on)
        event.add("summary", f"{duty.rule.label}：{duty.title}")
        note = str(duty.federation)
        if duty.provisional:
            note += "；" + _("provisional")
        event.add("description", note)
        event.add("url", absolute(duty.get_absolute_url()))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
