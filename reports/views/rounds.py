"""Pages of the rounds of a notice: the preview of their dates, one more, another date, a newer form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.casework.queries import today, work_calendar
from platform_site.obligations.queries import preview_of
from platform_site.obligations.schedules import Plan, plan_problems
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import queries, services
from ..forms.reports import VersionForm
from ..forms.rounds import MoveRoundForm, OpenRoundForm, PreviewForm
from ..models import Notice
from .common import READ_METHODS


def preview_context(plan: Plan | None) -> dict[str, Any]:
    """The dates of all rounds ahead of a plan, or what keeps it from having any."""
    if plan is None or not plan.is_regular:
        return {"plan": plan}
    problems = plan_problems(plan, work_calendar()) if plan.first else []
    if problems or not plan.first:
        return {"plan": plan, "plan_problems": [str(each.message) for each in problems]}
    return {"plan": plan, "ahead": preview_of(plan), "endless": not plan.last, "today": today()}


@require_safe
def round_preview(request: HttpRequest) -> HttpResponse:
    """A fragment: the dates of all rounds that the typed plan would have."""
    if not request.user.has_perm("reports.draft_notice"):
        raise NotAllowed("not_yours", _("Only national officers draft notices."))
    form = PreviewForm(request.GET)
    form.is_valid()
    context = preview_context(form.plan())
    if not context.get("plan_problems"):
        context["plan_problems"] = [
            f"{form.fields[name].label}: {message}"
            for name, messages_of in form.errors.items()
            for message in messages_of
        ]
    if context["plan_problems"]:
        context.pop("ahead", None)
    return render(request, "reports/notice_round_preview.html", context)


def _notice(request: HttpRequest, pk: uuid.UUID) -> Notice:
    notice = get_object_or_404(
        Notice.objects.visible_to(request.user).with_request().with_due_date(), pk=pk
    )
    if not request.user.has_perm("reports.run_rounds", notice):
        raise NotAllowed("not_yours", _("Only national officers rule the rounds of a notice."))
    return notice


def _act(
    request: HttpRequest,
    notice: Notice,
    form: forms.Form,
    take: Callable[..., Notice],
    done: str,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """A form, one service, and the page of the notice; what is refused stands beside its field."""
    if form.is_valid():
        try:
            take(notice, by=request.user, **form.cleaned_data)
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect(notice)
        except NotAllowed:
            raise
        except Refused as refused:
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(notice.version)
            problems_to_form(form, refused)
        else:
            messages.success(request, done)
            return redirect(f"{notice.get_absolute_url()}#rounds")
    context = {"notice": notice, "form": form, **context}
    return render(request, template, context, status=422 if form.errors else 200)


@require_http_methods([*READ_METHODS, "POST"])
def open_round(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """再开一轮 of an irregular notice."""
    notice = _notice(request, pk)
    if "open-round" not in queries.round_steps(notice, request.user):
        messages.warning(request, _("No round of this notice can be opened by hand."))
        return redirect(notice)
    form = OpenRoundForm(
        request.POST if request.method == "POST" else None,
        initial={"version": notice.version, "period": today()},
    )
    return _act(
        request,
        notice,
        form,
        services.open_another_round,
        _("The round is open."),
        "reports/notice_open_round.html",
        {"recipients": notice.request.addressees.count()},
    )


@require_http_methods([*READ_METHODS, "POST"])
def move_round(request: HttpRequest, pk: uuid.UUID, period: str) -> HttpResponse:
    """Another due date for one round ahead, with the reason."""
    notice = _notice(request, pk)
    ahead = next(
        (each for each in queries.rounds_to_come(notice) if each.period.code == period), None
    )
    if ahead is None:
        messages.warning(
            request,
            _("This round is not ahead: only a round that is not open yet can be moved."),
        )
        return redirect(notice)
    form = MoveRoundForm(
        request.POST if request.method == "POST" else None,
        initial={"version": notice.version, "due_on": ahead.dates.due_on},
    )

    def take(notice: Notice, **fields: Any) -> Notice:
        return services.move_round(notice, period=period, **fields)

    return _act(
        request,
        notice,
        form,
        take,
        _("The round has its new date."),
        "reports/notice_move_round.html",
        {"ahead": ahead},
    )


@require_http_methods([*READ_METHODS, "POST"])
def renew_form(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """下一期改用新版表单: what differs, and the act."""
    notice = _notice(request, pk)
    newer = queries.newer_form(notice)
    if newer is None or notice.form_version is None:
        messages.warning(request, _("There is no newer version of its form."))
        return redirect(notice)
    form = VersionForm(
        request.POST if request.method == "POST" else None, initial={"version": notice.version}
    )
    return _act(
        request,
        notice,
        form,
        services.renew_form,
        _("Rounds that open from now on take the newer form."),
        "reports/notice_renew_form.html",
        {"newer": newer, "changes": queries.form_changes(notice.form_version, newer)},
    )
