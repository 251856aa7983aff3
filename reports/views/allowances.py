"""Pages of extension (延期) and waiver (免报): one federation, by name, with the reason."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from platform_site.attachments.models import Attachment
from platform_site.casework.queries import look_at
from platform_site.obligations.models import Obligation
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import services
from ..forms.notices import ExtendForm, WaiveForm
from .common import READ_METHODS, find_obligation, notices_for, take_files

Act = Callable[..., Obligation]


@require_http_methods([*READ_METHODS, "POST"])
def extend_obligation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _allow(
        request,
        pk,
        "extend",
        ExtendForm,
        services.extend_obligation,
        _("%(federation)s has more time now."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def waive_obligation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _allow(
        request,
        pk,
        "waive",
        WaiveForm,
        services.waive_obligation,
        _("%(federation)s need not report."),
    )


def _allow(
    request: HttpRequest, pk: uuid.UUID, name: str, form_class: Any, act: Act, done: str
) -> HttpResponse:
    obligation = find_obligation(request, pk)
    if not request.user.has_perm(f"obligations.{name}", obligation):
        raise NotAllowed("not_yours", _("Only the federation that asked decides on this."))
    notice = get_object_or_404(notices_for(request.user), pk=obligation.round.request_id)
    if obligation.settled_at or obligation.waived_at or obligation.cancelled_at:
        messages.info(
            request,
            _("It is “%(state)s” already.") % {"state": obligation.get_state_display()},
        )
        return redirect(obligation)
    form = form_class(
        request.POST if request.method == "POST" else None,
        initial={"version": obligation.version},
    )
    files: list[Attachment] = []
    told: list[str] = []
    if request.method == "POST":
        files, told = take_files(request)
    if form.is_valid() and not told:
        try:
            act(obligation, by=request.user, attachments=files, **form.cleaned_data)
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect(obligation)
        except NotAllowed:
            raise
        except Refused as refused:
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(obligation.version)
            problems_to_form(form, refused)
        else:
            messages.success(request, done % {"federation": obligation.federation})
            return redirect(obligation)
    wrong = bool(form.errors or told)
    context = {
        "obligation": obligation,
        "notice": notice,
        "form": form,
        "due": look_at(obligation.due_on) if obligation.due_on else None,
        "loose": files,
        "file_problems": told,
    }
    return render(request, f"reports/obligation_{name}.html", context, status=422 if wrong else 200)
