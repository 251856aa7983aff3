"""Policy documents: the public list and page, and writing one at the desk."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.attachments.download import serve_bytes
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.editorial.models import Audience, Piece
from platform_site.editorial.queries import content_of, differences, page_of
from platform_site.lists import keyset
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from . import queries, services
from .documents import document_of_policy
from .forms import PolicyForm, RelationFormSet
from .lists import select_documents
from .models import PolicyDocument, PolicyDraft

READ_METHODS = ["GET", "HEAD"]
PAGE_SIZE = 20


# --- For everybody ---------------------------------------------------------------------------------


@require_safe
def policy_list(request: HttpRequest) -> HttpResponse:
    chosen = select_documents(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {"page": page, "form": chosen.form, "narrowed": bool(chosen.words())}
    return render(request, "policy/policy_list.html", context)


def _document_out(request: HttpRequest, slug: str) -> PolicyDocument:
    documents = PolicyDocument.objects.visible_to(request.user).with_validity()
    return get_object_or_404(
        documents.select_related("piece__published", "piece__federation"), piece__slug=slug
    )


@require_safe
def policy_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The document as an official sheet; 410 with a word where it was withdrawn."""
    gone = queries.withdrawn(slug, request.user)
    if gone is not None:
        return render(request, "editorial/piece_gone.html", {"piece": gone}, status=410)
    document = _document_out(request, slug)
    piece = document.piece
    assert piece.published is not None
    template, context = page_of(piece, piece.published.content)
    onto, by = queries.bearings_of(document, request.user)
    context |= {
        "document": document,
        "validity": queries.validity_of(document),
        "tone": PolicyDocument.TONES[queries.validity_of(document)],
        "bears_on": onto,
        "borne_by": by,
    }
    return render(request, template, context)


@require_safe
def policy_document(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """The published text as DOCX or PDF."""
    filename, content = document_of_policy(_document_out(request, slug).piece, ending)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


# --- At the desk -----------------------------------------------------------------------------------


@require_http_methods([*READ_METHODS, "POST"])
def draft_document(request: HttpRequest) -> HttpResponse:
    home = queries.home_of(request.user)
    form, relations = _forms(request, {"id": uuid.uuid4(), "audience": Audience.PUBLIC}, [])
    if request.method == "POST" and form.is_valid() and relations.is_valid():
        try:
            piece = services.draft_document(
                by=request.user,
                federation=home,
                id=form.cleaned_data["id"],
                texts=form.texts,
                facts=form.facts | {"relations": _given(relations)},
            )
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect(piece)
    return _edit_page(request, form, relations, None)


@require_http_methods([*READ_METHODS, "POST"])
def edit_document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    pieces = Piece.objects.visible_to(request.user).filter(kind=services.KIND)
    piece = get_object_or_404(pieces.with_context().select_related("policy_draft"), pk=pk)
    if not request.user.has_perm("editorial.write_piece", piece):
        raise NotAllowed("not_yours", _("Writing content here is not part of your office."))
    if piece.state != "draft":
        messages.warning(request, _("Only a draft can be changed."))
        return redirect(piece)
    form, relations = _forms(request, _initial(piece), piece.policy_draft.relations)
    if request.method == "POST" and form.is_valid() and relations.is_valid():
        try:
            services.edit_document(
                piece,
                by=request.user,
                version=form.cleaned_data["version"] or 0,
                texts=form.texts,
                facts=form.facts | {"relations": _given(relations)},
            )
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect(piece)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
            if isinstance(refused, Stale):
                return _meanwhile(request, form, relations, piece, refused)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect(piece)
    return _edit_page(request, form, relations, piece)


def _meanwhile(
    request: HttpRequest, form: PolicyForm, relations: Any, piece: Piece, refused: Stale
) -> HttpResponse:
    """Somebody else saved first: what differs, and the choice. Saving again keeps what is typed here."""
    form.data = form.data.copy()
    form.data["version"] = str(refused.extra.get("version", ""))
    theirs = content_of(piece)
    mine = {**theirs, **{name: form.texts[name] for name in ("title", "summary", "body")}}
    return _edit_page(request, form, relations, piece, differences(theirs, mine))


def _edit_page(
    request: HttpRequest,
    form: PolicyForm,
    relations: Any,
    piece: Piece | None,
    meanwhile: Any = None,
) -> HttpResponse:
    wrong = bool(form.errors) or (relations.is_bound and not relations.is_valid())
    context = {"form": form, "relations": relations, "piece": piece, "meanwhile": meanwhile}
    return render(request, "policy/policy_edit.html", context, status=422 if wrong else 200)


def _forms(request: HttpRequest, initial: dict[str, Any], rows: list[Any]) -> tuple[Any, Any]:
    data = request.POST if request.method == "POST" else None
    files = request.FILES if request.method == "POST" else None
    relations = RelationFormSet(
        data,
        prefix="relations",
        initial=[{**row, "target": row["target"]} for row in rows],
        form_kwargs={"reader": request.user},
    )
    return PolicyForm(data, files, initial=initial), relations


def _given(relations: Any) -> list[dict[str, Any]]:
    return [
        {"kind": row["kind"], "target": row["target"].pk, "note": row["note"]}
        for form in relations
        if (row := form.cleaned_data) and row.get("target") is not None
    ]


def _initial(piece: Piece) -> dict[str, Any]:
    draft: PolicyDraft = piece.policy_draft
    return {
        "version": piece.version,
        **{name: getattr(piece, name) for name in PolicyForm.TEXTS},
        **{name: getattr(draft, name) for name in services.FACTS},
        "issuers": "\n".join(draft.issuers),
    }
