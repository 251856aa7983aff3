"""The kinds of content: policy documents, news and what else the rooms above publish.

A room registers its kind in ``apps.ready()``; ``editorial`` carries each through the same three reviews
and knows no more of it than this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise

from platform_site.problems import FieldProblem

if TYPE_CHECKING:
    from .models import Piece

_kinds: dict[str, Kind] = {}


@dataclass(frozen=True)
class Kind:
    """``edit_page`` takes the piece's id, ``public_page`` its slug.

    ``details(piece)`` is what a revision keeps beside title, summary and text, as JSON. ``template`` shows
    a revision's content on its public page and in the preview, with ``context(piece, content)`` added.
    ``problems(piece)`` is what must be mended before it goes to review. ``came_out(piece, by, at)`` follows
    publication; ``restore(piece, details)`` gives back the details of the revision that is out.
    """

    code: str
    label: str | Promise
    edit_page: str
    public_page: str
    template: str
    details: Callable[[Piece], dict[str, Any]]
    context: Callable[[Piece, Mapping[str, Any]], dict[str, Any]]
    problems: Callable[[Piece], list[FieldProblem]]
    came_out: Callable[[Piece, Any, dt.datetime], None]
    restore: Callable[[Piece, Mapping[str, Any]], None]

    def __post_init__(self) -> None:
        if self.code in _kinds:
            raise ValueError(f"two kinds of content are named {self.code}")
        _kinds[self.code] = self

    def edit_url(self, piece: Piece) -> str:
        return reverse(self.edit_page, args=[piece.pk])

    def public_url(self, piece: Piece) -> str:
        return reverse(self.public_page, args=[piece.slug])


def kind(code: str) -> Kind:
    return _kinds[code]


def choices() -> list[tuple[str, str | Promise]]:
    return [(each.code, each.label) for each in _kinds.values()]
