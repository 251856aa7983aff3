"""What beat calls."""

from __future__ import annotations

from celery import shared_task

from .models import KeptAnswer


@shared_task(name="api.sweep_kept_answers")
def sweep_kept_answers() -> None:
    """Answers to an Idempotency-Key that are older than a day (hourly)."""
    KeptAnswer.sweep()
