"""The pages of numbers and series."""

import datetime as dt

import pytest

from platform_site.documents import services
from platform_site.documents.models import NumberSeries

pytestmark = pytest.mark.django_db


def take(by, times: int) -> None:
    series = NumberSeries.objects.get(word="总工办发")
    for _ in range(times):
        services.take_number(series, by=by, subject="关于某事的通知", on=dt.date(2026, 9, 14))


def test_the_register_shows_what_is_in_use(the_day, client_for, national_officer, auditor):
    take(national_officer, 2)
    for person in (national_officer, auditor):
        page = client_for(person).get("/w/document-numbers/").content.decode()
        assert "总工办发〔2026〕2号" in page
        assert national_officer.name in page


def test_another_body_sees_neither_series_nor_numbers(
    the_day, client_for, national_officer, guangdong_officer
):
    take(national_officer, 1)
    page = client_for(guangdong_officer).get("/w/document-numbers/").content.decode()
    assert "总工办发" not in page


def test_the_list_needs_the_same_number_of_queries_with_1_and_3_rows(
    the_day, client_for, national_officer, django_assert_max_num_queries
):
    client = client_for(national_officer)
    counts = []
    for more in (1, 2):
        take(national_officer, more)
        client.get("/w/document-numbers/")
        with django_assert_max_num_queries(14) as counted:
            client.get("/w/document-numbers/")
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_a_series_is_added_and_begins_where_paper_ended(
    the_day, client_for, national_officer, guangdong
):
    client = client_for(national_officer)
    given = {"federation": "440000", "word": "粤工发", "issuer": "广东省总工会", "layout": "notice"}
    wrong = client.post("/w/document-numbers/series/new/", given | {"federation": "999"})
    assert wrong.status_code == 422
    assert "粤工发" in wrong.content.decode()
    assert client.post("/w/document-numbers/series/new/", given).status_code == 302
    assert NumberSeries.objects.get(word="粤工发").federation == guangdong
    series = NumberSeries.objects.get(word="总工函")
    address = f"/w/document-numbers/series/{series.pk}/"
    shown = client.get(address)
    assert shown.status_code == 200
    change = {
        "version": series.version, "issuer": "中华全国总工会", "label": "函", "layout": "letter",
        "printed_by": "", "first": "32", "active": "on",
    }  # fmt: skip
    assert client.post(address, change | {"first": "0"}).status_code == 422
    assert client.post(address, change).status_code == 302
    # Somebody else's page is stale now.
    assert client.post(address, change).status_code == 422
    series.refresh_from_db()
    number = services.take_number(
        series, by=national_officer, subject="函", on=dt.date(2026, 9, 14)
    )
    assert str(number) == "总工函〔2026〕32号"
