"""Reading: the template in use, the document in both forms, the state of each series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from .checking import sample_document
from .content import KINDS, Kind, Official
from .docx import build_docx, shipped_template
from .models import (
    DocumentKind,
    DocumentNumber,
    DocumentTemplate,
    NumberSeries,
    NumberSeriesQuerySet,
    NumberYear,
)
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


def just_this_series(series: NumberSeries) -> NumberSeriesQuerySet:
    """The one row, for whoever has just made it, whosever it is."""
    return NumberSeries.objects.filter(pk=series.pk)


def in_year(series: NumberSeriesQuerySet, year: int) -> NumberSeriesQuerySet:
    """Each series with how many numbers are ``taken`` in the year, the ``last`` (highest) of them, and
    the serial with which it begins (``first``).
    """
    numbers = (
        DocumentNumber.objects.filter(word=OuterRef("word"), year=year).order_by().values("word")
    )
    begun = NumberYear.objects.filter(series=OuterRef("pk"), year=year)
    return series.annotate(
        year=Value(year, IntegerField()),
        taken=Coalesce(Subquery(numbers.annotate(taken=Count("pk")).values("taken")), 0),
        last=Subquery(numbers.annotate(last=Max("no")).values("last")),
        first=Coalesce(Subquery(begun.values("first")[:1]), 1),
    )


def current_template(kind: Kind) -> tuple[str, bytes]:
    """The template in use as a file: its name and what is in it."""
    content = template_in_use(kind) or shipped_template(kind)
    return f"{DocumentKind(kind).label}.docx", content


def sample_of(kind: Kind) -> tuple[str, bytes]:
    """What the template in use makes of a document with every part."""
    name = _("Sample of %(kind)s") % {"kind": DocumentKind(kind).label} + ".docx"
    return name, made(sample_document(kind), "docx")


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
