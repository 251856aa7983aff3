"""A circular as a document and as a workbook."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document

from reports.documents import official_of_circular, sheet_of_circular
from reports.jobs import may_build_circular
from reports.queries import circulars as queries

from .conftest import EXTENDED, LATE, ON_TIME, SILENT, WAIVED

pytestmark = pytest.mark.django_db


class TestFiles:
    def test_the_preview_is_the_document(self, about, client_for, national_leader):
        circular = about(before="一、总体情况\n报送总体较好。", after="请未报送的单位尽快报送。")
        page = client_for(national_leader).get(circular.get_absolute_url()).content.decode()
        official = official_of_circular(circular, queries.shown_content(circular)).numbered()
        for block in official.body:
            assert block.text in page
        from platform_site.documents.queries import made

        document = Document(BytesIO(made(official, "docx")))
        printed = "\n".join(paragraph.text for paragraph in document.paragraphs)
        for block in official.body:
            assert block.text in printed
        assert made(official, "pdf").startswith(b"%PDF")

    def test_the_table_is_attached_and_the_workbook_holds_a_line_for_each(self, about):
        circular = about()
        content = queries.shown_content(circular)
        [attached] = official_of_circular(circular, content).attachments
        [table] = attached.body
        assert len(table.rows) == 5
        headings, rows = sheet_of_circular(content)
        assert {len(row) for row in rows} == {len(headings)}
        assert [row[2] for row in rows] == [ON_TIME, LATE, SILENT, EXTENDED, WAIVED]

    def test_only_readers_build_it(self, issued, hunan_officer, guangzhou_officer):
        circular = issued()
        assert may_build_circular(hunan_officer, {"circular": str(circular.pk)})
        assert not may_build_circular(guangzhou_officer, {"circular": str(circular.pk)})
