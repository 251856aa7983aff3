"""Make the shipped templates ``*.docx`` (run once; the files are committed).

    python -m platform_site.documents.data.build

Measures: GB/T 9704-2012. Fonts are named, not embedded: 小标宋, 仿宋_GB2312 and 楷体_GB2312 are licensed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt

from platform_site.documents.docx import CHARACTER, LINE, RED, STYLES, TWIPS_PER_MM

HERE = Path(__file__).parent
TITLE, FANG, KAI, HEI, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"


def mm(millimetres: float) -> int:
    return round(millimetres * TWIPS_PER_MM)


def fonts(element: Any, face: str) -> None:
    properties = element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    made = OxmlElement("w:rFonts")
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        made.set(qn(f"w:{name}"), face)
    made.set(qn("w:hint"), "eastAsia")
    properties.insert(0, made)


#: What brings 28 characters of 16 pt into 156 mm, in twips.
CLOSER = -5


def style(document: Any, name: str, face: str, size: float, paragraph: str, *, red: bool = False):
    """A paragraph style; ``paragraph`` holds its properties beside the exact line of the grid."""
    made = document.styles.add_style(STYLES.get(name, name), WD_STYLE_TYPE.PARAGRAPH)
    made.base_style = document.styles["Normal"]
    made.quick_style = True
    made.font.size = Pt(size)
    fonts(made.element, face)
    run = made.element.get_or_add_rPr()
    size_at = run.find(qn("w:sz"))
    if red:
        size_at.addprevious(parse_xml(f'<w:color {nsdecls("w")} w:val="{RED}"/>'))
    # The order of the schema: rFonts, color, spacing, sz.
    closer = CLOSER if size == 16 else 0
    size_at.addprevious(parse_xml(f'<w:spacing {nsdecls("w")} w:val="{closer}"/>'))
    properties = made.element.get_or_add_pPr()
    for child in parse_xml(f"<w:pPr {nsdecls('w')}>{paragraph}</w:pPr>"):
        properties.append(child)
    return made


def grid(before: int = 0, after: int = 0, line: int = LINE) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="exact"/>'


INDENT = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/>'
FLUSH = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'


def jc(side: str) -> str:
    return f'<w:jc w:val="{side}"/>'


def styles(document: Any, kind: str) -> None:
    normal = document.styles["Normal"]
    normal.font.size = Pt(16)
    fonts(normal.element, FANG)
    properties = normal.element.get_or_add_pPr()
    for child in parse_xml(
        f'<w:pPr {nsdecls("w")}><w:widowControl w:val="0"/><w:kinsoku/><w:overflowPunct w:val="0"/>'
        f'<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>{grid()}{jc("both")}</w:pPr>'
    ):
        properties.append(child)
    rule = f'<w:pBdr><w:bottom w:val="single" w:sz="10" w:space="6" w:color="{RED}"/></w:pBdr>'
    double = f'<w:pBdr><w:bottom w:val="thickThinSmallGap" w:sz="18" w:space="9" w:color="{RED}"/></w:pBdr>'
    if kind == "letter":
        # The double rule is 170 mm wide, 8 mm and 6 mm beyond the type area (8.1).
        beyond = (
            f'<w:ind w:left="-{mm(8)}" w:right="-{mm(6)}" w:firstLineChars="0" w:firstLine="0"/>'
        )
        style(
            document,
            "mark",
            TITLE,
            44,
            double + grid(before=mm(30) - mm(16) - 360 - 40, line=960) + beyond + jc("center"),
            red=True,
        )
        style(document, "number", FANG, 16, grid(before=280) + FLUSH + jc("right"))
    else:
        # The mark's upper edge 35 mm below that of the type area; the number two lines below it.
        style(
            document,
            "mark",
            TITLE,
            52,
            grid(before=mm(35), line=1160) + FLUSH + jc("center"),
            red=True,
        )
        style(document, "number", FANG, 16, rule + grid(before=2 * LINE) + FLUSH + jc("center"))
    above_title = 0 if kind == "summary" else 2 * LINE
    style(
        document,
        "title",
        TITLE,
        22,
        "<w:keepNext/><w:keepLines/>" + grid(above_title, LINE) + FLUSH + jc("center"),
    )
    style(document, "addressee", FANG, 16, "<w:keepNext/>" + grid() + FLUSH + jc("both"))
    style(document, "body", FANG, 16, grid() + INDENT + jc("both"))
    for level, face in enumerate((HEI, KAI, FANG, FANG), 1):
        outline = f'<w:outlineLvl w:val="{level - 1}"/>'
        style(document, f"h{level}", face, 16, grid() + INDENT + jc("both") + outline)
    style(document, "list", FANG, 16, grid() + jc("left"))
    style(document, "signed", FANG, 16, grid() + FLUSH + jc("right"))
    style(document, "dated", FANG, 16, grid() + FLUSH + jc("right"))
    style(document, "notes", FANG, 16, grid() + INDENT + jc("both"))
    style(document, "attachment", HEI, 16, "<w:keepNext/>" + grid() + FLUSH + jc("left"))
    loose = '<w:snapToGrid w:val="0"/><w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>'
    style(document, "table", FANG, 12, loose + FLUSH + jc("left"))
    style(document, "table_head", HEI, 12, loose + FLUSH + jc("center"))
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{mm(156) - 280}"/></w:tabs>'
    style(
        document,
        "imprint",
        FANG,
        14,
        f'{tab}<w:snapToGrid w:val="0"/>{grid(line=500)}<w:ind w:left="280" w:right="280" w:firstLineChars="0" w:firstLine="0"/>{jc("left")}',
    )
    style(document, "公文页码", SONG, 14, '<w:snapToGrid w:val="0"/>' + grid(line=360) + FLUSH)
    style(
        document,
        "公文标记",
        HEI,
        14,
        '<w:snapToGrid w:val="0"/>' + grid(line=360) + FLUSH + jc("right"),
        red=True,
    )
    rest = document.styles.add_style(STYLES["rest"], WD_STYLE_TYPE.CHARACTER)
    fonts(rest.element, FANG)


def page(document: Any, kind: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, millimetres in (("top", 37), ("bottom", 35), ("left", 28), ("right", 26)):
        setattr(section, f"{side}_margin", Emu(mm(millimetres) * 635))
    section.header_distance, section.footer_distance = Mm(16), Mm(24.8)
    made = section._sectPr
    for old in made.findall(qn("w:docGrid")):
        made.remove(old)
    # 22 lines: 28.95 pt each. The 28 characters come by the styles (16 pt less 0.25 pt): a grid of
    # characters narrower than the face is read as double width by some programs.
    made.append(parse_xml(f'<w:docGrid {nsdecls("w")} w:type="lines" w:linePitch="{LINE}"/>'))
    document.settings.odd_and_even_pages_header_footer = True
    headers = [section.header, section.even_page_header]
    footers = [(section.footer, "right"), (section.even_page_footer, "left")]
    if kind == "letter":
        section.different_first_page_header_footer = True
        headers.append(section.first_page_header)
        first = section.first_page_footer
        first.is_linked_to_previous = False
        line = first.paragraphs[0]
        line.style = document.styles["公文页码"]
        # Below the first page: 20 mm from its edge, thin over thick, 170 mm wide; no number.
        for child in reversed(
            parse_xml(
                f"<w:pPr {nsdecls('w')}><w:pBdr>"
                f'<w:bottom w:val="thinThickSmallGap" w:sz="18" w:space="0" w:color="{RED}"/></w:pBdr>'
                f'<w:ind w:left="-{mm(8)}" w:right="-{mm(6)}" w:firstLineChars="0" w:firstLine="0"/></w:pPr>'
            )
        ):
            line._p.get_or_add_pPr().insert(1, child)
    for header in headers:
        header.is_linked_to_previous = False
        paragraph = header.paragraphs[0]
        paragraph.style = document.styles["公文标记"]
        paragraph.add_run("{{ mark }}")
    if kind == "letter":
        # In the head of the first page, since it lies above the type area.
        headers[-1].add_paragraph("{{r issuer_mark }}", style=document.styles[STYLES["mark"]])
    for footer, side in footers:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["公文页码"]
        properties = paragraph._p.get_or_add_pPr()
        indent = parse_xml(
            f'<w:ind {nsdecls("w")} w:{side}="280" w:firstLineChars="0" w:firstLine="0"/>'
        )
        properties.append(indent)
        properties.append(parse_xml(f'<w:jc {nsdecls("w")} w:val="{side}"/>'))
        paragraph.add_run("— ")
        for part in ("begin", None, "end"):
            run = paragraph.add_run()
            if part is None:
                text = OxmlElement("w:instrText")
                text.set(qn("xml:space"), "preserve")
                text.text = " PAGE "
                run._r.append(text)
            else:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), part)
                run._r.append(mark)
        paragraph.add_run(" —")


def content(document: Any, kind: str) -> None:
    def add(text: str, style: str | None = None) -> None:
        document.add_paragraph(text, style=STYLES[style] if style else None)

    if kind in ("notice", "circular"):
        add("{{r issuer_mark }}", "mark")
    if kind != "summary":
        add("{{ number }}", "number")
    add("{%p if classification %}")
    add("{{ classification }}", "attachment")
    add("{%p endif %}")
    add("{{r title }}", "title")
    add("{%p if addressee %}")
    add("{{ addressee }}", "addressee")
    add("{%p endif %}")
    add("{{p body }}")
    add("{{p attachment_list }}")
    add("{{p signature }}")
    add("{%p if notes %}")
    add("{{ notes }}", "notes")
    add("{%p endif %}")
    add("{{p attachments }}")
    add("{{p imprint }}")


def build(kind: str) -> None:
    document = Document()
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)
    styles(document, kind)
    page(document, kind)
    content(document, kind)
    properties = document.core_properties
    properties.author = properties.comments = properties.title = ""
    document.save(str(HERE / f"{kind}.docx"))


if __name__ == "__main__":
    for each in ("notice", "letter", "summary", "circular"):
        build(each)
