"""A summary as DOCX, PDF and workbook, by a background job; through the API, and with a document number."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook

from platform_site.accounts.models import RoleAssignment
from platform_site.attachments.store import path_of
from platform_site.documents.content import Official
from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.jobs import services as jobs
from platform_site.jobs.models import Job
from platform_site.problems import Invalid
from reports import services
from reports.documents import official_of_summary
from reports.jobs import start_build
from reports.models import Summary
from tests.platform_site.documents.measuring import Pdf

from .test_summary import file, progress, summary  # noqa: F401  (fixtures)

JSON = "application/json"


def content_of(job: Job) -> bytes:
    assert job.state == Job.State.DONE, job.failed_reason
    return path_of(job.result.sha256).read_bytes()


@pytest.fixture
def frozen(summary, national_officer):  # noqa: F811
    services.freeze_summary(summary, by=national_officer, version=summary.version)
    return Summary.objects.get(pk=summary.pk)


def built(summary, by, form, edition=1) -> Job:  # noqa: F811
    return jobs.run_job(start_build(summary, by=by, form=form, edition=edition).pk)


def test_the_document_says_what_the_edition_says(frozen, national_officer):
    told = Document(BytesIO(content_of(built(frozen, national_officer, "docx"))))
    text = "\n".join(paragraph.text for paragraph in told.paragraphs)
    for words in (
        "《关于报送进展情况的通知》应报4个单位",
        "已报2个",
        "未报2个",
        "一、总体情况",
        "二、数据汇总",
        "三、各单位情况",
        "（一）湖南",
        "四、未报送单位",
        "未报送的有2个单位：北京、天津。",
        "2026年9月14日",
    ):
        assert words in text, words
    cells = [cell.text for table in told.tables for row in table.rows for cell in row.cells]
    assert "150家" in cells
    assert "2,000人" in cells
    assert "3,000人次" in cells


def test_the_pdf_holds_the_same(frozen, national_officer):
    made = Pdf(content_of(built(frozen, national_officer, "pdf")))
    text = "".join(made.text(place) for place in range(len(made.pages)))
    assert "未报送的有2个单位" in text.replace("\n", "").replace("\r", "")
    assert made.pages[-1].get_width() > made.pages[-1].get_height()


def test_the_workbook_keeps_blanks_blank(frozen, national_officer):
    sheet = load_workbook(BytesIO(content_of(built(frozen, national_officer, "xlsx")))).worksheets[
        0
    ]
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    heading = next(iter(rows.values()))
    attended = next(n for n, each in enumerate(heading) if each and "人次" in each)
    assert rows["广东"][attended] == 3000
    assert rows["湖南"][attended] is None
    assert rows["北京"][attended] is None
    assert rows["合计"][attended] == 3000
    assert rows["广东"][2].date().isoformat() == "2026-09-14"


def test_the_draft_is_marked(summary, national_officer):  # noqa: F811
    told = Document(BytesIO(content_of(built(summary, national_officer, "docx", edition=None))))
    headers = "".join(
        paragraph.text for section in told.sections for paragraph in section.header.paragraphs
    )
    assert "草稿" in headers


def test_an_edition_reads_the_same_when_it_comes_back_from_json(frozen):
    edition = frozen.editions.get()
    official = official_of_summary(edition.content, frozen.federation, edition=edition)
    assert Official.from_json(official.to_json()) == official


def test_whoever_lost_the_office_gets_nothing(frozen, national_officer):
    job = start_build(frozen, by=national_officer, form="pdf", edition=1)
    RoleAssignment.objects.filter(user=national_officer).update(until="2026-09-01")
    job = jobs.run_job(job.pk)
    assert job.state == Job.State.FAILED
    assert job.result_id is None


def test_an_unknown_form_is_refused(frozen, national_officer):
    with pytest.raises(Invalid) as refused:
        start_build(frozen, by=national_officer, form="exe", edition=1)
    assert refused.value.fields[0].pointer == "/form"


def test_a_number_of_a_series_goes_with_the_edition(summary, national_officer):  # noqa: F811
    series = NumberSeries.objects.get(word="总工办发")
    edition = services.freeze_summary(
        summary, by=national_officer, version=summary.version, series=series
    )
    assert str(edition.document_number) == "总工办发〔2026〕1号"
    assert DocumentNumber.objects.filter(word="总工办发", year=2026, no=1).exists()
    official = official_of_summary(edition.content, summary.federation, edition=edition)
    assert official.number == edition.document_number


class TestApi:
    def test_from_beginning_to_file(self, progress, file, api_for, national_officer):  # noqa: F811
        file("440000")
        client = api_for(
            national_officer, "summaries:read", "summaries:write", "jobs:read", "attachments:read"
        )
        made = client.post("/api/v1/summaries/", {"notice": str(progress.pk)}, content_type=JSON)
        assert made.status_code == 201
        again = client.post("/api/v1/summaries/", {"notice": str(progress.pk)}, content_type=JSON)
        assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
        here = f"/api/v1/summaries/{made.json()['id']}/"
        body = client.get(here).json()
        assert body["content"]["counts"]["accepted"] == 1
        assert body["steps"] == ["draw", "freeze"]
        assert client.get(here)["ETag"] == client.get(here)["ETag"]
        part = client.get(f"{here}parts/440000/")
        changed = client.patch(
            f"{here}parts/440000/",
            {"text": "机器写的一段。"},
            content_type=JSON,
            headers={"if-match": part["ETag"]},
        )
        assert changed.json()["edited_by"] == national_officer.name
        stale = client.patch(
            f"{here}parts/440000/",
            {"text": "晚了。"},
            content_type=JSON,
            headers={"if-match": part["ETag"]},
        )
        assert stale.status_code == 412
        frozen = client.post(
            f"{here}freeze/",
            {"note": "第一版"},
            content_type=JSON,
            headers={"if-match": client.get(here)["ETag"]},
        )
        assert frozen.json()["last_edition"] == 1
        edition = client.get(f"{here}editions/1/").json()
        assert edition["content"]["parts"][0]["text"] == "机器写的一段。"
        asked = client.post(f"{here}files/", {"form": "docx", "edition": 1}, content_type=JSON)
        assert asked.status_code == 202
        jobs.run_job(asked.json()["id"])
        assert client.get(asked["Location"]).json()["state"] == "done"

    def test_a_paragraph_without_text_is_told(self, frozen, api_for, national_officer):
        client = api_for(national_officer, "summaries:read", "summaries:write")
        here = f"/api/v1/summaries/{frozen.pk}/parts/440000/"
        answer = client.patch(
            here, {}, content_type=JSON, headers={"if-match": client.get(here)["ETag"]}
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/text"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"form": "exe"}, 422),
            ({"form": "pdf", "edition": 7}, 404),
            ({"form": "pdf", "edition": 0}, 422),
            ({"form": "pdf", "edition": 10**30}, 422),
            ({"form": "pdf", "more": 1}, 422),
            ({}, 422),
        ],
    )
    def test_bad_input(self, frozen, api_for, national_officer, body, status):
        client = api_for(national_officer, "summaries:read", "summaries:write")
        answer = client.post(f"/api/v1/summaries/{frozen.pk}/files/", body, content_type=JSON)
        assert answer.status_code == status, answer.content

    def test_a_province_finds_nothing(self, frozen, api_for, guangdong_officer):
        client = api_for(guangdong_officer, "summaries:read", "summaries:write")
        assert client.get("/api/v1/summaries/").json()["results"] == []
        assert client.get(f"/api/v1/summaries/{frozen.pk}/").status_code == 404
        assert client.get(f"/api/v1/summaries/{frozen.pk}/editions/1/").status_code == 404
