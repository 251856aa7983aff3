"""Signing off, checking and submitting, the receipt, and taking a submission back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.attachments import services as attachments
from platform_site.attachments.filetypes import accept_attribute, accepted
from platform_site.attachments.models import Attachment
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Refused, Stale, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import HARD
from platform_site.questionnaires.values import in_words
from platform_site.web.forms import problems_to_form

from ... import services
from ...forms.reports import NothingForm, RecallForm, SignOffForm, SubmitForm, VersionForm
from ...models import Report
from ...queries import check_fills, due_of, latest_version, review_duty, shown
from ...services.reports import submission_problems
from ...workflow import REPORT, ReportState
from . import common


@require_http_methods(["GET", "HEAD", "POST"])
def sign_off_report(request: HttpRequest, pk: Any) -> HttpResponse:
    report = common.find_report(request, pk)
    is_leader = request.user.has_perm("reports.sign_off_report", report)
    if not is_leader:
        check_fills(report, request.user)
    if request.method != "POST" and not common.is_open(report):
        return redirect(report)
    form = _sign_off_form(request, report, is_leader)
    if request.method == "POST" and form.is_valid() and _sign_off(request, report, form, is_leader):
        messages.success(request, _("The sign-off is recorded."))
        return redirect(report if is_leader else "report-fill", *([] if is_leader else [report.pk]))
    context = {
        **common.frame(report),
        "form": form,
        "is_leader": is_leader,
        "may_enter": is_leader or not settings.LEADER_SIGN_OFF_COMPULSORY,
        "accept": accept_attribute(),
        "accepted": ", ".join(accepted()),
        "sections": shown(sheets.live_content(report.sheet)) if is_leader else [],
    }
    return render(request, "reports/report_sign_off.html", context)


def _sign_off_form(request: HttpRequest, report: Report, is_leader: bool) -> VersionForm:
    data = request.POST if request.method == "POST" else None
    if is_leader:
        return VersionForm(data, initial={"version": report.version})
    leader = report.obligation.leader
    initial = {
        "version": report.version,
        "name": report.signed_off_name or (leader.name if leader else ""),
        "title": report.signed_off_title or (leader.title if leader else ""),
        "on": report.signed_off_on,
    }
    return SignOffForm(data, request.FILES if data is not None else None, initial=initial)


def _sign_off(request: HttpRequest, report: Report, form: VersionForm, is_leader: bool) -> bool:
    """Keep the scan on the report, then record the sign-off; the scan goes again if that is refused."""
    given = form.cleaned_data
    scan: Attachment | None = None
    try:
        if not is_leader and given["scan"]:
            scan = attachments.upload(
                given["scan"], by=request.user, name=given["scan"].name or "", owner=report
            )
    except Refused as refused:
        form.add_error("scan", str(refused.message))
        return False
    try:
        services.sign_off_report(
            report,
            by=request.user,
            version=given["version"],
            name=given.get("name", ""),
            title=given.get("title") or _own_title(report, request.user),
            on=given.get("on"),
            scan=scan or (None if is_leader else report.signed_off_scan),
        )
    except (Invalid, Stale) as refused:
        if scan:
            attachments.remove(scan, by=request.user)
        problems_to_form(form, refused)
        _renew(form, report)
        return False
    except Refused:
        if scan:
            attachments.remove(scan, by=request.user)
        raise
    return True


def _own_title(report: Report, user: Any) -> str:
    leader = report.obligation.leader
    return leader.title if leader and leader.name == user.name else ""


def _renew(form: VersionForm, report: Report) -> None:
    """After a refusal the page shows the newest state, so the next try speaks of that."""
    report.refresh_from_db(fields=["version", "state"])
    form.data = form.data.copy()
    form.data["version"] = str(report.version)


# --- Check and submit ---------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def submit_report(request: HttpRequest, pk: Any) -> HttpResponse:
    report = common.find_report(request, pk)
    if not request.user.has_perm("reports.submit_report", report):
        raise NotAllowed("not_yours", _("Only the federation itself submits its report."))
    if not common.is_open(report):
        # A second click, or a replay: the first one has filed it.
        return redirect(
            "report-submitted" if common.is_submitted(report) else "report-detail", report.pk
        )
    if request.method != "POST":
        return _check_page(request, report)
    if "nothing" in request.POST:
        return _save_nothing(request, report)
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _check_page(request, report, form=form, tried=True)
    explanation = form.cleaned_data["explanation"] if "explanation" in request.POST else None
    try:
        services.submit_report(
            report, by=request.user, version=form.cleaned_data["version"], explanation=explanation
        )
    except StepNotOpen as refused:
        report.refresh_from_db(fields=["state"])
        if common.is_submitted(report):
            return redirect("report-submitted", report.pk)
        form.add_error(None, str(refused.message))
        return _check_page(request, report, form=form)
    except Stale as refused:
        form.add_error(None, str(refused.message))
        return _check_page(request, common.find_report(request, pk), form=form)
    except Invalid:
        # What is missing is said below from the same rule, each line with its link.
        return _check_page(request, report, form=form, tried=True)
    return redirect("report-submitted", report.pk)


def _save_nothing(request: HttpRequest, report: Report) -> HttpResponse:
    form = NothingForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            saved = services.save_report(
                report,
                by=request.user,
                version=given["version"],
                nothing_to_report=given["nothing_to_report"],
                nothing_reason=given["nothing_reason"],
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            if saved.sign_off_cleared:
                messages.warning(
                    request,
                    _(
                        "Answers have changed, so the sign-off no longer counts. Have it signed off again."
                    ),
                )
            return redirect("report-submit", report.pk)
    return _check_page(request, report, nothing_form=form)


def _check_page(
    request: HttpRequest,
    report: Report,
    *,
    form: SubmitForm | None = None,
    nothing_form: NothingForm | None = None,
    tried: bool = False,
) -> HttpResponse:
    questions = sheets.questions_of(report.sheet.form_version)
    answers = sheets.answers_of(report.sheet)
    findings = sheets.findings_of(report.sheet, questions, answers)
    if form is not None and "explanation" in form.data and form.is_bound:
        report.explanation = form.cleaned_data.get("explanation") or form.data["explanation"]
    blocking, doubts = submission_problems(report, findings)
    by_code = {question.code: question for question in questions}
    # The doubts have their own list, beside the field that answers them.
    hard = [each for each in blocking if each.pointer not in _pointers(doubts)]
    shown_form = form or SubmitForm(initial={"explanation": report.explanation})
    if form is not None:
        form.data = form.data.copy()
        form.data["version"] = str(report.version)
    content = sheets.content(questions, {code: answer.value for code, answer in answers.items()})
    typed = {
        code: in_words(by_code[code], answer.typed)
        for code, answer in answers.items()
        if answer.typed
    }
    messages_of: dict[str, list[str]] = {}
    for found in findings:
        if found.level == HARD:
            messages_of.setdefault(found.question, []).append(found.message)
    sections = shown(content, doubts=[found.as_json() for found in doubts])
    for section in sections:
        for answer in section["answers"]:
            answer["typed"] = typed.get(answer["code"], "")
            answer["problems"] = messages_of.get(answer["code"], [])
    context = {
        **common.frame(report),
        "form": shown_form,
        "version": report.version,
        "nothing_form": nothing_form
        or NothingForm(
            initial={
                "nothing_to_report": "yes" if report.nothing_to_report else "no",
                "nothing_reason": report.nothing_reason,
                "version": report.version,
            }
        ),
        "problems": common.links_to(report, hard, by_code),
        "doubts": common.links_to(report, [_as_problem(found) for found in doubts], by_code),
        "wants_explanation": bool(doubts),
        "tried": tried,
        "has_errors": tried or bool(nothing_form),
        "sections": [] if report.nothing_to_report else sections,
        "files": Attachment.objects.visible_to(request.user).of(report),
    }
    return render(request, "reports/report_submit.html", context)


def _pointers(doubts: list[Any]) -> set[str]:
    return {f"/answers/{found.question}" for found in doubts}


def _as_problem(found: Any) -> Any:
    return FieldProblem(f"/answers/{found.question}", found.code, found.message)


@require_safe
def report_submitted(request: HttpRequest, pk: Any) -> HttpResponse:
    """The receipt: its number, and what happens next."""
    report = common.find_report(request, pk)
    latest = latest_version(report)
    if latest is None or not common.is_submitted(report):
        return redirect(report)
    duty = None
    if report.state == ReportState.SUBMITTED:
        duty = review_duty(report)
    context = {
        **common.frame(report),
        "kept": latest,
        "on_time": None
        if due_of(report.obligation) is None
        else not common.frame(report)["is_late"],
        "review_until": duty.due_on if duty else None,
        "may_recall": REPORT.refusal(report, "recall", request.user) is None,
    }
    return render(request, "reports/report_submitted.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def recall_report(request: HttpRequest, pk: Any) -> HttpResponse:
    """Take a submission back, as long as no reviewer has acted on it."""
    report = common.find_report(request, pk)
    if not request.user.has_perm("reports.recall_report", report):
        raise NotAllowed("not_yours", _("This step is not yours to take."))
    if report.state == ReportState.DRAFT:
        return redirect("report-fill", report.pk)
    form = RecallForm(request.POST or None, initial={"version": report.version})
    if request.method == "POST" and form.is_valid():
        try:
            services.recall_report(report, by=request.user, **form.cleaned_data)
        except Stale as refused:
            form.add_error(None, str(refused.message))
            _renew(form, report)
        else:
            messages.success(request, _("The report is a draft again; submit it when it is ready."))
            return redirect("report-fill", report.pk)
    refused = REPORT.refusal(report, "recall", request.user)
    context = {**common.frame(report), "form": form, "refused": refused}
    return render(request, "reports/report_recall.html", context)
