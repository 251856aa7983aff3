"""Pages of drafting a notice and changing the draft, with the preview of its due date."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.attachments import filetypes
from platform_site.attachments.models import Attachment
from platform_site.attachments.queries import of_owner
from platform_site.casework.queries import look_at
from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.federations.models import Federation
from platform_site.obligations.models import Request
from platform_site.obligations.schedules import Plan
from platform_site.problems import NotAllowed, Refused, Stale
from platform_site.web.forms import problems_to_form

from .. import services
from ..forms.notices import NoticeForm, RecipientGroups
from ..forms.rounds import PreviewForm, typed_of
from ..models import Notice
from ..workflow import NoticeState
from .common import READ_METHODS, notices_for, take_files
from .rounds import preview_context


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
    notice = get_object_or_404(notices_for(request.user), pk=pk)
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
        attachments, file_problems = take_files(request)
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
