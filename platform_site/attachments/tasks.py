"""What beat calls; each is one call into the services."""

from __future__ import annotations

from celery import shared_task

from . import services

DAY = 24 * 3600.0


@shared_task(name="attachments.expire_uploads")
def expire_uploads() -> None:
    """Announced files that did not become whole in time (hourly)."""
    services.expire_uploads()


@shared_task(name="attachments.sweep_orphans")
def sweep_orphans() -> None:
    """Bytes without a row: what a killed process left behind (daily)."""
    services.sweep_orphans(older_than=DAY)
