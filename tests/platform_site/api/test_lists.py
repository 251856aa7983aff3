"""What every list of the API offers: chosen members, whole tables, the same rows as its objects."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_site.api import tables
from platform_site.api.router import router
from platform_site.api.rows import plan_of
from platform_site.api.views import ListViewSet
from platform_site.audit.models import Entry
from platform_site.federations.models import Federation
from reports import services

pytestmark = pytest.mark.django_db


#: What their members are told by stands in other tables, or is masked by who asks.
WITH_INSTANCES = {
    "accounts",
    "comments",
    "done",
    "grants",
    "holdings",
    "ledger",
    "obligation-reminders",
    "report-scans",
    "started",
    "summary-parts",
    "todo",
    "webhook-deliveries",
    "webhooks",
    "work-system",
}


def lists():
    return [
        (basename, viewset)
        for _prefix, viewset, basename in router.registry
        if issubclass(viewset, ListViewSet)
    ]


@pytest.mark.parametrize(("basename", "viewset"), lists(), ids=[name for name, _v in lists()])
def test_every_list_is_read_column_by_column_or_says_that_it_is_not(basename, viewset):
    view = viewset()
    view.action, view.request, view.kwargs = "list", None, {}
    if viewset.reads_instances:
        assert basename in WITH_INSTANCES
    else:
        assert plan_of(view.get_serializer_class()).columns


ADDRESSES = ["/notices/", "/obligations/", "/reports/", "/federations/?kind=provincial"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_row_says_what_its_object_says(
    address, submitted_report, api_for, national_officer, guangdong_officer
):
    for person in (national_officer, guangdong_officer):
        client = api_for(person)
        rows = client.get(f"/api/v1{address}").json()["results"]
        assert rows
        for row in rows[:3]:
            key = row.get("id") or row["code"]
            whole = client.get(f"/api/v1{address.split('?')[0]}{key}/").json()
            assert row == {name: whole[name] for name in row}


def test_a_draft_that_others_write_is_not_told_by_its_obligation(
    draft_report, api_for, national_officer, guangdong_officer
):
    def report_as(person):
        [row] = api_for(person).get("/api/v1/obligations/?federation=440000").json()["results"]
        return row["standing"], row["report"]

    assert report_as(guangdong_officer) == ("drafting", str(draft_report.pk))
    assert report_as(national_officer) == ("drafting", None)


def test_only_the_members_asked_for(issued_notice, api_for, national_officer):
    client = api_for(national_officer)
    answer = client.get("/api/v1/obligations/?fields=late,federation,nonsense")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert "nonsense" in answer.json()["errors"][0]["detail"]
    assert client.get("/api/v1/obligations/?fields=").status_code == 400
    rows = client.get("/api/v1/obligations/?fields=late,federation&ordering=federation").json()
    assert rows["results"] == [{"federation": code, "late": False} for code in ("430000", "440000")]
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/v1/obligations/?fields=due_on")
    [sql] = [each["sql"] for each in asked if 'FROM "obligations_obligation"' in each["sql"]]
    assert "department" not in sql
    assert "reports_report" not in sql


@pytest.fixture
def odd(the_day, draft):
    """Titles that a spreadsheet would reckon with."""
    for title in ("=HYPERLINK(1)的通知", "＋1的通知", "正常，含“逗号”和,半角逗号的通知"):
        draft(title=title)


def test_a_list_as_csv(odd, api_for, national_officer):
    client = api_for(national_officer)
    answer = client.get("/api/v1/notices/?format=csv&ordering=drafted_at")
    assert answer["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer["Content-Disposition"].startswith('attachment; filename="notices-')
    assert answer.streaming
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8"))))
    assert [row["title"] for row in rows] == [
        "'=HYPERLINK(1)的通知",
        "'＋1的通知",
        "正常，含“逗号”和,半角逗号的通知",
    ]
    assert (rows[0]["issued_at"], rows[0]["due_on"]) == ("", "2026-10-15")
    listed = client.get("/api/v1/notices/").json()["results"][0]
    assert list(rows[0]) == list(listed)


def test_a_list_as_a_workbook(odd, api_for, national_officer):
    answer = api_for(national_officer).get(
        "/api/v1/notices/?format=xlsx&fields=title,due_on&search=HYPERLINK"
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["title", "due_on"]
    assert sheet.max_row == 2
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=HYPERLINK(1)的通知", "s")
    assert sheet["B2"].is_date


def test_all_rows_come_in_a_table_and_no_place_in_it(api_for, national_officer):
    client = api_for(national_officer)
    text = client.get("/api/v1/federations/?format=csv&fields=code").getvalue().decode()
    codes = text.split()[1:]
    assert len(codes) == len(set(codes)) == Federation.objects.count() > tables.MOST_ROWS // 10
    for wrong in ("format=csv&page_size=10", "format=pdf", "format=csv&cursor=x"):
        assert client.get(f"/api/v1/federations/?{wrong}").status_code == 400


def test_a_workbook_has_a_limit_that_says_what_to_do(monkeypatch, api_for, national_officer):
    monkeypatch.setattr(tables, "MOST_ROWS", 40)
    client = api_for(national_officer)
    answer = client.get("/api/v1/federations/?format=xlsx")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_rows")
    assert client.get("/api/v1/federations/?format=xlsx&kind=provincial").status_code == 200


def test_whoever_takes_a_list_out_is_written_down(odd, api_for, hunan_officer, national_officer):
    api_for(national_officer).get("/api/v1/notices/?format=csv&search=工资")
    [entry] = Entry.objects.filter(action="list.taken_out")
    assert entry.actor_id == national_officer.pk
    assert entry.facts == {
        "list": "notices",
        "path": "/api/v1/notices/",
        "format": "csv",
        "filters": "format,search",
    }
    # What is out of sight is in no table either.
    text = api_for(hunan_officer).get("/api/v1/notices/?format=csv").getvalue().decode()
    assert len(text.splitlines()) == 1


def test_the_same_number_of_queries_for_one_row_and_for_many(
    the_day, draft, national_leader, national_officer, api_for
):
    client = api_for(national_officer)

    def issue():
        notice = draft()
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        services.issue_notice(notice, by=national_officer, version=notice.version)

    def asked(address):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).json()["results"]
        return len(queries)

    issue()
    addresses = ["/api/v1/notices/", "/api/v1/obligations/"]
    before = [asked(address) for address in addresses]
    issue(), issue()
    assert [asked(address) for address in addresses] == before


@pytest.mark.parametrize(
    "address",
    [
        "/obligations/{}/reminders/",
        "/attachments/{}/",
        "/attachments/{}/content/",
        "/reports/{}/comments/",
        "/reports/{}/versions/",
        "/reports/{}/history/",
        "/summaries/{}/parts/",
        "/notices/{}/",
    ],
)
def test_thirty_six_dashes_are_no_id(address, api_for, national_officer):
    answer = api_for(national_officer).get(f"/api/v1{address.format('-' * 36)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
