"""Pages of handovers: the sheets, one sheet, its steps, the sheet as a document."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.attachments.download import serve_bytes
from platform_site.audit.queries import story
from platform_site.casework.forms import StepForm
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.lists import keyset
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import services
from ..documents import document_of_handover
from ..exports.handovers import select_handovers
from ..forms.handovers import HandoverForm
from ..models import Handover
from ..queries import handovers as queries
from ..tables import HandoverTable
from ..workflow import HANDOVER
from .common import READ_METHODS

PAGE_SIZE = 20


def _sheet(request: HttpRequest, pk: uuid.UUID) -> Handover:
    return get_object_or_404(Handover.objects.visible_to(request.user).with_context(), pk=pk)


def _may_open(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("reports.hand_over"))


@require_safe
def handover_list(request: HttpRequest) -> HttpResponse:
    if not queries.reads_handovers(request.user):
        raise NotAllowed("not_yours", _("Handovers are not part of your office."))
    chosen = select_handovers(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {"page": page, "table": HandoverTable(page.rows), "may_open": _may_open(request)}
    return render(request, "reports/handover_list.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def open_handover(request: HttpRequest) -> HttpResponse:
    if not _may_open(request):
        raise NotAllowed("not_yours", _("Handovers are not part of your office."))
    form = HandoverForm(
        request.POST if request.method == "POST" else None,
        initial={"id": uuid.uuid4()},
        user=request.user,
    )
    if form.is_valid():
        try:
            sheet = services.open_handover(by=request.user, **form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The sheet is begun."))
            return redirect(sheet)
    status = 422 if form.errors else 200
    return render(request, "reports/handover_open.html", {"form": form}, status=status)


@require_safe
def handover_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What passes with the office: as it stands, or as it was handed over."""
    sheet = _sheet(request, pk)
    content = queries.content_of(sheet)
    context = {
        "sheet": sheet,
        "content": content,
        "parts": queries.parts_of(content),
        "steps": [
            (step, reverse(f"handover-{step.name.replace('_', '-')}", args=[sheet.pk]))
            for step in HANDOVER.open_steps(sheet, request.user)
        ],
        "entries": story(sheet),
    }
    return render(request, "reports/handover_detail.html", context)


@require_safe
def handover_document(request: HttpRequest, pk: uuid.UUID, ending: str) -> HttpResponse:
    filename, content = document_of_handover(_sheet(request, pk), ending)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


def _step(
    request: HttpRequest,
    pk: uuid.UUID,
    name: str,
    act: Callable[..., Handover],
    told: str,
    done: str,
) -> HttpResponse:
    """The page of one step: what it does, a note, and the button."""
    sheet, step = _sheet(request, pk), HANDOVER.steps[name]
    refused = HANDOVER.refusal(sheet, name, request.user)
    if isinstance(refused, NotAllowed):
        raise refused
    if refused is not None:
        messages.warning(request, str(refused.message))
        return redirect(sheet)
    form = StepForm(
        request.POST if request.method == "POST" else None,
        initial={"version": sheet.version},
        needs_note=step.needs_note,
    )
    if form.is_valid():
        try:
            act(sheet, by=request.user, **form.cleaned_data)
        except StepNotOpen as problem:
            messages.warning(request, str(problem.message))
            return redirect(sheet)
        except NotAllowed:
            raise
        except Refused as problem:
            problems_to_form(form, problem)
            if isinstance(problem, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(problem.extra.get("version", ""))
        else:
            messages.success(request, done)
            return redirect(sheet)
    context = {"sheet": sheet, "step": step, "form": form, "explanation": told}
    status = 422 if form.errors else 200
    return render(request, "reports/handover_step.html", context, status=status)


@require_http_methods([*READ_METHODS, "POST"])
def give_handover(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "give",
        services.give_handover,
        _("What the sheet shows now is kept for good; your successor then takes it over."),
        _("The office is handed over."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def give_for_holder(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "give_for",
        services.give_for_holder,
        _("The holder has left. What the sheet shows now is kept for good; say why you hand over."),
        _("The office is handed over."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def take_over(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "take_over",
        services.take_over,
        _("You confirm that you know what is under way and go on with it."),
        _("The office is taken over."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def cancel_handover(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "cancel",
        services.cancel_handover,
        _("The office does not change hands. The sheet stays in the list as cancelled."),
        _("The handover is cancelled."),
    )
