"""Pages of notices and of what a federation owes: list, draft, steps, recipients, signing for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.attachments import filetypes
from platform_site.attachments.models import Attachment
from platform_site.attachments.queries import of_owner
from platform_site.attachments.services import upload
from platform_site.audit.queries import entries_about, story
from platform_site.casework.forms import StepForm
from platform_site.casework.queries import look_at, reminders_of, today
from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.federations.models import Federation, Holding
from platform_site.federations.queries import holder
from platform_site.lists import keyset
from platform_site.obligations.models import Obligation, Request, Round
from platform_site.obligations.schedules import Plan
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import exports, queries, services
from ..documents import addressee_line, has_document, issuer_of
from ..forms.notices import NoticeForm, RecipientGroups, SignForForm
from ..forms.rounds import PreviewForm, typed_of
from ..models import Asks, Notice, Report
from ..services.reports import OPEN_TO_FILLING
from ..services.summaries import cannot_sum_up
from ..tables import NoticeTable
from ..workflow import NOTICE, NoticeState
from .rounds import preview_context

PAGE_SIZE = 20
READ_METHODS = ["GET", "HEAD"]


def _notices(user: Any) -> QuerySet[Notice]:
    """What the user may see, each row with its due date."""
    return Notice.objects.visible_to(user).with_request().with_due_date()


# --- The list -----------------------------------------------------------------------------------


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    chosen = exports.select_notices(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    if queries.follows_all(request.user):
        marks: dict[str, Any] = {"filed": exports.filed_counts(page.rows, request.user)}
    else:
        marks = {"ours": exports.own_standings(page.rows, request.user)}
    form = chosen.form
    context = {
        "form": form,
        "page": page,
        "table": NoticeTable(page.rows, **marks),
        "narrowed": form is not None and any(request.GET.get(name) for name in form.fields),
        "may_draft": request.user.has_perm("reports.draft_notice"),
    }
    return render(request, "reports/notice_list.html", context)


# --- Drafting and changing ----------------------------------------------------------------------


@require_http_methods([*READ_METHODS, "POST"])
def draft_notice(request: HttpRequest) -> HttpResponse:
    federation = Federation.objects.national()
    if not request.user.has_perm("reports.draft_notice", Request(federation=federation)):
        raise NotAllowed("not_yours", _("Only national officers draft notices."))

    def save(form: NoticeForm, attachments: list[Attachment]) -> Notice:
        return services.draft_notice(
            by=request.user,
            federation=federation,
            id=form.cleaned_data["id"],
            attachments=attachments,
            **form.service_fields(),
        )

    initial = {
        "id": uuid.uuid4(),
        "recipients": RecipientGroups().default,
        "contact_name": request.user.name,
    }
    return _edit_page(request, None, initial, save)


@require_http_methods([*READ_METHODS, "POST"])
def edit_notice(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    notice = get_object_or_404(_notices(request.user), pk=pk)
    if not request.user.has_perm("reports.draft_notice", notice):
        raise NotAllowed("not_yours", _("Only national officers draft notices."))
    if notice.state != NoticeState.DRAFT:
        messages.warning(
            request,
            _("Only a draft can be changed; this notice is “%(state)s”.")
            % {"state": notice.get_state_display()},
        )
        return redirect(notice)

    def save(form: NoticeForm, attachments: list[Attachment]) -> Notice:
        return services.edit_notice(
            notice,
            by=request.user,
            version=form.cleaned_data["version"] or 0,
            attachments=attachments,
            **form.service_fields(),
        )

    return _edit_page(request, notice, _typed_in(notice), save)


def _typed_in(notice: Notice) -> dict[str, Any]:
    """The notice as the form would hold it."""
    addressees = notice.request.addressees.values_list("federation__code", flat=True)
    return {
        "version": notice.version,
        "title": notice.title,
        "number": notice.number,
        "number_series": notice.number_series.word if notice.number_series else "",
        "business_line": notice.business_line,
        "asks": notice.asks,
        "form": notice.form.code if notice.form else "",
        "due_on": notice.due_on,
        "on_time_until": notice.round.on_time_until
        if notice.round.on_time_until != notice.round.due_on
        else None,
        "locks_on": notice.round.locks_on,
        **typed_of(notice.schedule.plan if notice.schedule else None),
        "text": notice.text,
        "recipients": list(addressees),
        "contact_name": notice.contact_name,
        "contact_phone": notice.contact_phone,
    }


def _edit_page(
    request: HttpRequest,
    notice: Notice | None,
    initial: dict[str, Any],
    save: Callable[[NoticeForm, list[Attachment]], Notice],
) -> HttpResponse:
    preview_url = reverse("notice-due-preview")
    attachments: list[Attachment] = []
    file_problems: list[str] = []
    conflicts: list[dict[str, str]] = []
    if request.method == "POST":
        attachments, file_problems = _take_files(request)
        which = request.POST.get("tick")
        if which:
            form = _with_ticks(request, initial, which, preview_url)
        else:
            form = NoticeForm(request.POST, initial=initial, preview_url=preview_url)
            if form.is_valid() and not file_problems:
                try:
                    saved = save(form, attachments)
                except Stale as refused:
                    assert notice is not None  # nosec B101 - a draft that is made has no version
                    conflicts = _what_changed(form, initial)
                    # The next saving is made in knowledge of what is shown now.
                    form.data = form.data.copy()
                    form.data["version"] = str(notice.version)
                    problems_to_form(form, refused)
                except Refused as refused:
                    if refused.status == 403:
                        raise
                    problems_to_form(form, _flat(refused))
                else:
                    messages.success(
                        request,
                        _("The draft was saved. Another person than its drafter approves it."),
                    )
                    return redirect(saved)
    else:
        form = NoticeForm(initial=initial, preview_url=preview_url)
    due_on = _day(form["due_on"].value())
    context = {
        "form": form,
        "notice": notice,
        "look": look_at(due_on) if due_on else None,
        **preview_context(_plan_typed(form)),
        "waiting": attachments,
        "kept": of_owner(notice, request.user) if notice else [],
        "file_problems": file_problems,
        "summary_problems": [
            {"label": _("Attachments"), "message": told, "target": "#upload-file"}
            for told in file_problems
        ],
        "has_errors": bool(form.errors or file_problems),
        "conflicts": conflicts,
        "accept": filetypes.accept_attribute(),
        "accepted": ", ".join(filetypes.accepted()),
        "recipient_groups": form.recipient_groups(),
    }
    return render(
        request,
        "reports/notice_edit.html",
        context,
        status=422 if context["has_errors"] else 200,
    )


def _plan_typed(form: NoticeForm) -> Plan | None:
    """The plan as it stands in the form, as far as it can be read."""
    names = PreviewForm.base_fields
    typed = PreviewForm({name: form[name].value() for name in names})
    return typed.plan() if typed.is_valid() else None


def _flat(refused: Refused) -> Refused:
    """What is wrong with the schedule (``/schedule/due_after``) stands beside the field of that name."""
    refused.fields = tuple(
        replace(each, pointer=each.pointer.replace("/schedule/", "/", 1)) for each in refused.fields
    )
    return refused


def _take_files(request: HttpRequest) -> tuple[list[Attachment], list[str]]:
    """The files posted with the form, kept at once so that none is chosen twice, and those that the
    uploader sent before it."""
    told = []
    ids = []
    for given in request.POST.getlist("attachments"):
        try:
            ids.append(uuid.UUID(given))
        except ValueError:
            continue
    loose = list(
        Attachment.objects.visible_to(request.user).filter(
            pk__in=ids, owner_id=None, uploaded_by=request.user
        )
    )
    for file in request.FILES.getlist("file"):
        try:
            loose.append(upload(file, by=request.user, name=file.name or ""))
        except Refused as refused:
            told.append(f"{file.name}: {refused.message}")
    return loose, told


def _with_ticks(
    request: HttpRequest, initial: dict[str, Any], which: str, preview_url: str
) -> NoticeForm:
    """The form as it was typed, with another choice of recipients ticked; nothing is judged yet."""
    typed: dict[str, Any] = {
        name: request.POST.get(name, initial.get(name)) for name in NoticeForm.base_fields
    }
    typed["recipients"] = RecipientGroups().ticked(which)
    return NoticeForm(initial=typed, preview_url=preview_url)


def _what_changed(form: NoticeForm, now: dict[str, Any]) -> list[dict[str, str]]:
    """Where what somebody else saved meanwhile differs from what is typed here."""
    shown = []
    for name in ("title", "number", "due_on", "text", "contact_name", "contact_phone"):
        theirs = str(now[name] or "")
        mine = str(form.data.get(name, "")).replace("\r\n", "\n").strip("\n")
        if theirs != mine:
            shown.append({"label": str(form.fields[name].label), "theirs": theirs})
    return shown


def _day(value: Any) -> dt.date | None:
    """The day that was typed, if it is one the platform reckons with."""
    try:
        day = value if isinstance(value, dt.date) else NoticeForm.base_fields["due_on"].clean(value)
    except ValidationError:
        return None
    return day if day is not None and EARLIEST <= day <= LATEST else None


@require_safe
def due_preview(request: HttpRequest) -> HttpResponse:
    """A fragment: the weekday, the working days from today, and the holidays in between."""
    if not request.user.has_perm("reports.draft_notice"):
        raise NotAllowed("not_yours", _("Only national officers draft notices."))
    typed = request.GET.get("due_on", "")
    day = _day(typed)
    context = {"look": look_at(day) if day else None, "typed": typed}
    return render(request, "reports/notice_due_preview.html", context)


# --- One notice ---------------------------------------------------------------------------------


@require_safe
def notice_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = request.user
    notice = get_object_or_404(_notices(user), pk=pk)
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
        "own": user.scope.at(*exports.OWN_OFFICES),
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
    notice = get_object_or_404(_notices(request.user), pk=pk)
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


# --- What one federation owes -------------------------------------------------------------------


def _obligation(request: HttpRequest, pk: uuid.UUID) -> Obligation:
    visible = Obligation.objects.visible_to(request.user).select_related(
        "federation",
        "leader",
        "signed_for_by",
        "parent__federation",
        "round__request__federation",
        "round__request__notice",
        "pass_down",
    )
    return get_object_or_404(visible, pk=pk)


@require_safe
def obligation_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is asked by when; once the report exists, its own page is the better one."""
    obligation = _obligation(request, pk)
    user = request.user
    report = Report.objects.visible_to(user).filter(obligation=obligation).first()
    if report is not None:
        filling = report.state in OPEN_TO_FILLING and user.has_perm("reports.fill_report", report)
        return redirect("report-fill" if filling else "report-detail", pk=report.pk)
    notice = get_object_or_404(_notices(user), pk=obligation.round.request_id)
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
    obligation = _obligation(request, pk)
    if not request.user.has_perm("obligations.sign_for", obligation):
        raise NotAllowed("not_yours", _("Only the federation itself signs for it."))
    notice = get_object_or_404(_notices(request.user), pk=obligation.round.request_id)
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
