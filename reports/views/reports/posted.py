"""What the form of a section sent, as one text an answer: with the page's script, and without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from platform_site.attachments.services import upload
from platform_site.problems import FieldProblem, Refused
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.table_answers import RowKey, typed_text
from platform_site.questionnaires.values import files_in, files_text

from ...models import Report
from ...services import named_file

#: More rows than any table has; a form with more was not made by our page.
MOST_ROWS = 500


def posted_answers(
    request: HttpRequest, report: Report, questions: Iterable[Question]
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed by question code, of what was sent at all; and why files were refused, by code.

    A table comes as its cells or, from the script, as JSON text; files as the ids that stay and the files
    themselves, which are kept here, or as JSON text.
    """
    typed: dict[str, str] = {}
    refused: dict[str, str] = {}
    for question in questions:
        code, name = question.code, f"answer-{question.code}"
        rows = request.POST.get(f"rows-{code}")
        if question.kind == Question.Kind.TABLE and rows is not None:
            typed[code] = _table(request, question, rows)
        elif question.kind == Question.Kind.FILE and rows is not None:
            typed[code], refused[code] = _files(request, report, question)
        elif question.kind == Question.Kind.CHOICES and f"was-{code}" in request.POST:
            typed[code] = ",".join(request.POST.getlist(name))
        elif name in request.POST:
            typed[code] = request.POST[name]
    return typed, {code: message for code, message in refused.items() if message}


def _table(request: HttpRequest, question: Question, rows: str) -> str:
    keys: list[RowKey] = [code for code, _label in question.table_rows()]
    if not keys:
        many = int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 4 else 0
        keys = list(range(min(many, MOST_ROWS)))
    codes = [column["code"] for column in question.columns]
    cells = (
        (key, {each: request.POST.get(f"cell-{question.code}-{key}-{each}", "") for each in codes})
        for key in keys
    )
    return typed_text(question, cells)


def _files(request: HttpRequest, report: Report, question: Question) -> tuple[str, str]:
    stays = set(request.POST.getlist(f"kept-{question.code}"))
    kept: list[Any] = [
        each
        for each in files_in(request.POST.get(f"answer-{question.code}", ""))
        if each["id"] in stays
    ]
    problems = []
    for file in request.FILES.getlist(f"file-{question.code}"):
        try:
            kept.append(
                named_file(upload(file, by=request.user, name=file.name or "", owner=report))
            )
        except Refused as refusal:
            problems.append(f"{file.name}: {refusal.message}")
    return files_text(kept), " ".join(problems)


def code_of(problem: FieldProblem) -> str:
    """The question that a problem of an answer is about, also where it is one cell of a table."""
    return problem.pointer.removeprefix("/answers/").partition("/")[0]


def whole_number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
    return value if isinstance(value, int) and 0 <= value < 2**31 else None
