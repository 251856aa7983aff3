"""What the limits of the API refused, in figures."""

from __future__ import annotations

from platform_site.api import limits
from platform_site.web.metrics import METRICS, Reading


def refused_requests() -> list[Reading]:
    """Counted where the buckets are; begins anew when Valkey is emptied."""
    return [
        Reading(
            "platform_api_refused_requests",
            "Requests that a limit refused since Valkey was last emptied, by policy.",
            [({"policy": policy}, many) for policy, many in limits.refused().items()],
            ("policy",),
        )
    ]


def register() -> None:
    METRICS.append(refused_requests)
