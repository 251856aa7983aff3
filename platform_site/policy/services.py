"""Writing policy documents; what happens to them on the way is ``editorial``'s."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.documents.numbers import NotANumber, Number
from platform_site.editorial import services as editorial
from platform_site.editorial.models import Piece
from platform_site.federations.models import Federation
from platform_site.problems import FieldProblem, Invalid

from .models import MOST_ISSUERS, PolicyDocument, PolicyDraft, PolicyRelation

KIND = "policy"
FACTS = (
    *("number", "index_number", "kind", "level", "line", "issuers", "abridged", "month_only"),
    *("made_on", "issued_on", "effective_from", "effective_to"),
    *("validity_set", "validity_reason"),
)  # fmt: skip
DATES = ("made_on", "issued_on", "effective_from", "effective_to")
MOST_RELATIONS = 40


def _problem(field: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(f"/{field}", code, message)


@transaction.atomic
def draft_document(
    *,
    by: User,
    federation: Federation,
    texts: Mapping[str, Any],
    facts: Mapping[str, Any],
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Piece:
    """Begin a policy document: ``texts`` as ``editorial`` takes them, ``facts`` of :data:`FACTS`.

    ``facts["relations"]`` are ``{"kind", "target", "note"}`` with the id of a published document.
    Raises Invalid with the fields, and then nothing is written.
    """
    piece = editorial.begin_piece(
        by=by, federation=federation, kind=KIND, texts=texts, id=id, at=at
    )
    if PolicyDraft.objects.filter(piece=piece).exists():
        return piece  # a replay
    draft = PolicyDraft(piece=piece)
    _put(draft, facts)
    draft.save(force_insert=True)
    return piece


@transaction.atomic
def edit_document(
    piece: Piece,
    *,
    by: User,
    version: int,
    texts: Mapping[str, Any],
    facts: Mapping[str, Any],
    at: dt.datetime | None = None,
) -> Piece:
    """Change a draft: members that are left out stay as they are."""
    fresh = editorial.write_piece(piece, by=by, version=version, texts=texts, at=at)
    draft = PolicyDraft.objects.select_for_update().get(piece=fresh)
    _put(draft, facts)
    draft.save()
    return fresh


def _put(draft: PolicyDraft, facts: Mapping[str, Any]) -> None:
    for name in FACTS:
        if name in facts:
            setattr(draft, name, facts[name])
    found = _problems(draft)
    if "relations" in facts:
        draft.relations, wrong = _relations(draft, facts["relations"])
        found += wrong
    if found:
        raise Invalid("document_refused", _("The document cannot stay like this."), fields=found)


def _problems(draft: PolicyDraft) -> list[FieldProblem]:
    """What no draft may hold, beside the field."""
    found = []
    draft.issuers = [name for each in draft.issuers or () if (name := " ".join(each.split()))]
    if not draft.issuers:
        found.append(_problem("issuers", "required", _("Name the body that issued it.")))
    elif len(draft.issuers) > MOST_ISSUERS:
        message = _("At most %(n)s bodies issue a document together.") % {"n": MOST_ISSUERS}
        found.append(_problem("issuers", "too_many", message))
    draft.number = _number(draft.number)
    for name in FACTS:
        if name in ("issuers", "number"):
            continue
        field = PolicyDraft._meta.get_field(name)
        try:
            setattr(draft, name, field.clean(getattr(draft, name), draft))
        except ValidationError as error:
            found.append(_problem(name, error.code or "invalid", " ".join(error.messages)))
    if draft.number and (other := _of_number(draft)):
        message = _("“%(title)s” has this number already.") % {"title": other}
        found.append(_problem("number", "taken", message))
    if draft.effective_from and draft.effective_to and draft.effective_to < draft.effective_from:
        message = _("It would end before it begins.")
        found.append(_problem("effective_to", "before_start", message))
    if draft.validity_set and not draft.validity_reason:
        message = _("Say why the validity is set by hand.")
        found.append(_problem("validity_reason", "required", message))
    return found


def _number(typed: str) -> str:
    """In the official form where it is one of the kind 总工发〔2016〕32号; else as typed (主席令第44号)."""
    typed = " ".join((typed or "").split())
    try:
        return str(Number.read(typed) or "")
    except NotANumber:
        return typed


def _of_number(draft: PolicyDraft) -> str:
    mine = Q(piece=draft.piece_id)
    other = PolicyDocument.objects.filter(number=draft.number).exclude(mine).first()
    if other is not None:
        return other.title
    writing = PolicyDraft.objects.filter(number=draft.number).exclude(mine)
    return next((each.piece.title for each in writing.select_related("piece")), "")


def _day_of(facts: Any) -> dt.date | None:
    return facts.made_on or facts.issued_on or facts.effective_from


def _relations(draft: PolicyDraft, given: Any) -> tuple[list[dict[str, str]], list[FieldProblem]]:
    """The relations as they are kept, and what is wrong with them, by their place."""
    kept: list[dict[str, str]] = []
    found: list[FieldProblem] = []
    rows = list(given)[: MOST_RELATIONS + 1]
    if len(rows) > MOST_RELATIONS:
        message = _("At most %(n)s relations.") % {"n": MOST_RELATIONS}
        return [], [_problem("relations", "too_many", message)]
    documents = {
        str(each.pk): each
        for each in PolicyDocument.objects.filter(pk__in=[str(row["target"]) for row in rows])
    }
    for place, row in enumerate(rows):
        target = documents.get(str(row["target"]))
        message = _wrong_with(draft, row["kind"], target, kept)
        if message:
            found.append(FieldProblem(f"/relations/{place}/target", "wrong", message))
            continue
        assert target is not None
        kept.append(
            {"kind": row["kind"], "target": str(target.pk), "note": (row.get("note") or "").strip()}
        )
    return kept, found


def _wrong_with(
    draft: PolicyDraft, kind: str, target: PolicyDocument | None, kept: list[dict[str, str]]
) -> str:
    if kind not in PolicyRelation.Kind.values:
        return _("There is no relation called “%(kind)s”.") % {"kind": kind}
    if target is None:
        return _("Choose a published document.")
    if target.pk == draft.piece_id:
        return _("A document cannot bear on itself.")
    if any(each["target"] == str(target.pk) and each["kind"] == kind for each in kept):
        return _("“%(title)s” stands here twice.") % {"title": target.title}
    own, other = _day_of(draft), _day_of(target)
    if kind in PolicyRelation.CHANGING and own and other and other > own:
        return _("“%(title)s” is later than this document: it cannot be changed by it.") % {
            "title": target.title
        }
    if _leads_back(draft, kind, target):
        return _("“%(title)s” bears on this document itself: the two would go in a circle.") % {
            "title": target.title
        }
    return ""


def _leads_back(draft: PolicyDraft, kind: str, target: PolicyDocument) -> bool:
    """Does ``target`` reach this document by relations of the same kind?"""
    seen: set[Any] = set()
    ahead = {target.pk}
    kinds = PolicyRelation.CHANGING if kind in PolicyRelation.CHANGING else (kind,)
    while ahead:
        if draft.piece_id in ahead:
            return True
        seen |= ahead
        further = PolicyRelation.objects.filter(source__in=ahead, kind__in=kinds)
        ahead = set(further.values_list("target", flat=True)) - seen
    return False


def problems_of(piece: Piece) -> list[FieldProblem]:
    """What keeps a document from review."""
    draft, found = piece.policy_draft, []
    if draft.made_on is None and draft.issued_on is None:
        found.append(_problem("made_on", "required", _("Give the day it was made or issued.")))
    if not piece.summary.strip():
        found.append(_problem("summary", "required", _("Write a summary for the lists.")))
    _kept, wrong = _relations(draft, draft.relations)
    return found + wrong


def details_of(piece: Piece) -> dict[str, Any]:
    """What a revision keeps of it, as JSON."""
    draft = piece.policy_draft
    kept: dict[str, Any] = {
        name: value.isoformat() if isinstance(value := getattr(draft, name), dt.date) else value
        for name in FACTS
    }
    return kept | {"relations": draft.relations}


def restore(piece: Piece, details: Mapping[str, Any]) -> None:
    """The draft says again what the published revision says."""
    draft = PolicyDraft.objects.select_for_update().get(piece=piece)
    for name in FACTS:
        value = details[name]
        setattr(draft, name, parse_date(value) if name in DATES and value else value)
    draft.relations = details["relations"]
    draft.save()


@transaction.atomic
def came_out(piece: Piece, by: User | None, at: dt.datetime) -> None:
    """Readers find the document as the published revision says, with its relations."""
    assert piece.published is not None
    content = piece.published.content
    details = content["details"]
    facts = {
        name: parse_date(value) if name in DATES and (value := details[name]) else details[name]
        for name in FACTS
    }
    dated = facts["made_on"] or facts["issued_on"] or timezone.localdate(at)
    document, _new = PolicyDocument.objects.update_or_create(
        piece=piece,
        defaults={
            **facts,
            "title": content["title"],
            "summary": content["summary"],
            "dated": dated,
        },
    )
    document.bears_on.all().delete()
    PolicyRelation.objects.bulk_create(
        PolicyRelation(
            source=document, target_id=each["target"], kind=each["kind"], note=each["note"]
        )
        for each in details["relations"]
        if PolicyDocument.objects.filter(pk=each["target"]).exists()
    )
