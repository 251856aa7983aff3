"""What beat rings every minute."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="editorial.publish_due")
def publish_due() -> None:
    """Bring out what was approved for a time that has come; several at once do no harm."""
    services.publish_due()
