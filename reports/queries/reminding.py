"""Who is late, who can be chased, and what the rules of a notice would say to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Count,
    Q,
)
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from platform_site.casework.deadlines import rule as rule_of
from platform_site.casework.ladder import falls_on, fill
from platform_site.casework.models import Duty, Ladder, Nudge, Rung
from platform_site.casework.queries import (
    DueDate,
    look_at,
    nudges_of,
    on_rungs,
    people_in_post,
    reached_by,
    today,
    work_calendar,
)
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation, Round

from ..deadlines import APPROVE_NOTICE, FILE_REPORT, ISSUE_NOTICE, RESUBMISSION, REVIEW, SIGN_FOR
from ..models import CircularList, Notice
from .notices import RecipientRow, addressees_of, recipient_rows


def late_federations(
    notice: Notice, on: dt.date | None = None, *, parent: Obligation | None = None
) -> list[Federation]:
    """Who owes the notice something whose day is past: not signed for, not filed, not sent again.

    Of the recipients themselves; with ``parent`` of those it was passed down to from there.
    """
    asked = Obligation.objects.filter(round__request=notice.pk, parent=parent)
    late = (
        Duty.objects.open()
        .filter(matter_id=notice.pk, due_on__lt=on or today())
        .filter(rule_code__in=[SIGN_FOR.code, FILE_REPORT.code, RESUBMISSION.code])
        .filter(federation__in=asked.values("federation"))
    )
    not_filed = asked.unsettled().filter(filed_at=None, on_time_until__lt=on or today())
    return list(
        Federation.objects.filter(
            Q(pk__in=late.values("federation")) | Q(pk__in=not_filed.values("federation"))
        ).order_by("position")
    )


@dataclass(frozen=True)
class LateRow:
    """A federation that can be chased, with what it owes and how often it was chased."""

    federation: Federation
    duty: Duty
    due: DueDate | None
    nudges: int


def late_rows(notice: Notice, user: Any, *, parent: Obligation | None = None) -> list[LateRow]:
    """Who can be chased for this notice: a line for each federation in the official order.

    Who is late with several of its rounds has one line, with what was due first: a nudge names them all.
    With ``parent`` those that it was passed down to from there.
    """
    if not Obligation.objects.visible_to(user).filter(round__request=notice.pk).exists():
        return []
    now = today()
    late = [federation.pk for federation in late_federations(notice, now, parent=parent)]
    duties = (
        Duty.objects.open()
        .filter(matter_id=notice.pk, federation__in=late)
        .filter(rule_code__in=[SIGN_FOR.code, FILE_REPORT.code, RESUBMISSION.code])
        .select_related("federation")
        .annotate(
            nudges=Count(
                "reminders__nudge", filter=Q(reminders__nudge__isnull=False), distinct=True
            )
        )
        .order_by("federation__position", "due_on", "pk")
    )
    rows: dict[int, LateRow] = {}
    for duty in duties:
        rows.setdefault(
            duty.federation_id,
            LateRow(
                federation=duty.federation,
                duty=duty,
                due=look_at(duty.due_on, now) if duty.due_on else None,
                nudges=duty.nudges,
            ),
        )
    return list(rows.values())


@dataclass(frozen=True)
class Punctuality:
    """One list of a circular: its heading, and the federations with the day that decided."""

    code: str
    label: str
    rows: tuple[RecipientRow, ...]

    @property
    def names(self) -> str:
        return "、".join(row.obligation.federation.short_zh for row in self.rows)


#: The groups of a round's recipients, in the order in which a circular names them.
PUNCTUALITY = (
    CircularList.ON_TIME,
    CircularList.LATE,
    CircularList.SILENT,
    CircularList.RUNNING,
    CircularList.WAIVED,
)


def group_of(owed: Obligation, *, late: bool) -> CircularList | None:
    """The one group that an obligation belongs to; None where it was cancelled with its notice."""
    if owed.cancelled_at:
        return None
    if owed.waived_at:
        return CircularList.WAIVED
    if owed.filed_at or owed.settled_at:
        return CircularList.LATE if late else CircularList.ON_TIME
    return CircularList.SILENT if late else CircularList.RUNNING


def punctuality(notice: Notice, user: Any, round: Round | None = None) -> list[Punctuality]:
    """On time, late, silent, waived, and those whose time still runs: as a circular (通报) names them."""
    groups: dict[CircularList, list[RecipientRow]] = {group: [] for group in PUNCTUALITY}
    for row in recipient_rows(notice, user, round):
        if (group := group_of(row.obligation, late=row.is_late)) is not None:
            groups[group].append(row)
    return [
        Punctuality(code.value, str(code.label), tuple(rows))
        for code, rows in groups.items()
        if rows
    ]


def own_ladder_of(notice: Notice) -> Ladder | None:
    """The notice's own rules of reminding; None while the default ones hold."""
    return Ladder.objects.filter(matter_id=notice.pk).first()


#: Duties of whoever asks; the others are the recipients'.
OF_THE_CENTRE = (APPROVE_NOTICE, ISSUE_NOTICE, REVIEW)


@dataclass(frozen=True)
class PreviewLine:
    """What one rule says to whom, on which day, at one recipient."""

    day: dt.date | None
    rule: Any
    rung: str
    climbed: bool
    people: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Preview:
    federation: Federation
    lines: tuple[PreviewLine, ...]


def preview(notice: Notice, rules: Iterable[Any], code: str) -> Preview | None:
    """The rules with a real recipient: the federation of this code, else the first addressee."""
    addressees = addressees_of(notice)
    if not addressees:
        return None
    federation = next((each for each in addressees if each.code == code), addressees[0])
    posts = people_in_post([federation.pk, notice.federation.pk], today())
    due_on = notice.round.due_on
    lines = []
    for given in rules:
        rule = rule_of(given.duty_rule)
        owner = notice.federation if rule in OF_THE_CENTRE else federation
        reached, people = reached_by(on_rungs(posts.get(owner.pk, []), rule.permission), given.rung)
        # Only what is filed hangs on the due date of the notice; the other dates come with the act.
        day = (
            falls_on(due_on, given.days, work_calendar())
            if due_on and rule is FILE_REPORT
            else None
        )
        values = {
            "name": people[0].name if people else "",
            "federation": owner.name,
            "what": rule.label,
            "title": notice.title,
            "due_on": date_format(due_on, "DATE_FORMAT") if due_on else "",
            "days_left": _days_left(given.days),
        }
        lines.append(
            PreviewLine(
                day=day,
                rule=given,
                rung=str(Rung(reached).label),
                climbed=reached != given.rung,
                people=tuple(person.name for person in people),
                text=fill(_text_for_reader(given), values),
            )
        )
    return Preview(federation, tuple(lines))


def _text_for_reader(rule: Any) -> str:
    """What a reader of this language would be sent: Chinese where no English was written."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    return str(rule.text_zh if chinese or not rule.text_en else rule.text_en)


def _days_left(days: int) -> str:
    if days == 0:
        return gettext("due today")
    if days < 0:
        return ngettext("%(n)s working day left", "%(n)s working days left", -days) % {"n": -days}
    return ngettext("late by %(n)s working day", "late by %(n)s working days", days) % {"n": days}


def nudges_for(notice: Notice, *, parent: Obligation | None = None) -> list[Nudge]:
    """The nudges of the notice's recipients; with ``parent`` of those it was passed down to from there."""
    asked = Obligation.objects.filter(round__request=notice.pk, parent=parent)
    return nudges_of(notice.pk, federations=asked.values("federation"))
