"""Every error has a page that says what to do, carries the request's number, and asks no database."""

import json

import pytest
from django.db import DatabaseError
from django.test import Client

pytestmark = pytest.mark.urls("tests.platform_site.web.urls")


@pytest.fixture
def browser():
    """A client that gets the error page instead of the exception; without `db` no query passes."""
    return Client(raise_request_exception=False, headers={"accept-language": "en"})


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/t/denied/", 403, "You may not do this"),
        ("/t/gone/", 404, "Page not found"),
        ("/nowhere/", 404, "Page not found"),
        ("/t/broken/", 500, "Something went wrong on our side"),
        ("/t/away/", 503, "The platform is briefly unavailable"),
        ("/t/stale/", 412, "Somebody was faster."),
        ("/t/invalid/", 422, "First thing."),
    ],
)
def test_error_pages_render_without_a_database(browser, address, status, words):
    response = browser.get(address)
    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert page.count("<h1") == 1
    assert response["X-Request-ID"] in page
    assert "style=" not in page
    assert "<script" not in page


def test_error_pages_speak_the_language_of_the_reader(browser):
    response = browser.get("/t/away/", headers={"accept-language": "zh-hans"})
    assert 'lang="zh-Hans"' in response.content.decode()


def test_what_was_typed_comes_back_with_the_503(browser):
    text = "　　第一段，很长的一段文字。\n<script>alert(1)</script>"
    response = browser.post(
        "/t/away/?step=2", {"body": text, "version": "7", "password1": "secret words"}
    )
    page = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "15"
    assert "第一段，很长的一段文字。\n&lt;script&gt;" in page
    assert 'action="/t/away/?step=2"' in page
    assert 'name="version" value="7"' in page
    assert "secret words" not in page


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [("/api/v1/away/", 503, "unavailable"), ("/api/v1/stale/", 412, "stale")],
)
def test_programs_get_a_problem_document(browser, address, status, code):
    response = browser.get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert document["status"] == status
    assert document["request_id"] == response["X-Request-ID"]
    assert document.get("code") == code


def test_scripts_of_the_page_get_json(browser):
    response = browser.post("/t/away/", headers={"accept": "application/json"})
    assert response["Content-Type"] == "application/problem+json"


def test_more_text_than_the_limit_is_a_clear_page(browser, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
    response = browser.post("/t/echo/", {"text": "工" * 1_000_000})
    assert response.status_code == 413
    page = response.content.decode()
    assert "2 MB" in page
    assert "Back button" in page


def test_more_text_than_the_limit_url_encoded_too(browser, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
    body = b"text=" + b"a" * 3_000_000
    response = browser.post("/t/echo/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413


def test_a_form_without_its_token_says_what_to_do():
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = strict.post("/t/echo/", {"text": "x"})
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()


def test_the_database_is_really_out_of_reach_here(browser):
    """The guard behind the tests above: without the `db` fixture a query is an error."""
    from platform_site.web.models import Heartbeat

    with pytest.raises((RuntimeError, DatabaseError)):
        Heartbeat.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a1b2c3d4-e5f6", True), ("short", False), ("x" * 65, False), ("a b<c>defg", False)],
)
def test_request_ids_are_kept_when_sane(browser, given, kept):
    response = browser.get("/healthz", headers={"x-request-id": given})
    assert (response["X-Request-ID"] == given) is kept
