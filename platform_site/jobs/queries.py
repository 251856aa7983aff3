"""Reading jobs."""

from __future__ import annotations

from platform_site.web import health

from .models import Job, JobLine

#: Lines that the page shows; the newest.
SHOWN_LINES = 100


def log_of(job: Job) -> list[JobLine]:
    """The newest lines of the log, oldest first."""
    return list(reversed(job.lines.order_by("-id")[:SHOWN_LINES]))


def nobody_works() -> bool:
    """Is no worker alive, so that what waits will wait on?"""
    return health.check_worker() is not None
