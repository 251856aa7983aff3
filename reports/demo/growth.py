"""Cumulative figures of the demonstration data: one line of growth that every form's answers lie on."""

from __future__ import annotations

import datetime as dt

from platform_site.casework.queries import today
from platform_site.federations.models import Federation

#: What a month adds, as a share of where the figure stands now.
MONTHLY = 0.015


def cumulative(federation: Federation, on: dt.date) -> dict[str, str]:
    """Organisations surveyed, on the ledger and in contact by the day ``on``; never falling."""
    months = (today().year - on.year) * 12 + today().month - on.month
    surveyed = round((500 + federation.position * 23 % 400) * max(1 - MONTHLY * months, 0.1))
    ledger = surveyed * 2 // 3
    return {
        "organisations_surveyed": str(surveyed),
        "organisations_on_ledger": str(ledger),
        "organisations_contacted": str(ledger // 2),
    }
