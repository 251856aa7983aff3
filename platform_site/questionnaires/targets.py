"""Targets of indicators: what a year is to come to, in the whole country and at federations of the first tier."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import lock
from platform_site.federations.models import Federation
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale

from .models import Indicator, IndicatorTarget
from .values import plain

PERMISSION = "questionnaires.set_targets"
#: Years that a target can be set for: those of the reporting itself, and some ahead.
FIRST_YEAR, LAST_YEAR = 2016, 2099
#: One more digit does not fit into the column.
TOO_LARGE = Decimal(10) ** 16


def check_sets_targets(by: User) -> None:
    """Raises NotAllowed for whoever sets no targets."""
    if not by.has_perm(PERMISSION):
        raise NotAllowed("not_yours", _("Only national officers set targets."))


def targets_of(indicator: Indicator, year: int) -> list[IndicatorTarget]:
    """The country's first, then federations in the official order."""
    return list(
        IndicatorTarget.objects.filter(indicator=indicator, year=year)
        .select_related("federation", "indicator")
        .order_by("federation__level", "federation__position")
    )


def stamp_of(targets: list[IndicatorTarget]) -> str:
    """Tells whether these are the ones that somebody saw."""
    lines = "|".join(f"{each.federation.code}={each.number:f}" for each in targets)
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


@transaction.atomic
def set_targets(
    indicator: Indicator,
    *,
    by: User,
    year: int,
    targets: Mapping[str, Decimal | None],
    seen: str | None = None,
) -> list[IndicatorTarget]:
    """Set, change or (None) take away the year's targets of one indicator, all or none.

    ``targets`` is by the code of a federation; ``ACFTU`` stands for the whole country. Who is not named
    keeps what is set. ``seen``: the stamp of what the caller saw; Stale where it is another now.
    """
    check_sets_targets(by)
    fresh = lock(indicator)
    now = targets_of(fresh, year)
    if seen is not None and seen != stamp_of(now):
        raise Stale(
            "targets_changed", _("Somebody else has set targets meanwhile. Look at them first.")
        )
    known = {
        each.code: each
        for each in Federation.objects.current().filter(
            code__in=list(targets),
            level__in=(Federation.Level.NATIONAL, Federation.Level.FIRST_TIER),
        )
    }
    if problems := _problems(fresh, year, targets, known):
        raise Invalid("targets_invalid", _("The targets cannot be kept."), fields=problems)
    was = {each.federation.code: each for each in now}
    changed: dict[str, list[str | None]] = {}
    for code, number in targets.items():
        before = was.get(code)
        if number is None and before is not None:
            before.delete()
        elif number is not None and before is None:
            IndicatorTarget.objects.create(
                indicator=fresh, year=year, federation=known[code], number=number
            )
        elif number is not None and before is not None and before.number != number:
            IndicatorTarget.objects.filter(pk=before.pk).update(
                number=number, version=before.version + 1
            )
        else:
            continue
        changed[code] = [
            plain(before.number) if before else None,
            None if number is None else plain(number),
        ]
    if changed:
        audit.record(
            "questionnaires.indicator.set_targets",
            fresh,
            by=by,
            facts={"code": fresh.code, "year": year, "targets": changed},
        )
    return targets_of(fresh, year)


def _problems(
    indicator: Indicator,
    year: int,
    targets: Mapping[str, Decimal | None],
    known: Mapping[str, Federation],
) -> list[FieldProblem]:
    problems = []
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = _("Choose a year from %(first)s to %(last)s.") % {
            "first": FIRST_YEAR,
            "last": LAST_YEAR,
        }
        problems.append(FieldProblem("/year", "out_of_range", message))
    if indicator.adds_up == Indicator.AddsUp.NONE and any(
        each.level == Federation.Level.NATIONAL for each in known.values()
    ):
        message = _("Figures of this indicator are not combined: the country has no number of it.")
        problems.append(FieldProblem("/targets", "not_combined", message))
    for place, (code, number) in enumerate(targets.items()):
        if code not in known:
            message = _("“%(code)s” is no federation of the first tier, nor the national one.") % {
                "code": code[:40]
            }
            problems.append(FieldProblem(f"/targets/{place}/federation", "unknown", message))
        elif number is not None and not 0 < number < TOO_LARGE:
            message = _("A target is a number above zero.")
            problems.append(FieldProblem(f"/targets/{place}/number", "out_of_range", message))
    return problems
