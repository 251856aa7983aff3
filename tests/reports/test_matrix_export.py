"""The overview as a workbook, as it is seen or as lines: what it says, and in which words."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from platform_site.attachments.store import path_of
from platform_site.jobs import services as jobs
from platform_site.jobs.models import Job
from reports.jobs import start_export_matrix


def workbook(by, *, lines, **given):
    job = jobs.run_job(start_export_matrix(by=by, given=given, lines=lines).pk)
    assert job.state == Job.State.DONE, job.failed_reason
    return load_workbook(BytesIO(path_of(job.result.sha256).read_bytes()))


def test_as_it_is_seen(submitted_report, national_officer):
    book = workbook(national_officer, lines=False, business_line="social_organisations")
    rows = list(book.worksheets[0].iter_rows())
    assert len(rows) == 1 + 43 + 2
    guangdong = next(row for row in rows if row[0].value == "440000")
    assert guangdong[4].value == 1
    assert guangdong[4].number_format == "0%"
    assert guangdong[8].value == "已提交"
    tianjin = next(row for row in rows if row[0].value == "120000")
    assert {cell.value for cell in tianjin[2:]} == {None}  # no recipient: blank, never zero
    about = {row[0]: row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    assert about["业务线"] == "劳动关系领域社会组织"


def test_as_lines(submitted_report, national_officer):
    rows = list(workbook(national_officer, lines=True).worksheets[0].iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == {"440000", "430000"}


def test_a_province_takes_home_its_own_row(submitted_report, guangdong_officer):
    rows = list(workbook(guangdong_officer, lines=False).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:] if row[0]] == ["440000"]


@pytest.mark.parametrize("query", ["?year=nonsense", "?as_of=2999-01-01", "?quarter=1"])
def test_bad_filters_lead_back_to_the_page_that_names_them(
    submitted_report, client_for, national_officer, query
):
    client = client_for(national_officer)
    answer = client.post(reverse("matrix-export") + query)
    assert answer["Location"] == reverse("matrix") + query
    assert client.get(answer["Location"]).status_code == 422
    assert not Job.objects.exists()
