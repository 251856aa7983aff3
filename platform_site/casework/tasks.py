"""What beat rings every minute."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="casework.remind")
def remind() -> None:
    """Record what is due and write it; several at once, or none for a day, do no harm."""
    services.remind()
