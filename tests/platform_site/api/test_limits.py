"""Limits: each token and scope has a bucket of its own, in Valkey or, while it is away, in the process."""

from __future__ import annotations

import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import Client

from platform_site.api import documents, limits
from platform_site.audit.models import Entry
from tests.factories.accounts import token_for

REPORTS = "/api/v1/reports/"


@pytest.fixture(autouse=True)
def nothing_spent(empty_queue):
    limits.try_again()
    yield
    limits.try_again()


@pytest.fixture
def rates(settings):
    def give(**given):
        settings.API_RATES = {
            **settings.API_RATES,
            **{name.replace("__", ":"): rate for name, rate in given.items()},
        }

    return give


def test_rates_are_numbers_and_a_unit(settings):
    assert limits.rate_from("600/m") == limits.Rate(600, 60)
    assert limits.rate_from("5000/d") == limits.Rate(5000, 86_400)
    settings.API_RATES = {**settings.API_RATES, "read": "many", "reports:read": "0/s"}
    assert [found.id for found in run_checks() if found.id.startswith("api.")] == ["api.E001"] * 2


def test_a_scope_may_have_a_rate_of_its_own(rates):
    rates(read="600/m", reports__read="20/s")
    assert limits.rate_of("reports:read") == limits.Rate(20, 1)
    assert limits.rate_of("notices:read") == limits.Rate(600, 60)


@pytest.mark.parametrize("quota", [1, 3, 7, 20, 999])
def test_exactly_the_quota_at_once(rates, quota):
    rates(read=f"{quota}/d")
    found = [limits.spend("read", "somebody") for _request in range(quota + 3)]
    assert [standing.allowed for standing in found] == [True] * quota + [False] * 3
    assert [standing.remaining for standing in found[:quota]] == list(range(quota - 1, -1, -1))
    assert limits.refused() == {"read": 3}


def test_fifty_threads_at_a_limit_of_twenty(rates):
    rates(read="20/d")
    start = threading.Barrier(50)

    def ask(_number):
        start.wait()
        return limits.spend("read", "somebody").allowed

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(ask, range(50))) == 20


@pytest.mark.django_db(transaction=True)
def test_fifty_requests_at_a_limit_of_twenty(reference, national_officer, rates):
    rates(reports__read="20/d")
    _token, cleartext = token_for(national_officer, "reports:read")
    start = threading.Barrier(50)

    def ask(_number):
        try:
            start.wait()
            return Client(headers={"authorization": f"Bearer {cleartext}"}).get(REPORTS).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))
    assert (answers.count(200), answers.count(429)) == (20, 30)


def test_what_is_spent_comes_back_one_by_one(rates):
    rates(read="10/s")
    while limits.spend("read", "somebody").allowed:
        pass
    until = time.monotonic() + 10
    while not limits.spend("read", "somebody").allowed:
        assert time.monotonic() < until


@pytest.mark.django_db
def test_the_answers_tell_how_the_bucket_stands(api_for, national_officer, rates):
    rates(reports__read="2/d")
    client = api_for(national_officer)
    first, last, refused = [client.get(REPORTS) for _request in range(3)]
    assert [answer.status_code for answer in (first, last, refused)] == [200, 200, 429]
    for answer in (first, last, refused):
        assert answer["RateLimit-Policy"] == '"reports:read";q=2;w=86400'
    assert first["RateLimit"].startswith('"reports:read";r=1;t=')
    assert last["RateLimit"].startswith('"reports:read";r=0;t=')
    # A new request is let through every twelve hours; both headers name the same moment.
    assert 43_000 < int(refused["Retry-After"]) <= 43_200
    assert refused["RateLimit"] == f'"reports:read";r=0;t={refused["Retry-After"]}'
    assert refused["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert (body["code"], body["status"], body["policy"]) == (
        "too_many_requests",
        429,
        "reports:read",
    )
    assert refused["Retry-After"] in body["detail"]


@pytest.mark.django_db
def test_each_scope_and_each_token_has_its_own(api_for, national_officer, rates):
    rates(read="1/d")
    client = api_for(national_officer)
    assert [client.get(REPORTS).status_code for _request in range(2)] == [200, 429]
    assert client.get("/api/v1/notices/").status_code == 200
    assert api_for(national_officer).get(REPORTS).status_code == 200


@pytest.mark.django_db
def test_what_is_refused_counts_too(api_for, national_officer, rates):
    """Else a token without the scope could fill the trail with refusals."""
    rates(write="2/d")
    client = api_for(national_officer, "notices:read")
    asked = [client.post("/api/v1/notices/", {}, "application/json") for _request in range(4)]
    assert [answer.status_code for answer in asked] == [403, 403, 429, 429]
    assert Entry.objects.filter(action="request.refused").count() == 2


