"""The id of the request being answered: in the log, in every problem, in the trail."""

from __future__ import annotations

import structlog


def request_id() -> str:
    """The id that ``django_structlog`` gave this request (or task); empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
