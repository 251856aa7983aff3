"""Answers that a page saves by itself, while somebody types."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from platform_site.problems import Refused, TooLarge, Unreadable
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import CHANGED
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.table_answers import cell_problems
from platform_site.questionnaires.values import control_value, in_words, typed_in

from ... import services
from ...models import Report
from . import common
from .posted import code_of, whole_number


@require_POST
def save_answers(request: HttpRequest, pk: Any) -> HttpResponse:
    """{"answers": {code: value}, "version": n} → what was kept, what was not, and what collided."""
    report = common.find_report(request, pk)
    answers: dict[str, Any] = {}
    try:
        answers, version = _read(request)
        saved = services.save_report(report, by=request.user, version=version, answers=answers)
    except Refused as refused:
        return _refused(refused, answers)
    now = sheets.answers_of(saved.report.sheet)
    collided = {conflict.question for conflict in saved.conflicts}
    questions = {code: answer.question for code, answer in now.items()}
    body = {
        "version": saved.report.version,
        "saved_at": timezone.now().isoformat(),
        "written": list(saved.codes),
        "problems": _by_code(saved.problems),
        "cells": _by_cell(questions.values(), answers),
        "conflicts": [
            {
                "code": conflict.question,
                "label": conflict.label,
                "mine": conflict.mine,
                "theirs": control_value(questions[conflict.question], now[conflict.question]),
                **_conflict_words(now[conflict.question], conflict.mine),
                "by": conflict.by,
                "at": conflict.at.isoformat(),
            }
            for conflict in saved.conflicts
        ],
        # What others changed meanwhile and this page did not touch: it is shown, never overwritten.
        "others": [
            {"code": code, "value": control_value(questions[code], answer)}
            for code, answer in now.items()
            if answer.version > version and code not in answers and code not in collided
        ],
        "sign_off_cleared": saved.sign_off_cleared,
        "notes": _notes(saved.report, now, set(answers)),
    }
    return JsonResponse(body)


def _notes(report: Report, now: Mapping[str, Any], sent: Collection[str]) -> dict[str, list[str]]:
    """Of what was just sent, what only the answers together or the last period can tell; by question."""
    questions = sheets.questions_of(report.sheet.form_version)
    notes: dict[str, list[str]] = {code: [] for code in sent}
    for found in sheets.comparisons_of(report.sheet, questions, now):
        if found.code == CHANGED and found.question in notes:
            notes[found.question].append(found.message)
    return notes


def _conflict_words(answer: Any, mine: Any) -> dict[str, str]:
    """Both sides as a reader sees them, where what travels is no text for readers."""
    question = answer.question
    sent = ",".join(map(str, mine)) if isinstance(mine, list) else str(mine or "")
    return {
        "mine_words": in_words(question, sent),
        "theirs_words": in_words(question, typed_in(question, answer)),
    }


def _read(request: HttpRequest) -> tuple[dict[str, Any], int]:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise TooLarge(
            "too_much_text", _("This is too much text at once. Shorten it, or attach it as a file.")
        ) from error
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", _("The answers cannot be read.")) from error
    answers = given.get("answers") if isinstance(given, dict) else None
    version = whole_number(given.get("version")) if isinstance(given, dict) else None
    if not isinstance(answers, dict) or version is None:
        raise Unreadable("not_answers", _("The answers cannot be read."))
    return answers, version


def _by_code(problems: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(code_of(problem), []).append(str(problem.message))
    return found


def _by_cell(
    questions: Iterable[Question], answers: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Of the tables among the answers: what is wrong, by question and then by “row/column”."""
    found = {
        question.code: {
            f"{row}/{column}": message
            for (row, column), message in cell_problems(question, answers[question.code]).items()
        }
        for question in questions
        if question.kind == Question.Kind.TABLE and isinstance(answers.get(question.code), str)
    }
    return {code: cells for code, cells in found.items() if cells}


def _refused(refused: Refused, answers: Mapping[str, Any]) -> HttpResponse:
    """Every answer that was sent has its message, so that the page does not send it on and on."""
    problems = _by_code(refused.fields) or {code: [str(refused.message)] for code in answers}
    body = {
        "code": refused.code,
        "status": refused.status,
        "title": str(refused.message),
        "detail": str(refused.message),
        "problems": problems,
    }
    return JsonResponse(body, status=refused.status, content_type="application/problem+json")
