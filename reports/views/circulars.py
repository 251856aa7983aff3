"""Pages of circulars: the list, the draft with its preview, a federation's line, the steps, the files."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.audit.queries import story
from platform_site.casework.forms import StepForm
from platform_site.casework.queries import today
from platform_site.documents.content import Block, block_to_json
from platform_site.federations.models import Federation
from platform_site.jobs.answers import follow
from platform_site.lists import keyset
from platform_site.problems import Invalid, NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import services
from ..documents import FORMS, official_of_circular
from ..exports.circulars import select_circulars
from ..forms.circulars import ApproveForm, CircularForm, LineForm, place_of
from ..jobs import start_build_circular
from ..menu import reads_circulars
from ..models import Circular, CircularList
from ..queries import circulars as queries
from ..queries import follows_all
from ..services.circulars import require_drafter
from ..tables import CircularTable
from ..workflow import CIRCULAR, CircularState
from .common import READ_METHODS

PAGE_SIZE = 20


def _circular(request: HttpRequest, pk: uuid.UUID) -> Circular:
    return get_object_or_404(Circular.objects.visible_to(request.user).with_context(), pk=pk)


@require_safe
def circular_list(request: HttpRequest) -> HttpResponse:
    if not reads_circulars(request.user):
        raise NotAllowed("not_yours", _("Circulars are not part of your office."))
    chosen = select_circulars(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    form = chosen.form
    context = {
        "form": form,
        "page": page,
        "table": CircularTable(page.rows),
        "narrowed": form is not None and any(request.GET.get(name) for name in form.fields),
        "may_draft": request.user.has_perm("reports.draft_circular"),
    }
    return render(request, "reports/circular_list.html", context)


# --- Drafting and changing ----------------------------------------------------------------------------


@require_http_methods([*READ_METHODS, "POST"])
def draft_circular(request: HttpRequest) -> HttpResponse:
    federation = Federation.objects.national()
    require_drafter(Circular(federation=federation), request.user)
    initial = {"id": uuid.uuid4(), "as_of": today(), "rounds": _rounds_asked_for(request)}

    def save(form: CircularForm) -> Circular:
        return services.draft_circular(
            by=request.user,
            federation=federation,
            id=form.cleaned_data["id"],
            **form.service_fields(),
        )

    return _edit_page(request, None, initial, save)


def _rounds_asked_for(request: HttpRequest) -> list[uuid.UUID]:
    """The last round of the notice that the reader came from."""
    try:
        notice = uuid.UUID(request.GET.get("notice", ""))
    except ValueError:
        return []
    return [each.pk for each in queries.rounds_for(request.user).filter(request=notice)[:1]]


@require_http_methods([*READ_METHODS, "POST"])
def edit_circular(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    circular = _circular(request, pk)
    require_drafter(circular, request.user)
    if circular.state != CircularState.DRAFT:
        return _not_a_draft(request, circular)
    initial = {
        **{name: getattr(circular, name) for name in ("version", "title", "as_of", "before")},
        "after": circular.after,
        "lists": circular.lists,
        "rounds": list(circular.subjects.values_list("round", flat=True)),
        "number_series": circular.number_series.word if circular.number_series else "",
    }

    def save(form: CircularForm) -> Circular:
        version = form.cleaned_data["version"] or 0
        return services.edit_circular(
            circular, by=request.user, version=version, **form.service_fields()
        )

    return _edit_page(request, circular, initial, save)


def _not_a_draft(request: HttpRequest, circular: Circular) -> HttpResponse:
    state = circular.get_state_display()
    told = _("Only a draft can be changed; this circular is “%(state)s”.") % {"state": state}
    messages.warning(request, told)
    return redirect(circular)


def _edit_page(
    request: HttpRequest,
    circular: Circular | None,
    initial: dict[str, Any],
    save: Callable[[CircularForm], Circular],
) -> HttpResponse:
    form = CircularForm(request.POST or None, initial=initial, user=request.user)
    if form.is_valid():
        try:
            saved = save(form)
        except (Invalid, Stale, StepNotOpen) as refused:
            problems_to_form(form, refused, {"lists": place_of(CircularList.ON_TIME)})
            _take_newer(form, refused)
        else:
            messages.success(
                request, _("The draft was saved. Another person than its drafter approves it.")
            )
            return redirect(saved)
    context = {"form": form, "circular": circular}
    return render(
        request, "reports/circular_edit.html", context, status=422 if form.errors else 200
    )


def _take_newer(form: Any, refused: Refused) -> None:
    """What was typed stays; saving again is done in knowledge of the newer version."""
    if isinstance(refused, Stale):
        form.data = form.data.copy()
        form.data["version"] = str(refused.extra.get("version", ""))


@require_http_methods([*READ_METHODS, "POST"])
def set_line(request: HttpRequest, pk: uuid.UUID, code: str) -> HttpResponse:
    """A remark on the reports of one federation, or why it is left out."""
    circular = _circular(request, pk)
    require_drafter(circular, request.user)
    federation = get_object_or_404(queries.named_federations(circular), code=code)
    if circular.state != CircularState.DRAFT:
        return _not_a_draft(request, circular)
    kept = circular.lines.filter(federation=federation).first()
    initial = {"version": circular.version}
    if kept:
        initial |= {"remark": kept.remark, "left_out": kept.left_out}
    form = LineForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.set_line(circular, by=request.user, federation=federation, **form.cleaned_data)
        except (Invalid, Stale, StepNotOpen) as refused:
            problems_to_form(form, refused)
            _take_newer(form, refused)
        else:
            messages.success(request, _("It is kept; the lists below follow it."))
            return redirect(f"{circular.get_absolute_url()}#federations")
    content = queries.shown_content(circular)
    context = {
        "circular": circular,
        "federation": federation,
        "form": form,
        "standing": [
            (part["title"], CircularList(line["group"]).label)
            for part in content["parts"]
            for line in part["lines"]
            if line["federation"] == code
        ],
    }
    return render(
        request, "reports/circular_line.html", context, status=422 if form.errors else 200
    )


# --- One circular -------------------------------------------------------------------------------------


@require_safe
def circular_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What it says, exactly as the document does; for its writers the federations and who is left out."""
    circular, user = _circular(request, pk), request.user
    follows = follows_all(user)
    may_edit = circular.state == CircularState.DRAFT and user.has_perm(
        "reports.draft_circular", circular
    )
    content = queries.content_for(circular, user)
    context = {
        **_sheet(circular, content),
        "circular": circular,
        "follows": follows,
        "may_edit": may_edit,
        "own_draft": circular.state == CircularState.DRAFT and circular.drafted_by_id == user.pk,
        "rows": queries.federation_rows(circular, content) if may_edit else [],
        "steps": [
            (step, reverse(f"circular-{step.name.replace('_', '-')}", args=[circular.pk]))
            for step in CIRCULAR.open_steps(circular, user)
        ],
        # A replay of the form that asks for a file meets the same job.
        "build_ids": {form: uuid.uuid4() for form in FORMS},
        "entries": story(circular) if follows else [],
    }
    return render(request, "reports/circular_detail.html", context)


