"""LibreOffice opens what the platform writes: as many pages as there should be, text where it belongs."""

from __future__ import annotations

import pytest

from platform_site.documents.content import Paragraph
from platform_site.documents.docx import build_docx
from tests.platform_site.documents.measuring import FULL_TEXT, document

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("kind", ["notice", "letter", "summary", "circular"])
def test_every_kind_opens_with_its_pages(printed, kind):
    mark = {"summary": "", "letter": "中华全国总工会"}.get(kind, "中华全国总工会文件")
    made = printed(build_docx(document(kind, issuer_mark=mark, sample=True)), kind)
    told = [made.text(place) for place in range(len(made.pages))]
    first, everything = told[0], "".join(told)
    assert "关于报送劳动关系领域社会组织" in first
    assert "2026" in everything
    assert "{" not in everything
    # Text, signature, and the wide table on lying pages.
    lying = [page for page in made.pages if page.get_width() > page.get_height()]
    upright = [page for page in made.pages if page.get_width() < page.get_height()]
    assert lying
    assert len(upright) >= 2
    assert all("样例，非正式公文" in each for each in told)
    if kind == "letter":
        assert "— 1 —" not in first
    else:
        assert "— 1 —" in first
    assert "— 2 —" in told[1]


def test_a_full_page_has_22_lines_of_28_characters(printed):
    made = printed(
        build_docx(
            document(
                "summary",
                issuer_mark="",
                number=None,
                body=[Paragraph(FULL_TEXT * 2)],
                attachments=(),
            )
        ),
        "full",
    )
    lines = [line for line in made.lines(1) if "—" not in line.text]
    assert len(lines) == 22
    assert {len(line.text) for line in lines} == {28}
    assert min(line.left for line in lines) == pytest.approx(28, abs=0.5)
    assert max(line.right for line in lines) <= 210 - 26 + 0.5
