"""The cascade: passing a notice down, taking that back, and taking over what was filed below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.models import Nudge, Rung
from platform_site.casework.workflow import check_version, lock
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.questionnaires.building import extend_version
from platform_site.questionnaires.values import plain
from platform_site.text.words import listed

from ..deadlines import FILE_REPORT, RESUBMISSION, REVIEW, SIGN_FOR
from ..models import Asks, Notice, PassDown, Report, TakenFigure
from ..queries import RollUpLine, form_asked_of, late_federations, roll_up
from .filling import open_to_filling, save_report
from .notices import _check_running, duty_title
from .reminding import OWED

#: The section of the questions that were added, by its Chinese and English name.
OWN_SECTION = ("补充填报", "Additional questions")


@transaction.atomic
def pass_down(
    obligation: Obligation,
    *,
    by: User,
    recipients: Iterable[Federation],
    due_on: dt.date | None = None,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    instructions: str = "",
    questions: Sequence[dict[str, Any]] = (),
    at: dt.datetime | None = None,
) -> PassDown:
    """下发: ask federations directly below for what one's own owes; they sign for it and file with one's own.

    ``questions`` are asked beside those of the notice, each as a question of a form (``kind``, ``name_zh`` …)
    without a code. Instructions and questions stay as they are from now on (:func:`pass_further`).
    """
    at = at or timezone.now()
    owed = lock(obligation)
    notice = _running_notice(owed, by=by, at=at)
    if PassDown.objects.filter(obligation=owed).exists():
        raise StepNotOpen(
            "passed_down_already",
            _("It was passed down already; pass it down to further federations instead."),
        )
    children = obligations.pass_down(
        owed,
        recipients,
        by=by,
        due_on=due_on,
        on_time_until=on_time_until,
        locks_on=locks_on,
        at=at,
    )
    passed = PassDown.objects.create(
        obligation=owed,
        federation=owed.federation,
        due_on=due_on,
        on_time_until=children[0].on_time_until,
        locks_on=children[0].locks_on,
        instructions=instructions.strip(),
        form_version=_with_questions(owed, questions, by=by),
        by=by,
        by_name=by.name,
        at=at,
    )
    _ask(passed, children, notice, by=by, at=at)
    return passed


@transaction.atomic
def pass_further(
    passed: PassDown,
    *,
    by: User,
    version: int,
    recipients: Iterable[Federation],
    due_on: dt.date | None = None,
    on_time_until: dt.date | None = None,
    locks_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> PassDown:
    """Ask further federations the same; dates that are given hold for these alone."""
    at = at or timezone.now()
    owed = lock(passed.obligation)
    notice = _running_notice(owed, by=by, at=at)
    fresh = lock(passed)
    check_version(fresh, version)
    same = due_on is None
    children = obligations.pass_down(
        owed,
        recipients,
        by=by,
        due_on=fresh.due_on if same else due_on,
        on_time_until=on_time_until or (fresh.on_time_until if same else None),
        locks_on=locks_on or fresh.locks_on,
        at=at,
    )
    fresh.version += 1
    fresh.save(update_fields=["version"])
    _ask(fresh, children, notice, by=by, at=at)
    return fresh


def _running_notice(owed: Obligation, *, by: User, at: dt.datetime) -> Notice:
    notice = Notice.objects.with_request().get(pk=owed.round.request_id)
    obligations.check_passes_down(owed, by, on=timezone.localdate(at))
    _check_running(notice)
    return notice


def _with_questions(owed: Obligation, questions: Sequence[dict[str, Any]], *, by: User) -> Any:
    """The form with these questions behind it; None where there are none."""
    if not questions:
        return None
    base = form_asked_of(owed)
    if base is None:
        message = _("This notice asks for nothing but signing for it: no question can be added.")
        raise Invalid(
            "nothing_asked", message, fields=[FieldProblem("/questions", "nothing_asked", message)]
        )
    chinese, english = OWN_SECTION
    return extend_version(
        base,
        list(questions),
        by=by,
        name_zh=f"{owed.federation.short_zh}{chinese}",
        name_en=f"{owed.federation.short_en}: {english.lower()}",
    )


def _ask(
    passed: PassDown, children: list[Obligation], notice: Notice, *, by: User, at: dt.datetime
) -> None:
    """Each is to sign for it, or to go on where it had signed for it before it was taken back."""
    title = duty_title(notice, passed.obligation.round.period)
    signed = [child for child in children if child.signed_for_at]
    duties.start_many(
        [(child, child.federation_id) for child in children if not child.signed_for_at],
        SIGN_FOR,
        by=by,
        title=title,
        matter=notice.pk,
        remind_until=children[0].locks_on,
        at=at,
    )
    for child in signed:
        if notice.asks != Asks.NOTHING:
            duties.start(
                child,
                FILE_REPORT,
                by=by,
                federation=child.federation,
                title=title,
                due_on=child.due_on,
                matter=notice.pk,
                remind_until=child.locks_on,
                at=at,
            )
    for child in children:
        notify(
            holders_of("obligations.sign_for", child.federation),
            "reports/notice_passed_down",
            subject=child,
            context={"notice": notice, "obligation": child, "passed": passed, "by": by},
            reason=passed.instructions,
            key=f"notice-passed-down:{child.pk}:{child.version}",
            at=at,
        )


@transaction.atomic
def take_back(
    obligation: Obligation, *, by: User, version: int, reason: str, at: dt.datetime | None = None
) -> Obligation:
    """Take back what was passed down to one federation, with the reason; nothing that was filed."""
    at = at or timezone.now()
    ended = obligations.take_back(obligation, by=by, version=version, reason=reason, at=at)
    tell_ended(ended, by=by, reason=reason.strip(), at=at)
    return ended[0]


def end_passed_down(obligation: Obligation, *, by: User, reason: str, at: dt.datetime) -> None:
    """What was passed down from it ends with it; what was filed stays readable."""
    tell_ended(obligations.end_passed_down(obligation, at=at), by=by, reason=reason, at=at)


def tell_ended(ended: Collection[Obligation], *, by: User, reason: str, at: dt.datetime) -> None:
    """End the duties of these obligations, which are not owed any more, and tell their federations."""
    if not ended:
        return
    owed = Obligation.objects.filter(pk__in=[each.pk for each in ended])
    duties.cancel_many(owed, SIGN_FOR, FILE_REPORT, by=by, at=at)
    filed = Report.objects.filter(obligation__in=owed)
    duties.cancel_many(filed, RESUBMISSION, REVIEW, by=by, at=at)
    notice = Notice.objects.with_request().get(pk=next(iter(ended)).round.request_id)
    for each in ended:
        notify(
            holders_of("obligations.sign_for", each.federation),
            "reports/obligation_taken_back",
            subject=each,
            context={"notice": notice, "obligation": each, "by": by},
            reason=reason,
            key=f"obligation-taken-back:{each.pk}:{each.version}",
            at=at,
        )


@transaction.atomic
def chase_lower(
    obligation: Obligation,
    *,
    by: User,
    federations: Collection[Federation],
    sentence: str = "",
    up_to: int = Rung.OFFICER,
    id: UUID | None = None,
    at: dt.datetime | None = None,
) -> Nudge:
    """催办: whoever passed the notice down reminds those who are late, as the centre does its own recipients."""
    if not by.has_perm("obligations.pass_down", obligation):
        raise NotAllowed("not_yours", _("Only whoever passed it down chases for it."))
    notice = Notice.objects.with_request().get(pk=obligation.round.request_id)
    _check_running(notice)
    if id and (again := Nudge.objects.filter(pk=id, by=by, matter_id=notice.pk).first()):
        return again
    late = {federation.pk for federation in late_federations(notice, parent=obligation)}
    foreign = [each.name for each in federations if each.pk not in late]
    if foreign:
        message = _("Not late: %(names)s.") % {"names": listed(foreign)}
        raise Invalid(
            "not_late", message, fields=[FieldProblem("/federations", "not_late", message)]
        )
    return duties.chase(
        notice.pk,
        *OWED,
        federations={each.pk for each in federations},
        by=by,
        sentence=sentence,
        up_to=up_to,
        id=id,
        at=at,
    )


@transaction.atomic
def take_over_figures(
    report: Report,
    *,
    by: User,
    version: int,
    questions: Collection[str] | None = None,
    at: dt.datetime | None = None,
) -> Report:
    """采用: answer these questions (all that can be, where none are named) with what the lower tier adds up to.

    It becomes an ordinary answer; the report keeps which number of which report went into it. A question
    without a figure from below is refused, beside its name. Raises Invalid, NotAllowed, StepNotOpen, Stale.
    """
    at = at or timezone.now()
    fresh = open_to_filling(lock(report), by=by)
    check_version(fresh, version)
    found = roll_up(fresh, by)
    lines = found.by_code() if found else {}
    if questions is None:
        wanted = list(lines.values())
    else:
        problems = _cannot_take(list(questions), lines)
        if problems:
            raise Invalid(
                "nothing_to_take_over", _("Nothing can be taken over here."), fields=problems
            )
        wanted = [lines[code] for code in dict.fromkeys(questions)]
    figures = [(line, line.value) for line in wanted if line.value is not None]
    if not figures:
        raise Invalid(
            "nothing_to_take_over",
            _("Nobody below has reported a figure that could be taken over."),
        )
    saved = save_report(
        fresh,
        by=by,
        version=version,
        answers={line.question.code: plain(value) for line, value in figures},
        strict=True,
        at=at,
    )
    for line, value in figures:
        TakenFigure.objects.update_or_create(
            report=fresh,
            question=line.question.code,
            defaults={
                "rule": line.rule,
                "number": value,
                "asked": line.asked,
                "sources": [source.kept() for source in line.sources],
                "by": by,
                "by_name": by.name,
                "at": at,
            },
        )
    audit.record(
        "reports.report.take_over",
        saved.report,
        by=by,
        at=at,
        federation=saved.report.federation,
        facts={"questions": sorted(line.question.code for line, _value in figures)},
    )
    return saved.report


def _cannot_take(questions: list[str], lines: dict[str, RollUpLine]) -> list[FieldProblem]:
    problems = []
    for place, code in enumerate(questions):
        line = lines.get(code)
        if line is None:
            message = _("No figure from below belongs to this question.")
        elif line.value is None:
            message = _("“%(question)s”: nobody below has reported it, or it is not combined.") % {
                "question": line.question
            }
        else:
            continue
        problems.append(FieldProblem(f"/questions/{place}", "nothing_to_take_over", message))
    return problems
