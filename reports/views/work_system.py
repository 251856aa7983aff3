"""Pages of 四落实: the matrix, a federation's own page and its history, stating and confirming, the call."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.attachments.models import Attachment
from platform_site.casework.queries import look_at, today
from platform_site.federations.models import Federation
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import services
from ..exports.work_system import select_work_system
from ..forms import work_system as forms
from ..forms.matrix import AsOfForm
from ..models import WORK_COLUMNS, WORK_FACTS, WorkRequest, WorkStatement, WorkSubject
from ..queries import work_system as queries
from .common import READ_METHODS, take_files


@require_safe
def work_system(request: HttpRequest) -> HttpResponse:
    """The matrix: a row for each federation, a column for each subject, gaps in red and in words."""
    user = request.user
    queries.check_reads_work_system(user)
    chosen = select_work_system(user, request.GET)
    form: Any = chosen.form
    rows, day = [], None
    if not form.is_bound or form.is_valid():
        federations = list(chosen.queryset.order_by(*chosen.order))
        queries.set_work(user, federations)
        rows = [federation.work for federation in federations]
        day = form.cleaned_data.get("as_of") if form.is_bound else None
    context = {
        "form": form,
        "rows": rows,
        "as_of": day,
        "columns": WORK_COLUMNS,
        "tally": queries.tally_of(rows),
        "gaps": sum(bool(row.gaps) for row in rows),
        "followed": queries.follows_work_system(user),
        "may_ask": user.has_perm("reports.ask_for_work") and day is None,
        "narrowed": form.is_bound,
        "states": list(queries.WorkState),
    }
    return render(request, "reports/work_system.html", context, status=422 if form.errors else 200)


def _federation(request: HttpRequest, code: str) -> Federation:
    federations = Federation.objects.visible_to(request.user)
    federation = get_object_or_404(federations, code=code)
    if not queries.sees_work_of(request.user, federation):
        raise Http404
    return federation


def _may_state(request: HttpRequest, federation: Federation) -> bool:
    return bool(request.user.has_perm("reports.state_work", WorkStatement(federation=federation)))


@require_safe
def work_federation(request: HttpRequest, code: str) -> HttpResponse:
    """One federation: what stands behind the work, who was in charge when, all it ever stated."""
    federation = _federation(request, code)
    form = AsOfForm(request.GET if request.GET.get("as_of") else None)
    day = form.cleaned_data.get("as_of") if form.is_bound and form.is_valid() else None
    row = queries.work_rows(request.user, [federation], day)[0]
    context = {
        "federation": federation,
        "form": form,
        "as_of": day,
        "row": row,
        "moments": queries.timeline_of(request.user, federation),
        "may_state": _may_state(request, federation) and day is None,
        "fact_subjects": WORK_FACTS,
        "due": look_at(row.request.due_on) if row.request else None,
    }
    status = 422 if form.errors else 200
    return render(request, "reports/work_federation.html", context, status=status)


@require_http_methods([*READ_METHODS, "POST"])
def state_work(request: HttpRequest, code: str) -> HttpResponse:
    """State one subject (``?subject=budget``), with its evidence."""
    federation = _federation(request, code)
    if not _may_state(request, federation):
        raise NotAllowed("not_yours", _("Only the federation itself states its work system."))
    subject = request.GET.get("subject", "")
    if subject not in WorkSubject.values:
        return redirect("work-federation", federation.code)
    now = queries.work_rows(request.user, [federation])[0]
    initial = {"id": uuid.uuid4(), "since": today(), "year": today().year}
    form = forms.StatementForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        federation=federation,
        subject=subject,
    )

    def act(**given: Any) -> WorkStatement:
        return services.state_work(federation, by=request.user, subject=subject, **given)

    context = {
        "federation": federation,
        "subject": WorkSubject(subject),
        "now": next((cell for cell in now.cells if cell.subject == subject), None),
        "posts_url": reverse("federation-detail", args=[federation.code]),
    }
    return _with_files(request, form, act, "reports/work_state.html", context, federation)


def _with_files(
    request: HttpRequest,
    form: Any,
    act: Callable[..., WorkStatement],
    template: str,
    context: dict[str, Any],
    federation: Federation,
) -> HttpResponse:
    """Run the act with the files posted beside it; a refusal comes back with what was typed and sent."""
    files: list[Attachment] = []
    told: list[str] = []
    if form.is_bound:
        files, told = take_files(request)
    if form.is_valid() and not told:
        try:
            act(attachments=files, **form.cleaned_data)
        except NotAllowed:
            raise
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect("work-federation", federation.code)
        except Refused as refused:
            problems_to_form(form, refused)
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(refused.extra.get("version", ""))
        else:
            messages.success(request, _("The statement is kept."))
            return redirect("work-federation", federation.code)
    context |= {"form": form, "loose": files, "file_problems": told}
    return render(request, template, context, status=422 if form.errors or told else 200)


@require_POST
def confirm_work(request: HttpRequest, code: str) -> HttpResponse:
    federation = _federation(request, code)
    try:
        services.confirm_work(federation, by=request.user)
    except StepNotOpen as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("Confirmed: nothing has changed."))
    return redirect("work-federation", federation.code)


# --- One statement -------------------------------------------------------------------------------------
def _statement(request: HttpRequest, pk: uuid.UUID) -> WorkStatement:
    statements = WorkStatement.objects.visible_to(request.user)
    related = statements.select_related("federation", "holding", "corrects", "corrected_by")
    return get_object_or_404(related, pk=pk)


@require_safe
def statement_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    statement = _statement(request, pk)
    context = {
        "statement": statement,
        "federation": statement.federation,
        "words": queries.words_of(statement),
        "steps": queries.statement_steps(request.user, statement),
        "corrected_by": getattr(statement, "corrected_by", None),
    }
    return render(request, "reports/work_statement_detail.html", context)


def _require_own(request: HttpRequest, statement: WorkStatement) -> None:
    if not request.user.has_perm("reports.state_work", statement):
        raise NotAllowed("not_yours", _("Only the federation itself states its work system."))


@require_http_methods([*READ_METHODS, "POST"])
def correct_statement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put another row in the place of a wrong one."""
    statement = _statement(request, pk)
    _require_own(request, statement)
    form = forms.CorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=forms.CorrectionForm.initial_of(statement),
        federation=statement.federation,
        subject=statement.subject,
    )

    def act(**given: Any) -> WorkStatement:
        return services.correct_statement(statement, by=request.user, **given)

    context = {"statement": statement, "federation": statement.federation}
    template = "reports/work_statement_correct.html"
    return _with_files(request, form, act, template, context, statement.federation)


