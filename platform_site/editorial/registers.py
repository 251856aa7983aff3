"""What this app tells the rooms below it: its words in the trail, and who changes its files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from platform_site.attachments import owners
from platform_site.audit import actions

from .models import Piece
from .workflow import PieceState


def may_change_files(user: Any, piece: Piece) -> bool:
    return piece.state == PieceState.DRAFT and user.has_perm("editorial.write_piece", piece)


def register() -> None:
    owners.register(Piece, may_change=may_change_files)
    for code, label in {
        "editorial.piece.begin": _("Began the text"),
        "editorial.piece.submit": _("Sent it to review"),
        "editorial.piece.recall": _("Took it back from review"),
        "editorial.piece.pass_first": _("Passed the first review"),
        "editorial.piece.pass_second": _("Passed the second review"),
        "editorial.piece.approve": _("Approved it for publication"),
        "editorial.piece.return": _("Returned it to the writer"),
        "editorial.piece.publish": _("Published it"),
        "editorial.piece.stop": _("Stopped its publication"),
        "editorial.piece.revise": _("Began a new version"),
        "editorial.piece.discard": _("Discarded the changes"),
        "editorial.piece.withdraw": _("Withdrew it from the site"),
        "editorial.piece.drop": _("Dropped the draft"),
    }.items():
        actions.register(code, label)
