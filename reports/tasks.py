"""What beat rings for this app."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="reports.open_due_rounds")
def open_due_rounds() -> None:
    """Open the rounds of recurring notices that are due to open; several at once do no harm."""
    services.open_due_rounds()


@shared_task(name="reports.open_handovers")
def open_handovers() -> None:
    """Begin the sheets of offices that have ended; again or late, it does no harm."""
    services.open_handovers_of_ended()


@shared_task(name="reports.meet_work_requests")
def meet_work_requests() -> None:
    """Close the centre's calls where no gap is left; again or late, it does no harm."""
    services.meet_work_requests()
