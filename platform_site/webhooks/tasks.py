"""What workers and beat call; each is one call into the services."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="webhooks.spread")
def spread(ids: list[str]) -> None:
    """The bell rang for these events."""
    services.spread(ids)


@shared_task(name="webhooks.sweep")
def sweep() -> None:
    """Everything that no bell announced (every 15 s)."""
    services.sweep()


@shared_task(name="webhooks.sweep_old")
def sweep_old() -> None:
    """Events and deliveries whose time is over (every hour)."""
    services.sweep_old()
