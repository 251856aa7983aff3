"""The Celery application: workers and beat run it, and every message is published through it.

Celery only rings the bell. What is to be done is a row in PostgreSQL, and the sweeps below find
whatever a lost message missed, so the queue may be emptied at any time.
"""

import logging
import os
import time
from typing import Any

from celery import Celery
from celery.beat import BeatLazyFunc
from celery.signals import beat_init
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.local")

#: How often beat rings, seconds. The rings that start work never expire: the clocks of beat and worker
#: may differ, and a worker that is ahead would drop every one of them. Hearing two does no harm.
TICK = int(os.environ.get("SWEEP_SECONDS", "15"))
#: How often it asks for due reminders, seconds.
REMIND = int(os.environ.get("REMIND_SECONDS", "60"))

app = Celery("platform_site")
app.set_default()  # for every thread of the web server, not only for the one that imported this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "notifications.sweep": {
        "task": "notifications.sweep",
        "schedule": TICK,
    },
    "notifications.sweep_slow": {
        "task": "notifications.sweep_slow",
        "schedule": TICK,
    },
    "webhooks.sweep": {
        "task": "webhooks.sweep",
        "schedule": TICK,
    },
    "webhooks.sweep_old": {
        "task": "webhooks.sweep_old",
        "schedule": 3600,
    },
    "obligations.tell_passed_deadlines": {
        "task": "obligations.tell_passed_deadlines",
        "schedule": REMIND,
    },
    "editorial.publish_due": {
        "task": "editorial.publish_due",
        "schedule": REMIND,
    },
    "reports.open_due_rounds": {
        "task": "reports.open_due_rounds",
        "schedule": REMIND,
    },
    "reports.open_handovers": {
        "task": "reports.open_handovers",
        "schedule": 3600,
    },
    "reports.meet_work_requests": {
        "task": "reports.meet_work_requests",
        "schedule": 3600,
    },
    # One static tick: which reminders are due is reckoned from dates in PostgreSQL, not from timers.
    "casework.remind": {
        "task": "casework.remind",
        "schedule": REMIND,
    },
    "jobs.sweep": {
        "task": "jobs.sweep",
        "schedule": TICK,
    },
    "jobs.sweep_results": {
        "task": "jobs.sweep_results",
        "schedule": 3600,
    },
    "api.sweep_kept_answers": {
        "task": "api.sweep_kept_answers",
        "schedule": 3600,
    },
    "attachments.expire_uploads": {
        "task": "attachments.expire_uploads",
        "schedule": 3600,
    },
    "attachments.sweep_orphans": {
        "task": "attachments.sweep_orphans",
        "schedule": 24 * 3600,
    },
    "web.beat_heartbeat": {
        "task": "web.beat_heartbeat",
        "schedule": TICK,
        # When beat rang, not when a worker heard it: an old message proves no living beat.
        "args": [BeatLazyFunc(time.time)],
        "options": {"expires": TICK},
    },
}


@beat_init.connect(dispatch_uid="platform_site.first_ring")
def ring_at_once(**_signal: Any) -> None:
    """Let a beat that has just started be seen alive now, not only after the first interval."""
    try:
        app.send_task("web.beat_heartbeat", args=[time.time()], expires=TICK)
        app.send_task("casework.remind")
    except OperationalError as problem:
        logging.getLogger(__name__).warning("first ring not sent: %s", problem)
