"""Demonstration data of notices and reports: real bodies, invented people, every state.

Dates are relative to today, so that the demo looks right whenever it is started. Every person is
invented and carries the mark （演示）. Of the two notices of 2016 and 2017 only the months are known:
neither number, nor day, nor wording is made up.
"""

from platform_site.accounts.models import User
from platform_site.notifications.services import mark_all_read

from ..models import Notice
from . import (
    cascade,
    circulars,
    figures,
    forms,
    lines,
    past,
    pilot_plans,
    progress,
    rounds,
    supervision,
    work_system,
)
from .people import Cast, at_hour, invented_name, local_people, working_day

__all__ = ["Cast", "at_hour", "invented_name", "load", "working_day"]


def load(cast: Cast) -> Notice:
    """What lies behind us, the oldest figures first; the current rounds; supervision; drafts; circulars."""
    local_people(cast)
    work_system.load(cast)
    rounds.load(cast)
    lines.load(cast)
    past.load(cast)
    monthly = progress.load(cast)
    cascade.load(cast, monthly)
    figures.load(cast)
    forms.load(cast)
    forms.load_quarterly(cast)
    supervision.load(cast)
    for person in User.objects.filter(portal_notices__read_at=None).distinct():
        mark_all_read(person, by=person)  # of what lies behind us, all has been read
    current = pilot_plans.load(cast)
    circulars.load(cast, monthly)
    work_system.load_handover(cast)
    return current
