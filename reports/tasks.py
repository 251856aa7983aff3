"""What beat rings every minute."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="reports.open_due_rounds")
def open_due_rounds() -> None:
    """Open the rounds of recurring notices that are due to open; several at once do no harm."""
    services.open_due_rounds()
