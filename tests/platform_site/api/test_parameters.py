"""Parameters of a list say one thing each, or are refused; nothing is lost in silence."""

import django_filters
import pytest

from platform_site.api.filters import InstantFilter, YesOrNoFilter
from platform_site.api.router import router

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("federation=440000&federation=430000", "repeated_parameter"),
        ("request=", "empty_parameter"),
        ("due_on__lte=", "empty_parameter"),
        ("ordering=", "empty_parameter"),
        ("signed_for=", "empty_parameter"),
        ("signed_for=null", "bad_filter"),
        ("signed_for=True", "bad_filter"),
        ("signed_for=2", "bad_filter"),
        ("due_on__lte=tomorrow", "bad_filter"),
    ],
)
def test_what_says_nothing_or_two_things_is_400(query, code, guangdong_officer, api_for):
    answer = api_for(guangdong_officer).get(f"/api/v1/obligations/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


def test_yes_and_no_are_told_apart(signed_obligation, guangdong_officer, api_for):
    def found(query):
        rows = api_for(guangdong_officer).get(f"/api/v1/obligations/?{query}").json()["results"]
        return [row["id"] for row in rows]

    assert found("signed_for=true") == [str(signed_obligation.pk)]
    assert found("signed_for=false") == []
    assert found("filed=false") == [str(signed_obligation.pk)]


@pytest.mark.parametrize(
    "instant",
    [
        "1636-04-14T11:20:08-19:07",  # an offset that PostgreSQL does not read
        "2026-09-14T10:00:00+23:59",
        "2026-09-14T10:00:00Z",
    ],
)
def test_every_offset_of_an_instant_is_read(instant, guangdong_officer, api_for):
    answer = api_for(guangdong_officer).get("/api/v1/reports/", {"submitted_at__gte": instant})
    assert answer.status_code == 200


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x"])
def test_an_instant_beyond_all_time_is_400(instant, guangdong_officer, api_for):
    answer = api_for(guangdong_officer).get("/api/v1/reports/", {"submitted_at__gte": instant})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_filter")


def test_no_list_uses_a_filter_that_looks_away():
    looking_away = [
        (prefix, name)
        for prefix, viewset, _basename in router.registry
        for name, each in getattr(
            getattr(viewset, "filterset_class", None), "base_filters", {}
        ).items()
        if (isinstance(each, django_filters.BooleanFilter) and not isinstance(each, YesOrNoFilter))
        or (
            isinstance(each, django_filters.IsoDateTimeFilter)
            and not isinstance(each, InstantFilter)
        )
    ]
    assert looking_away == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_an_address_that_leads_nowhere_is_404_whatever_is_sent(method, client):
    """It asked for a CSRF token, as a page would."""
    client.handler.enforce_csrf_checks = True
    answer = getattr(client, method)("/api/v1/nowhere/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_method_that_is_not_offered_is_405_with_whatever_parameters(guangdong_officer, api_for):
    client = api_for(guangdong_officer)
    assert client.generic("TRACE", "/api/v1/reports/?cursor=x").status_code == 405
