"""``/api/v1/federations/``."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.factories.accounts import token_for, user_with
from tests.factories.federations import federation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ADDRESS = "/api/v1/federations/"


@pytest.fixture
def call(client):
    officer = user_with("liaison_officer", federation("440000"))
    _token, secret = token_for(officer, "federations:read")

    def get(path="", **query):
        return client.get(ADDRESS + path, query, headers={"Authorization": f"Bearer {secret}"})

    return get


def codes(answer):
    return [row["code"] for row in answer.json()["results"]]


def test_one_federation_by_code(call):
    federation("440106")
    answer = call("440106/")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["parent"], body["first_tier"], body["prefecture"]) == (
        "440100",
        "440000",
        "440100",
    )
    assert body["name_zh"] == "天河区总工会"
    assert answer["ETag"].startswith('"v1-')
    assert call("999999/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["ACFTU", "110000", "120000"]),
        ({"level": "3", "search": "gz"}, ["360700", "440100", "513300"]),
        ({"kind": "corps"}, ["XPCC"]),
        ({"parent": "440100", "search": "44010"}, ["440103", "440104", "440105"]),
        ({"search": "tianhequ"}, ["440106"]),
        ({"ordering": "-code", "kind": "division"}, ["XPCC14", "XPCC13", "XPCC12"]),
        ({"ordering": "pinyin", "kind": "provincial"}, ["340000", "110000", "500000"]),
    ],
)
def test_filters(call, query, found):
    assert codes(call(**query))[:3] == found


def test_pages_hold_the_whole_level_once(call):
    seen, cursor = [], None
    while True:
        answer = call(level="3", **({"cursor": cursor} if cursor else {})).json()
        seen += [row["code"] for row in answer["results"]]
        if not answer["next"]:
            break
        cursor = parse_qs(urlsplit(answer["next"]).query)["cursor"][0]
    assert len(seen) == len(set(seen)) == 347


def test_wrong_parameters_are_400(call):
    for query in ({"level": "9"}, {"colour": "red"}, {"ordering": "phone"}, {"cursor": "x"}):
        assert call(**query).status_code == 400


def test_without_a_token_nothing(client):
    assert client.get(ADDRESS).status_code == 401
