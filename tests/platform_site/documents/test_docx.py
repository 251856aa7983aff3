"""The DOCX, measured in its XML against GB/T 9704-2012."""

import zipfile
from io import BytesIO

import pytest
from docx.oxml.ns import qn
from docx.shared import Length

from platform_site.documents.content import Column, Heading, Paragraph, Table
from platform_site.documents.docx import build_docx
from tests.platform_site.documents.measuring import document, face, opened, part, texts


@pytest.fixture(scope="module")
def notice() -> bytes:
    return build_docx(document())


def test_page_margins_and_grid(notice):
    section = opened(notice).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(each.mm, 1) for each in margins] == [37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch")))
    height = Length(section.page_height - section.top_margin - section.bottom_margin)
    assert height.twips // pitch == 22


def test_28_characters_of_16_points_fill_a_line(notice):
    section = opened(notice).sections[0]
    width = Length(section.page_width - section.left_margin - section.right_margin)
    run = opened(notice).styles["公文正文"].element.rPr
    advance = int(run.find(qn("w:sz")).get(qn("w:val"))) * 10 + int(
        run.find(qn("w:spacing")).get(qn("w:val"))
    )
    assert width.twips // advance == 28


@pytest.mark.parametrize(
    ("beginning", "expected", "size"),
    [
        ("中华全国总工会文件", "方正小标宋简体", 52),
        ("总工办发", "仿宋_GB2312", 16),
        ("关于报送", "方正小标宋简体", 22),
        ("各省", "仿宋_GB2312", 16),
        ("一、总体要求", "黑体", 16),
        ("（一）摸清底数", "楷体_GB2312", 16),
        ("1.时间", "仿宋_GB2312", 16),
        ("（1）方式", "仿宋_GB2312", 16),
        ("现将有关", "仿宋_GB2312", 16),
        ("附件2", "黑体", 16),
    ],
)
def test_faces_are_named_for_east_asian_text(notice, beginning, expected, size):
    assert face(notice, beginning) == (expected, size)


def test_the_parts_stand_in_their_order(notice):
    told = texts(notice)
    order = [
        "中华全国总工会文件",
        "总工办发〔2026〕12号",
        "各省、自治区、直辖市总工会：",
        "现将有关事项通知如下。",
        "附件：1.编制要点",
        "2.情况汇总表",
        "中华全国总工会",
        "2026年9月4日",
        "（联系人：林国章）",
        "附件2",
    ]
    places = [told.index(each) for each in order]
    assert places == sorted(places)
    body = next(each for each in opened(notice).paragraphs if each.text.startswith("现将"))
    assert body.style.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"


def test_issuer_and_date_leave_room_for_the_seal_and_stay_together(notice):
    paragraphs = opened(notice).paragraphs
    place = [each.text for each in paragraphs].index("2026年9月4日")
    dated, signed = paragraphs[place], paragraphs[place - 1]
    # Four characters in from the right, the issuer centred on the date; three lines free above it.
    assert int(dated._p.pPr.find(qn("w:ind")).get(qn("w:right"))) == pytest.approx(4 * 316, abs=2)
    assert int(signed._p.pPr.find(qn("w:spacing")).get(qn("w:before"))) == 3 * 579
    assert signed.paragraph_format.keep_with_next
    assert not list(opened(notice).element.body.iter(qn("w:drawing"), qn("w:pict")))


def test_page_numbers_stand_outside_between_dashes(notice):
    section = opened(notice).sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        assert paragraph.text == "—  —"
        assert "PAGE" in paragraph._p.xml
        properties = paragraph._p.pPr
        assert properties.find(qn("w:jc")).get(qn("w:val")) == side
        assert properties.find(qn("w:ind")).get(qn(f"w:{side}")) == "280"
        style = paragraph.style
        assert style.font.size.pt == 14
        assert style.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "宋体"
    assert opened(notice).settings.odd_and_even_pages_header_footer


def test_the_wide_table_lies_on_pages_of_its_own_with_its_head_repeated(notice):
    document = opened(notice)
    assert [each.orientation for each in document.sections] == [0, 1, 0]
    table = next(each for each in document.tables if len(each.columns) == 10)
    assert len(table.rows) == 45
    head = table.rows[0]._tr.trPr
    assert head.find(qn("w:tblHeader")) is not None
    assert "情况汇总表" in texts(notice)


def test_the_imprint_is_pinned_to_the_foot_with_rules_of_035_and_025_mm(notice):
    imprint = opened(notice).tables[-1]
    assert [cell.text for row in imprint.rows for cell in row.cells] == [
        "抄送：各全国产业工会。",
        "中华全国总工会办公厅\t2026年9月5日印发",
    ]
    assert imprint._tbl.tblPr.find(qn("w:tblpPr")).get(qn("w:tblpYSpec")) == "bottom"
    borders = imprint._tbl.tblPr.find(qn("w:tblBorders"))
    sizes = {each.tag.rpartition("}")[2]: int(each.get(qn("w:sz"))) for each in borders}
    # Eighths of a point.
    assert sizes["top"] / 8 / 72 * 25.4 == pytest.approx(0.35, abs=0.02)
    assert sizes["insideH"] / 8 / 72 * 25.4 == pytest.approx(0.25, abs=0.02)


def test_a_letter_has_double_rules_and_no_number_on_its_first_page():
    letter = build_docx(document("letter"))
    section = opened(letter).sections[0]
    assert section.different_first_page_header_footer
    assert [each.text for each in section.first_page_header.paragraphs][-1] == "中华全国总工会"
    mark = section.first_page_header.paragraphs[-1].style.element.pPr
    assert mark.find(qn("w:pBdr"))[0].get(qn("w:val")) == "thickThinSmallGap"
    foot = section.first_page_footer.paragraphs[0]
    assert "PAGE" not in foot._p.xml
    assert foot._p.pPr.find(qn("w:pBdr"))[0].get(qn("w:val")) == "thinThickSmallGap"
    # Later sections have no first page of their own.
    assert not any(each.different_first_page_header_footer for each in opened(letter).sections[1:])
    assert "印发" not in "".join(texts(letter))


def test_a_summary_has_no_red_head():
    summary = build_docx(document("summary", issuer_mark="", number=None))
    assert texts(summary)[0].startswith("关于报送")


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"sample": True}, "样例，非正式公文"),
        ({"draft": True}, "草稿，未发文"),
        ({"sample": True, "draft": True}, "样例，非正式公文；草稿，未发文"),
        ({}, ""),
    ],
)
def test_samples_and_drafts_say_so_on_every_page(marks, told):
    for kind in ("notice", "letter"):
        made = build_docx(document(kind, **marks))
        section = opened(made).sections[0]
        heads = [section.header, section.even_page_header]
        if kind == "letter":
            heads.append(section.first_page_header)
        assert [head.paragraphs[0].text for head in heads] == [told] * len(heads)


HOSTILE = [
    '#read("/etc/passwd")',
    "{{ 7*7 }} {% for x in y %}",
    "<w:p><w:r/></w:p> & <script>",
    "$x$ \\ * _ ` @cite <label>",
    "]]> \u202e \ufffe 文",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_is_text_whatever_it_looks_like(hostile):
    table = Table((Column(hostile),), ((hostile,),), caption=hostile)
    made = build_docx(
        document(
            title=hostile,
            body=[Heading(1, hostile), Paragraph(hostile), table],
            addressee=hostile,
            signed_by_name=hostile,
            notes=hostile,
        )
    )
    wanted = hostile.replace("\ufffe", "").replace("\u202e", "")
    told = texts(made)
    assert wanted in told
    assert f"{wanted}：" in told
    assert opened(made).tables[0].rows[1].cells[0].text == wanted


def test_long_texts_and_the_properties_of_the_file():
    made = build_docx(document(body=[Paragraph("长" * 20_000)], title="题" * 150))
    assert "长" * 20_000 in texts(made)
    properties = part(made, "docProps/core.xml")
    assert "python-docx" not in "".join(properties.itertext())
    with zipfile.ZipFile(BytesIO(made)) as archive:
        assert archive.testzip() is None
