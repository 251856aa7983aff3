"""Opening sheets, saving answers, writing figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.federations.models import Federation
from platform_site.problems import FieldProblem, Invalid
from platform_site.text.clean import find_hostile

from . import queries
from .conditions import asked
from .models import Answer, Figure, FormVersion, Indicator, Question, Sheet
from .table_answers import TableError, kept_as_typed
from .values import NamedFile, Value, numbers_in, read


@dataclass(frozen=True)
class Conflict:
    """One question that somebody else answered since the caller read the sheet."""

    question: str
    label: str
    mine: Any
    theirs: Value
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class Saved:
    """Codes that were written, problems beside fields (written as typed), and what collided."""

    codes: tuple[str, ...]
    problems: tuple[FieldProblem, ...]
    conflicts: tuple[Conflict, ...]


@transaction.atomic
def open_sheet(
    form_version: FormVersion,
    *,
    federation: Federation,
    period: str = "",
    period_start: dt.date | None = None,
) -> Sheet:
    """A blank sheet. The version of the form is frozen by its first use."""
    if form_version.frozen_at is None:
        FormVersion.objects.filter(pk=form_version.pk, frozen_at=None).update(
            frozen_at=timezone.now()
        )
    return Sheet.objects.create(
        form_version=form_version, federation=federation, period=period, period_start=period_start
    )


@transaction.atomic
def save_answers(
    sheet: Sheet,
    changes: Mapping[str, Any],
    *,
    by: Any,
    version: int,
    base: int,
    strict: bool,
    at: dt.datetime,
    files: Mapping[str, NamedFile] | None = None,
) -> Saved:
    """Merge ``changes`` (raw value by question code) into the sheet, as its new ``version``.

    A question changed after ``base`` (by anybody, in another window too) is not written but returned as a conflict;
    the other questions are. The caller holds the lock and has checked that ``by`` may write.

    ``strict`` (REST): anything unreadable raises Invalid with one problem a field and nothing is
    written. Otherwise (pages) what was typed is kept beside its problem, so that nobody loses it.
    Questions that the form does not have are refused either way. ``files``: those that answers may name, by
    id.
    """
    questions = {question.code: question for question in queries.questions_of(sheet.form_version)}
    problems = [
        FieldProblem(f"/answers/{code}", "unknown_question", _("The form has no such question."))
        for code in changes
        if code not in questions
    ]
    if problems:
        raise Invalid("unknown_question", _("The form has no such question."), fields=problems)

    existing = queries.answers_of(sheet)
    written: list[Answer] = []
    conflicts: list[Conflict] = []
    for code, raw in changes.items():
        question, before = questions[code], existing.get(code)
        understood = _read(question, raw, strict, problems, files)
        if understood is None:
            continue
        value, typed = understood
        if before and (before.value, before.typed) == (value, typed):
            continue
        if before is None and value is None and not typed:
            continue
        if before and before.version > base:
            conflicts.append(
                Conflict(
                    code,
                    str(question),
                    raw,
                    before.value,
                    before.changed_by.name,
                    before.changed_at,
                )
            )
            continue
        written.append(
            Answer(
                sheet=sheet,
                question=question,
                value=value,
                typed=typed,
                version=version,
                changed_by=by,
                changed_at=at,
            )
        )
    if strict and problems:
        raise Invalid("answers_invalid", _("Some answers cannot be read."), fields=problems)
    if written:
        Answer.objects.bulk_create(
            written,
            update_conflicts=True,
            unique_fields=["sheet", "question"],
            update_fields=["value", "typed", "version", "changed_by", "changed_at"],
        )
        Sheet.objects.filter(pk=sheet.pk).update(version=version)
        sheet.version = version
    return Saved(
        tuple(answer.question.code for answer in written), tuple(problems), tuple(conflicts)
    )


def _read(
    question: Question,
    raw: Any,
    strict: bool,
    problems: list[FieldProblem],
    files: Mapping[str, NamedFile] | None,
) -> tuple[Value, str] | None:
    """The value, or what was typed where it cannot be read; None where neither may be kept."""
    try:
        return read(question, raw, files), ""
    except TableError as error:
        problems.extend(
            FieldProblem(f"/answers/{question.code}/{each.row}/{each.column}", each.code, message)
            for each, message in zip(error.cells, error.messages, strict=True)
        )
    except ValidationError as error:
        first = error.error_list[0]
        problems.append(
            FieldProblem(
                f"/answers/{question.code}", first.code or "invalid", " ".join(error.messages)
            )
        )
    if question.kind == Question.Kind.TABLE:
        typed = kept_as_typed(question, raw) if not strict and isinstance(raw, str) else None
        return (None, typed) if typed and not find_hostile(typed) else None
    # Text is never kept as "typed": it is refused only when hostile or far too long, and then the
    # page still shows it. A short misread number or date is.
    keep = (
        not strict
        and isinstance(raw, str)
        and question.kind not in (Question.Kind.TEXT, Question.Kind.FILE)
        and len(raw) <= 200
        and raw.isprintable()
        and not find_hostile(raw)
    )
    return (None, raw) if keep else None


@transaction.atomic
def write_figures(sheet: Sheet, *, period_start: dt.date, period_end: dt.date | None = None) -> int:
    """Rewrite the sheet's figures from its answers, set-wise; returns how many there are.

    The days are the first and the last of the period that they are for; no end where there is no period.
    An unanswered question leaves no figure, nor does one that is not asked: not reported is blank, never zero.
    """
    sheet.figures.all().delete()
    answers = queries.answers_of(sheet)
    questions = queries.questions_of(sheet.form_version)
    here = asked(questions, {code: answer.value for code, answer in answers.items()})
    numbers = {
        indicator: number
        for question in questions
        if question.code in here and question.code in answers
        for indicator, code in queries.figures_asked(question)
        if (number := numbers_in(question, answers[question.code].value).get(code)) is not None
    }
    indicators = Indicator.objects.in_bulk(numbers, field_name="code") if numbers else {}
    figures = [
        Figure(
            sheet=sheet,
            federation_id=sheet.federation_id,
            indicator=indicators[code],
            period_start=period_start,
            period_end=period_end,
            number=number,
        )
        for code, number in numbers.items()
    ]
    Figure.objects.bulk_create(figures)
    return len(figures)
