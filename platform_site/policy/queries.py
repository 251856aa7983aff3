"""What readers ask of policy documents: facets, how documents bear on each other, the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from platform_site.editorial.models import Piece
from platform_site.editorial.permissions import WRITERS
from platform_site.federations.models import Federation
from platform_site.problems import NotAllowed
from platform_site.text.html import anchored

from .models import Level, PolicyDocument, PolicyKind, Validity


@dataclass(frozen=True)
class Bearing:
    """A document that this one bears on, or that bears on it."""

    kind: str
    label: str
    document: PolicyDocument
    note: str


def bearings_of(document: PolicyDocument, reader: Any) -> tuple[list[Bearing], list[Bearing]]:
    """(what it bears on, what bears on it), of the documents that the reader may see (two queries)."""
    seen = PolicyDocument.objects.visible_to(reader).values("pk")
    onto = document.bears_on.filter(target__in=seen).select_related("target__piece")
    by = document.borne_by.filter(source__in=seen).select_related("source__piece")
    return (
        [Bearing(each.kind, each.get_kind_display(), each.target, each.note) for each in onto],
        [Bearing(each.kind, each.get_kind_display(), each.source, each.note) for each in by],
    )


def context_of(piece: Piece, content: Mapping[str, Any]) -> dict[str, Any]:
    """What the public page shows of a revision's content beside its title: also in the preview."""
    details = content["details"]
    body, contents = anchored(content["body"])
    return {
        "body": body,
        "contents": contents,
        "facts": {
            **details,
            "kind_label": PolicyKind(details["kind"]).label if details["kind"] else "",
            "level_label": Level(details["level"]).label if details["level"] else "",
            **{
                name: parse_date(details[name]) if details[name] else None
                for name in ("made_on", "issued_on", "effective_from", "effective_to")
            },
        },
    }


def withdrawn(slug: str, reader: Any) -> Piece | None:
    """The document that stood at this address, where it was withdrawn and the reader could see it."""
    gone = Piece.objects.withdrawn_from(reader).filter(kind="policy", slug=slug)
    return gone.select_related("published").first()


def home_of(user: Any) -> Federation:
    """The federation whose content the person writes: the highest of them. Raises NotAllowed."""
    federations = Federation.objects.filter(pk__in=user.scope.at(*WRITERS))
    home = federations.order_by("level", "position").first()
    if home is None:
        raise NotAllowed("not_yours", _("Writing content is not part of your office."))
    return home


def validity_of(document: PolicyDocument) -> Validity:
    """Of one that was read with ``with_validity()``."""
    return Validity(document.validity)  # type: ignore[attr-defined]
