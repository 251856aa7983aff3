"""Read models of the desk: what a piece says now, how its revisions differ, how its reviews went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from platform_site.accounts.roles import Role
from platform_site.text.compare import Segment, segments
from platform_site.text.html import text_of

from . import kinds
from .models import Piece, PieceQuerySet, Review, Revision
from .workflow import REVIEWS, PieceState

Content = Mapping[str, Any]


def content_of(piece: Piece) -> dict[str, Any]:
    """What the piece says now, as a revision keeps it: title, summary, body, audience, details."""
    return {
        "title": piece.title,
        "summary": piece.summary,
        "body": piece.body,
        "audience": piece.audience,
        "details": kinds.kind(piece.kind).details(piece),
    }


def page_of(piece: Piece, content: Content) -> tuple[str, dict[str, Any]]:
    """The template and context of the public page of this content: also what the preview shows."""
    kind = kinds.kind(piece.kind)
    return kind.template, {"piece": piece, "content": content, **kind.context(piece, content)}


@dataclass(frozen=True)
class Difference:
    label: str
    old: list[Segment]
    new: list[Segment]


def differences(old: Content, new: Content) -> list[Difference]:
    """What differs between two contents, in the order of the page; nothing that is the same."""
    pairs = [
        (_("Title"), old["title"], new["title"]),
        (_("Summary"), old["summary"], new["summary"]),
        (_("Text"), text_of(old["body"]), text_of(new["body"])),
    ]
    return [
        Difference(label, *segments(before, after))
        for label, before, after in pairs
        if before != after
    ]


@dataclass(frozen=True)
class Stage:
    """One of the three reviews of a revision: done by whom, waiting, or still to come."""

    state: str
    label: str
    review: Review | None
    waiting: bool


def stages_of(piece: Piece) -> list[Stage]:
    """The three reviews of the latest revision (one query)."""
    given: dict[str, Review] = {}
    if piece.latest_id is not None:
        given = {each.stage: each for each in Review.objects.filter(revision=piece.latest_id)}
    return [
        Stage(each.value, str(each.label), given.get(each), piece.state == each) for each in REVIEWS
    ]


def last_return(piece: Piece) -> Review | None:
    """Why the text came back, while it has not been sent again."""
    if piece.state != PieceState.DRAFT or piece.latest_id is None:
        return None
    returned = Review.objects.filter(revision=piece.latest_id, verdict=Review.Verdict.RETURNED)
    return returned.last()


def revision_of(piece: Piece, number: int) -> Revision | None:
    return piece.revisions.filter(number=number).first()


def works_at_the_desk(user: Any) -> bool:
    """Whoever writes or reviews content anywhere, and the auditor."""
    return bool(user.scope.holds(*PieceQuerySet.DESK, Role.AUDITOR))
