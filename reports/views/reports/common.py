"""What the pages of a report share: finding it, its frame, and showing answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from platform_site.casework.queries import today
from platform_site.problems import FieldProblem
from platform_site.questionnaires.models import Question

from ...models import Comment, Report
from ...queries import comments_for, due_of
from ...services.filling import OPEN_TO_FILLING
from ...workflow import REPORT, ReportState


def reports_for(request: HttpRequest) -> QuerySet[Report]:
    """The reports this person may see, with what every page of one shows."""
    return (
        Report.objects.visible_to(request.user)
        .with_context()
        .select_related(
            "sheet__form_version__form",
            "prepared_by",
            "obligation__leader",
            "obligation__pass_down",
        )
    )


def find_report(request: HttpRequest, pk: Any) -> Report:
    """The report, or 404: out of scope is the same as missing."""
    return get_object_or_404(reports_for(request), pk=pk)


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
    report = get_object_or_404(reports_for(request), versions__comments=pk)
    return report, get_object_or_404(comments_for(report, request.user), pk=pk)


# --- The error summary -----------------------------------------------------------------------


def links_to(
    report: Report, problems: Iterable[FieldProblem], questions: Mapping[str, Question]
) -> list[dict[str, str]]:
    """Lines of an error summary, each leading to where it is mended; ``questions`` by code."""
    lines = []
    for problem in problems:
        kind, _slash, rest = problem.pointer.strip("/").partition("/")
        target = label = ""
        code = rest.partition("/")[0]
        if kind == "answers" and code in questions:
            question = questions[code]
            target = reverse("report-section", args=[report.pk, question.section.code])
            target += f"#id_answer-{code}_field"
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


def say_sign_off_gone(request: HttpRequest) -> None:
    messages.warning(
        request,
        _("Answers have changed, so the sign-off no longer counts. Have it signed off again."),
    )
