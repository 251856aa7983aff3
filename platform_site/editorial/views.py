"""Pages of the desk: the list, a piece with its reviews, its preview, what changed, its steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.audit.queries import story
from platform_site.casework.forms import StepForm
from platform_site.lists import keyset
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from . import kinds, queries, services
from .exports import select_pieces
from .models import Piece
from .tables import PieceTable
from .workflow import PIECE

READ_METHODS = ["GET", "HEAD"]
PAGE_SIZE = 20


def find_piece(request: HttpRequest, pk: uuid.UUID) -> Piece:
    return get_object_or_404(Piece.objects.visible_to(request.user).with_context(), pk=pk)


@require_safe
def piece_list(request: HttpRequest) -> HttpResponse:
    if not queries.works_at_the_desk(request.user):
        raise NotAllowed("not_yours", _("Content is not part of your office."))
    chosen = select_pieces(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {
        "page": page,
        "table": PieceTable(page.rows),
        "form": chosen.form,
        "narrowed": bool(chosen.words()),
        "may_write": request.user.has_perm("editorial.write_piece"),
    }
    return render(request, "editorial/piece_list.html", context)


@require_safe
def piece_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    piece = find_piece(request, pk)
    steps = PIECE.open_steps(piece, request.user)
    context = {
        "piece": piece,
        "kind": kinds.kind(piece.kind),
        "stages": queries.stages_of(piece),
        "returned": queries.last_return(piece),
        "may_edit": piece.state == "draft"
        and request.user.has_perm("editorial.write_piece", piece),
        "edit_url": kinds.kind(piece.kind).edit_url(piece),
        "public_url": kinds.kind(piece.kind).public_url(piece) if piece.is_out else "",
        "steps": [
            (step, reverse(f"piece-{step.name.replace('_', '-')}", args=[piece.pk]))
            for step in steps
        ],
        "revisions": piece.revisions.defer("content"),
        "entries": story(piece),
    }
    return render(request, "editorial/piece_detail.html", context)


@require_safe
def piece_preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Exactly the page that readers will see, from what the draft says now."""
    piece = find_piece(request, pk)
    template, context = queries.page_of(piece, queries.content_of(piece))
    return render(request, template, {**context, "preview": True})


@require_safe
def compare_revisions(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What differs between two revisions, or between the one that is out and the draft."""
    piece = find_piece(request, pk)
    old = _revision(piece, request.GET.get("from", ""))
    new = _revision(piece, request.GET.get("to", ""))
    context = {
        "piece": piece,
        "old": old,
        "new": new,
        "revisions": piece.revisions.defer("content"),
        "differences": queries.differences(
            old.content if old else queries.content_of(piece),
            new.content if new else queries.content_of(piece),
        ),
    }
    return render(request, "editorial/piece_compare.html", context)


def _revision(piece: Piece, number: str) -> Any:
    """The revision of this number; None, for nothing given, is what the draft says now."""
    if not number:
        return None
    found = (
        queries.revision_of(piece, int(number))
        if number.isascii() and number.isdigit() and len(number) < 9
        else None
    )
    if found is None:
        raise Http404
    return found


def _step(
    request: HttpRequest,
    pk: uuid.UUID,
    name: str,
    act: Callable[..., Piece],
    told: str,
    done: str,
) -> HttpResponse:
    """The page of one step: what it does, a note where one is wanted, and the button."""
    piece, step = find_piece(request, pk), PIECE.steps[name]
    refused = PIECE.refusal(piece, name, request.user)
    if isinstance(refused, NotAllowed):
        raise refused
    if refused is not None:
        messages.warning(request, str(refused.message))
        return redirect(piece)
    noted = name in NOTED
    form = StepForm(
        request.POST if request.method == "POST" else None,
        initial={"version": piece.version},
        needs_note=step.needs_note,
    )
    if not (noted or step.needs_note):
        del form.fields["note"]
    if form.is_valid():
        try:
            act(piece, by=request.user, **form.cleaned_data)
        except StepNotOpen as problem:
            messages.warning(request, str(problem.message))
            return redirect(piece)
        except NotAllowed:
            raise
        except Refused as problem:
            problems_to_form(form, problem)
            if isinstance(problem, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(problem.extra.get("version", ""))
        else:
            messages.success(request, done)
            return redirect(piece)
    context = {"piece": piece, "step": step, "form": form, "explanation": told}
    status = 422 if form.errors else 200
    return render(request, "editorial/piece_step.html", context, status=status)


#: Steps that take a note where somebody wants to leave one.
NOTED = {"pass_first", "pass_second", "approve"}


@require_http_methods([*READ_METHODS, "POST"])
def submit_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "submit",
        services.submit_piece,
        _("Three other people read it one after the other. You can take it back until it is out."),
        _("It was sent to the first review."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def recall_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "recall",
        services.recall_piece,
        _("It becomes a draft again; its reviews begin anew when you send it again."),
        _("It is a draft again."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def pass_first_review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "pass_first",
        services.pass_first_review,
        _("Facts, names, numbers and words are right. It goes on to the second review."),
        _("It went on to the second review."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def pass_second_review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "pass_second",
        services.pass_second_review,
        _("Policy and tone are right. It goes on to the final review."),
        _("It went on to the final review."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def approve_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "approve",
        services.approve_piece,
        _("It comes out at once, or at the time that the writer set."),
        _("It is approved."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def return_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "return",
        services.return_piece,
        _("It goes back to the writer, who reads what you say here."),
        _("It was returned to the writer."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def publish_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "publish",
        services.publish_piece,
        _("It comes out now, whatever time was set."),
        _("It is out."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def stop_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "stop",
        services.stop_piece,
        _("It does not come out and becomes a draft again."),
        _("It does not come out."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def revise_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "revise",
        services.revise_piece,
        _("Readers keep seeing what is out until the new version has passed its reviews."),
        _("You can write the new version now."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def discard_changes(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "discard",
        services.discard_changes,
        _("What was written since the last publication is lost; what is out stays."),
        _("The changes are discarded."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def withdraw_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "withdraw",
        services.withdraw_piece,
        _(
            "Readers find at its address that it was withdrawn, with the day and this reason. It cannot be undone."
        ),
        _("It is withdrawn."),
    )


@require_http_methods([*READ_METHODS, "POST"])
def drop_piece(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _step(
        request,
        pk,
        "drop",
        services.drop_piece,
        _("It stays in the list as dropped."),
        _("The draft is dropped."),
    )
