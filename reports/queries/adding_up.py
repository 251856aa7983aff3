"""What the figures of federations add up to, each indicator by its own rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NotRequired, TypedDict

from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import FormVersion, Indicator
from platform_site.questionnaires.values import plain


class Total(TypedDict):
    """An indicator over the federations. ``value`` is None where the rule gives none, or nothing is in.

    ``of`` is how many could have reported it, ``missing`` their codes; ``latest`` names whose it is.
    """

    indicator: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    rule: str
    value: str | None
    reported: int
    of: int
    missing: list[str]
    latest: NotRequired[str]


def _sum(numbers: list[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0))


def _average(numbers: list[Decimal]) -> Decimal:
    """To two places, halves up."""
    return (_sum(numbers) / len(numbers)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _count(numbers: list[Decimal]) -> Decimal:
    """How many federations have any at all."""
    return Decimal(sum(1 for number in numbers if number > 0))


#: How the figures of federations combine; one that is not here has no total.
RULES: dict[str, Callable[[list[Decimal]], Decimal]] = {
    Indicator.AddsUp.SUM: _sum,
    Indicator.AddsUp.AVERAGE: _average,
    Indicator.AddsUp.COUNT: _count,
}


def totals_of(
    indicators: Iterable[Indicator],
    figures: dict[str, dict[str, Decimal]],
    asked: list[str],
    filed_at: dict[str, Any],
) -> list[Total]:
    """A total for each indicator by its own rule: units are never mixed, blanks are never zeros.

    ``figures``: by indicator and federation; ``asked``: codes of those that should have reported, in
    order; ``filed_at``: when each was submitted, for what is taken from the latest alone.
    """
    found = []
    for indicator in indicators:
        given = figures.get(indicator.code, {})
        total = Total(
            indicator=indicator.code,
            zh=indicator.name_zh,
            en=indicator.name_en,
            unit_zh=indicator.unit_zh,
            unit_en=indicator.unit_en,
            rule=indicator.adds_up,
            value=None,
            reported=len(given),
            of=len(asked),
            missing=[code for code in asked if code not in given],
        )
        if given and indicator.adds_up == Indicator.AddsUp.LATEST:
            total["latest"] = max(given, key=lambda code: (filed_at[code], code))
            total["value"] = plain(given[total["latest"]])
        elif given and (combine := RULES.get(indicator.adds_up)):
            total["value"] = plain(combine(list(given.values())))
        found.append(total)
    return found


def indicators_of(version: FormVersion | None) -> list[Indicator]:
    """The indicators that a version of a form asks for, in its order."""
    if version is None:
        return []
    questions = sheets.questions_of(version)
    return sheets.indicators_asked(questions)
