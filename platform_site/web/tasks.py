"""The signs of life of worker and beat, as rows that every web process can read.

They are told apart: a worker notes itself, by the heartbeat that Celery sends while it is connected
to the queue; beat's ring carries the time it was rung, and the worker that hears it notes that.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any

from celery import shared_task
from celery.signals import heartbeat_sent
from django.db import Error, connection

from . import health

logger = logging.getLogger(__name__)
#: Celery's heart beats every two seconds; writing it down so often would only cost.
WRITE_EVERY = 10
_written_at = float("-inf")


@shared_task(name="web.beat_heartbeat", ignore_result=True)
def beat_heartbeat(rung_at: float) -> None:
    """Note that beat was alive when it rang (seconds since 1970, by beat's clock)."""
    health.beat(health.BEAT, datetime.fromtimestamp(rung_at, UTC))


@heartbeat_sent.connect(dispatch_uid="web.worker_heartbeat")
def note_worker(**_signal: Any) -> None:
    """Note that this worker is alive. Never raises: the worker outlives its database."""
    global _written_at
    if time.monotonic() - _written_at < WRITE_EVERY:
        return
    _written_at = time.monotonic()
    try:
        health.beat(health.WORKER)
    except Error as problem:
        logger.warning("worker heartbeat not written: %s", problem)
        connection.close()
