"""Pages of action points: the list, setting one, one of them, its steps."""

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
from platform_site.casework.queries import look_at, today
from platform_site.lists import keyset
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from . import forms, queries, services, sources
from .exports import select_action_points
from .menu import reads_action_points
from .models import ActionPoint
from .tables import ActionPointTable
from .workflow import ACTION_POINT, RUNNING

PAGE_SIZE = 20
READ_OR_POST = ["GET", "HEAD", "POST"]


def _point(request: HttpRequest, pk: uuid.UUID) -> ActionPoint:
    points = ActionPoint.objects.visible_to(request.user).with_context()
    return get_object_or_404(
        points.select_related("asking_federation", "reported_by", "verified_by", "set_by"), pk=pk
    )


@require_safe
def action_point_list(request: HttpRequest) -> HttpResponse:
    if not reads_action_points(request.user):
        raise NotAllowed("not_yours", _("Your office has no action points."))
    chosen = select_action_points(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {
        "form": chosen.form,
        "page": page,
        "table": ActionPointTable(page.rows),
        "narrowed": any(request.GET.get(name) for name in ("show", "state", "federation")),
    }
    return render(request, "obligations/action_point_list.html", context)


@require_http_methods(READ_OR_POST)
def set_action_point(request: HttpRequest, source: str) -> HttpResponse:
    """From the page of the record in which it was promised."""
    record: Any = sources.find(source, request.user)
    if not request.user.has_perm("obligations.set_action_point"):
        raise NotAllowed("not_yours", _("Only the centre sets action points."))
    kind = sources.of(record)
    if refused := kind.refusal(request.user, record):
        messages.warning(request, str(refused.message))
        return redirect(record)
    federation = kind.federation(record)
    form = forms.ActionPointForm(
        request.POST if request.method == "POST" else None,
        owners=queries.usual_owners(federation),
        initial={"id": uuid.uuid4(), "federation": federation.code},
    )
    if form.is_valid():
        try:
            services.set_action_point(record, by=request.user, **form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as problem:
            problems_to_form(form, problem)
        else:
            messages.success(request, _("The action point is on the list of who has to do it."))
            return redirect(f"{record.get_absolute_url()}#action-points")
    context = {"record": record, "federation": federation, "form": form}
    return render(
        request,
        "obligations/action_point_set.html",
        context,
        status=422 if form.errors else 200,
    )


@require_safe
def action_point_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    point = _point(request, pk)
    context = {
        "point": point,
        "due": look_at(point.due_on),
        "running": point.state in RUNNING,
        "overdue": point.is_overdue(today()),
        "source": queries.source_of(point, request.user),
        "steps": [
            (step, reverse(f"action-point-{step.name}", args=[point.pk]))
            for step in ACTION_POINT.open_steps(point, request.user)
        ],
        "entries": story(point),
    }
    return render(request, "obligations/action_point_detail.html", context)


# --- Steps ------------------------------------------------------------------------------------------


@require_http_methods(READ_OR_POST)
def report_action_point(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "report",
        forms.ReportDoneForm,
        services.report_action_point,
        _("It is reported done. The centre looks at it now."),
        takes_files=True,
    )


@require_http_methods(READ_OR_POST)
def verify_action_point(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "verify",
        forms.VerifyForm,
        services.verify_action_point,
        _("The action point is verified."),
    )


@require_http_methods(READ_OR_POST)
def reopen_action_point(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "reopen",
        forms.ReopenForm,
        services.reopen_action_point,
        _("The action point is open again."),
    )


@require_http_methods(READ_OR_POST)
def cancel_action_point(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "cancel",
        forms.CancelForm,
        services.cancel_action_point,
        _("The action point is cancelled."),
    )


def _step(
    request: HttpRequest,
    pk: uuid.UUID,
    name: str,
    form_class: Any,
    act: Callable[..., ActionPoint],
    done: str,
    *,
    takes_files: bool = False,
) -> HttpResponse:
    point = _point(request, pk)
    refused = ACTION_POINT.refusal(point, name, request.user)
    if isinstance(refused, StepNotOpen):
        messages.info(request, str(refused.message))
        return redirect(point)
    if refused:
        raise refused
    posted = request.method == "POST"
    form = form_class(request.POST if posted else None, initial={"version": point.version})
    files: list[Attachment] = []
    told: list[str] = []
    if posted and takes_files:
        files, told = take_files(request)
    if form.is_valid() and not told:
        more = {"attachments": files} if takes_files else {}
        try:
            act(point, by=request.user, **form.cleaned_data, **more)
        except StepNotOpen as problem:
            messages.warning(request, str(problem.message))
            return redirect(point)
        except NotAllowed:
            raise
        except Refused as problem:
            problems_to_form(form, problem)
            if isinstance(problem, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(problem.extra.get("version", ""))
        else:
            messages.success(request, done)
            return redirect(point)
    context = {
        "point": point,
        "step": ACTION_POINT.steps[name],
        "form": form,
        "due": look_at(point.due_on),
        "takes_files": takes_files,
        "loose": files,
        "file_problems": told,
    }
    return render(
        request,
        "obligations/action_point_step.html",
        context,
        status=422 if form.errors or told else 200,
    )
