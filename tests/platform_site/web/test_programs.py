"""A request with a token is answered as data: no cookie, and a policy that lets nothing in."""

from __future__ import annotations

import pytest

from tests.factories.accounts import UserFactory, token_for

pytestmark = pytest.mark.django_db


def test_what_is_answered_to_a_program_brings_nothing_along(client):
    _token, cleartext = token_for(UserFactory(), "federations:read")
    bearer = {"authorization": f"Bearer {cleartext}", "cookie": "sessionid=y"}
    answer = client.get("/api/v1/federations/", headers=bearer)
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert not answer.cookies
    assert "Cookie" not in answer["Vary"]


def test_a_session_does_not_open_the_api_and_a_token_no_page(client):
    person = UserFactory()
    client.force_login(person, backend="platform_site.accounts.backends.SignInBackend")
    assert client.get("/api/v1/federations/").status_code == 401
    assert "script-src" in client.get("/api/v1/docs")["Content-Security-Policy"]
    client.logout()
    _token, cleartext = token_for(person, "federations:read")
    page = client.get("/w/", headers={"authorization": f"Bearer {cleartext}"})
    assert page.status_code == 302
