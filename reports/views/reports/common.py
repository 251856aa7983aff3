"""What the pages of a report share: finding it, its frame, and showing answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from platform_site.casework.queries import today
from platform_site.problems import FieldProblem, NotAllowed, Refused
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.values import show
from platform_site.text.compare import segments

from ...models import Comment, Report
from ...queries import comments_for, due_of, unit_of, worded
from ...services.reports import OPEN_TO_FILLING
from ...workflow import REPORT, ReportState


def reports_for(request: HttpRequest) -> QuerySet[Report]:
    """The reports this person may see, with what every page of one shows."""
    return (
        Report.objects.visible_to(request.user)
        .with_context()
        .select_related("sheet__form_version__form", "prepared_by", "obligation__leader")
    )


def find_report(request: HttpRequest, pk: Any) -> Report:
    """The report, or 404: out of scope is the same as missing."""
    return get_object_or_404(reports_for(request), pk=pk)


def require_filler(request: HttpRequest, report: Report) -> None:
    if not request.user.has_perm("reports.fill_report", report):
        raise NotAllowed("not_yours", _("Only the federation itself fills in its report."))


def is_open(report: Report) -> bool:
    return report.state in OPEN_TO_FILLING


def frame(report: Report) -> dict[str, Any]:
    """What the bar above every page of a report shows."""
    obligation = report.obligation
    open_still = obligation.filed_at is None and obligation.cancelled_at is None
    return {
        "report": report,
        "notice": report.notice,
        "due": due_of(obligation) if open_still else None,
        "is_late": obligation.is_late(today()),
    }


def may_review(report: Report, user: Any) -> bool:
    """May this person decide on it now? Accepting and returning have the same conditions."""
    return REPORT.refusal(report, "return", user) is None


def find_comment(request: HttpRequest, pk: Any) -> tuple[Report, Comment]:
    """A comment that this person may read already, with its report; else 404."""
    visible = Comment.objects.filter(
        report_version__report__in=Report.objects.visible_to(request.user)
    )
    comment = get_object_or_404(visible.select_related("report_version"), pk=pk)
    report = find_report(request, comment.report_version.report_id)
    readable = {each.pk for each in comments_for(report, request.user)}
    if comment.pk not in readable:
        get_object_or_404(Comment.objects.none())
    return report, comment


# --- Answers, as a page shows them ------------------------------------------------------------


def shown_value(question: Mapping[str, Any]) -> str:
    """The value in words, a number with its unit."""
    value = show(question, question["value"])
    unit = unit_of(question) if value and question["kind"] == "number" else ""
    return f"{value} {unit}".strip()


def shown(
    content: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    comments: Iterable[Comment] = (),
    doubts: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The sections of a content with their answers, each with what belongs beside it.

    With ``before``, an earlier content, each answer has the pieces that changed since.
    """
    pinned: dict[str, list[Comment]] = {}
    for comment in comments:
        pinned.setdefault(comment.question, []).append(comment)
    doubted: dict[str, list[str]] = {}
    for doubt in doubts:
        doubted.setdefault(doubt["question"], []).append(doubt["message"])
    former = {
        question["code"]: shown_value(question)
        for section in (before or {}).get("sections", [])
        for question in section["questions"]
    }
    sections = []
    for section in content.get("sections", []):
        answers = []
        for question in section["questions"]:
            code, value = question["code"], shown_value(question)
            answer = {
                "code": code,
                "label": worded(question),
                "kind": question["kind"],
                "value": value,
                "comments": pinned.get(code, []),
                "doubts": doubted.get(code, []),
            }
            if before is not None:
                was = former.get(code, "")
                answer["changed"] = was != value
                answer["old"], answer["new"] = segments(was, value)
            answers.append(answer)
        sections.append({"code": section["code"], "label": worded(section), "answers": answers})
    return sections


# --- Refusals beside fields -------------------------------------------------------------------


def refuse_form(form: BaseForm, refused: Refused) -> None:
    """Put what a service refused beside the fields of the form, else above it."""
    placed = False
    for problem in refused.fields:
        name = problem.pointer.strip("/").partition("/")[0]
        target = name if name in form.fields and not form.fields[name].widget.is_hidden else None
        form.add_error(target, str(problem.message))
        placed = True
    if not placed:
        form.add_error(None, str(refused.message))


def links_to(
    report: Report, problems: Iterable[FieldProblem], questions: Mapping[str, Question]
) -> list[dict[str, str]]:
    """Lines of an error summary, each leading to where it is mended; ``questions`` by code."""
    lines = []
    for problem in problems:
        kind, _slash, rest = problem.pointer.strip("/").partition("/")
        target = label = ""
        if kind == "answers" and rest in questions:
            question = questions[rest]
            target = reverse("report-section", args=[report.pk, question.section.code])
            target += f"#id_answer-{rest}_field"
            # Messages of the checks name their question, those of reading a value do not.
            label = "" if str(question) in str(problem.message) else str(question)
        elif kind == "sign_off":
            target = reverse("report-sign-off", args=[report.pk])
        elif kind == "comments":
            target = reverse("report-fill", args=[report.pk]) + f"#comment-{rest}"
        elif kind in {"explanation", "nothing_reason"}:
            target = f"#id_{kind}"
        lines.append({"label": label, "message": str(problem.message), "target": target})
    return lines


def is_submitted(report: Report) -> bool:
    return report.state in (ReportState.SUBMITTED, ReportState.ACCEPTED)