@pytest.mark.django_db
def test_wrong_tokens_are_counted_by_address_and_slow_nobody_else(
    api_for, national_officer, client, rates
):
    rates(sign_in="3/d")
    wrong = {"authorization": "Bearer zg_" + "0" * 64}
    asked = [client.get(REPORTS, headers=wrong) for _request in range(5)]
    assert [answer.status_code for answer in asked] == [401, 401, 401, 429, 429]
    assert asked[-1]["RateLimit-Policy"] == '"sign_in";q=3;w=86400'
    elsewhere = client.get(REPORTS, headers=wrong, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401
    assert api_for(national_officer).get(REPORTS).status_code == 200


@pytest.mark.django_db
def test_nobody_in_particular_is_counted_by_address(client, rates):
    rates(anonymous="2/d")
    asked = [client.get(REPORTS), client.get("/api/v1/redoc"), client.get("/api/v1/docs")]
    assert [answer.status_code for answer in asked] == [401, 200, 429]
    assert asked[1]["RateLimit"].startswith('"anonymous";r=0;t=')


# --- Without Valkey -------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_without_valkey_the_process_limits_by_itself(
    reference, api_for, national_officer, rates, queue_relay
):
    rates(reports__read="3/d")
    client = api_for(national_officer)
    assert client.get(REPORTS).status_code == 200
    queue_relay.cut()
    asked = [client.get(REPORTS) for _request in range(5)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429, 429]
    assert asked[-1]["RateLimit"].startswith('"reports:read";r=0;')
    assert client.get("/api/v1/me/").status_code == 200
    queue_relay.restore()
    limits.try_again()  # instead of waiting for five seconds
    assert limits.spend("reports:read", "somebody").remaining == 2
    assert limits.refused() == {}, "the refusals of the process are not Valkey's"


def test_nobody_waits_for_a_valkey_that_is_known_to_be_away(rates, settings):
    """192.0.2.0/24 is nowhere (RFC 5737): a connection to it would wait until it gave up."""
    rates(read="5/d")
    settings.REDIS_URL = "redis://192.0.2.1:6379/0"
    limits.spend("read", "somebody")  # learns it
    waiting = threading.Event()

    def many():
        for _request in range(1000):
            limits.spend("read", "somebody")
        waiting.set()

    threading.Thread(target=many, daemon=True).start()
    # A thousand times a quarter of a second would be minutes.
    assert waiting.wait(30)


def test_the_process_keeps_no_more_buckets_than_it_needs(rates, queue_relay, monkeypatch):
    monkeypatch.setattr(limits, "LOCAL_BUCKETS", 50)
    rates(read="1000000/s")
    queue_relay.cut()
    for number in range(500):
        limits.spend("read", str(number))
    assert len(limits._local._full) <= 50


# --- What a token is told of itself ------------------------------------------------------------------
@pytest.mark.django_db
def test_me(api_for, guangdong_officer, rates):
    rates(reports__read="3/d", read="600/m")
    client = api_for(guangdong_officer, "reports:read", "notices:write")
    client.get(REPORTS)
    answer = client.get("/api/v1/me/")
    assert answer.status_code == 200
    me = answer.json()
    assert me["owner"]["username"] == guangdong_officer.username
    assert [(one["role"], one["federation"]) for one in me["offices"]] == [
        ("liaison_officer", "440000")
    ]
    assert me["token"]["kind"] == "personal"
    assert me["token"]["scopes"] == ["notices:write", "reports:read"]
    assert me["token"]["prefix"].startswith("zg_")
    assert {one["policy"]: (one["quota"], one["remaining"]) for one in me["limits"]} == {
        "read": (600, 599),
        "notices:write": (1_000_000, 1_000_000),
        "reports:read": (3, 2),
    }
    assert answer["ETag"].startswith('"v1-')
    for query in ("all=1", "fields=owner", "format=csv"):
        assert client.get(f"/api/v1/me/?{query}").json()["code"] == "unknown_parameter"
    assert client.post("/api/v1/me/", {}, "application/json").status_code == 403


def test_the_schema_says_that_me_is_one_object_without_parameters_of_a_list():
    told = documents.raw("en")["paths"]["/api/v1/me/"]["get"]
    assert [each["name"] for each in told["parameters"]] == ["If-None-Match"]
    assert (told["operationId"], told["tags"]) == ("me_retrieve", ["me"])


@pytest.mark.django_db
def test_refusals_are_in_the_metrics(client, settings, rates):
    rates(read="1/d")
    settings.METRICS_TOKEN = "watch"
    for _request in range(3):
        limits.spend("read", "somebody")
    told = client.get("/metrics", headers={"authorization": "Bearer watch"}).content.decode()
    assert 'platform_api_refused_requests{policy="read"} 2.0' in told


def test_a_bulk_counts_as_one_request(rates, api_for, national_officer):
    rates(write="3/d", notices__write="3/d")
    client = api_for(national_officer, "notices:write")
    items = [{"act": "approve", "id": str(uuid.uuid4()), "version": 1} for _item in range(10)]
    for left in (2, 1, 0):
        answer = client.post(
            "/api/v1/notices/bulk/", json.dumps({"items": items}), content_type="application/json"
        )
        assert [item["status"] for item in answer.json()["items"]] == [404] * 10
        assert f"r={left};" in answer["RateLimit"]
