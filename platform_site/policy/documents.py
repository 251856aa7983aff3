"""A published policy document as DOCX and PDF: its text in the official layout, without a red head.

The platform gives out copies; the head of a document belongs to the body that issued it.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.dateparse import parse_date

from platform_site.documents.content import (
    Block,
    Column,
    Heading,
    Official,
    Paragraph,
    Table,
)
from platform_site.documents.queries import made
from platform_site.editorial.models import Audience, Piece
from platform_site.text.html import blocks_of


def official_of_policy(piece: Piece) -> Official:
    """Of the revision that is out."""
    assert piece.published is not None
    content = piece.published.content
    details = content["details"]
    head = [f"发文字号：{details['number']}"] if details["number"] else []
    if details["abridged"]:
        head.append("以下为平台摘要，以原文为准。")
    with translation.override("zh-hans"):
        return Official(
            kind="summary",
            title=content["title"],
            body=(*(Paragraph(line) for line in head), *_body(content["body"])),
            issuer="、".join(details["issuers"]),
            signed_by_name="、".join(details["issuers"]),
            made_on=parse_date(details["made_on"]) if details["made_on"] else None,
            classification="公开" if content["audience"] == Audience.PUBLIC else "内部",
            sample=settings.DEMO_MODE,
        )


def _body(html: str) -> list[Block]:
    blocks: list[Block] = []
    for kind, value in blocks_of(html):
        if kind == "heading":
            level, text = value  # type: ignore[misc]
            blocks.append(Heading(level, text))
        elif kind == "table":
            first, *rest = value  # type: ignore[misc]
            blocks.append(Table(tuple(Column(title) for title in first), tuple(map(tuple, rest))))
        else:
            blocks.append(Paragraph(str(value)))
    return blocks


def document_of_policy(piece: Piece, ending: str) -> tuple[str, bytes]:
    """File name and bytes (``docx`` or ``pdf``)."""
    official = official_of_policy(piece)
    name = " ".join(part for part in (official.mark, official.title) if part)
    for character in '/\\:*?"<>|':
        name = name.replace(character, "_")
    return f"{name[:150]}.{ending}", made(official, ending)
