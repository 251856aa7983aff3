"""What a rule of time is. Each app names its own in ``<app>/deadlines.py``; they are found by code.

A rule is also the name of a duty: what somebody has to do, who may do it, and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise

from .workdays import Unit

_rules: dict[str, Rule] = {}


@dataclass(frozen=True)
class Rule:
    """``amount`` units from the day the duty starts; none where the date is given with the duty.

    ``permission`` says who may do it; ``page`` is the URL name, reversed with the subject's id.
    ``cites`` is the article, or the house standard, that the term comes from.
    """

    code: str
    label: str | Promise
    permission: str
    page: str
    amount: int | None = None
    unit: Unit = Unit.WORKING
    cites: str | Promise = ""

    def __post_init__(self) -> None:
        if self.code in _rules:
            raise ValueError(f"two rules are named {self.code}")
        _rules[self.code] = self

    @property
    def term(self) -> int | None:
        """The amount, or what this deployment has set for it in SERVICE_STANDARDS."""
        return settings.SERVICE_STANDARDS.get(self.code, self.amount)

    def url(self, subject_id: Any) -> str:
        return reverse(self.page, args=[subject_id])


def rule(code: str) -> Rule:
    return _rules[code]


def all_rules() -> list[Rule]:
    return sorted(_rules.values(), key=lambda each: each.code)
