"""Pages of notices: the list, one of them with its recipients, its steps."""

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
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.audit.queries import entries_about
from platform_site.casework.forms import StepForm
from platform_site.casework.queries import look_at
from platform_site.lists import keyset
from platform_site.obligations.models import Obligation, Round
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import queries, services
from ..documents import addressee_line, has_document, issuer_of
from ..exports.notices import OWN_OFFICES, filed_counts, own_standings, select_notices
from ..models import Asks, Notice
from ..services.summaries import cannot_sum_up
from ..tables import NoticeTable
from ..workflow import NOTICE, NoticeState
from .common import READ_METHODS, notices_for

PAGE_SIZE = 20


# --- The list -----------------------------------------------------------------------------------


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    chosen = select_notices(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    if queries.follows_all(request.user):
        marks: dict[str, Any] = {"filed": filed_counts(page.rows, request.user)}
    else:
        marks = {"ours": own_standings(page.rows, request.user)}
    form = chosen.form
    context = {
        "form": form,
        "page": page,
        "table": NoticeTable(page.rows, **marks),
        "narrowed": form is not None and any(request.GET.get(name) for name in form.fields),
        "may_draft": request.user.has_perm("reports.draft_notice"),
    }
    return render(request, "reports/notice_list.html", context)


# --- One notice ---------------------------------------------------------------------------------


@require_safe
def notice_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = request.user
    notice = get_object_or_404(notices_for(user), pk=pk)
    round = _round(notice, request.GET.get("round", ""))
    rows = queries.recipient_rows(notice, user, round)
    follows_all = queries.follows_all(user)
    addressees = queries.addressees_of(notice)
    wanted = request.GET.get("standing", "")
    context = {
        "notice": notice,
        "round": round,
        "lines": queries.round_lines(notice, user) if notice.schedule else [],
        "ahead": queries.rounds_to_come(notice) if follows_all else [],
        "round_steps": queries.round_steps(notice, user)
        if notice.state == NoticeState.ISSUED
        else [],
        "due": look_at(round.due_on) if round.due_on else None,
        "issued_on": None if notice.month_year else notice.issued_at,
        "over": notice.state in (NoticeState.CLOSED, NoticeState.WITHDRAWN),
        "paragraphs": [line for line in (each.strip() for each in notice.text.split("\n")) if line],
        "addressee_line": addressee_line(addressees),
        "addressees": addressees,
        "has_document": has_document(notice),
        "issuer": issuer_of(notice),
        "follows_all": follows_all,
        "rows": queries.standing_at(rows, wanted) if follows_all else _asked_first(rows),
        "passed_down": {row.obligation.parent_id for row in rows},
        "tiles": _tiles(rows, wanted) if follows_all else [],
        "wanted": wanted,
        "steps": [
            (step, reverse(f"notice-{step.name.replace('_', '-')}", args=[notice.pk]))
            for step in NOTICE.open_steps(notice, user)
        ],
        "may_edit": notice.state == NoticeState.DRAFT
        and user.has_perm("reports.draft_notice", notice),
        "late_count": sum(row.is_late and row.is_open for row in rows)
        if notice.state == NoticeState.ISSUED
        else 0,
        "may_chase": user.has_perm("reports.chase", notice),
        # Only those who follow all federations read summaries (Summary.visible_to).
        "summary": getattr(round, "summary", None) if follows_all else None,
        "may_sum_up": cannot_sum_up(notice, user) is None,
        "own_draft": notice.state == NoticeState.DRAFT and notice.drafted_by_id == user.pk,
        "own": user.scope.at(*OWN_OFFICES),
        "may_sign_for": user.has_perm("obligations.sign_for"),
        "entries": queries.told_of_notice(entries_about(notice), user).order_by("at", "id"),
        "asks_nothing": notice.asks == Asks.NOTHING,
    }
    return render(request, "reports/notice_detail.html", context)


def _asked_first(rows: list[queries.RecipientRow]) -> list[queries.RecipientRow]:
    """Without what one of these passed down: that has a page of its own."""
    there = {row.obligation.pk for row in rows}
    return [row for row in rows if row.obligation.parent_id not in there]


def _round(notice: Notice, period: str) -> Round:
    """The round that the page shows: the one asked for, else the newest; of a draft, its first."""
    if not period:
        return notice.round
    round = queries.round_of(notice, period)
    if round is None:
        raise Http404
    return round


def _tiles(rows: list[queries.RecipientRow], wanted: str) -> list[dict[str, Any]]:
    """The tally as tiles; each leads to its rows."""
    counts = queries.tally(rows)
    shown = [{"code": "", "label": _("all"), "count": counts["total"], "tone": ""}]
    shown += [
        {"code": each.value, "label": each.label, "count": counts[each.value], "tone": ""}
        for each in queries.Standing
        if counts.get(each.value)
    ]
    if counts["late"]:
        shown.append({"code": "late", "label": _("late"), "count": counts["late"], "tone": "red"})
    if wanted in queries.MISSING:
        count = len(queries.standing_at(rows, wanted))
        shown.append({"code": wanted, "label": queries.MISSING[wanted], "count": count, "tone": ""})
    return [tile | {"current": tile["code"] == wanted} for tile in shown]


# --- Steps --------------------------------------------------------------------------------------


@require_http_methods([*READ_METHODS, "POST"])
def approve_notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(request, pk, "approve", services.approve_notice, _("The notice was approved."))


@require_http_methods([*READ_METHODS, "POST"])
def send_back_notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request, pk, "send_back", services.send_back_notice, _("The notice is a draft again.")
    )


