"""What readers ask of policy documents: facets, how documents bear on each other, the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.dateparse import parse_date

from platform_site.editorial.models import Piece
from platform_site.text.html import anchored

from .models import DocumentKind, Level, PolicyDocument, PolicyRelation, Validity


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


def interpretations_of(document: PolicyDocument, reader: Any) -> list[PolicyDocument]:
    seen = PolicyDocument.objects.visible_to(reader)
    return list(
        seen.filter(
            bears_on__target=document, bears_on__kind=PolicyRelation.Kind.INTERPRETS
        ).select_related("piece")
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
            "kind_label": DocumentKind(details["kind"]).label if details["kind"] else "",
            "level_label": Level(details["level"]).label if details["level"] else "",
            **{
                name: parse_date(details[name]) if details[name] else None
                for name in ("made_on", "issued_on", "effective_from", "effective_to")
            },
        },
    }


@dataclass(frozen=True)
class Facet:
    name: str
    options: list[tuple[str, str, int]]


def years_of(documents: Any) -> list[tuple[int, int]]:
    """Years and how many documents, newest first (one query)."""
    rows = documents.order_by().values("dated__year").annotate(many=Count("pk"))
    return sorted(((row["dated__year"], row["many"]) for row in rows), reverse=True)


def validity_of(document: PolicyDocument) -> Validity:
    """Of one that was read with ``with_validity()``."""
    return Validity(document.validity)  # type: ignore[attr-defined]
