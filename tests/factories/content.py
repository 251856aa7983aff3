"""Content for tests: a policy document, carried to where the act under test begins."""

from __future__ import annotations

import datetime as dt
from typing import Any

from platform_site.editorial import services as editorial
from platform_site.editorial.models import Piece
from platform_site.policy import services as policy

TEXTS = {
    "title": "关于加强联系引导工作的意见",
    "summary": "提出总体要求和重点任务。",
    "body": "<h2>一、总体要求</h2><p>第一条　坚持服务职工。</p>",
}
FACTS = {
    "kind": "opinions",
    "level": "national",
    "line": "social_organisations",
    "issuers": ["中华全国总工会"],
    "made_on": dt.date(2016, 12, 8),
}


def drafted(by: Any, federation: Any, **changes: Any) -> Piece:
    """A draft of a policy document; ``changes`` are texts or facts."""
    texts = TEXTS | {name: changes.pop(name) for name in list(changes) if name in editorial.TEXTS}
    at = changes.pop("at", None)
    return policy.draft_document(
        by=by, federation=federation, texts=texts, facts=FACTS | changes, at=at
    )


def in_review(piece: Piece, by: Any, **options: Any) -> Piece:
    return editorial.submit_piece(piece, by=by, version=piece.version, **options)


def approved(piece: Piece, first: Any, second: Any, final: Any, **options: Any) -> Piece:
    """Through the three reviews, from the first one on."""
    piece = editorial.pass_first_review(piece, by=first, version=piece.version, **options)
    piece = editorial.pass_second_review(piece, by=second, version=piece.version, **options)
    return editorial.approve_piece(piece, by=final, version=piece.version, **options)
