"""The PDF: typst sets the document by ``layout/official.typ``. Text reaches it as data, never as markup."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from . import fonts
from .breaking import break_title, breakable, printable
from .content import (
    DRAFT_MARK,
    SAMPLE_MARK,
    Bars,
    Block,
    Heading,
    Official,
    Paragraph,
    Table,
    block_to_json,
    chinese_date,
)

LAYOUT = Path(__file__).parent / "layout"
#: What the mark says on every page, beside the large one behind the text.
MARK_LINES = {SAMPLE_MARK: "样例，非正式公文", DRAFT_MARK: "草稿，未发文"}


def build_pdf(official: Official) -> bytes:
    """The document laid out to GB/T 9704-2012, A4, with its fonts embedded.

    Depends on nothing but the document and the fonts: the same document gives the same pages.
    """
    document = json.dumps(data_of(official), ensure_ascii=False)
    return typst.compile(
        LAYOUT / "official.typ",
        root=LAYOUT,
        font_paths=fonts.available(settings.DOCUMENT_FONTS_DIR),
        ignore_system_fonts=True,
        sys_inputs={"document": document},
        format="pdf",
    )


def data_of(official: Official) -> dict[str, Any]:
    """What the layout reads: strings only, lines of titles broken, headings numbered."""
    official = official.numbered()
    data = {
        "kind": official.kind,
        "title": official.title,
        "title_lines": break_title(official.title, official.names),
        "issuer": official.issuer,
        "issuer_mark": official.issuer_mark,
        "number": str(official.number or ""),
        "addressee": breakable(official.addressee),
        "classification": official.classification,
        "body": [_block(block) for block in official.body],
        "attachments": [
            {
                "name": breakable(each.name),
                "name_lines": break_title(each.name, official.names),
                "wide": each.is_wide,
                "body": [_block(block) for block in each.body],
            }
            for each in official.attachments
        ],
        "signed_by_name": official.signed_by_name,
        "dated": official.dated,
        "notes": breakable(official.notes),
        "copies_to": breakable(official.copies_to),
        "printed_by": official.printed_by,
        "printed_dated": chinese_date(official.printed_on) if official.printed_on else "",
        "mark": official.mark,
        "mark_line": mark_line(official),
    }
    return _printable(data) | {
        "faces": {name: dataclasses.asdict(face) for name, face in fonts.faces().items()}
    }


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    return value


def mark_line(official: Official) -> str:
    """The line at the head of every page of what is no real document (yet)."""
    return "；".join(MARK_LINES[part] for part in official.mark.split("·") if part)


def _block(block: Block) -> dict[str, Any]:
    data = block_to_json(block)
    if isinstance(block, Heading):
        data |= {"text": breakable(block.text), "rest": breakable(block.rest)}
    elif isinstance(block, Paragraph):
        data["text"] = breakable(block.text)
    elif isinstance(block, Table):
        data["rows"] = [[breakable(cell) for cell in row] for row in block.rows]
        data["wide"] = block.is_wide
    elif isinstance(block, Bars):
        data["bars"] = [
            {
                "label": breakable(bar.label),
                "value": bar.value,
                "share": None if bar.share is None else round(100 * bar.share, 2),
            }
            for bar in block.bars
        ]
    return data
