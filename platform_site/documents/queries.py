"""Reading: the template in use, the document in both forms, the state of each series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from .content import KINDS, Kind, Official
from .docx import build_docx
from .models import DocumentKind, DocumentNumber, DocumentTemplate, NumberSeries, NumberYear
from .pdf import build_pdf

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def template_in_use(kind: str) -> bytes | None:
    """What staff put in the shipped template's place; None where the shipped one holds."""
    template = DocumentTemplate.objects.filter(kind=kind, in_use=True).first()
    return bytes(template.content) if template else None


def made(official: Official, ending: str) -> bytes:
    """The document as ``docx`` (by the template in use) or as ``pdf``."""
    if ending == "docx":
        return build_docx(official, template_in_use(official.kind))
    return build_pdf(official)


def series_of_word(word: str) -> NumberSeries | None:
    return NumberSeries.objects.filter(word=word).first()


@dataclass(frozen=True)
class SeriesRow:
    """A series in one year: how many numbers are in use, the highest, where it begins."""

    series: NumberSeries
    taken: int
    last: int | None
    first: int


def series_rows(series: Iterable[NumberSeries], year: int) -> list[SeriesRow]:
    """Two queries, however many series there are."""
    series = list(series)
    words = [each.word for each in series]
    counts: dict[str, Any] = {
        row["word"]: row
        for row in DocumentNumber.objects.filter(word__in=words, year=year)
        .order_by()
        .values("word")
        .annotate(taken=Count("pk"), last=Max("no"))
    }
    firsts = dict(
        NumberYear.objects.filter(series__in=series, year=year).values_list("series", "first")
    )
    return [
        SeriesRow(
            each,
            counts.get(each.word, {}).get("taken", 0),
            counts.get(each.word, {}).get("last"),
            firsts.get(each.pk, 1),
        )
        for each in series
    ]


@dataclass(frozen=True)
class TemplateRow:
    """A kind of document, the template in use (None: the shipped one) and all that were put in place."""

    kind: Kind
    label: Any
    in_use: DocumentTemplate | None
    versions: list[DocumentTemplate]


def template_rows(user: Any) -> list[TemplateRow]:
    """One query for all kinds; the files themselves are not read."""
    versions = list(
        DocumentTemplate.objects.visible_to(user).defer("content").select_related("uploaded_by")
    )
    labels = dict(DocumentKind.choices)
    rows = []
    for kind in KINDS:
        own = [each for each in versions if each.kind == kind]
        rows.append(
            TemplateRow(kind, labels[kind], next((each for each in own if each.in_use), None), own)
        )
    return rows
