"""The rounds of a notice: those that were and those ahead, what the next one would be filled in with."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from platform_site.obligations.models import Obligation, Round
from platform_site.obligations.periods import Frequency
from platform_site.obligations.queries import RoundAhead, may_open, rounds_ahead
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import FormVersion, Question

from ..models import Notice, RoundForm
from ..workflow import NoticeState


def form_of_round(round: Round) -> FormVersion | None:
    """The version that a round of a recurring notice keeps; None where the notice's own holds."""
    kept = RoundForm.objects.filter(round=round).select_related("form_version__form").first()
    return kept.form_version if kept else None


def form_version_of(notice: Notice, round: Round) -> FormVersion | None:
    """What this round of the notice is filled in with."""
    return form_of_round(round) or notice.form_version


def due_to_open(day: dt.date) -> list[uuid.UUID]:
    """The running notices of which a round is due to open on this day (one query and the calendar)."""
    running = (
        Notice.objects.filter(state=NoticeState.ISSUED, request__schedule__isnull=False)
        .exclude(request__schedule__next_period="")
        .select_related("request__schedule")
        .order_by("pk")
    )
    return [notice.pk for notice in running if may_open(notice.request.schedule, day)]


@dataclass(frozen=True)
class RoundLine:
    """A round that was opened, with how many owe it and how many filed, as far as the reader sees."""

    round: Round
    form_version: int | None
    total: int
    filed: int

    @property
    def label(self) -> str:
        return self.round.period_label or _("only round")


def round_lines(notice: Notice, user: Any) -> list[RoundLine]:
    """The rounds that were opened, the newest first: a fixed number of queries."""
    counts: dict[Any, dict[str, Any]] = {
        row["round"]: dict(row)
        for row in Obligation.objects.visible_to(user)
        .filter(round__request=notice.pk, cancelled_at=None)
        .order_by()
        .values("round")
        .annotate(
            total=Count("pk"),
            filed=Count("pk", filter=Q(filed_at__isnull=False) | Q(settled_at__isnull=False)),
        )
    }
    kept: dict[Any, Any] = dict(
        RoundForm.objects.filter(round__request=notice.pk).values_list(
            "round", "form_version__number"
        )
    )
    own = notice.form_version.number if notice.form_version else None
    return [
        RoundLine(
            round,
            kept.get(round.pk, own),
            counts.get(round.pk, {}).get("total", 0),
            counts.get(round.pk, {}).get("filed", 0),
        )
        for round in notice.rounds
        if round.opened_at
    ]


def rounds_to_come(notice: Notice) -> list[RoundAhead]:
    """The rounds that will open by themselves; none of a draft's, and none once the notice is over."""
    if notice.state in (NoticeState.CLOSED, NoticeState.WITHDRAWN):
        return []
    return rounds_ahead(notice.schedule)


def round_steps(notice: Notice, user: Any) -> list[str]:
    """What this person can do about the rounds of a running notice, by the names the API gives it."""
    if notice.schedule is None or not user.has_perm("reports.run_rounds", notice):
        return []
    steps = []
    if notice.schedule.frequency == Frequency.IRREGULAR:
        steps.append("open-round")
    if notice.schedule.next_period:
        steps.append("move-round")
    further = steps and newer_form(notice) is not None
    return [*steps, "renew-form"] if further else steps


def round_of(notice: Notice, period: str) -> Round | None:
    """The opened round of this period, the newest one for an empty code; None where there is none."""
    opened = [each for each in notice.rounds if each.opened_at]
    if not period:
        return opened[0] if opened else None
    return next((each for each in opened if each.period == period), None)


# --- Another version of the form --------------------------------------------------------------------


@dataclass(frozen=True)
class FormChange:
    """What differs in one question: ``kind`` is added, removed or changed; ``facts`` names what."""

    kind: str
    label: str
    facts: str = ""


def newer_form(notice: Notice) -> FormVersion | None:
    """A published version of its form that is newer than the one its next round would take."""
    if notice.form_version is None or notice.schedule is None:
        return None
    newest = notice.form_version.form.current()
    return newest if newest and newest.number > notice.form_version.number else None


#: Columns of a question that are no part of what is asked: where it stands is not compared.
_PLACE = {"id", "section", "position"}


def form_changes(before: FormVersion, after: FormVersion) -> list[FormChange]:
    """Question by question, in the order of the new version; what was taken away stands last."""
    old = {each.code: each for each in sheets.questions_of(before)}
    found = []
    for question in sheets.questions_of(after):
        former = old.pop(question.code, None)
        if former is None:
            found.append(FormChange("added", str(question)))
        elif facts := _differing(former, question):
            found.append(FormChange("changed", str(question), ", ".join(facts)))
    found += [FormChange("removed", str(question)) for question in old.values()]
    return found


def _differing(before: Question, after: Question) -> Iterable[str]:
    return [
        str(field.verbose_name)
        for field in Question._meta.concrete_fields
        if field.name not in _PLACE
        and getattr(before, field.attname) != getattr(after, field.attname)
    ]
