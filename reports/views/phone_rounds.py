"""Pages of phone rounds: opening one, working through its call list."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.casework.queries import today
from platform_site.lists import keyset
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import services
from ..exports.supervision import select_phone_rounds
from ..forms.supervision import RoundCallForm, RoundForm
from ..models import PhoneRound
from ..queries import supervision as queries
from ..tables import PhoneRoundTable
from ..workflow import PHONE_ROUND, PhoneRoundState
from .common import READ_METHODS
from .summaries import _posted_version
from .supervision import PAGE_SIZE, require_supervisor


def _round(request: HttpRequest, pk: uuid.UUID) -> PhoneRound:
    rounds = PhoneRound.objects.visible_to(request.user).with_progress()
    return get_object_or_404(rounds.select_related("opened_by"), pk=pk)


@require_safe
def phone_round_list(request: HttpRequest) -> HttpResponse:
    if not queries.follows_supervision(request.user):
        raise NotAllowed("not_yours", _("Phone rounds are the centre's."))
    chosen = select_phone_rounds(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {
        "page": page,
        "table": PhoneRoundTable(page.rows),
        "may_open": request.user.has_perm("reports.supervise"),
    }
    return render(request, "reports/phone_round_list.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def open_round(request: HttpRequest) -> HttpResponse:
    require_supervisor(request)
    form = RoundForm(
        request.POST if request.method == "POST" else None,
        initial={"id": uuid.uuid4(), "starts_on": today()},
    )
    if form.is_valid():
        try:
            round = services.open_round(by=request.user, **form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The round is open."))
            return redirect(round)
    return render(
        request,
        "reports/phone_round_open.html",
        {"form": form, "groups": form.groups.boxes(form["federations"])},
        status=422 if form.errors else 200,
    )


@require_safe
def phone_round_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The call list; ``?call=440000`` opens the form of one call in its place."""
    round = _round(request, pk)
    code = request.GET.get("call", "")
    may_call = _may_call(request, round)
    form = None
    if code and may_call:
        form = RoundCallForm(initial={"id": uuid.uuid4(), "version": round.version, "on": today()})
    return _call_list(request, round, code if form else "", form)


def _may_call(request: HttpRequest, round: PhoneRound) -> bool:
    return round.state == PhoneRoundState.OPEN and request.user.has_perm("reports.supervise")


def _call_list(request: HttpRequest, round: PhoneRound, code: str, form: Any) -> HttpResponse:
    rows = queries.call_rows(round, request.user)
    context = {
        "round": round,
        "waiting": [row for row in rows if not row.called],
        "called": [row for row in rows if row.called],
        "many": len(rows),
        "code": code,
        "form": form,
        "may_call": _may_call(request, round),
        "may_close": bool(PHONE_ROUND.open_steps(round, request.user)),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "reports/phone_round_detail.html", context, status=status)


@require_POST
def record_call_of_round(request: HttpRequest, pk: uuid.UUID, code: str) -> HttpResponse:
    """Write down what came of one call, in its place in the list."""
    round = _round(request, pk)
    require_supervisor(request)
    row = next(
        (row for row in queries.call_rows(round, request.user) if row.federation.code == code), None
    )
    if row is None:
        raise Http404
    form = RoundCallForm(request.POST)
    if form.is_valid():
        try:
            services.record_call_of_round(
                round, by=request.user, federation=row.federation, **form.cleaned_data
            )
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect(round)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(round.version)
        else:
            name = row.federation.short_name
            messages.success(request, _("The call with %(name)s is recorded.") % {"name": name})
            return redirect(round)
    return _call_list(request, round, code, form)


@require_POST
def close_round(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    round = _round(request, pk)
    require_supervisor(request)
    try:
        services.close_round(round, by=request.user, version=_posted_version(request))
    except (Stale, StepNotOpen) as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("The round is closed."))
    return redirect(round)
