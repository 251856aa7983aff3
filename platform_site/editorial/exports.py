"""The list of the desk, said once for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from .forms import PieceQueryForm
from .models import Piece
from .queries import works_at_the_desk


def select_pieces(user: Any, parameters: QueryDict) -> Selection:
    form = PieceQueryForm(parameters or None)
    pieces: QuerySet[Piece] = Piece.objects.visible_to(user).with_context()
    if form.is_valid():
        chosen = form.cleaned_data
        if chosen["title"]:
            pieces = pieces.filter(title__icontains=chosen["title"])
        for name in ("kind", "state"):
            if chosen[name]:
                pieces = pieces.filter(**{name: chosen[name]})
    return Selection(pieces, ("-changed_at", "-id"), form)


COLUMNS = (
    Column(_("Title"), lambda piece: piece.title, 40),
    Column(_("Kind"), lambda piece: piece.get_kind_display(), 14),
    Column(_("Federation"), lambda piece: piece.federation.name, 26),
    Column(_("Writer"), lambda piece: piece.author.name, 14),
    Column(_("State"), lambda piece: piece.get_state_display(), 14),
    Column(_("Changed"), lambda piece: piece.changed_at, 18),
    Column(_("Published"), lambda piece: piece.published_at if piece.is_out else None, 18),
)

exports.register(
    Export(
        "content",
        _("Content"),
        select=select_pieces,
        columns=COLUMNS,
        may=works_at_the_desk,
        parameters=frozenset({"title", "kind", "state"}),
        private=frozenset({"title"}),
        resource="content",
    )
)
