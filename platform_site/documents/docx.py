"""The DOCX: a template (``data/*.docx``, or the one staff put in its place) filled by docxtpl.

The template holds page, styles, head and foot; the parts that vary in number (body, attachments,
signature, imprint) are paragraphs made here in the template's own styles, found by name. Text is
escaped on the way; a template may print, repeat and test fields and nothing else (``checking``).
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from .breaking import break_title, printable
from .content import (
    Attachment,
    Bars,
    Block,
    Heading,
    Kind,
    Official,
    Paragraph,
    Table,
    chinese_date,
)
from .pdf import mark_line

DATA = Path(__file__).parent / "data"

# A twip is a twentieth of a point, 1/1440 inch.
TWIPS_PER_MM = 1440 / 25.4
#: A line (225 mm / 22) and a character (156 mm / 28) of the grid.
LINE, CHARACTER = 579, 316
RED = "D7000F"
#: A bar chart in DOCX is drawn in so many steps, in this grey on this paper.
BAR_STEPS, BAR_FILL, PAPER = 40, "7F7F7F", "FFFFFF"
#: Names of the styles that every template must have.
STYLES = {
    "mark": "公文发文机关标志",
    "number": "公文发文字号",
    "title": "公文标题",
    "addressee": "公文主送机关",
    "body": "公文正文",
    "h1": "公文一级标题",
    "h2": "公文二级标题",
    "h3": "公文三级标题",
    "h4": "公文四级标题",
    "rest": "公文正文字符",
    "list": "公文附件说明",
    "signed": "公文署名",
    "dated": "公文成文日期",
    "notes": "公文附注",
    "attachment": "公文附件标识",
    "table": "公文表格",
    "table_head": "公文表头",
    "imprint": "公文版记",
}


def shipped_template(kind: Kind) -> bytes:
    return (DATA / f"{kind}.docx").read_bytes()


def build_docx(official: Official, template: bytes | None = None) -> bytes:
    """The document by ``template`` (default: the shipped one of its kind)."""
    filled = DocxTemplate(io.BytesIO(template or shipped_template(official.kind)))
    filled.init_docx()
    context = fields_of(official, _Writer(filled.docx))
    filled.render(context, environment(), autoescape=True)
    _tidy_sections(filled.docx.element.body)
    properties = filled.docx.core_properties
    properties.title, properties.author = (
        printable(official.title)[:255],
        printable(official.issuer)[:255],
    )
    properties.last_modified_by = properties.comments = properties.keywords = ""
    target = io.BytesIO()
    filled.save(target)
    return target.getvalue()


def environment() -> ImmutableSandboxedEnvironment:
    """Where templates run: no attributes beginning with an underscore, no changes, all escaped."""
    sandbox = ImmutableSandboxedEnvironment(autoescape=True)
    sandbox.globals.clear()
    return sandbox


#: A longer last paragraph is not kept with the signature: some programs move all of it.
KEPT_WHOLE = 300
#: A paragraph that takes no room: what a pinned table is anchored to.
TINY = (
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>'
)


class Ooxml(str):
    """Markup made here; everything else is escaped."""

    def __html__(self) -> str:
        return str(self)


def fields_of(official: Official, writer: _Writer) -> dict[str, Any]:
    """What a template may name. Strings are plain text; ``{{r …}}`` and ``{{p …}}`` fields are markup."""
    official = official.numbered()
    # With nothing printed after it the last paragraph of the text stays with signature and date.
    keeps = bool(official.signed_by_name or official.dated) and not official.attachments
    return {
        "issuer": printable(official.issuer),
        "issuer_mark": writer.fitted(official.issuer_mark),
        "number": printable(str(official.number or "")),
        "title": writer.lines(break_title(official.title, official.names)),
        "addressee": printable(official.addressee + "：" if official.addressee else ""),
        "body": Ooxml(writer.flow(official.body, keep_last=keeps)),
        "attachment_list": Ooxml(writer.attachment_list(official.attachments)),
        "signature": Ooxml(writer.signature(official.signed_by_name, official.dated)),
        "signed_by_name": printable(official.signed_by_name),
        "made_on": official.dated,
        "notes": printable(f"（{official.notes}）" if official.notes else ""),
        "attachments": Ooxml(writer.attachments(official)),
        "imprint": Ooxml(writer.imprint(official)),
        "copies_to": printable(official.copies_to),
        "classification": official.classification if official.classification != "公开" else "",
        "mark": mark_line(official),
    }


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(printable(text))}</w:t>'


def _half_width(text: str) -> float:
    """How many characters of the grid ``text`` takes: figures and Latin letters are half as wide."""
    return sum(0.5 if each.isascii() else 1.0 for each in text)


class _Writer:
    """Paragraphs and tables in the styles of one template."""

    def __init__(self, document: Any) -> None:
        self.ids = {
            style.name: style.style_id for style in document.styles if style.name is not None
        }
        self.section = document.element.body.sectPr

    def style(self, name: str) -> str:
        return self.ids.get(STYLES[name], "")

    def run(self, text: str, style: str = "", properties: str = "") -> str:
        named = f"<w:rStyle w:val={quoteattr(self.style(style))}/>" if style else ""
        return f"<w:r><w:rPr>{named}{properties}</w:rPr>{_text(text)}</w:r>"

    def paragraph(self, style: str, runs: str, before: str = "", after: str = "") -> str:
        """``before`` and ``after``: properties in the order that the schema asks for."""
        named = f"<w:pStyle w:val={quoteattr(self.style(style))}/>"
        return f"<w:p><w:pPr>{named}{before}{after}</w:pPr>{runs}</w:p>"

    # --- Head -------------------------------------------------------------------------------------
    def fitted(self, words: str) -> Ooxml:
        """The mark as large as 150 mm allow, 52 pt at most; in half points."""
        size = int(min(52.0, 425 / max(1.0, _half_width(words))) * 2)
        return Ooxml(self.run(words, properties=f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'))

    def lines(self, parts: list[str]) -> Ooxml:
        return Ooxml("<w:r><w:br/></w:r>".join(self.run(part) for part in parts))

    # --- Blocks -----------------------------------------------------------------------------------
    def flow(self, blocks: Iterable[Block], *, keep_last: bool = False) -> str:
        blocks = list(blocks)
        done = []
        for place, block in enumerate(blocks):
            keep = "<w:keepNext/>" if keep_last and place == len(blocks) - 1 else ""
            if isinstance(block, Paragraph):
                if len(block.text) > KEPT_WHOLE:
                    keep = ""
                done.append(self.paragraph("body", self.run(block.text), keep))
            elif isinstance(block, Heading):
                runs = self.run(block.text)
                if block.rest:
                    runs += self.run(block.rest, "rest")
                else:
                    keep = "<w:keepNext/>"
                done.append(self.paragraph(f"h{block.level}", runs, keep))
            elif isinstance(block, Bars):
                done.append(self.bars(block))
            elif block.is_wide:
                done += [self.end_section(), self.table(block, 225), self.end_section(lying=True)]
            else:
                done.append(self.table(block, 156))
        return "".join(done)

    def table(self, table: Table, width_mm: float) -> str:
        many = len(table.columns)
        size = 28 if many <= 5 else 24 if many <= 8 else 21 if many <= 12 else 18
        sized = f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        whole = width_mm * TWIPS_PER_MM
        total = sum(column.width for column in table.columns)
        widths = [int(whole * column.width / total) for column in table.columns]

        def cell(width: int, style: str, text: str, align: str) -> str:
            return (
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
                + self.paragraph(
                    style, self.run(text, properties=sized), after=f'<w:jc w:val="{align}"/>'
                )
                + "</w:tc>"
            )

        head = "".join(
            cell(width, "table_head", column.title, "center")
            for width, column in zip(widths, table.columns, strict=True)
        )
        rows = "".join(
            "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
            + "".join(
                cell(width, "table", text, column.align)
                for width, column, text in zip(widths, table.columns, row, strict=True)
            )
            + "</w:tr>"
            for row in table.rows
        )
        sides = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        caption = ""
        if table.caption:
            caption = self.paragraph(
                "table_head",
                self.run(table.caption, properties=f'<w:sz w:val="{min(32, size + 4)}"/>'),
                "<w:keepNext/>",
                '<w:spacing w:before="160" w:after="80"/>',
            )
        return (
            f"{caption}<w:tbl><w:tblPr>"
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders>'
            '<w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
            "</w:tblPr><w:tblGrid>"
            + "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
            + "</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
            + f"{head}</w:tr>{rows}</w:tbl>"
        )

    def bars(self, chart: Bars) -> str:
        """Bars as shaded cells of a table without lines: no picture, so that figures stay text."""
        label, value = round(28 * TWIPS_PER_MM), round(28 * TWIPS_PER_MM)
        step = round(100 * TWIPS_PER_MM / BAR_STEPS)
        sized = '<w:sz w:val="24"/><w:szCs w:val="24"/>'

        def cell(span: int, text: str = "", align: str = "left", fill: str = "") -> str:
            width = step * span if span else label
            properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
            if span:
                properties += f'<w:gridSpan w:val="{span}"/>'
            if fill:
                properties += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
            return (
                f'<w:tc><w:tcPr>{properties}<w:vAlign w:val="center"/></w:tcPr>'
                + self.paragraph(
                    "table",
                    self.run(text, properties=sized),
                    after=f'<w:jc w:val="{align}"/>',
                )
                + "</w:tc>"
            )

        rows = []
        for bar in chart.bars:
            full = max(1, round(bar.share * BAR_STEPS)) if bar.share else 0
            drawn = cell(full, fill=BAR_FILL) if full else ""
            rest = cell(BAR_STEPS - full) if full < BAR_STEPS else ""
            rows.append(
                '<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="340" w:hRule="atLeast"/></w:trPr>'
                f"{cell(0, bar.label, 'right')}{drawn}{rest}{cell(0, bar.value, 'right')}</w:tr>"
            )
        between = f'<w:insideH w:val="single" w:sz="24" w:space="0" w:color="{PAPER}"/>'
        caption = (
            self.paragraph(
                "table_head",
                self.run(chart.caption, properties='<w:sz w:val="28"/>'),
                "<w:keepNext/>",
                '<w:spacing w:before="160" w:after="80"/>',
            )
            if chart.caption
            else ""
        )
        return (
            f"{caption}<w:tbl><w:tblPr>"
            f'<w:tblW w:w="{label + value + step * BAR_STEPS}" w:type="dxa"/>'
            f"<w:tblBorders>{between}</w:tblBorders>"
            '<w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
            f'</w:tblPr><w:tblGrid><w:gridCol w:w="{label}"/>'
            + f'<w:gridCol w:w="{step}"/>' * BAR_STEPS
            + f'<w:gridCol w:w="{value}"/></w:tblGrid>{"".join(rows)}</w:tbl>'
        )

    def end_section(self, *, lying: bool = False) -> str:
        """The pages up to here are upright, or lie (a wide table); a tiny paragraph carries it."""
        section = copy.deepcopy(self.section)
        if lying:
            size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
            size.set(qn("w:w"), "16838")
            size.set(qn("w:h"), "11906")
            size.set(qn("w:orient"), "landscape")
            for side, millimetres in (("top", 28), ("bottom", 26), ("left", 35), ("right", 37)):
                margins.set(qn(f"w:{side}"), str(round(millimetres * TWIPS_PER_MM)))
            # The number below the shorter page keeps its 7 mm.
            margins.set(qn("w:footer"), str(round(15.8 * TWIPS_PER_MM)))
        made = etree.tostring(section, encoding="unicode")
        return (
            '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
            f"{made}</w:pPr></w:p>"
        )

    # --- Below the text ---------------------------------------------------------------------------
    def attachment_list(self, attachments: Iterable[Attachment]) -> str:
        """附件：1. … below the text, a line left free, names below names."""
        attachments = list(attachments)
        word, done = 3 * CHARACTER, []
        for place, each in enumerate(attachments, 1):
            number = f"{place}." if len(attachments) > 1 else ""
            figure = int(_half_width(number) * CHARACTER)
            first = place == 1
            label = ("附件：" if first else "") + number
            hanging = figure + (word if first else 0)
            left = 2 * CHARACTER + word + figure
            space = f'<w:spacing w:before="{LINE if first else 0}"/>'
            indent = (
                f'<w:ind w:left="{left}" w:hanging="{hanging}" w:leftChars="0" w:hangingChars="0"/>'
            )
            done.append(
                self.paragraph("list", self.run(label + each.name), "<w:keepNext/>", space + indent)
            )
        return "".join(done)

    def signature(self, name: str, dated: str) -> str:
        """The date four characters in, the issuer centred on it; three lines left for the seal."""
        done = ""
        space = f'<w:spacing w:before="{(3 if name else 1) * LINE}"/>'
        if name:
            shift = 4 * CHARACTER + (_half_width(dated) - _half_width(name)) / 2 * CHARACTER
            done += self.paragraph(
                "signed",
                self.run(name),
                "<w:keepNext/><w:keepLines/>" if dated else "<w:keepLines/>",
                f'{space}<w:ind w:right="{max(0, int(shift))}" w:rightChars="0"/>',
            )
            space = ""
        if dated:
            done += self.paragraph(
                "dated",
                self.run(dated),
                "<w:keepLines/>",
                f'{space}<w:ind w:right="{4 * CHARACTER}" w:rightChars="0"/>',
            )
        return done

    def attachments(self, official: Official) -> str:
        """The printed ones, each on a page of its own; one with a wide table on lying pages."""
        done = []
        several = len(official.attachments) > 1
        for place, each in enumerate(official.attachments, 1):
            if not each.body:
                continue
            if each.is_wide:
                done.append(self.end_section())
            after_break = bool(done) and done[-1].endswith("</w:sectPr></w:pPr></w:p>")
            new_page = "" if after_break else "<w:pageBreakBefore/>"
            head = self.paragraph(
                "attachment", self.run(f"附件{place if several else ''}"), new_page
            ) + self.paragraph(
                "title",
                self.lines(break_title(each.name, official.names)),
                after=f'<w:spacing w:before="{LINE}" w:after="{LINE}"/>',
            )
            if each.is_wide:
                inside = "".join(
                    self.table(block, 225) if isinstance(block, Table) else self.flow([block])
                    for block in each.body
                )
                done += [head, inside, self.end_section(lying=True)]
            else:
                done += [head, self.flow(each.body)]
        return "".join(done)

    def imprint(self, official: Official) -> str:
        """版记, a table pinned to the last lines of the last page: 0.35 mm outside, 0.25 mm between."""
        lines = []
        if official.copies_to:
            lines.append(self.run(f"抄送：{official.copies_to}。"))
        if official.printed_by and official.kind != "letter":
            printed = f"{chinese_date(official.printed_on)}印发" if official.printed_on else ""
            lines.append(self.run(official.printed_by) + "<w:r><w:tab/></w:r>" + self.run(printed))
        if not lines:
            return ""
        width = round(156 * TWIPS_PER_MM)
        outside, between = 'w:val="single" w:sz="8"', 'w:val="single" w:sz="6"'
        rows = "".join(
            f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>'
            f"</w:tcPr>{self.paragraph('imprint', runs)}</w:tc></w:tr>"
            for runs in lines
        )
        return (
            '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin"'
            f' w:horzAnchor="page" w:tblpX="{round(28 * TWIPS_PER_MM)}" w:tblpYSpec="bottom"/>'
            f'<w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>'
            f'<w:top {outside} w:space="0" w:color="auto"/>'
            f'<w:bottom {outside} w:space="0" w:color="auto"/>'
            f'<w:insideH {between} w:space="0" w:color="auto"/></w:tblBorders>'
            '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
            '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            f'<w:tblGrid><w:gridCol w:w="{width}"/></w:tblGrid>{rows}</w:tbl>{TINY}'
        )


def _tidy_sections(body: Any) -> None:
    """Only the first page of all differs; a document that ends with a lying sheet gets no empty page."""
    sections = list(body.iter(qn("w:sectPr")))
    for section in sections[1:]:
        for different in section.findall(qn("w:titlePg")):
            section.remove(different)
    before = body.sectPr.getprevious()
    inside = before.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") if before is not None else None
    if inside is not None:
        body.replace(body.sectPr, inside)
