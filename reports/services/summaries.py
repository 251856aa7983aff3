"""Summing up a notice: beginning, drawing paragraphs from what was accepted, arranging, freezing editions."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.documents.models import NumberSeries
from platform_site.documents.services import take_number
from platform_site.obligations.models import Round
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Refused, StepNotOpen

from ..models import Notice, Summary, SummaryEdition, SummaryPart
from ..models.summaries import MOST_QUESTIONS
from ..queries.adding_up import indicators_of
from ..queries.exhibits import Exhibit, exhibit_problems
from ..queries.rounds import form_version_of, round_of
from ..queries.summaries import (
    accepted_versions,
    drawn,
    obligations_to_sum,
    summary_content,
    text_questions,
    to_draw,
    usual_questions,
)
from ..workflow import NoticeState

#: A notice that is out, or was: its summary may still be finished after the round is closed.
SUMMED_UP = (NoticeState.ISSUED, NoticeState.CLOSED)


def cannot_sum_up(notice: Notice, by: User) -> Refused | None:
    """Why this person cannot sum this notice up; None when nothing speaks against it."""
    if not by.has_perm("reports.summarise", notice):
        return NotAllowed("not_yours", _("Only those who asked sum up what was filed."))
    if notice.state not in SUMMED_UP:
        return StepNotOpen(
            "notice_not_open",
            _("The notice is “%(state)s”; there is nothing to sum up.")
            % {"state": notice.get_state_display()},
        )
    if notice.month_year is not None:
        return StepNotOpen(
            "history", _("What was filed for this notice was never recorded here: it stays blank.")
        )
    if notice.form_version is None:
        return StepNotOpen(
            "asks_nothing", _("The notice asks for no report, so there is nothing to sum up.")
        )
    return None


def _locked(summary: Summary, by: User) -> Summary:
    fresh = lock(summary)
    if refused := cannot_sum_up(fresh.notice, by):
        raise refused
    return fresh


@transaction.atomic
def start_summary(
    notice: Notice,
    *,
    by: User,
    period: str = "",
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Summary:
    """The one summary of this round of the notice (default: its newest), with a paragraph for each accepted report; begun before, as it is."""
    at = at or timezone.now()
    # Two who begin at once wait for each other here, and the second meets what the first began.
    notice = lock(notice)
    if refused := cannot_sum_up(notice, by):
        raise refused
    round = round_of(notice, period)
    if round is None:
        message = _("The notice has no round of this period.")
        raise Invalid("no_round", message, fields=[FieldProblem("/period", "unknown", message)])
    if begun := Summary.objects.filter(round=round).first():
        return begun
    if id and Summary.objects.filter(pk=id).exists():
        message = _("This id belongs to another summary.")
        raise Invalid("id_taken", message, fields=[FieldProblem("/id", "taken", message)])
    summary = Summary.objects.create(
        id=id or uuid.uuid4(),
        notice=notice,
        round=round,
        title=_summary_title(notice, round),
        questions=usual_questions(form_version_of(notice, round)),
        started_by=by,
        started_at=at,
        changed_by=by,
        changed_at=at,
    )
    _draw(summary, again=())
    audit.record("reports.summary.start", summary, by=by, at=at, federation=summary.federation)
    return summary


def _summary_title(notice: Notice, round: Round) -> str:
    """《…的通知》2026年第三季度报送情况汇总, without what makes it longer than a title may be. Part of a document,
    so not translated."""
    with translation.override(settings.LANGUAGE_CODE):
        ending = f"{round.period_label}报送情况汇总"
    room = 150 - len(ending) - 2
    return f"《{notice.title[:room]}》{ending}"


@transaction.atomic
def edit_summary(
    summary: Summary,
    *,
    by: User,
    version: int,
    title: str | None = None,
    remark: str | None = None,
    questions: Iterable[str] | None = None,
    order: Iterable[str] | None = None,
    exhibits: Iterable[Exhibit] | None = None,
    at: dt.datetime | None = None,
) -> Summary:
    """Change title, remark, what paragraphs are drawn from, their order, tables and charts.

    What is not given stays. Other questions draw those paragraphs anew that nobody has edited. ``order``
    names federations by code; those that it does not name follow in the official order.
    """
    fresh = _locked(summary, by)
    check_version(fresh, version)
    problems = []
    if title is not None and not title.strip():
        problems.append(FieldProblem("/title", "required", _("Give the summary a title.")))
    chosen = fresh.questions if questions is None else list(dict.fromkeys(questions))
    known = {each.code for each in text_questions(form_version_of(fresh.notice, fresh.round))}
    if unknown := [code for code in chosen if code not in known]:
        problems.append(
            FieldProblem(
                "/questions",
                "unknown_question",
                _("The form asks for no text called “%(code)s”.") % {"code": unknown[0]},
            )
        )
    if len(chosen) > MOST_QUESTIONS:
        message = _("Choose at most %(n)s questions.") % {"n": MOST_QUESTIONS}
        problems.append(FieldProblem("/questions", "too_many", message))
    codes = _codes_of(fresh)
    shown = fresh.exhibits if exhibits is None else [dict(each) for each in exhibits]
    if exhibits is not None:
        indicators = [
            each.code for each in indicators_of(form_version_of(fresh.notice, fresh.round))
        ]
        problems += exhibit_problems(shown, indicators, codes)
    placed = None if order is None else list(order)
    problems += _order_problems(placed or [], codes)
    if problems:
        raise Invalid("summary_invalid", _("The summary cannot be kept."), fields=problems)
    if title is not None:
        fresh.title = title.strip()
    if remark is not None:
        fresh.remark = remark.strip()
    fresh.exhibits = shown
    if placed is not None:
        _place(fresh, placed)
    redraw = set(chosen) != set(fresh.questions)
    fresh.questions = chosen
    _changed(fresh, by=by, at=at)
    if redraw:
        untouched = SummaryPart.objects.filter(summary=fresh, edited_by=None)
        codes = list(untouched.values_list("obligation__federation__code", flat=True))
        _draw(fresh, again=codes)
    audit.record("reports.summary.edit", fresh, by=by, at=at, federation=fresh.federation)
    return fresh


def _codes_of(summary: Summary) -> list[str]:
    parts = SummaryPart.objects.filter(summary=summary)
    return list(parts.values_list("obligation__federation__code", flat=True))


def _order_problems(order: list[str], codes: list[str]) -> list[FieldProblem]:
    if unknown := [code for code in order if code not in codes]:
        message = _("There is no paragraph of “%(code)s”.") % {"code": unknown[0]}
        return [FieldProblem("/order", "no_paragraph", message)]
    if len(set(order)) < len(order):
        return [FieldProblem("/order", "repeated", _("Name each federation once."))]
    return []


def _place(summary: Summary, order: list[str]) -> None:
    """Number the paragraphs: those named in their order, the others behind them on one place."""
    places = {code: place for place, code in enumerate(order, 1)}
    parts = list(
        SummaryPart.objects.filter(summary=summary).select_related("obligation__federation")
    )
    for part in parts:
        part.position = places.get(part.obligation.federation.code, len(order) + 1)
    SummaryPart.objects.bulk_update(parts, ["position"])


def _changed(summary: Summary, *, by: User, at: dt.datetime | None) -> None:
    summary.changed_by, summary.changed_at = by, at or timezone.now()
    summary.version += 1
    summary.save()


def _draw(summary: Summary, *, again: Iterable[str]) -> int:
    """Draw a paragraph where there is none, and those of ``again`` anew; returns how many were drawn."""
    owed = obligations_to_sum(summary.round)
    versions = accepted_versions(owed)
    kept = {each.obligation_id: each for each in SummaryPart.objects.filter(summary=summary)}
    again = set(again)
    # What is taken in later stands behind what somebody has put in order; else in the official order.
    highest = max((part.position for part in kept.values()), default=0)
    last = highest + 1 if highest else 0
    fresh: list[SummaryPart] = []
    redrawn: list[SummaryPart] = []
    for each in owed:
        if each.pk not in versions:
            continue
        part = kept.get(each.pk)
        if part is not None and each.federation.code not in again:
            continue
        version = versions[each.pk]
        text = drawn(version, summary.questions)
        if part is None:
            fresh.append(
                SummaryPart(
                    summary=summary, obligation=each, source=version, text=text, position=last
                )
            )
        else:
            part.source, part.text = version, text
            part.edited_by = part.edited_at = None
            part.version += 1
            redrawn.append(part)
    SummaryPart.objects.bulk_create(fresh)
    SummaryPart.objects.bulk_update(
        redrawn, ["source", "text", "edited_by", "edited_at", "version"]
    )
    return len(fresh) + len(redrawn)


@transaction.atomic
def draw_parts(
    summary: Summary, *, by: User, version: int, at: dt.datetime | None = None
) -> tuple[Summary, int]:
    """Take in what was accepted since: a paragraph for each report that has none, or a newer version."""
    fresh = _locked(summary, by)
    check_version(fresh, version)
    many = _draw(fresh, again=to_draw(summary_content(fresh)))
    if many:
        _changed(fresh, by=by, at=at)
        audit.record(
            "reports.summary.draw",
            fresh,
            by=by,
            at=at,
            federation=fresh.federation,
            facts={"paragraphs": many},
        )
    return fresh, many


@transaction.atomic
def edit_part(
    part: SummaryPart,
    *,
    by: User,
    version: int,
    text: str | None = None,
    left_out: str | None = None,
    at: dt.datetime | None = None,
) -> SummaryPart:
    """Write the paragraph of one federation, or leave its report out with a reason; what is not given stays.

    The paragraph stays beside the version it was drawn from. What is left out counts in no total, and the
    summary names it with the reason; an empty reason takes it in again.
    """
    summary = _locked(part.summary, by)
    fresh = lock(part)
    check_version(fresh, version)
    wanted = fresh.text if text is None else text.strip()
    reason = fresh.left_out if left_out is None else left_out.strip()
    if text is not None and not wanted:
        message = _("Write the paragraph, or draw it from the report again.")
        raise Invalid("part_empty", message, fields=[FieldProblem("/text", "required", message)])
    if (wanted, reason) == (fresh.text, fresh.left_out):
        return fresh  # looked at and left as it is: later questions still reach it
    moved = reason != fresh.left_out
    if wanted != fresh.text:
        fresh.text = wanted
        fresh.edited_by, fresh.edited_at = by, at or timezone.now()
    fresh.left_out = reason
    fresh.version += 1
    fresh.save()
    _changed(summary, by=by, at=at)
    audit.record(
        "reports.summary.edit_part",
        summary,
        by=by,
        at=at,
        note=reason if moved else "",
        federation=summary.federation,
        facts={"federation": fresh.obligation.federation.code, "left_out": bool(reason)},
    )
    return fresh


@transaction.atomic
def redraw_part(
    part: SummaryPart, *, by: User, version: int, at: dt.datetime | None = None
) -> SummaryPart:
    """Throw the editing of one paragraph away and draw it from the accepted version again."""
    summary = _locked(part.summary, by)
    fresh = lock(part)
    check_version(fresh, version)
    _draw(summary, again=[fresh.obligation.federation.code])
    _changed(summary, by=by, at=at)
    audit.record(
        "reports.summary.redraw_part",
        summary,
        by=by,
        at=at,
        federation=summary.federation,
        facts={"federation": fresh.obligation.federation.code},
    )
    return SummaryPart.objects.get(pk=fresh.pk)


@transaction.atomic
def freeze_summary(
    summary: Summary,
    *,
    by: User,
    version: int,
    note: str = "",
    series: NumberSeries | None = None,
    at: dt.datetime | None = None,
) -> SummaryEdition:
    """Keep the summary as it stands as the next numbered edition, which nobody changes any more.

    With ``series`` the edition takes that series' next document number, in the same transaction.
    """
    at = at or timezone.now()
    fresh = _locked(summary, by)
    check_version(fresh, version)
    content = summary_content(fresh)
    if waiting := to_draw(content):
        raise StepNotOpen(
            "parts_missing",
            ngettext(
                "%(n)s accepted report is not taken in yet: take it in first.",
                "%(n)s accepted reports are not taken in yet: take them in first.",
                len(waiting),
            )
            % {"n": len(waiting)},
        )
    if not content["parts"]:
        raise StepNotOpen(
            "nothing_accepted", _("No report is accepted yet: there is nothing to freeze.")
        )
    last = SummaryEdition.objects.filter(summary=fresh).aggregate(last=Max("number"))["last"] or 0
    edition = SummaryEdition(
        summary=fresh,
        number=last + 1,
        content=content,
        note=note.strip(),
        frozen_by=by,
        frozen_by_name=by.name,
        frozen_at=at,
    )
    if series is not None:
        if series.federation_id != fresh.federation_id:
            message = _("This series is another body's.")
            raise Invalid(
                "series_foreign", message, fields=[FieldProblem("/series", "foreign", message)]
            )
        day = timezone.localdate(at)
        number = take_number(series, by=by, subject=fresh.title, on=day, of=edition, at=at)
        edition.number_word, edition.number_year = number.word, number.year
        edition.number_no = number.no
    edition.save(force_insert=True)
    _changed(fresh, by=by, at=at)
    audit.record(
        "reports.summary.freeze",
        fresh,
        by=by,
        at=at,
        note=note.strip(),
        federation=fresh.federation,
        facts={"edition": edition.number},
    )
    return edition
