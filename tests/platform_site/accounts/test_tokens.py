"""Tokens: hashed, expiring, scoped; and the page that shows one exactly once."""

import datetime
import re

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from platform_site.accounts import api_scopes, services
from platform_site.accounts.authentication import ScopedToken, TokenAuthentication
from platform_site.accounts.models import ApiToken, User
from platform_site.problems import Invalid, NotAllowed
from tests.factories.accounts import token_for


class Things(APIView):
    resource = "things"
    authentication_classes = [TokenAuthentication]
    permission_classes = [ScopedToken]

    def get(self, request):
        return Response({"who": request.user.username, "language": translation.get_language()})

    def post(self, request):
        return Response({}, status=201)

    def handle_exception(self, exc):
        if isinstance(exc, NotAllowed):
            return Response({"code": exc.code, **exc.extra}, status=exc.status)
        return super().handle_exception(exc)


def ask(cleartext=None, method="get", header=None, **extra):
    if header is None and cleartext is not None:
        header = f"Bearer {cleartext}"
    if header is not None:
        extra["HTTP_AUTHORIZATION"] = header
    return Things.as_view()(getattr(APIRequestFactory(), method)("/api/v1/things/", **extra))


def test_scopes_are_kept_apart(officer):
    _token, reads = token_for(officer, "things:read")
    _token, writes = token_for(officer, "things:write")
    _token, other = token_for(officer, "reports:read", "reports:write")
    assert ask(reads).status_code == 200
    assert ask(writes, "post").status_code == 201
    for cleartext, method, scope in [
        (reads, "post", "things:write"),
        (writes, "get", "things:read"),
        (other, "get", "things:read"),
        (other, "post", "things:write"),
    ]:
        response = ask(cleartext, method)
        assert response.status_code == 403
        assert response.data == {"code": "scope_missing", "scope": scope}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer one two",
        "Bearer zg_0000000000000000000000000000",
        "Token zg_0000000000000000000000000000",
        "Bearer \x00\x00\x00",
        "Bearer " + "a" * 5000,
        "Bearer zg_\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9",
        "Basic dXNlcjpwYXNz",
    ],
)
def test_anything_wrong_is_401(db, header):
    response = ask(header=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_no_token_is_401(db):
    assert ask().status_code == 401


def test_right_key_wrong_rest(officer):
    _token, cleartext = token_for(officer, "things:read")
    assert ask(cleartext[:-1] + ("0" if cleartext[-1] != "0" else "1")).status_code == 401


def test_expired(officer):
    day = timezone.localdate()
    token, cleartext = services.issue_token(
        officer,
        name="程序",
        scopes=["things:read"],
        expires_on=day + datetime.timedelta(days=3),
        by=officer,
    )
    assert token.last_day == day + datetime.timedelta(days=3)
    end = timezone.make_aware(
        datetime.datetime.combine(day + datetime.timedelta(days=4), datetime.time())
    )
    with time_machine.travel(end - datetime.timedelta(seconds=5), tick=False):
        assert ask(cleartext).status_code == 200
    with time_machine.travel(end + datetime.timedelta(seconds=5), tick=False):
        assert ask(cleartext).status_code == 401
        assert ApiToken.objects.get().expired


def test_inactive_owner(officer):
    _token, cleartext = token_for(officer, "things:read")
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert ask(cleartext).status_code == 401


def test_use_is_noted_once_a_minute(officer, django_assert_num_queries):
    token, cleartext = token_for(officer, "things:read")
    with time_machine.travel("2026-09-14T09:00:00+08:00", tick=False) as clock:
        with django_assert_num_queries(2):
            ask(cleartext)
        clock.shift(59)
        with django_assert_num_queries(1):
            ask(cleartext)
        clock.shift(2)
        with django_assert_num_queries(2):
            ask(cleartext)
        token.refresh_from_db()
        assert token.last_used_at == timezone.now()


def test_language_of_the_owner_unless_asked(officer):
    _token, cleartext = token_for(officer, "things:read")
    User.objects.filter(pk=officer.pk).update(language="en")
    with translation.override("zh-hans"):
        assert ask(cleartext).data["language"] == "en"
    with translation.override("zh-hans"):
        asked = ask(cleartext, HTTP_ACCEPT_LANGUAGE="zh-CN")
        assert asked.data["language"] == "zh-hans"


def test_cleartext_is_nowhere_in_the_database(officer):
    _token, cleartext = services.issue_token(
        officer,
        name="程序",
        scopes=["things:read"],
        expires_on=timezone.localdate() + datetime.timedelta(days=3),
        by=officer,
    )
    with connection.cursor() as cursor:
        for table in ("accounts_apitoken", "audit_entry"):
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{cleartext[16:]}%"]
            )
            assert cursor.fetchone()[0] == 0


def test_issue_refuses(officer, outsider):
    day = timezone.localdate()
    good = {
        "name": "程序",
        "scopes": ["things:read"],
        "expires_on": day + datetime.timedelta(days=1),
    }
    for bad in [
        {"expires_on": day},
        {"expires_on": day + datetime.timedelta(days=367)},
        {"expires_on": datetime.date(9999, 12, 31)},
        {"expires_on": datetime.date(1, 1, 1)},
        {"scopes": []},
        {"scopes": ["things:*"]},
        {"name": ""},
        {"name": "x" * 81},
    ]:
        with pytest.raises(Invalid):
            services.issue_token(officer, **{**good, **bad}, by=officer)
    with pytest.raises(NotAllowed):
        services.issue_token(officer, **good, by=outsider)
    assert not ApiToken.objects.exists()


def test_page_shows_the_token_once(client, officer):
    client.force_login(officer)
    page = client.get(reverse("token-create"))
    assert page.status_code == 200
    scope = sorted(api_scopes.known())[0]
    form = {
        "id": page.context["form"]["id"].value(),
        "name": "年报程序",
        "scopes": [scope],
        "expires_on": (timezone.localdate() + datetime.timedelta(days=30)).isoformat(),
    }
    issued = client.post(reverse("token-create"), form)
    cleartext = re.search(r"<code data-token>(zg_\w+)</code>", issued.content.decode())[1]
    assert f"Authorization: Bearer {cleartext}" in issued.context["curl"]
    assert "no-store" in issued["Cache-Control"]
    replay = client.post(reverse("token-create"), form)
    assert replay.status_code == 302
    assert ApiToken.objects.filter(user=officer).count() == 1
    listed = client.get(reverse("token-list")).content.decode()
    assert "年报程序" in listed
    assert cleartext not in listed
    assert scope in listed


def test_page_keeps_what_was_typed(client, officer):
    client.force_login(officer)
    response = client.post(
        reverse("token-create"),
        {"name": "程序甲", "scopes": ["nothing:read"], "expires_on": "9999-12-31"},
    )
    assert response.status_code == 200
    assert "程序甲" in response.content.decode()
    assert set(response.context["form"].errors) >= {"scopes"}


def test_revoke_own_only(client, officer, outsider):
    token, cleartext = token_for(officer, "things:read")
    client.force_login(outsider)
    assert client.get(reverse("token-revoke", args=[token.id])).status_code == 404
    assert client.post(reverse("token-revoke", args=[token.id])).status_code == 404
    assert ask(cleartext).status_code == 200
    client.force_login(officer)
    assert client.get(reverse("token-revoke", args=[token.id])).status_code == 200
    assert client.post(reverse("token-revoke", args=[token.id])).status_code == 302
    assert ask(cleartext).status_code == 401
