"""What beat rings every minute."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="obligations.tell_passed_deadlines")
def tell_passed_deadlines() -> None:
    """Write what has become late; several at once, or none for a day, do no harm."""
    services.tell_passed_deadlines()
