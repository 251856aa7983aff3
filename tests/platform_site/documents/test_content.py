"""The content of a document: numbers, headings, titles that break between words, JSON both ways."""

import datetime as dt
import json

import pytest

from platform_site.documents.breaking import break_title, breakable
from platform_site.documents.content import (
    Heading,
    Official,
    Paragraph,
    Table,
    blocks_of,
    chinese_number,
    number_headings,
)
from platform_site.documents.numbers import NotANumber, Number
from tests.platform_site.documents.measuring import document


@pytest.mark.parametrize(
    "typed",
    [
        "总工办发〔2026〕12号",
        "总工办发[2026]12号",
        "总工办发(2026)12",
        "总工办发（2026）第12号",
        "总工办发【２０２６】 12 号",
        "总工办发﹝2026﹞012号",
    ],
)
def test_any_usual_bracket_becomes_the_hexagonal_one(typed):
    assert str(Number.read(typed)) == "总工办发\u30142026\u301512号"


@pytest.mark.parametrize(
    "typed", ["总工办发2026-12", "发〔26〕1号", "发〔2026〕0号", "ABC〔2026〕1号"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(NotANumber):
        Number.read(typed)


def test_numbers_are_ordered_by_year_word_and_serial():
    numbers = [
        Number.read(each)
        for each in ("乙〔2026〕9号", "甲〔2026〕12号", "甲〔2026〕9号", "甲〔2025〕99号")
    ]
    ordered = sorted(numbers, key=lambda number: number.sort_key)
    assert list(map(str, ordered)) == [
        "甲〔2025〕99号", "乙〔2026〕9号", "甲〔2026〕9号", "甲〔2026〕12号",
    ]  # fmt: skip


def test_a_document_is_the_same_after_json():
    official = document(sample=True, names=("广东省总工会",))
    told = json.loads(json.dumps(official.to_json(), ensure_ascii=False))
    assert Official.from_json(told) == official


def test_headings_are_numbered_by_level_and_their_own_numbers_kept():
    blocks = [
        Heading(1, "甲"), Heading(2, "乙"), Heading(2, "丙"), Heading(3, "丁"), Heading(4, "戊"),
        Heading(1, "二、己"), Heading(2, "庚"),
    ]  # fmt: skip
    assert [each.text for each in number_headings(blocks)] == [
        "一、甲", "（一）乙", "（二）丙", "1.丁", "（1）戊", "二、己", "（一）庚",
    ]  # fmt: skip
    assert [chinese_number(each) for each in (10, 11, 20, 105, 110)] == [
        "十", "十一", "二十", "一百零五", "一百一十",
    ]  # fmt: skip


def test_numbered_lines_of_a_text_are_headings():
    blocks = blocks_of(
        "各地：\n一、总体要求\n\n（一）时间。九月底前。\n1.方式\n（1）邮寄\n3.5%的增长"
    )
    assert blocks == [
        Paragraph("各地："),
        Heading(1, "一、总体要求"),
        Heading(2, "（一）时间。", "九月底前。"),
        Heading(3, "1.方式"),
        Heading(4, "（1）邮寄"),
        Paragraph("3.5%的增长"),
    ]
    long = "一、" + "长" * 60 + "。"
    assert blocks_of(long) == [Paragraph(long)]


def test_a_title_breaks_between_words_in_even_lines():
    lines = break_title("关于报送劳动关系领域社会组织联系引导工作试点方案的通知")
    assert lines == ["关于报送劳动关系领域社会组织", "联系引导工作试点方案的通知"]
    with_name = break_title(
        "关于同意新疆维吾尔自治区某某总工会开展社会组织联系引导试点工作的批复",
        names=["某某总工会"],
    )
    assert not any(line.endswith("某") or line.startswith("某总") for line in with_name)
    for title in ("题" * 150, "A" * 150, "关于《" + "甲" * 30 + "》的通知"):
        lines = break_title(title)
        assert "".join(lines) == title
        assert all(len(line) <= 40 for line in lines)


def test_runs_that_fit_no_line_get_places_to_break():
    address = "https://example.org/" + "x" * 200
    assert "\u200b" in breakable(address)
    assert breakable(address).replace("\u200b", "") == address
    assert breakable("总工办发〔2026〕12号") == "总工办发〔2026〕12号"


def test_a_table_has_a_cell_for_every_column_and_the_platform_no_secrets():
    with pytest.raises(ValueError, match="cell for every column"):
        Table(document().attachments[1].body[0].columns, (("1",),))
    with pytest.raises(ValueError, match="public and internal"):
        document(classification="秘密")
    assert document(made_on=dt.date(2026, 9, 4)).dated == "2026年9月4日"
