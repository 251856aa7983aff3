"""Pages of supervision: the log, recording a call, a visit from its plan to its accepted report."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.attachments.models import Attachment
from platform_site.attachments.posted import take_files
from platform_site.audit.queries import story
from platform_site.casework.forms import StepForm
from platform_site.casework.queries import today
from platform_site.lists import keyset
from platform_site.obligations import sources
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import services
from ..exports.supervision import select_contacts, select_supervision
from ..forms import supervision as forms
from ..models import SupervisionRecord
from ..queries import supervision as queries
from ..services.supervision import OPEN_TO_WRITING
from ..tables import ContactTable, SupervisionTable
from ..workflow import SUPERVISION
from .common import READ_METHODS

PAGE_SIZE = 20


def _record(request: HttpRequest, pk: uuid.UUID) -> SupervisionRecord:
    records = SupervisionRecord.objects.visible_to(request.user).with_context()
    return get_object_or_404(records, pk=pk)


def require_supervisor(request: HttpRequest) -> None:
    if not request.user.has_perm("reports.supervise"):
        raise NotAllowed("not_yours", _("Only national officers keep the supervision log."))


@require_safe
def supervision_list(request: HttpRequest) -> HttpResponse:
    if not queries.reads_supervision(request.user):
        raise NotAllowed("not_yours", _("The supervision log is not part of your office."))
    chosen = select_supervision(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    names = ("federation", "kind", "state", "since")
    context = {
        "form": chosen.form,
        "page": page,
        "table": SupervisionTable(page.rows),
        "narrowed": any(request.GET.get(name) for name in names),
        "may_supervise": request.user.has_perm("reports.supervise"),
        "follows": queries.follows_supervision(request.user),
    }
    return render(request, "reports/supervision_list.html", context)


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """Who was not contacted for how long: all of the first tier on one page, the longest ago first."""
    if not queries.follows_supervision(request.user):
        raise NotAllowed(
            "not_yours", _("The contacts with all federations are read at the centre.")
        )
    chosen = select_contacts(request.user, request.GET)
    rows = list(chosen.queryset.order_by(*chosen.order))
    queries.note_contacts(rows, request.user)
    context = {"table": ContactTable(rows)}
    return render(request, "reports/supervision_contacts.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def record_call(request: HttpRequest) -> HttpResponse:
    """A telephone exchange outside a round."""
    require_supervisor(request)
    return _begin(
        request,
        forms.FederationCallForm,
        services.record_call,
        "reports/supervision_call.html",
        {"on": today()},
        _("The telephone exchange is recorded."),
        takes_files=True,
    )


@require_http_methods([*READ_METHODS, "POST"])
def plan_visit(request: HttpRequest) -> HttpResponse:
    require_supervisor(request)
    return _begin(
        request,
        forms.PlanForm,
        services.plan_visit,
        "reports/supervision_plan.html",
        {},
        _("The visit is planned."),
    )


def _begin(
    request: HttpRequest,
    form_class: Any,
    act: Callable[..., SupervisionRecord],
    template: str,
    initial: dict[str, Any],
    done: str,
    *,
    takes_files: bool = False,
) -> HttpResponse:
    posted = request.method == "POST"
    given = {"id": uuid.uuid4(), "federation": request.GET.get("federation", ""), **initial}
    form = form_class(request.POST if posted else None, initial=given)
    files: list[Attachment] = []
    told: list[str] = []
    if posted and takes_files:
        files, told = take_files(request)
    if form.is_valid() and not told:
        more = {"attachments": files} if takes_files else {}
        try:
            record = act(by=request.user, **form.cleaned_data, **more)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, done)
            return redirect(record)
    context = {
        "form": form,
        "loose": files,
        "file_problems": told,
        "takes_files": takes_files,
    }
    return render(request, template, context, status=422 if form.errors or told else 200)


@require_safe
def supervision_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One record: what was planned, found and agreed on, its action points and its files."""
    record, user = _record(request, pk), request.user
    may_set = user.has_perm("obligations.set_action_point")
    context = {
        "record": record,
        "points": queries.action_points_of(record, user),
        "today": today(),
        "source": sources.name_of(record),
        "may_set": may_set and sources.of(record).refusal(user, record) is None,
        "may_edit": record.state in OPEN_TO_WRITING and user.has_perm("reports.supervise"),
        "steps": [
            (step, reverse(f"supervision-{step.name}", args=[record.pk]))
            for step in SUPERVISION.open_steps(record, user)
        ],
        # The federation is told that it was accepted, not how its report went to and fro before.
        "entries": story(record) if queries.follows_supervision(user) else [],
    }
    return render(request, "reports/supervision_detail.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def edit_supervision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the plan, or go on writing."""
    record = _record(request, pk)
    require_supervisor(request)
    if record.state not in OPEN_TO_WRITING:
        state = record.get_state_display()
        messages.info(request, _("It is “%(state)s” and stays as it is.") % {"state": state})
        return redirect(record)
    initial = {
        name: getattr(record, name)
        for name in ("version", "on", "participants", "plan", "findings", "outcome")
    }
    form = forms.EditForm(request.POST if request.method == "POST" else None, initial=initial)
    if done := _take(request, record, form, services.edit_supervision, _("The record is kept.")):
        return done
    context = {"record": record, "form": form}
    return render(
        request, "reports/supervision_edit.html", context, status=422 if form.errors else 200
    )


# --- Steps ------------------------------------------------------------------------------------------
def _take(
    request: HttpRequest,
    record: SupervisionRecord,
    form: Any,
    act: Callable[..., SupervisionRecord],
    done: str,
) -> HttpResponse | None:
    """Run the act where the form is whole; a refusal comes back in it with what was typed."""
    if not form.is_valid():
        return None
    try:
        act(record, by=request.user, **form.cleaned_data)
    except StepNotOpen as refused:
        messages.warning(request, str(refused.message))
        return redirect(record)
    except NotAllowed:
        raise
    except Refused as refused:
        problems_to_form(form, refused)
        if isinstance(refused, Stale):
            form.data = form.data.copy()
            form.data["version"] = str(refused.extra.get("version", ""))
        return None
    messages.success(request, done)
    return redirect(record)


def _step(
    request: HttpRequest,
    pk: uuid.UUID,
    name: str,
    form_of: Callable[[Any, SupervisionRecord], Any],
    act: Callable[..., SupervisionRecord],
    explanation: str,
    done: str,
) -> HttpResponse:
    record = _record(request, pk)
    refused = SUPERVISION.refusal(record, name, request.user)
    if isinstance(refused, StepNotOpen):
        messages.info(request, str(refused.message))
        return redirect(record)
    if refused:
        raise refused
    form = form_of(request.POST if request.method == "POST" else None, record)
    if answer := _take(request, record, form, act, done):
        return answer
    context = {
        "record": record,
        "step": SUPERVISION.steps[name],
        "form": form,
        "explanation": explanation,
    }
    return render(
        request, "reports/supervision_step.html", context, status=422 if form.errors else 200
    )


def _with_note(needs_note: bool) -> Callable[[Any, SupervisionRecord], StepForm]:
    def build(data: Any, record: SupervisionRecord) -> StepForm:
        return StepForm(data, needs_note=needs_note, initial={"version": record.version})

    return build


@require_http_methods([*READ_METHODS, "POST"])
def hold_visit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "hold",
        lambda data, record: forms.HoldForm(
            data,
            initial={
                "version": record.version,
                "on": min(record.on, today()),
                "participants": record.participants,
            },
        ),
        services.hold_visit,
        _("The visit took place. Its report is to be written next."),
        _("It is recorded that the visit was held."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def write_report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "write",
        lambda data, record: forms.WriteForm(
            data,
            initial={
                name: getattr(record, name)
                for name in ("version", "findings", "outcome", "next_contact_on")
            },
        ),
        services.write_report,
        _("Another person than its writer accepts the report; then the federation reads it."),
        _("The report is handed in. Another person accepts it."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def accept_supervision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "accept",
        _with_note(False),
        services.accept_supervision,
        _("The federation reads the report from now on; nobody changes it any more."),
        _("The report is accepted."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def return_supervision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "return",
        _with_note(True),
        services.return_supervision,
        _("The report goes back to its writer with your reason."),
        _("The report is returned."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def cancel_visit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "cancel",
        _with_note(True),
        services.cancel_visit,
        _("The visit does not take place. The record stays with your reason."),
        _("The visit is cancelled."),
    )
