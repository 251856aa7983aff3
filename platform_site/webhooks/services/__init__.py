"""The only writers of webhooks, their events and their deliveries."""

from .events import emit, emit_once, spread
from .owning import (
    LONGEST_OVERLAP,
    change_webhook,
    create_webhook,
    delete_webhook,
    pause_webhook,
    ping_webhook,
    resend_delivery,
    resume_webhook,
    rotate_secret,
)
from .sweeping import sweep, sweep_old

__all__ = [
    "LONGEST_OVERLAP",
    "change_webhook",
    "create_webhook",
    "delete_webhook",
    "emit",
    "emit_once",
    "pause_webhook",
    "ping_webhook",
    "resend_delivery",
    "resume_webhook",
    "rotate_secret",
    "spread",
    "sweep",
    "sweep_old",
]
