"""Reading a report beside its earlier version, pinning comments, returning and accepting it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platform_site.casework.queries import todo
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from ... import services
from ...deadlines import REVIEW
from ...forms.reports import CommentForm, CommentTextForm, DecisionForm, ReturnForm, VersionForm
from ...models import Comment, Report
from ...queries import check_fills, comments_for, shown, shown_value, trace_of, under_review, worded
from ...workflow import REPORT, ReportState
from . import common


@require_http_methods(["GET", "HEAD"])
def review_report(request: HttpRequest, pk: Any) -> HttpResponse:
    report = common.find_report(request, pk)
    _require_review(request, report)
    if report.state != ReportState.SUBMITTED:
        return redirect(report)
    kept, former = under_review(report)
    comments = comments_for(report, request.user)
    here = [each for each in comments if each.report_version_id == kept.pk]
    earlier = [each for each in comments if each.report_version_id != kept.pk]
    sections = shown(
        kept.content,
        before=former.content if former else None,
        comments=comments,
        doubts=kept.doubts,
    )
    for section in sections:
        for answer in section["answers"]:
            answer["form"] = CommentForm(
                initial={"id": uuid.uuid4(), "question": answer["code"]},
                auto_id=f"id_{answer['code']}_%s",
            )
    context = {
        **common.frame(report),
        "kept": kept,
        "former": former,
        "supplements": bool(former and former.report_id != report.pk),
        "sections": sections,
        "trace": trace_of(report, request.user, kept.content),
        "new_comments": here,
        "earlier_comments": earlier,
        "return_form": ReturnForm(initial={"version": report.version}, auto_id="id_return_%s"),
        "accept_form": DecisionForm(initial={"version": report.version}, auto_id="id_accept_%s"),
    }
    return render(request, "reports/report_review.html", context)


def _require_review(request: HttpRequest, report: Report) -> None:
    """403 for who may not decide on it; the state is the caller's to look at."""
    refused = REPORT.refusal(report, "return", request.user)
    if refused and not isinstance(refused, StepNotOpen):
        raise refused


@require_http_methods(["GET", "HEAD", "POST"])
def return_report(request: HttpRequest, pk: Any) -> HttpResponse:
    return _decide(request, pk, "return", ReturnForm)


@require_http_methods(["GET", "HEAD", "POST"])
def accept_report(request: HttpRequest, pk: Any) -> HttpResponse:
    return _decide(request, pk, "accept", DecisionForm)


