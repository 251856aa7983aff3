"""What a reminder says beyond the date: why it matters, what was returned, who is to be asked.

The room that owns the record tells it, set-wise, under the code of the duty's rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from .deadlines import Rule
    from .models import Duty


@dataclass(frozen=True)
class Facts:
    """Each in the language in force; empty where there is nothing to say."""

    why: str = ""
    returned: str = ""
    ask: str = ""


Describer = Callable[[Collection["Duty"]], Mapping[UUID, Facts]]
_describers: dict[str, Describer] = {}


def describe(*rules: Rule, by: Describer) -> None:
    """Enter who tells the facts of the duties of these rules."""
    for rule in rules:
        _describers[rule.code] = by


def facts_of(duties: Collection[Duty]) -> dict[UUID, Facts]:
    """The facts of each duty, one call for each kind of duty among them."""
    by_code: dict[str, list[Duty]] = {}
    for duty in duties:
        by_code.setdefault(duty.rule_code, []).append(duty)
    told: dict[UUID, Facts] = {}
    for code, some in by_code.items():
        if code in _describers:
            told.update(_describers[code](some))
    return {duty.pk: told.get(duty.pk, Facts()) for duty in duties}
