"""四落实 on a day: what each federation has stated, what is missing, expired or long unconfirmed.

A cell is worked out from the newest statement that had begun by the day, and for leaders from the register
of posts; nothing is stored of it. What is shown is what held on the day as it is known now: a statement that
was written down later counts from the day it names, a correction takes the place of what was wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, DateField, F, Max, Q, QuerySet, TextChoices, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from platform_site.attachments.models import Attachment
from platform_site.casework.queries import today
from platform_site.federations.models import Federation, Holding
from platform_site.problems import NotAllowed
from platform_site.text.words import listed

from ..models import (
    WORK_COLUMNS,
    WORK_FACTS,
    ReportQuerySet,
    WorkConfirmation,
    WorkQuerySet,
    WorkRequest,
    WorkStatement,
    WorkSubject,
)
from .matrix import GROUP_KINDS, Group

#: What was stated holds unconfirmed for so many days.
FRESH_DAYS = 365


class WorkState(TextChoices):
    SETTLED = "settled", pgettext_lazy("work system", "settled")
    MISSING = "missing", gettext_lazy("not settled")
    EXPIRED = "expired", gettext_lazy("expired")
    UNCONFIRMED = "unconfirmed", gettext_lazy("not confirmed for a year")


@dataclass(frozen=True)
class WorkCell:
    """One subject of one federation on the day. A gap is whatever is not settled."""

    subject: WorkSubject
    state: WorkState
    #: In a few words what there is; of a leader name and title.
    words: str = ""
    since: dt.date | None = None
    confirmed_on: dt.date | None = None
    document_number: str = ""
    files: int = 0
    statement: WorkStatement | None = None
    holding: Holding | None = None

    @property
    def is_gap(self) -> bool:
        return self.state != WorkState.SETTLED


@dataclass(frozen=True)
class WorkRow:
    federation: Federation
    cells: tuple[WorkCell, ...]
    #: Yes, no or not stated, by subject.
    facts: Mapping[str, bool | None] = field(default_factory=dict)
    confirmed_on: dt.date | None = None
    request: WorkRequest | None = None

    @property
    def gaps(self) -> list[WorkCell]:
        return [cell for cell in self.cells if cell.is_gap]

    @property
    def leading_group(self) -> bool | None:
        return self.facts.get(WorkSubject.LEADING_GROUP)

    @property
    def reform_plan(self) -> bool | None:
        return self.facts.get(WorkSubject.REFORM_PLAN)

    def cell(self, subject: str) -> WorkCell:
        return next(cell for cell in self.cells if cell.subject == subject)


def reads_work_system(user: Any) -> bool:
    return bool(user.scope.holds(*WorkQuerySet.READERS))


def check_reads_work_system(user: Any) -> None:
    if not reads_work_system(user):
        raise NotAllowed("not_yours", _("The work system is not part of your office."))


def follows_work_system(user: Any) -> bool:
    """The centre and the auditor: all federations at once."""
    return bool(user.scope.national(*WorkQuerySet.CENTRE))


def sees_work_of(user: Any, federation: Federation) -> bool:
    """The rule of ``WorkQuerySet.visible_to``, for a federation that has stated nothing yet."""
    if federation.level == Federation.Level.NATIONAL:
        return False
    if follows_work_system(user):
        return True
    line = {federation.pk, federation.first_tier_id, federation.prefecture_id}
    return bool(user.scope.at(*ReportQuerySet.FILERS) & line)


def federations_of(user: Any, under: Federation | None = None) -> QuerySet[Federation]:
    """The rows of the matrix: of ``under`` itself and those directly below it; without it the 43
    first-tier units for the centre, and for others their own federation with those below."""
    visible = Federation.objects.visible_to(user).current()
    if under is not None:
        return (
            visible.filter(Q(pk=under.pk) | Q(parent=under))
            if sees_work_of(user, under)
            else (visible.none())
        )
    if follows_work_system(user):
        return visible.filter(level=Federation.Level.FIRST_TIER)
    own = user.scope.at(*ReportQuerySet.FILERS)
    return visible.filter(Q(pk__in=own) | Q(parent__in=own))


def chosen_federations(
    user: Any,
    *,
    as_of: dt.date | None = None,
    under: Federation | None = None,
    group: str = "",
    state: str = "",
    subject: str = "",
) -> QuerySet[Federation]:
    """The federations of the matrix as it is narrowed, each with ``as_of``, the day it is looked at."""
    day = as_of or today()
    federations = federations_of(user, under)
    if kinds := GROUP_KINDS.get(Group(group)) if group else None:
        federations = federations.filter(kind__in=kinds)
    if state:
        rows = narrowed(work_rows(user, federations, day), state=state, subject=subject)
        federations = federations.filter(pk__in=[row.federation.pk for row in rows])
    return federations.annotate(as_of=Value(day, output_field=DateField()))


def set_work(user: Any, federations: Sequence[Any]) -> None:
    """Sets ``work`` on each: the :class:`WorkRow` of the day it is looked at."""
    if federations:
        rows = work_rows(user, federations, federations[0].as_of)
        for federation, row in zip(federations, rows, strict=True):
            federation.work = row


def work_rows(
    user: Any, federations: Iterable[Federation], day: dt.date | None = None
) -> list[WorkRow]:
    """A row for each federation, six queries in all, in the order given."""
    day, rows = day or today(), list(federations)
    ids = [each.pk for each in rows]
    statements = _newest(user, ids, day)
    holdings = _holdings(user, ids, day)
    confirmed = dict(
        WorkConfirmation.objects.visible_to(user)
        .filter(federation__in=ids, on__lte=day)
        .order_by()
        .values_list("federation")
        .annotate(last=Max("on"))
    )
    requests = {
        each.federation_id: each
        for each in WorkRequest.objects.visible_to(user).filter(federation__in=ids, done_at=None)
    }
    files = files_of(each.pk for each in statements.values())
    return [
        WorkRow(
            federation=each,
            cells=tuple(
                _cell(
                    subject,
                    statements.get((each.pk, subject)),
                    holdings.get(each.pk, []),
                    confirmed.get(each.pk),
                    files,
                    day,
                )
                for subject in WORK_COLUMNS
            ),
            facts={
                subject: found.yes
                if (found := _holding_on(statements, each.pk, subject, day))
                else None
                for subject in WORK_FACTS
            },
            confirmed_on=confirmed.get(each.pk),
            request=requests.get(each.pk),
        )
        for each in rows
    ]


def _newest(user: Any, ids: Sequence[int], day: dt.date) -> dict[tuple[int, str], WorkStatement]:
    """The last statement of each subject that had begun by the day, over or not."""
    found = (
        WorkStatement.objects.visible_to(user)
        .filter(federation__in=ids, since__lte=day, corrected_at=None)
        .exclude(until=F("since"))
        .select_related("federation")
        .order_by("federation_id", "subject", "-since", "-stated_at")
        .distinct("federation_id", "subject")
    )
    return {(each.federation_id, each.subject): each for each in found}


def _holding_on(
    statements: Mapping[tuple[int, str], WorkStatement], federation: int, subject: str, day: dt.date
) -> WorkStatement | None:
    found = statements.get((federation, subject))
    return found if found is not None and (found.until is None or found.until > day) else None


def _holdings(user: Any, ids: Sequence[int], day: dt.date) -> dict[int, list[Holding]]:
    found: dict[int, list[Holding]] = {}
    held = Holding.objects.visible_to(user).on(day).filter(federation__in=ids)
    for each in held.order_by("-since", "-id"):
        found.setdefault(each.federation_id, []).append(each)
    return found


def files_of(statements: Iterable[Any]) -> dict[Any, int]:
    """How many files of evidence each statement has."""
    counted = (
        Attachment.objects.filter(
            owner_type=ContentType.objects.get_for_model(WorkStatement),
            owner_id__in=list(statements),
            removed_at=None,
        )
        .order_by()
        .values_list("owner_id")
        .annotate(many=Count("pk"))
    )
    return dict(counted)


def _cell(
    subject: WorkSubject,
    statement: WorkStatement | None,
    holdings: Sequence[Holding],
    confirmed: dt.date | None,
    files: Mapping[Any, int],
    day: dt.date,
) -> WorkCell:
    leader = next((each for each in holdings if each.post == Holding.Post.LEADER_IN_CHARGE), None)
    if subject == WorkSubject.LEADER:
        # The evidence of a former leader's appointment says nothing of this one.
        if statement is not None and (leader is None or statement.holding_id != leader.pk):
            statement = None
        if leader is None:
            return WorkCell(subject, WorkState.MISSING)
        words, since, expired, there = words_of_leader(leader), leader.since, False, True
    elif statement is None:
        return WorkCell(subject, WorkState.MISSING)
    else:
        words, since = words_of(statement, holdings), statement.since
        ended = statement.until is not None and statement.until <= day
        last_year = subject == WorkSubject.BUDGET and (statement.year or 0) < day.year
        expired, there = ended or last_year, says_there_is(statement)
    known = [each for each in (since, confirmed) if each is not None]
    if statement is not None:
        stated_on = timezone.localdate(statement.stated_at)
        known += [stated_on] if stated_on <= day else []
    confirmed_on = max(known)
    state = WorkState.SETTLED
    if not there:
        state = WorkState.MISSING
    elif expired:
        state = WorkState.EXPIRED
    elif (day - confirmed_on).days > FRESH_DAYS:
        state = WorkState.UNCONFIRMED
    return WorkCell(
        subject=subject,
        state=state,
        words=words,
        since=since,
        confirmed_on=confirmed_on,
        document_number=statement.document_number if statement else "",
        files=files.get(statement.pk, 0) if statement else 0,
        statement=statement,
        holding=leader if subject == WorkSubject.LEADER else None,
    )


def says_there_is(statement: WorkStatement) -> bool:
    """Nobody and no money is stated as well, and is a gap all the same."""
    if statement.subject == WorkSubject.STAFF:
        return bool((statement.full_time or 0) + (statement.part_time or 0))
    if statement.subject == WorkSubject.BUDGET:
        return bool(statement.amount)
    return True


def words_of_leader(holding: Holding) -> str:
    return f"{holding.name} {holding.title}".strip()


def words_of(statement: WorkStatement, holdings: Sequence[Holding] = ()) -> str:
    """What it states in a line; of a department with who heads it and is its liaison officer."""
    subject = statement.subject
    if subject == WorkSubject.LEADER:
        return words_of_leader(statement.holding) if statement.holding else ""
    if subject == WorkSubject.STAFF:
        return _("%(full)s full-time, %(part)s part-time") % {
            "full": statement.full_time,
            "part": statement.part_time,
        }
    if subject == WorkSubject.BUDGET:
        return _("%(amount)s × 10,000 yuan (%(year)s)") % {
            "amount": f"{statement.amount:,.2f}".rstrip("0").rstrip("."),
            "year": statement.year,
        }
    if subject in WORK_FACTS:
        return _("Yes") if statement.yes else _("No")
    if subject == WorkSubject.DEPARTMENT:
        people = [
            f"{each.get_post_display()} {each.name}"
            for post in (Holding.Post.DEPARTMENT_HEAD, Holding.Post.LIAISON_OFFICER)
            for each in holdings
            if each.post == post
        ]
        return f"{statement.text} · {listed(people)}" if people else statement.text
    return statement.text.replace("\n", " ")


def narrowed(rows: Iterable[WorkRow], *, state: str = "", subject: str = "") -> list[WorkRow]:
    """Rows with a cell in that state (``gap``: in any but settled), of that subject where one is named."""

    def fits(row: WorkRow) -> bool:
        cells = [cell for cell in row.cells if not subject or cell.subject == subject]
        if not state:
            return True
        return any(cell.is_gap if state == "gap" else cell.state == state for cell in cells)

    return [row for row in rows if fits(row)]


@dataclass(frozen=True)
class WorkTally:
    """How many federations have settled a subject, of how many."""

    subject: WorkSubject
    settled: int
    of: int


def tally_of(rows: Sequence[WorkRow]) -> list[WorkTally]:
    return [
        WorkTally(subject, sum(not row.cell(subject).is_gap for row in rows), len(rows))
        for subject in WORK_COLUMNS
    ]


# --- The history of one federation -------------------------------------------------------------------
@dataclass(frozen=True)
class WorkMoment:
    """Something that began or was confirmed, on the timeline of a federation."""

    on: dt.date
    until: dt.date | None
    label: str
    words: str
    statement: WorkStatement | None = None


def timeline_of(user: Any, federation: Federation) -> list[WorkMoment]:
    """Who was in charge when, and what was stated and confirmed; newest first, four queries."""
    moments = [
        WorkMoment(each.since, each.until, str(each.get_post_display()), words_of_leader(each))
        for each in Holding.objects.visible_to(user).filter(federation=federation)
        if each.until is None or each.until > each.since
    ]
    moments += [
        WorkMoment(each.since, each.until, str(each.get_subject_display()), words_of(each), each)
        for each in statements_of(user, federation)
        if each.corrected_at is None and each.subject != WorkSubject.LEADER
    ]
    moments += [
        WorkMoment(each.on, None, _("Confirmed without change"), each.by_name)
        for each in WorkConfirmation.objects.visible_to(user).filter(federation=federation)
    ]
    return sorted(moments, key=lambda each: each.on, reverse=True)


def statements_of(user: Any, federation: Federation) -> QuerySet[WorkStatement]:
    """All that it ever stated, newest first; what was corrected as well."""
    return (
        WorkStatement.objects.visible_to(user)
        .filter(federation=federation)
        .select_related("federation", "holding", "corrected_by")
        .order_by("-since", "-stated_at", "-id")
    )


def statement_steps(user: Any, statement: WorkStatement) -> list[str]:
    """``correct`` what was stated wrongly, ``end`` what holds no more."""
    if statement.corrected_at is not None or not user.has_perm("reports.state_work", statement):
        return []
    return ["correct"] if statement.until is not None else ["correct", "end"]
