"""Beginning a report, taking over the last period, and the list of its sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from platform_site.casework.queries import look_at
from platform_site.obligations.models import Obligation
from platform_site.problems import Stale, StepNotOpen, Unreadable
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import HARD, RULE

from ... import services
from ...forms.reports import VersionForm
from ...models import Report
from ...queries import (
    can_be_brought,
    cannot_pass_down,
    check_fills,
    comments_for,
    last_values,
    pass_down_to,
    progress_of,
    with_marks,
)
from ...workflow import ReportState
from . import common

#: The task list's words for the states of a section.
STATES = {"to_mend": "needs_more"}


@require_POST
def start_report(request: HttpRequest, pk: Any) -> HttpResponse:
    """Begin the report, or go on with the one that was begun: a replay meets the same."""
    obligation = get_object_or_404(Obligation.objects.visible_to(request.user), pk=pk)
    report = services.start_report(obligation, by=request.user)
    return redirect("report-fill", report.pk)


@require_POST
def bring_forward(request: HttpRequest, pk: Any) -> HttpResponse:
    """带入上期内容: back to the task list, which says what is still to be looked at."""
    report = common.find_report(request, pk)
    check_fills(report, request.user)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Unreadable("version_unreadable", _("The form is incomplete; load the page again."))
    before = len(report.brought_forward)
    try:
        fresh = services.bring_forward(report, by=request.user, **form.cleaned_data)
    except (StepNotOpen, Stale) as refused:
        messages.warning(request, str(refused.message))
    else:
        many = len(fresh.brought_forward) - before
        messages.success(
            request,
            ngettext(
                "%(count)s answer was taken from the last period. Look at it and save its section.",
                "%(count)s answers were taken from the last period. Look at them and save their sections.",
                many,
            )
            % {"count": many},
        )
    return redirect("report-fill", report.pk)


@require_http_methods(["GET", "HEAD"])
def fill_report(request: HttpRequest, pk: Any) -> HttpResponse:
    report = get_object_or_404(with_marks(common.reports_for(request)), pk=pk)
    if not common.is_open(report):
        return redirect(report)
    check_fills(report, request.user)
    questions = sheets.questions_of(report.sheet.form_version)
    answers = sheets.answers_of(report.sheet)
    # Doubts do not colour the list: they are said before submitting.
    hard = sheets.findings_of(report.sheet, questions, answers, only_hard=True)
    progress = progress_of(questions, answers, hard)
    comments = comments_for(report, request.user) if report.submitted_at else []
    waiting = [each for each in comments if report.state == ReportState.RETURNED and not each.reply]
    section_of = {question.code: question.section.code for question in questions}
    labels = {question.code: str(question) for question in questions}
    awaited = {section_of.get(comment.question) for comment in waiting}
    tasks = [
        {
            "section": line,
            "url": reverse("report-section", args=[report.pk, line.code]),
            "state": "needs_more" if line.code in awaited else STATES.get(line.state, line.state),
            "hint": _hint(
                line,
                line.code in awaited,
                sum(section_of.get(code) == line.code for code in report.brought_forward),
            ),
        }
        for line in progress
    ]
    context = {
        **common.frame(report),
        "tasks": tasks,
        "done": sum(task["state"] == "done" for task in tasks),
        "files": report.files,
        "may_sign_off": request.user.has_perm("reports.sign_off_report", report),
        "waiting": len(waiting),
        "comments": [
            {
                "comment": each,
                "label": labels.get(each.question, each.question),
                "url": _section_url(report, section_of, each.question),
            }
            for each in comments
        ],
        "returned": _returned(report),
        "passed_to_us": pass_down_to(report.obligation, request.user),
        "has_passed_down": hasattr(report.obligation, "pass_down"),
        "may_pass_down": cannot_pass_down(report.obligation, request.user) is None,
        "to_bring": len(can_be_brought(questions, last_values(report, questions), answers)),
    }
    return render(request, "reports/report_fill.html", context)


def _section_url(report: Report, section_of: Mapping[str, str], code: str) -> str:
    if code not in section_of:
        return ""
    url = reverse("report-section", args=[report.pk, section_of[code]])
    return f"{url}#id_answer-{code}_field"


def _returned(report: Any) -> dict[str, Any] | None:
    if report.state != ReportState.RETURNED:
        return None
    mark = report.returned_mark or {}
    at = parse_datetime(mark["at"]) if mark.get("at") else None
    due = look_at(report.again_until) if report.again_until else None
    return {**mark, "at": at, "due": due}


def _hint(line: Any, awaited: bool, brought: int) -> str:
    parts = []
    if missing := sum(found.code == "required" for found in line.findings):
        parts.append(
            ngettext("%(count)s answer is missing", "%(count)s answers are missing", missing)
            % {"count": missing}
        )
    hard = [found for found in line.findings if found.level == HARD]
    if broken := sum(found.code == RULE for found in hard):
        parts.append(
            ngettext("%(count)s rule does not hold", "%(count)s rules do not hold", broken)
            % {"count": broken}
        )
    if wrong := sum(found.code not in ("required", RULE) for found in hard):
        parts.append(
            ngettext("%(count)s answer cannot be read", "%(count)s answers cannot be read", wrong)
            % {"count": wrong}
        )
    if doubtful := len(line.findings) - len(hard):
        parts.append(
            ngettext("%(count)s answer is doubtful", "%(count)s answers are doubtful", doubtful)
            % {"count": doubtful}
        )
    if brought:
        parts.append(
            ngettext(
                "%(count)s answer of the last period to look at",
                "%(count)s answers of the last period to look at",
                brought,
            )
            % {"count": brought}
        )
    if awaited:
        parts.append(_("a comment waits for a reply"))
    return _(", ").join(parts)
