"""What a monitoring system reads at ``/metrics``, in the exposition format of Prometheus.

Apps add to :data:`METRICS` in their ``apps.py``: a function that answers the readings of the moment.
Nothing is counted in the process: every reading is asked of PostgreSQL when it is asked for, so any
web process answers the same, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from .health import BEAT, WORKER, age


@dataclass(frozen=True)
class Reading:
    """One figure: a name with its unit in it, what it means, and a value for each set of labels."""

    name: str
    help: str
    values: Iterable[tuple[dict[str, str], float]]
    labels: tuple[str, ...] = field(default=())


def heartbeats() -> list[Reading]:
    """How long ago each process was last alive; one that never was is left out."""
    ages = [({"process": name}, age(name)) for name in (WORKER, BEAT)]
    known = [(labels, seconds) for labels, seconds in ages if seconds is not None]
    return [
        Reading(
            "platform_heartbeat_age_seconds",
            "Seconds since the process was last alive.",
            known,
            ("process",),
        )
    ]


METRICS: list[Callable[[], list[Reading]]] = [heartbeats]


def exposition() -> bytes:
    """All readings as text."""
    registry = CollectorRegistry()
    for read in METRICS:
        for reading in read():
            gauge = Gauge(reading.name, reading.help, reading.labels, registry=registry)
            for labels, value in reading.values:
                (gauge.labels(**labels) if labels else gauge).set(value)
    return generate_latest(registry)