def _sheet(circular: Circular, content: queries.Content) -> dict[str, Any]:
    """The document, block for block: the page shows what DOCX and PDF hold and nothing else."""
    official = official_of_circular(circular, content).numbered()
    return {
        "official": official,
        "body": _blocks(official.body),
        "attached": [
            {"name": each.name, "body": _blocks(each.body)} for each in official.attachments
        ],
        "left_out": content["left_out"],
        "left_out_names": [
            {"name": queries.name_of(each), "text": each["text"]} for each in content["left_out"]
        ],
    }


def _blocks(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Blocks for the page; the cells of a table come with the side they stand on."""
    shown = [block_to_json(block) for block in blocks]
    for each in shown:
        if each["block"] == "table":
            sides = [column["align"] for column in each["columns"]]
            each["rows"] = [list(zip(row, sides, strict=True)) for row in each["rows"]]
    return shown


@require_POST
def build_circular(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for DOCX, PDF or the table as a workbook: a background job."""
    circular = _circular(request, pk)
    form = request.POST.get("form", "")
    try:
        id = uuid.UUID(request.POST.get(f"id-{form}", ""))
    except ValueError:
        id = None
    try:
        job = start_build_circular(circular, by=request.user, form=form, id=id)
    except Invalid as refused:
        messages.warning(request, str(refused.message))
        return redirect(circular)
    return follow(request, job)


# --- Steps --------------------------------------------------------------------------------------------


def _step(
    request: HttpRequest,
    pk: uuid.UUID,
    name: str,
    act: Callable[..., Circular],
    explanation: str,
    done: str,
    *,
    form_class: type[StepForm] = StepForm,
) -> HttpResponse:
    circular = _circular(request, pk)
    refused = CIRCULAR.refusal(circular, name, request.user)
    if isinstance(refused, StepNotOpen):
        messages.info(request, str(refused.message))
        return redirect(circular)
    if refused:
        raise refused
    step = CIRCULAR.steps[name]
    content = queries.shown_content(circular)
    digest = queries.digest_of(content)
    form = form_class(
        request.POST or None,
        needs_note=step.needs_note,
        initial={"version": circular.version, "digest": digest},
    )
    if form.is_valid():
        try:
            act(circular, by=request.user, **form.cleaned_data)
        except StepNotOpen as told:
            messages.info(request, str(told.message))
            return redirect(circular)
        except (Invalid, Stale) as told:
            problems_to_form(form, told)
            _take_newer(form, told)
            if "digest" in form.fields:
                form.data = form.data.copy()
                form.data["digest"] = digest  # of what is shown now, to be read again
        else:
            messages.success(request, done)
            return redirect(circular)
    context = {
        **_sheet(circular, content),
        "circular": circular,
        "step": step,
        "form": form,
        "explanation": explanation,
        "recipients": queries.named_federations(circular).count(),
    }
    return render(
        request, "reports/circular_step.html", context, status=422 if form.errors else 200
    )


@require_http_methods([*READ_METHODS, "POST"])
def approve_circular(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "approve",
        services.approve_circular,
        _("You approve the circular as you read it here; what it says is frozen."),
        _("The circular is approved. A national officer issues it."),
        form_class=ApproveForm,
    )


@require_http_methods([*READ_METHODS, "POST"])
def send_back_circular(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "send_back",
        services.send_back_circular,
        _("The circular becomes a draft again; its lists are read anew."),
        _("The circular is a draft again."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def issue_circular(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "issue",
        services.issue_circular,
        _("The circular takes its number and goes to everybody whom its notices asked."),
        _("The circular is issued."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def withdraw_circular(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "withdraw",
        services.withdraw_circular,
        _("Everybody who had it is told; it stays, marked as withdrawn, with your reason."),
        _("The circular is withdrawn."),
    )
