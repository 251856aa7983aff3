"""/w/audit/: the auditor reads and searches; nobody else, and nothing can be changed."""

import datetime as dt

import pytest
from django.utils import timezone

from platform_site.audit.services import record

pytestmark = pytest.mark.django_db

PAGE = "/w/audit/"


@pytest.fixture
def entries(officer, national):
    now = timezone.now()
    record("test.issue", national, by=officer, note="第一件事", federation=national)
    record("test.close", officer, by=None, note="第二件事", at=now - dt.timedelta(days=40))
    record("test.try", None, by=officer, note="第三件事", result="refused")


def notes(response):
    text = response.content.decode()
    return [word for word in ("第一件事", "第二件事", "第三件事") if word in text]


def test_only_the_auditor_opens_it(client, auditor, officer):
    client.force_login(officer)
    assert client.get(PAGE).status_code == 403
    client.force_login(auditor)
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE).status_code == 405


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["第一件事", "第二件事", "第三件事"]),
        ("person=经办人", ["第一件事", "第三件事"]),
        ("subject=ACFTU", ["第一件事"]),
        ("result=refused", ["第三件事"]),
        ("person=nobody", []),
    ],
)
def test_the_filters(client, auditor, entries, query, found):
    client.force_login(auditor)
    assert notes(client.get(f"{PAGE}?{query}")) == found


def test_days_are_included_at_both_ends(client, auditor, entries):
    client.force_login(auditor)
    day = timezone.localdate() - dt.timedelta(days=40)
    assert notes(client.get(f"{PAGE}?since={day}&until={day}")) == ["第二件事"]


@pytest.mark.parametrize(
    "query",
    [
        "since=9999-12-31",
        "until=9999-12-31",
        "since=0000-01-01",
        "since=x",
        "action=nothing",
        "result=x",
        "person=" + "a" * 500,
        "since=2026-02-02&until=2026-02-01",
    ],
)
def test_odd_filters_are_answered_with_a_page(client, auditor, entries, query):
    client.force_login(auditor)
    response = client.get(f"{PAGE}?{query}")
    assert response.status_code == 200
    assert response.context["form"].errors


def test_pages_follow_one_another(client, auditor, officer, national):
    client.force_login(auditor)
    moment = timezone.now()
    for number in range(120):
        record(f"test.{number}", national, by=officer, at=moment)
    seen, cursor = [], ""
    while cursor is not None:
        response = client.get(PAGE, {"cursor": cursor} if cursor else {})
        seen += [entry.pk for entry in response.context["page"].rows]
        cursor = response.context["page"].next
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client, auditor, officer, national, django_assert_max_num_queries
):
    client.force_login(auditor)
    for number in range(60):
        record(f"test.{number}", national, by=officer)
    with django_assert_max_num_queries(12):
        client.get(PAGE)
