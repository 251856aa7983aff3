"""What workers and beat call; each is one call into the engine."""

from __future__ import annotations

from celery import shared_task

from . import delivery

#: Messages one sweep may send: many, since nothing else may be left to announce them.
SWEEP = 5_000


@shared_task(name="notifications.deliver")
def deliver(ids: list[str]) -> None:
    """The bell rang for these rows."""
    delivery.deliver(ids)
    delivery.deliver(ids, slow=True)


@shared_task(name="notifications.sweep")
def sweep() -> None:
    """Everything due that no bell announced, and what dead workers left behind (every 15 s)."""
    delivery.release_stale()
    delivery.deliver(most=SWEEP)


@shared_task(name="notifications.sweep_slow")
def sweep_slow() -> None:
    """The same for the channels on which a stranger's server sets the pace."""
    delivery.deliver(most=SWEEP, slow=True)
