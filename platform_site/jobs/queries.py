"""Reading jobs."""

from __future__ import annotations

from typing import Any

from platform_site.web import health

from . import kinds
from .models import Job, JobLine

#: Lines that the page shows; the newest.
SHOWN_LINES = 100


def log_of(job: Job) -> list[JobLine]:
    """The newest lines of the log, oldest first."""
    return list(reversed(job.lines.order_by("-id")[:SHOWN_LINES]))


def seats_of(user: Any) -> list[str]:
    """The offices held today, each as ``role@federation``."""
    return sorted(seat.key for seat in user.scope.seats)


def may_read(user: Any, job: Job) -> bool:
    """May they read what came of their job, today? A file may not outlive the right to it.

    It was made with the eyes of certain offices: whoever lost one of them does not see it any more,
    whatever else they hold now.
    Once the file was swept there is nothing to withhold, and what the right hung on went with it.
    """
    if job.result_swept_at is not None:
        return True
    if not set(job.seats) <= set(seats_of(user)):
        return False
    known = kinds.find(job.kind)
    return known is not None and known.may_read(user, job.parameters)


def nobody_works() -> bool:
    """Is no worker alive, so that what waits will wait on?"""
    return health.check_worker() is not None
