"""A document to measure, and rulers for both forms."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from typing import Any

import pypdfium2
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from platform_site.documents.content import (
    Attachment,
    Column,
    Heading,
    Official,
    Paragraph,
    Table,
)
from platform_site.documents.numbers import Number

MM = 72 / 25.4
#: Fills lines to the last character: no punctuation to be squeezed.
FULL_TEXT = "工会组织联系引导社会组织服务职工群众" * 80
WIDE = Table(
    tuple(Column(f"栏目{place}") for place in range(10)),
    tuple(tuple(f"{row}-{place}" for place in range(10)) for row in range(44)),
)


def document(kind: str = "notice", **changes: Any) -> Official:
    given: dict[str, Any] = {
        "kind": kind,
        "title": "关于报送劳动关系领域社会组织联系引导工作试点方案的通知",
        "issuer": "中华全国总工会",
        "issuer_mark": "中华全国总工会" if kind == "letter" else "中华全国总工会文件",
        "number": Number("总工办发", 2026, 12),
        "addressee": "各省、自治区、直辖市总工会",
        "body": [
            Paragraph("现将有关事项通知如下。"),
            Heading(1, "总体要求"),
            Heading(2, "摸清底数。", "各省级工会要逐一登记。"),
            Heading(3, "时间"),
            Heading(4, "方式"),
            Paragraph(FULL_TEXT),
        ],
        "attachments": [Attachment("编制要点"), Attachment("情况汇总表", (WIDE,))],
        "signed_by_name": "中华全国总工会",
        "made_on": dt.date(2026, 9, 4),
        "notes": "联系人：林国章",
        "copies_to": "各全国产业工会",
        "printed_by": "中华全国总工会办公厅",
        "printed_on": dt.date(2026, 9, 5),
    }
    return Official(**{**given, **changes})


# --- DOCX -----------------------------------------------------------------------------------------
def opened(content: bytes) -> Any:
    return Document(io.BytesIO(content))


def part(content: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read(name))


def texts(content: bytes) -> list[str]:
    return [each.text for each in opened(content).paragraphs if each.text]


def face(content: bytes, text: str) -> tuple[str, float]:
    """The East Asian face and the size (pt) of the paragraph that begins with ``text``."""
    paragraph = next(each for each in opened(content).paragraphs if each.text.startswith(text))
    style = paragraph.style
    fonts = style.element.rPr.find(qn("w:rFonts"))
    return fonts.get(qn("w:eastAsia")), style.font.size.pt


# --- PDF ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A line of text: its characters, and its edges from the page's upper left corner, in mm."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Pdf:
    def __init__(self, content: bytes) -> None:
        self.file = pypdfium2.PdfDocument(content)
        self.pages = [self.file[place] for place in range(len(self.file))]

    def text(self, place: int) -> str:
        return self.pages[place].get_textpage().get_text_range().replace("\r\n", "\n")

    def lines(self, place: int) -> list[Line]:
        """The lines of a page, from above; a line is what shares a baseline."""
        page = self.pages[place]
        height = page.get_height()
        reader = page.get_textpage()
        found: dict[float, list[tuple[float, str, float, float, float, float]]] = {}
        for index in range(reader.count_chars()):
            character = reader.get_text_range(index, 1)
            if not character.strip():
                continue
            left, bottom, right, top = reader.get_charbox(index, loose=True)
            # Boxes of one line differ by hundredths of a point.
            line = next((each for each in found if abs(each - bottom) < 1), bottom)
            found.setdefault(line, []).append(
                (left, character, right, height - top, height - bottom, top - bottom)
            )
        made = []
        for characters in found.values():
            characters.sort()
            made.append(
                Line(
                    "".join(each[1] for each in characters),
                    characters[0][0] / MM,
                    max(each[2] for each in characters) / MM,
                    min(each[3] for each in characters) / MM,
                    max(each[4] for each in characters) / MM,
                    characters[0][5],
                )
            )
        return sorted(made, key=lambda line: line.top)

    def line(self, place: int, beginning: str) -> Line:
        return next(each for each in self.lines(place) if each.text.startswith(beginning))

    def fonts(self) -> dict[str, bool]:
        """The fonts of all pages, and whether each is inside the file."""
        names = {}
        for page in self.pages:
            for each in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
                font = each.get_font()
                names[font.get_base_name()] = bool(font.is_embedded)
        return names
