"""The PDF, measured page by page against GB/T 9704-2012."""

from itertools import pairwise

import pytest

from platform_site.documents.content import Column, Heading, Paragraph, Table
from platform_site.documents.health import look_at_faces
from platform_site.documents.pdf import build_pdf
from tests.platform_site.documents.measuring import FULL_TEXT, MM, Pdf, document
from tests.platform_site.documents.test_docx import HOSTILE


@pytest.fixture(scope="module")
def notice() -> Pdf:
    return Pdf(build_pdf(document()))


@pytest.fixture(scope="module")
def full() -> Pdf:
    """Nothing but text: page after page of full lines."""
    return Pdf(
        build_pdf(document("summary", issuer_mark="", number=None, body=[Paragraph(FULL_TEXT * 2)]))
    )


def test_the_sheet_is_a4(notice):
    assert notice.pages[0].get_width() / MM == pytest.approx(210, abs=0.1)
    assert notice.pages[0].get_height() / MM == pytest.approx(297, abs=0.1)


def test_a_full_page_has_22_lines_of_28_characters_inside_the_type_area(full):
    lines = [line for line in full.lines(1) if not line.text.startswith("—")]
    assert len(lines) == 22
    assert {len(line.text) for line in lines} == {28}
    assert min(line.left for line in lines) == pytest.approx(28, abs=0.3)
    assert max(line.right for line in lines) == pytest.approx(28 + 156, abs=0.5)
    assert lines[0].top >= 37 - 0.5
    assert lines[-1].bottom <= 297 - 35 + 0.5
    pitches = {round(below.middle - above.middle, 1) for above, below in pairwise(lines)}
    assert pitches <= {10.2, 10.3}


def test_the_head(notice):
    mark = notice.line(0, "中华全国总工会文件")
    number = notice.line(0, "总工办发")
    # 35 mm below the upper edge of the type area; loose boxes are a little taller than the glyphs.
    assert 37 + 35 - 4 <= mark.top <= 37 + 35 + 1
    assert mark.left + mark.right == pytest.approx(2 * (28 + 156 / 2), abs=1)
    assert number.text == "总工办发〔2026〕12号"
    assert number.left + number.right == pytest.approx(2 * (28 + 156 / 2), abs=1)
    title = notice.line(0, "关于报送劳动关系领域社会组织")
    assert title.size > number.size
    # Two lines free between rule and title, one between title and addressee.
    addressee = notice.line(0, "各省、自治区、直辖市总工会：")
    second = notice.line(0, "联系引导工作试点方案的通知")
    assert addressee.left == pytest.approx(28, abs=0.3)
    assert addressee.middle - second.middle == pytest.approx(2 * 225 / 22, abs=1)


def test_paragraphs_begin_two_characters_in(notice):
    assert notice.line(0, "现将有关").left == pytest.approx(28 + 2 * 156 / 28, abs=0.4)
    assert notice.line(0, "一、总体要求").left == pytest.approx(28 + 2 * 156 / 28, abs=0.4)


def test_signature_and_date(notice):
    place = next(n for n in range(len(notice.pages)) if "2026年9月4日\n" in notice.text(n) + "\n")
    dated = notice.line(place, "2026年9月4日")
    assert 28 + 156 - dated.right == pytest.approx(4 * 156 / 28, abs=0.5)
    signed = next(
        line
        for line in notice.lines(place)
        if line.text == "中华全国总工会" and line.bottom <= dated.bottom
    )
    assert signed.left + signed.right == pytest.approx(dated.left + dated.right, abs=1)
    assert dated.middle - signed.middle == pytest.approx(225 / 22, abs=0.5)


def test_page_numbers_stand_outside_7_mm_below(notice):
    for place, odd in ((0, True), (1, False)):
        number = notice.line(place, "—")
        assert number.text == f"—{place + 1}—"
        assert number.middle == pytest.approx(297 - 35 + 7, abs=1.5)
        if odd:
            assert 210 - 26 - number.right == pytest.approx(14 / MM, abs=0.6)
        else:
            assert number.left - 28 == pytest.approx(14 / MM, abs=0.6)


