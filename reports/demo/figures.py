"""Targets of two indicators for this year: the country's, and those of some federations."""

from __future__ import annotations

from decimal import Decimal

from platform_site.casework.queries import today
from platform_site.questionnaires.models import Indicator
from platform_site.questionnaires.targets import set_targets

from .people import Cast

#: By indicator; numbers that some have reached and others have not.
TARGETS = {
    "organisations_contacted": {
        "ACFTU": 5600,
        "110000": 250,
        "310000": 300,
        "320000": 240,
        "430000": 310,
        "440000": 160,
        "510000": 400,
    },
    "projects_purchased": {"ACFTU": 350, "330000": 15, "430000": 20, "440000": 10},
}


def load(cast: Cast) -> None:
    for code, numbers in TARGETS.items():
        set_targets(
            Indicator.objects.get(code=code),
            by=cast.officer,
            year=today().year,
            targets={place: Decimal(number) for place, number in numbers.items()},
        )
