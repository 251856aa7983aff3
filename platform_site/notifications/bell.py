"""The bell: tells a worker at once that rows are waiting. Losing a ring loses nothing.

The rows are committed before the bell rings, and ``notifications.sweep`` finds whatever no bell
announced. So a missing broker may cost a request a moment, once, and never an error.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

from celery import current_app

logger = logging.getLogger(__name__)

#: After a failed ring nobody tries again for this long (seconds, in this process).
QUIET_SECONDS = 30.0
#: How long one ring may wait for the broker (seconds).
PATIENCE_SECONDS = 1.0

_quiet_until = 0.0
_lock = threading.Lock()


def ring(ids: Iterable[Any], task: str = "notifications.deliver") -> bool:
    """Ask a worker to deliver these rows now; ``False`` when no broker could be asked."""
    global _quiet_until
    wanted = [str(pk) for pk in ids]
    if not wanted or time.monotonic() < _quiet_until:
        return False
    try:
        # A connection of its own: Celery's shared one would wait for a lost broker without end.
        with current_app.connection_for_write(connect_timeout=PATIENCE_SECONDS) as connection:
            connection.transport_options = {
                **connection.transport_options,
                "max_retries": 0,
                "socket_connect_timeout": PATIENCE_SECONDS,
                "socket_timeout": PATIENCE_SECONDS,
            }
            current_app.send_task(
                task, args=[wanted], connection=connection, retry=False, ignore_result=True
            )
    except Exception as error:  # whatever the broker's client raises: the sweeper will do it
        with _lock:
            _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning(
            "The queue is away (%s): %s waiting messages are left to the sweeper.",
            type(error).__name__,
            len(wanted),
        )
        return False
    return True


def listen_again() -> None:
    """Forget that the broker was away (tests; or after an operator mended it)."""
    global _quiet_until
    _quiet_until = 0.0
