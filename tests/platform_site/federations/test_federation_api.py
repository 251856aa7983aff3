"""``/api/v1/federations/``."""

import pytest

from tests.factories.accounts import token_for, user_with
from tests.factories.federations import federation

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/federations/"


@pytest.fixture
def call(client):
    officer = user_with("liaison_officer", federation("440000"))
    _token, secret = token_for(officer, "federations:read")

    def get(path="", **query):
        return client.get(ADDRESS + path, query, headers={"Authorization": f"Token {secret}"})

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
        ({}, ["ACFTU", "440000", "XPCC", "440100", "440106"]),
        ({"level": "3"}, ["440100"]),
        ({"kind": "corps"}, ["XPCC"]),
        ({"parent": "440100"}, ["440106"]),
        ({"search": "tianhe"}, ["440106"]),
        ({"ordering": "-code"}, ["XPCC", "ACFTU", "440106", "440100", "440000"]),
    ],
)
def test_filters(call, query, found):
    federation("440106")
    federation("XPCC")
    assert codes(call(**query)) == found


def test_wrong_parameters_are_400(call):
    for query in ({"level": "9"}, {"colour": "red"}, {"ordering": "phone"}, {"cursor": "x"}):
        assert call(**query).status_code == 400


def test_without_a_token_nothing(client):
    assert client.get(ADDRESS).status_code == 401
