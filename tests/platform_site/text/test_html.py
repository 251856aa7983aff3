"""Rich text: what is kept of pasted HTML, and what never comes out on a page."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template

from platform_site.text.html import Rich, anchored, blocks_of, clean_html, text_of

WORD = """<h1 style="color:red">一、总则</h1><p class="MsoNormal" style="margin:0"><b>第三条</b>　工会<o:p></o:p></p>
<p>&nbsp;</p><table border="1"><tr><td colspan="2" style="x" onclick="x()">甲</td></tr></table>
<script>alert(1)</script><style>p{}</style>"""
ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt&#58;alert(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    "<iframe src=//x></iframe>",
    "<math><mi xlink:href='javascript:1'>x</mi></math>",
    '<p style="background:url(javascript:1)">x</p>',
    "<p onmouseover=alert(1)>x</p>",
    "<scr<script>ipt>alert(1)</script>",
    "<<p>script>alert(1)</p>",
    "<form action=//x><button>x</button></form>",
    "<base href=//x><meta http-equiv=refresh>",
    '<p id="main">x</p><p name="x" class="button">x</p>',
]


def clean(value: str) -> str:
    return clean_html(value, max_length=100_000)


def test_a_pasted_word_document_keeps_its_structure_and_loses_its_looks():
    kept = clean(WORD)
    assert kept.startswith("<h2>一、总则</h2><p><strong>第三条</strong>")
    assert '<td colspan="2">甲</td>' in kept
    for lost in ("style", "class", "onclick", "alert", "o:p", "&nbsp;"):
        assert lost not in kept


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_is_kept_or_shown(attack):
    for shown in (clean(attack), Rich(attack).__html__()):
        lowered = shown.lower()
        for harm in (
            "<script",
            "onerror",
            "onload",
            "onmouse",
            "javascript",
            "data:",
            "style",
            "<svg",
        ):
            assert harm not in lowered.replace("&lt;script", "")
        for name in ("id=", "class=", "name=", "action=", "<iframe", "<form", "<base", "<meta"):
            assert name not in lowered


def test_cleaning_twice_changes_nothing():
    for value in (WORD, *ATTACKS, "散文<b>字</b>\n第二行<h2>题</h2>尾"):
        assert clean(clean(value)) == clean(value)


def test_plain_text_becomes_paragraphs_and_stays_text():
    assert clean("1 < 2 & 3\n\n甲") == "<p>1 &lt; 2 &amp; 3</p><p>甲</p>"


def test_a_page_shows_it_cleaned_whatever_stands_in_the_row():
    page = Template("{{ text }}").render(Context({"text": Rich("<p>好</p><script>x</script>")}))
    assert page == "<p>好</p>"


def test_headings_and_articles_have_anchors_and_a_contents():
    shown, contents = anchored("<h2>第一章　总则</h2><p>第一条　为了……</p><p>第二条 工会……</p>")
    assert [(each.anchor, each.text, each.level) for each in contents] == [
        ("sec-1", "第一章 总则", 2), ("art-1", "第一条", 5), ("art-2", "第二条", 5),
    ]  # fmt: skip
    assert '<p id="art-2">' in shown.__html__()


def test_words_and_blocks_for_comparing_and_documents():
    html = "<h2>题</h2><p>甲<br>乙</p><ul><li>丙</li></ul><table><tr><th>a</th></tr><tr><td>b</td></tr></table>"
    assert text_of(html).splitlines()[0] == "题"
    assert blocks_of(html)[0] == ("heading", (1, "题"))
    assert blocks_of(html)[-1] == ("table", [["a"], ["b"]])


def test_characters_that_cannot_be_kept_are_refused():
    with pytest.raises(ValidationError):
        clean("<p>a\u202eb</p>")
    with pytest.raises(ValidationError):
        clean_html("<p>" + "字" * 50 + "</p>", max_length=20)
