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
from django.utils.translation import gettext_lazy
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
    told: Any,
    done: Any,
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
            messages.success(request, str(done))
            return redirect(piece)
    context = {"piece": piece, "step": step, "form": form, "explanation": told}
    status = 422 if form.errors else 200
    return render(request, "editorial/piece_step.html", context, status=status)


#: Steps that take a note where somebody wants to leave one.
NOTED = {"pass_first", "pass_second", "approve"}


def _page_of(name: str, act: Callable[..., Piece], told: Any, done: Any) -> Any:
    @require_http_methods([*READ_METHODS, "POST"])
    def page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return _step(request, pk, name, act, told, done)

    page.__name__ = page.__qualname__ = f"{name}_piece"
    return page


submit_piece = _page_of(
    "submit",
    services.submit_piece,
    gettext_lazy(
        "Three other people read it one after the other. You can take it back until it is out."
    ),
    gettext_lazy("It was sent to the first review."),
)
recall_piece = _page_of(
    "recall",
    services.recall_piece,
    gettext_lazy("It becomes a draft again; its reviews begin anew when you send it again."),
    gettext_lazy("It is a draft again."),
)
pass_first_review = _page_of(
    "pass_first",
    services.pass_first_review,
    gettext_lazy("Facts, names, numbers and words are right. It goes on to the second review."),
    gettext_lazy("It went on to the second review."),
)
pass_second_review = _page_of(
    "pass_second",
    services.pass_second_review,
    gettext_lazy("Policy and tone are right. It goes on to the final review."),
    gettext_lazy("It went on to the final review."),
)
approve_piece = _page_of(
    "approve",
    services.approve_piece,
    gettext_lazy("It comes out at once, or at the time that the writer set."),
    gettext_lazy("It is approved."),
)
return_piece = _page_of(
    "return",
    services.return_piece,
    gettext_lazy("It goes back to the writer, who reads what you say here."),
    gettext_lazy("It was returned to the writer."),
)
publish_piece = _page_of(
    "publish",
    services.publish_piece,
    gettext_lazy("It comes out now, whatever time was set."),
    gettext_lazy("It is out."),
)
stop_piece = _page_of(
    "stop",
    services.stop_piece,
    gettext_lazy("It does not come out and becomes a draft again."),
    gettext_lazy("It does not come out."),
)
revise_piece = _page_of(
    "revise",
    services.revise_piece,
    gettext_lazy("Readers keep seeing what is out until the new version has passed its reviews."),
    gettext_lazy("You can write the new version now."),
)
discard_changes = _page_of(
    "discard",
    services.discard_changes,
    gettext_lazy("What was written since the last publication is lost; what is out stays."),
    gettext_lazy("The changes are discarded."),
)
withdraw_piece = _page_of(
    "withdraw",
    services.withdraw_piece,
    gettext_lazy(
        "Readers find at its address that it was withdrawn, with the day and this reason. It cannot be undone."
    ),
    gettext_lazy("It is withdrawn."),
)
drop_piece = _page_of(
    "drop",
    services.drop_piece,
    gettext_lazy("It stays in the list as dropped."),
    gettext_lazy("The draft is dropped."),
)