def _decide(
    request: HttpRequest, pk: Any, step: str, form_class: type[DecisionForm]
) -> HttpResponse:
    """Return or accept; a refusal comes back as a page of its own that keeps what was written."""
    report = common.find_report(request, pk)
    _require_review(request, report)
    if report.state == REPORT.steps[step].to:
        return redirect(report)  # a second click, or a replay
    form = form_class(request.POST or None, initial={"version": report.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        act = {"return": services.return_report, "accept": services.accept_report}[step]
        try:
            act(report, by=request.user, version=given["version"], note=given["note"])
        except (Invalid, Stale, StepNotOpen) as refused:
            report = common.find_report(request, pk)
            if report.state == REPORT.steps[step].to:
                return redirect(report)
            problems_to_form(form, refused)
            form.data = form.data.copy()
            form.data["version"] = str(report.version)
        else:
            _say_decided(request, report, step)
            return _next(request) if given["next"] else redirect(report)
    context = {**common.frame(report), "form": form, "open": report.state == ReportState.SUBMITTED}
    return render(request, f"reports/report_{step}.html", context)


def _say_decided(request: HttpRequest, report: Report, step: str) -> None:
    said = {
        "return": _("The report of %(federation)s was returned."),
        "accept": _("The report of %(federation)s was accepted."),
    }[step]
    messages.success(request, said % {"federation": report.federation})


def _next(request: HttpRequest) -> HttpResponse:
    """保存并审下一件: the review that is due first."""
    duty = todo(request.user).filter(rule_code=REVIEW.code).order_by("due_on", "opened_at").first()
    if duty is None:
        messages.info(request, _("No other report waits for your review."))
        return redirect("report-list")
    return redirect("report-review", duty.subject_id)


# --- Comments -----------------------------------------------------------------------------------


def _review_place(report: Report, question: str) -> str:
    return reverse("report-review", args=[report.pk]) + f"#answer-{question}"


def _comment_page(
    request: HttpRequest, template: str, report: Report, form: Any, question: str, **context: Any
) -> HttpResponse:
    """A comment's own page: for changing one, and for what was refused, with what was written."""
    latest = report.versions.order_by("-number").first()
    asked = next(
        (
            each
            for section in (latest.content if latest else {}).get("sections", [])
            for each in section["questions"]
            if each["code"] == question
        ),
        None,
    )
    context |= {
        **common.frame(report),
        "form": form,
        "label": worded(asked) if asked else question,
        "answer": shown_value(asked) if asked else "",
    }
    return render(request, template, context)


@require_POST
def add_comment(request: HttpRequest, pk: Any) -> HttpResponse:
    report = common.find_report(request, pk)
    form = CommentForm(request.POST)
    _require_review(request, report)
    if form.is_valid():
        try:
            comment = services.add_comment(report, by=request.user, **form.cleaned_data)
        except Invalid as refused:
            problems_to_form(form, refused)
        else:
            return redirect(_review_place(report, comment.question))
    question = str(form.data.get("question", ""))[:60]
    return _comment_page(request, "reports/comment_add.html", report, form, question)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_comment(request: HttpRequest, pk: Any) -> HttpResponse:
    report, comment = common.find_comment(request, pk)
    _require_own(request, report, comment)
    initial = {"text": comment.text, "version": comment.version}
    form = CommentTextForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_comment(comment, by=request.user, **form.cleaned_data)
        except (Invalid, Stale) as refused:
            problems_to_form(form, refused)
        else:
            return redirect(_review_place(report, comment.question))
    return _comment_page(
        request, "reports/comment_edit.html", report, form, comment.question, comment=comment
    )


def _require_own(request: HttpRequest, report: Report, comment: Comment) -> None:
    if refused := REPORT.refusal(report, "return", request.user):
        raise refused
    if comment.by_id != request.user.pk:
        raise NotAllowed("not_yours", _("This comment is somebody else's."))


@require_POST
def remove_comment(request: HttpRequest, pk: Any) -> HttpResponse:
    report, comment = common.find_comment(request, pk)
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else -1
    services.remove_comment(comment, by=request.user, version=version)
    messages.success(request, _("The comment was removed."))
    return redirect(_review_place(report, comment.question))


@require_http_methods(["GET", "HEAD", "POST"])
def reply_to_comment(request: HttpRequest, pk: Any) -> HttpResponse:
    report, comment = common.find_comment(request, pk)
    check_fills(report, request.user)
    form = CommentTextForm(
        request.POST or None, initial={"text": comment.reply, "version": comment.version}
    )
    form.fields["text"].label = _("Reply")
    if request.method == "POST" and form.is_valid():
        try:
            services.reply_to_comment(comment, by=request.user, **form.cleaned_data)
        except (Invalid, Stale) as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The reply is kept."))
            return redirect(_reply_place(request, report, comment))
    return _comment_page(
        request, "reports/comment_reply.html", report, form, comment.question, comment=comment
    )


def _reply_place(request: HttpRequest, report: Report, comment: Comment) -> str:
    """Back to the section the reply was written in, else to the task list."""
    section = request.POST.get("section", "")
    codes = {
        each["code"]
        for each in comment.report_version.content.get("sections", [])
        if comment.question in {question["code"] for question in each["questions"]}
    }
    if section in codes:
        url = reverse("report-section", args=[report.pk, section])
        return f"{url}#id_answer-{comment.question}_field"
    return reverse("report-fill", args=[report.pk]) + f"#comment-{comment.pk}"
