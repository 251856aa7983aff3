"""Pages of what a federation owes, and of signing for it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.audit.queries import story
from platform_site.casework.queries import look_at, reminders_of, today
from platform_site.federations.models import Holding
from platform_site.federations.queries import holder
from platform_site.obligations.models import Obligation
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import queries, services
from ..documents import has_document
from ..forms.notices import SignForForm
from ..models import Asks, Report
from ..services.filling import OPEN_TO_FILLING
from ..workflow import NoticeState
from .common import READ_METHODS, find_obligation, notices_for


@require_safe
def obligation_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is asked by when; once the report exists, its own page is the better one."""
    obligation = find_obligation(request, pk)
    user = request.user
    report = Report.objects.visible_to(user).filter(obligation=obligation).first()
    if report is not None:
        filling = report.state in OPEN_TO_FILLING and user.has_perm("reports.fill_report", report)
        return redirect("report-fill" if filling else "report-detail", pk=report.pk)
    notice = get_object_or_404(notices_for(user), pk=obligation.round.request_id)
    running = notice.state == NoticeState.ISSUED
    state = obligation.state
    still_owed = state in (Obligation.State.WAITING, Obligation.State.SIGNED_FOR)
    context = {
        "may_extend": running
        and still_owed
        and obligation.due_on is not None
        and user.has_perm("obligations.extend", obligation),
        "may_waive": running and still_owed and user.has_perm("obligations.waive", obligation),
        "allowances": obligation.allowances.all(),
        "passed_to_us": queries.pass_down_to(obligation, user),
        "has_passed_down": hasattr(obligation, "pass_down"),
        "may_pass_down": queries.cannot_pass_down(obligation, user) is None,
        "obligation": obligation,
        "notice": notice,
        "due": look_at(obligation.due_on) if obligation.due_on else None,
        "ended": state not in (Obligation.State.WAITING, Obligation.State.SIGNED_FOR),
        "may_sign_for": running
        and state == Obligation.State.WAITING
        and user.has_perm("obligations.sign_for", obligation),
        "opens_on": _opens_on(obligation),
        "may_start": running
        and _opens_on(obligation) is None
        and state == Obligation.State.SIGNED_FOR
        and notice.asks != Asks.NOTHING
        and user.has_perm("reports.fill_report", obligation),
        "has_document": has_document(notice),
        "entries": story(obligation),
        "reminders": reminders_of(notice.pk, obligation.federation_id),
    }
    return render(request, "reports/obligation_detail.html", context)


def _opens_on(obligation: Obligation) -> dt.date | None:
    """The day on which its round opens, while that is still to come."""
    day = obligation.round.opens_on
    return day if day is not None and day > today() else None


@require_http_methods([*READ_METHODS, "POST"])
def sign_for(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    obligation = find_obligation(request, pk)
    if not request.user.has_perm("obligations.sign_for", obligation):
        raise NotAllowed("not_yours", _("Only the federation itself signs for it."))
    notice = get_object_or_404(notices_for(request.user), pk=obligation.round.request_id)
    if obligation.state != Obligation.State.WAITING:
        messages.info(request, _("The notice has been signed for already."))
        return redirect(obligation)
    form = SignForForm(
        request.POST if request.method == "POST" else None, initial=_from_register(obligation)
    )
    if form.is_valid():
        try:
            services.sign_for(obligation, by=request.user, **form.cleaned_data)
        except StepNotOpen as refused:
            # A second click, or the notice was closed meanwhile: the page shows how things stand.
            messages.info(request, str(refused.message))
            return redirect(obligation)
        except NotAllowed:
            raise
        except Refused as refused:
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(obligation.version)
            problems_to_form(form, refused, {"name": "leader_name", "title": "leader_title"})
        else:
            messages.success(request, _("The notice was signed for."))
            return redirect(obligation)
    context = {
        "obligation": obligation,
        "notice": notice,
        "form": form,
        "due": look_at(obligation.due_on) if obligation.due_on else None,
    }
    return render(
        request, "reports/obligation_sign_for.html", context, status=422 if form.errors else 200
    )


def _from_register(obligation: Obligation) -> dict[str, Any]:
    """Leader and department as the federation's register of posts has them today."""
    leader = holder(obligation.federation, Holding.Post.LEADER_IN_CHARGE)
    head = holder(obligation.federation, Holding.Post.DEPARTMENT_HEAD)
    return {
        "version": obligation.version,
        "leader_name": leader.name if leader else "",
        "leader_title": leader.title if leader else "",
        "department": (head.department if head else "") or (leader.department if leader else ""),
    }
