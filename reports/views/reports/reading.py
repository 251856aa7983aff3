"""The list of reports, a report's page, its versions, and any two of them side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from platform_site.casework.queries import reminders_of
from platform_site.lists import keyset

from ...exports.reports import select_reports
from ...forms.matrix import AsOfForm
from ...models import Comment, PassDown, Report, ReportVersion
from ...queries import (
    comments_for,
    content_for,
    latest_version,
    reads_by_office,
    report_then,
    sees_draft,
    shown,
    trace_of,
)
from ...tables import ReportTable
from ...workflow import REPORT, ReportState
from . import common

PAGE_SIZE = 20
TABS = ("overview", "files", "comments", "history")


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    chosen = select_reports(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    requested = request.GET.get("ordering") or "-submitted"
    table = ReportTable(page.rows, ordering=requested, request=request)
    narrowed = any(
        value for name, value in request.GET.items() if name not in {"ordering", "cursor"}
    )
    context = {"form": chosen.form, "page": page, "table": table, "narrowed": narrowed}
    return render(request, "reports/report_list.html", context)


@require_safe
def report_detail(request: HttpRequest, pk: Any) -> HttpResponse:
    report = common.find_report(request, pk)
    if request.GET.get("as_of"):
        return _report_as_of(request, report)
    tab = request.GET.get("tab", "overview")
    if tab not in TABS:
        tab = "overview"
    versions = list(report.versions.defer("content").order_by("-number"))
    context: dict[str, Any] = {
        **common.frame(report),
        "by_office": reads_by_office(report, request.user),
        "tab": tab,
        "tabs": {name: name == tab for name in TABS},
        "versions": versions,
        "follows_lower": hasattr(report.obligation, "pass_down")
        and PassDown.objects.visible_to(request.user).filter(pk=report.obligation_id).exists(),
        "as_of_form": AsOfForm(),
        **_steps(request, report),
    }
    if tab == "overview":
        context |= _overview(request, report, versions)
    if tab == "history":
        context["reminders"] = reminders_of(report.notice.pk, report.federation_id)
    if tab == "comments":
        context["comments"] = _pinned(report, request)
    return render(request, "reports/report_detail.html", context)


def _report_as_of(request: HttpRequest, report: Report) -> HttpResponse:
    """The version, the state and the comments of the end of a past day; nothing can be done there."""
    form = AsOfForm(request.GET)
    context: dict[str, Any] = {"report": report, "notice": report.notice, "form": form}
    if not form.is_valid():
        return render(request, "reports/report_as_of.html", context, status=422)
    day = form.cleaned_data["as_of"]
    then = report_then(report, request.user, day)
    context |= {"as_of": day, "then": then}
    if then is not None:
        kept = then.kept
        context |= {
            "kept": kept,
            "said": kept,
            "sections": shown(kept.content, doubts=kept.doubts) if kept else [],
            "files": kept.content.get("attachments", []) if kept else [],
            "comments": _under_their_questions(then.comments, kept),
        }
    return render(request, "reports/report_as_of.html", context)


def _overview(
    request: HttpRequest, report: Report, versions: list[ReportVersion]
) -> dict[str, Any]:
    """The live sheet for who fills it in, else the last submitted version, doubts beside answers."""
    live = common.is_open(report) and sees_draft(report, request.user)
    kept = None if live or not versions else versions[0]
    content = content_for(report, request.user)
    return {
        "is_live": live,
        "kept": kept,
        "said": kept or report,
        "content": content,
        "sections": shown(content, doubts=kept.doubts if kept else ()),
        "trace": trace_of(report, request.user, content, live=kept is None),
    }


def _steps(request: HttpRequest, report: Report) -> dict[str, Any]:
    """The buttons: only what this person can do now."""
    user = request.user
    open_ = common.is_open(report)
    return {
        "may_fill": open_ and user.has_perm("reports.fill_report", report),
        "may_sign_off": open_
        and user.has_perm("reports.sign_off_report", report)
        and not report.is_signed_off,
        "may_recall": report.state == ReportState.SUBMITTED
        and REPORT.refusal(report, "recall", user) is None,
        "may_review": report.state == ReportState.SUBMITTED and common.may_review(report, user),
    }


def _pinned(report: Report, request: HttpRequest) -> list[dict[str, Any]]:
    """Every comment this person may read, under the wording of its question."""
    comments = list(comments_for(report, request.user))
    return _under_their_questions(comments, latest_version(report) if comments else None)


def _under_their_questions(
    comments: Iterable[Comment], kept: ReportVersion | None
) -> list[dict[str, Any]]:
    labels = {
        answer["code"]: answer["label"]
        for section in (shown(kept.content) if kept else [])
        for answer in section["answers"]
    }
    return [
        {"comment": each, "label": labels.get(each.question, each.question)} for each in comments
    ]


@require_safe
def report_version(request: HttpRequest, pk: Any, number: int) -> HttpResponse:
    report = common.find_report(request, pk)
    if number > 2**31 - 1:
        raise Http404
    kept = get_object_or_404(report.versions, number=number)
    context = {
        **common.frame(report),
        "kept": kept,
        "sections": shown(kept.content, doubts=kept.doubts),
        "files": kept.content.get("attachments", []),
        "trace": trace_of(report, request.user, kept.content),
        "numbers": list(report.versions.order_by("number").values_list("number", flat=True)),
    }
    return render(request, "reports/report_version.html", context)


@require_safe
def compare_versions(request: HttpRequest, pk: Any) -> HttpResponse:
    report = common.find_report(request, pk)
    versions = {version.number: version for version in report.versions.order_by("number")}
    if len(versions) < 2:
        return redirect(report)
    numbers = sorted(versions)
    new = _number(request, "to", versions, numbers[-1])
    default = max((number for number in numbers if number < new.number), default=numbers[0])
    old = _number(request, "from", versions, default)
    before, after = old.content, new.content
    only_changed = request.GET.get("only") == "changed"
    sections = shown(after, before=before)
    for section in sections:
        section["rows"] = [
            answer for answer in section["answers"] if answer["changed"] or not only_changed
        ]
    context = {
        **common.frame(report),
        "old": old,
        "new": new,
        "numbers": numbers,
        "sections": sections,
        "changed": sum(answer["changed"] for part in sections for answer in part["answers"]),
        "only_changed": only_changed,
    }
    return render(request, "reports/report_compare.html", context)


def _number(
    request: HttpRequest, name: str, versions: dict[int, ReportVersion], default: int
) -> ReportVersion:
    given = request.GET.get(name) or str(default)
    try:
        return versions[int(given)] if len(given) < 10 else versions[-1]
    except (KeyError, ValueError):
        raise Http404 from None