def test_a_wide_table_lies_and_repeats_its_head(notice):
    lying = [n for n, page in enumerate(notice.pages) if page.get_width() > page.get_height()]
    assert len(lying) > 1
    assert "附件2" in notice.text(lying[0])
    assert all("栏目0" in notice.text(place) for place in lying)
    rows = "".join(notice.text(place) for place in lying)
    assert all(f"{row}-9" in rows for row in range(44))


def test_the_imprint_ends_the_last_page(notice):
    last = len(notice.pages) - 1
    printed = notice.line(last, "中华全国总工会办公厅")
    assert "2026年9月5日印发" in printed.text
    assert "抄送：各全国产业工会。" in notice.text(last)
    assert printed.bottom == pytest.approx(297 - 35, abs=3.5)


def test_fonts_are_inside_the_file(notice):
    fonts = notice.fonts()
    assert fonts
    assert all(fonts.values())
    assert {name.partition("+")[2] or name for name in fonts} <= {
        "NotoSerifSC-Regular", "NotoSansSC-Regular", "NotoSerifSC", "NotoSansSC",
        "NotoSerifSC-Regular-Identity-H", "NotoSansSC-Regular-Identity-H",
    }  # fmt: skip


def test_a_letter(notice):
    letter = Pdf(build_pdf(document("letter")))
    mark = letter.line(0, "中华全国总工会")
    assert 30 - 3 <= mark.top <= 30 + 1
    number = letter.line(0, "总工办发")
    assert number.right == pytest.approx(28 + 156, abs=0.5)
    assert not any(line.text.startswith("—") for line in letter.lines(0))
    assert letter.line(1, "—").text == "—2—"
    assert "印发" not in letter.text(len(letter.pages) - 1)


def test_samples_say_so_on_every_page():
    sample = Pdf(build_pdf(document(sample=True)))
    assert all(
        "样例，非正式公文" in sample.text(n).replace("\n", "") for n in range(len(sample.pages))
    )
    assert "样例" not in "".join(Pdf(build_pdf(document())).text(n) for n in range(2))
    draft = Pdf(build_pdf(document(draft=True, number=None, made_on=None)))
    assert "草稿，未发文" in draft.text(0)
    assert "〔" not in draft.text(0)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_is_text_whatever_it_looks_like(hostile):
    table = Table((Column("列"),), ((hostile,),), caption=hostile)
    made = Pdf(
        build_pdf(
            document(
                title=hostile,
                body=[Heading(1, hostile), Paragraph(hostile), table],
                attachments=(),
                addressee=hostile,
                notes=hostile,
            )
        )
    )
    told = "".join("".join(made.text(n) for n in range(len(made.pages))).split())
    plain = "".join(hostile.split()).replace("\ufffe", "").replace("\u202e", "")
    assert told.count(plain[:12]) >= 4
    assert "root:" not in told


def test_20000_characters_and_a_word_that_no_line_holds():
    made = Pdf(
        build_pdf(
            document("summary", body=[Paragraph("长" * 20_000)], attachments=(), issuer_mark="")
        )
    )
    told = "".join(made.text(n) for n in range(len(made.pages)))
    assert told.count("长") == 20_000
    assert len(made.pages) == pytest.approx(20_000 / (22 * 28), abs=2)
    word = Pdf(build_pdf(document(body=[Paragraph("x" * 5_000)], attachments=())))
    edge = max(line.right for n in range(len(word.pages)) for line in word.lines(n))
    assert edge <= 28 + 156 + 0.5


def test_a_deployments_own_faces_are_taken_by_name(settings):
    """Any family stands for the licensed one here: what counts is that the name decides."""
    settings.DOCUMENT_FACES = {"fang": "Noto Sans SC"}
    body = Pdf(build_pdf(document("summary", body=[Paragraph("正文")], attachments=(), title="题")))
    ours = body.fonts()
    settings.DOCUMENT_FACES = {}
    free = Pdf(build_pdf(document("summary", body=[Paragraph("正文")], attachments=(), title="题")))
    assert any("NotoSansSC" in name for name in ours)
    assert not any("NotoSansSC" in name for name in free.fonts())


def test_the_operator_is_told_when_the_folder_holds_no_face(settings, tmp_path):
    assert look_at_faces().ok
    settings.DOCUMENT_FONTS_DIR = str(tmp_path)
    finding = look_at_faces()
    assert not finding.ok
    assert "DOCUMENT_FONTS_DIR" in finding.label