@require_http_methods([*READ_METHODS, "POST"])
def end_statement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """It holds no more, and nothing takes its place."""
    statement = _statement(request, pk)
    _require_own(request, statement)
    initial = {"version": statement.version, "until": today()}
    form = forms.EndForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            services.end_statement(statement, by=request.user, **form.cleaned_data)
        except NotAllowed:
            raise
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect(statement)
        except Refused as refused:
            problems_to_form(form, refused)
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(refused.extra.get("version", ""))
        else:
            messages.success(request, _("The end is recorded; there is a gap from that day on."))
            return redirect("work-federation", statement.federation.code)
    context = {"statement": statement, "federation": statement.federation, "form": form}
    status = 422 if form.errors else 200
    return render(request, "reports/work_statement_end.html", context, status=status)


# --- The centre's call ----------------------------------------------------------------------------------
@require_http_methods([*READ_METHODS, "POST"])
def ask_for_work(request: HttpRequest) -> HttpResponse:
    """催填: who has gaps, ticked; by which day."""
    if not request.user.has_perm("reports.ask_for_work"):
        raise NotAllowed(
            "not_yours", _("Only the centre asks for the work system to be filled in.")
        )
    federations = queries.federations_of(request.user).order_by("position", "pk")
    rows = [row for row in queries.work_rows(request.user, federations) if row.gaps]
    form = forms.AskForm(request.POST if request.method == "POST" else None)
    form.fields["federations"].choices = [  # type: ignore[attr-defined]
        (row.federation.code, row.federation.name) for row in rows
    ]
    if not form.is_bound:
        form.initial["federations"] = [row.federation.code for row in rows if row.request is None]
    if form.is_valid():
        data = form.cleaned_data
        ticked = [row.federation for row in rows if row.federation.code in data["federations"]]
        try:
            asked = services.ask_for_work(
                by=request.user,
                federations=ticked,
                due_on=data["due_on"],
                sentence=data["sentence"],
            )
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            many = len(asked)
            told = ngettext("%(n)s federation was asked.", "%(n)s federations were asked.", many)
            messages.success(request, told % {"n": many})
            return redirect("work-system")
    context = {"form": form, "rows": rows}
    return render(request, "reports/work_ask.html", context, status=422 if form.errors else 200)


@require_safe
def work_request(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A call of the centre: what it asked, and what is still missing."""
    calls = WorkRequest.objects.visible_to(request.user).select_related("federation")
    call = get_object_or_404(calls, pk=pk)
    context = {
        "call": call,
        "federation": call.federation,
        "row": queries.work_rows(request.user, [call.federation])[0],
        "may_state": _may_state(request, call.federation),
        "due": look_at(call.due_on),
    }
    return render(request, "reports/work_request.html", context)
