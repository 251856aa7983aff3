"""What will go: said in the schema and, in each answer, by two standard headers.

A viewset declares it once, by action::

    deprecated = {"matrix": Deprecation(since=date(2027, 1, 4), sunset=date(2027, 7, 5))}
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date


@dataclass(frozen=True, slots=True)
class Deprecation:
    #: The day on which it was announced.
    since: dt.date
    #: The first day on which it may be gone.
    sunset: dt.date

    def announce(self, request: Any, response: HttpResponse) -> None:
        """``Deprecation`` (RFC 9745: a structured date) and ``Sunset`` (RFC 8594: an HTTP date)."""
        docs = request.build_absolute_uri(reverse("api:docs"))
        link = f'<{docs}>; rel="deprecation"; type="text/html"'
        response["Deprecation"] = f"@{_instant(self.since)}"
        response["Sunset"] = http_date(_instant(self.sunset))
        # A list has links to its pages already.
        response["Link"] = ", ".join(filter(None, [response.get("Link"), link]))


def _instant(day: dt.date) -> int:
    midnight = dt.datetime.combine(day, dt.time(), timezone.get_default_timezone())
    return int(midnight.timestamp())
