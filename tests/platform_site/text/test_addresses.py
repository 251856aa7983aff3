from urllib.parse import unquote_to_bytes

import pytest

pytestmark = pytest.mark.urls("tests.platform_site.web.urls")


@pytest.mark.parametrize(
    "address",
    ["/?q=%00", "/?q=%ED%A0%80", "/?q=%E2%80%AE", "/?%00=1", "/?q=%FF", "/w/%00/"],
)
def test_hostile_addresses_are_unreadable_not_a_fault(client, address):
    path, _, query = address.partition("?")
    response = client.generic(
        "GET", "/", QUERY_STRING=query, PATH_INFO=unquote_to_bytes(path).decode("latin-1")
    )
    assert response.status_code == 400
    assert "X-Request-ID" in response


def test_the_interface_answers_with_a_problem_document(client):
    response = client.get("/api/v1/notices/", {"status": "\x00"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_ordinary_chinese_passes(client, db):
    assert client.get("/healthz", {"q": "工会　２０２６"}).status_code == 200


def test_a_header_with_controls_is_unreadable(client):
    assert client.get("/healthz", headers={"x-thing": "a\x01b"}).status_code == 400


def test_a_path_that_is_not_utf8_is_a_path_where_nothing_is(client):
    response = client.generic("GET", "/", PATH_INFO="/nothing/\xff/")
    assert response.status_code == 404