@require_http_methods([*READ_METHODS, "POST"])
def issue_notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(request, pk, "issue", services.issue_notice, _("The notice was issued."))


@require_http_methods([*READ_METHODS, "POST"])
def close_notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(request, pk, "close", services.close_notice, _("The notice was closed."))


@require_http_methods([*READ_METHODS, "POST"])
def withdraw_notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(request, pk, "withdraw", services.withdraw_notice, _("The notice was withdrawn."))


def _step(
    request: HttpRequest, pk: uuid.UUID, name: str, take: Callable[..., Notice], done: str
) -> HttpResponse:
    """A page that names what will happen to whom, and the step itself."""
    notice = get_object_or_404(notices_for(request.user), pk=pk)
    step = NOTICE.steps[name]
    if refused := NOTICE.refusal(notice, name, request.user):
        if not isinstance(refused, StepNotOpen):
            raise refused
        # A second click, or somebody was faster: the page shows how things stand.
        messages.warning(request, str(refused.message))
        return redirect(notice)
    form = StepForm(
        request.POST if request.method == "POST" else None,
        initial={"version": notice.version},
        needs_note=step.needs_note,
    )
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
            return redirect(notice)
    recipients = notice.request.addressees.count()
    still_open = (
        Obligation.objects.visible_to(request.user).filter(round__request=pk).unsettled().count()
    )
    context = {
        "notice": notice,
        "step": step,
        "form": form,
        "recipients": recipients,
        "explanation": _explain(name, recipients, still_open),
        "due": look_at(notice.due_on) if notice.due_on else None,
    }
    return render(request, "reports/notice_step.html", context, status=422 if form.errors else 200)


def _explain(step: str, recipients: int, still_open: int) -> str:
    """What the step does and to how many."""
    if step == "approve":
        return _(
            "The national officers are then asked to issue it. The text cannot change any more."
        )
    if step == "send_back":
        return _("The notice becomes a draft again and needs a new approval.")
    if step == "issue":
        return ngettext(
            "%(n)s federation receives the notice and is asked to sign for it. "
            "Text, due date and recipients are fixed from then on.",
            "%(n)s federations receive the notice and are asked to sign for it. "
            "Text, due date and recipients are fixed from then on.",
            recipients,
        ) % {"n": recipients}
    if step == "close":
        return ngettext(
            "Nothing more can be filed. %(n)s federation has not finished; it stays as it is.",
            "Nothing more can be filed. %(n)s federations have not finished; they stay as they are.",
            still_open,
        ) % {"n": still_open}
    return ngettext(
        "What %(n)s federation still owes is cancelled, and it is told why.",
        "What %(n)s federations still owe is cancelled, and they are told why.",
        still_open,
    ) % {"n": still_open}
