"""Tokens: hashed, expiring, scoped; and the page that shows one exactly once."""

import datetime
import re
import uuid

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from platform_site.accounts import api_scopes, services
from platform_site.accounts.authentication import ScopedToken, TokenAuthentication
from platform_site.accounts.models import ApiToken, User
from platform_site.audit.models import Entry
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
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
        "kind": "personal",
        "scopes": [scope],
        "expires_on": (timezone.localdate() + datetime.timedelta(days=30)).isoformat(),
    }
    issued = client.post(reverse("token-create"), form)
    cleartext = re.search(r"data-token>(zg_\w+)</code>", issued.content.decode())[1]
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


# --- Where a token may be used from -----------------------------------------------------------------
def bound(user, *networks, **fields):
    return services.issue_token(
        user,
        name="程序",
        scopes=["things:read"],
        expires_on=timezone.localdate() + datetime.timedelta(days=3),
        networks=networks,
        by=user,
        **fields,
    )


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["10.1.0.0/16"], "10.1.255.1", 200),
        (["10.1.0.0/16"], "10.2.0.1", 403),
        (["192.0.2.1"], "192.0.2.1", 200),
        (["192.0.2.1"], "::ffff:192.0.2.1", 200),
        (["192.0.2.1"], "192.0.2.2", 403),
        (["2001:db8::/48", "10.0.0.0/8"], "2001:db8:0:1::5", 200),
        (["2001:db8::/48"], "2001:db9::1", 403),
        (["2001:db8::/48"], "10.0.0.1", 403),
        (["10.0.0.0/8"], "", 403),
        ([], "198.51.100.9", 200),
        ([], "", 200),
    ],
)
def test_addresses(officer, networks, address, status):
    _token, cleartext = bound(officer, *networks)
    assert ask(cleartext, REMOTE_ADDR=address).status_code == status


def test_a_wrong_address_is_told_to_the_holder_alone_and_to_the_trail(officer):
    token, cleartext = bound(officer, "10.1.0.0/16")
    refused = ask(cleartext, REMOTE_ADDR="10.2.0.1")
    assert refused.status_code == 403
    assert refused.data["detail"].code == "address_not_allowed"
    entry = Entry.objects.get(action="token.refuse_address")
    assert (entry.actor_id, entry.result) == (officer.pk, "refused")
    assert entry.facts == {
        "token": token.token_key,
        "method": "GET",
        "path": "/api/v1/things/",
    }
    # Whoever knows only where it begins learns nothing of the rest.
    assert ask(token.token_key + "0" * 52, REMOTE_ADDR="10.2.0.1").status_code == 401
    token.refresh_from_db()
    assert token.last_used_at is None


def test_the_address_is_read_past_our_own_proxies(officer, settings):
    settings.AXES_IPWARE_PROXY_COUNT = 1
    _token, cleartext = bound(officer, "10.1.0.0/16")
    good = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "8.8.8.8, 10.1.2.3"}
    forged = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.1.2.3, 8.8.8.8"}
    assert ask(cleartext, **good).status_code == 200
    assert ask(cleartext, **forged).status_code == 403


def test_the_trail_of_wrong_addresses_has_an_end(officer, settings, empty_queue):
    settings.API_RATES = {**settings.API_RATES, "sign_in": "2/d"}
    _token, cleartext = bound(officer, "10.1.0.0/16")
    asked = [ask(cleartext, REMOTE_ADDR="10.2.0.1").status_code for _request in range(4)]
    assert asked == [403, 403, 429, 429]
    assert Entry.objects.filter(action="token.refuse_address").count() == 2


def test_last_use_tells_from_where(officer):
    token, cleartext = token_for(officer, "things:read")
    ask(cleartext, REMOTE_ADDR="192.0.2.8")
    token.refresh_from_db()
    assert token.last_used_from == "192.0.2.8"


# --- Machine tokens -----------------------------------------------------------------------------
def test_a_machine_token_names_its_system_and_its_addresses(officer):
    token, _cleartext = bound(
        officer, " 10.1.2.3 ", "10.1.2.3/32", kind="machine", system="省总业务系统"
    )
    assert (token.kind, token.system, token.networks) == (
        "machine",
        "省总业务系统",
        ["10.1.2.3/32"],
    )
    for networks, system, pointer in [
        ([], "省总业务系统", "/networks"),
        (["10.1.2.3"], " ", "/system"),
        (["10.1.2.3"], "x" * 81, "/system"),
    ]:
        with pytest.raises(Invalid) as refused:
            bound(officer, *networks, kind="machine", system=system)
        assert [field.pointer for field in refused.value.fields] == [pointer]


@pytest.mark.parametrize(
    "network",
    [
        "10.1.2.3/16",
        "10.1.2",
        "localhost",
        "10.0.0.0/33",
        "0.0.0.0/0",
        "::/0",
        "",
        "\x00",
        "1" * 99,
    ],
)
def test_networks_that_are_none(officer, network):
    with pytest.raises(Invalid) as refused:
        bound(officer, network)
    assert [field.pointer for field in refused.value.fields] == ["/networks"]


def test_more_networks_than_anybody_needs(officer):
    with pytest.raises(Invalid):
        bound(officer, *(f"10.0.0.{number}" for number in range(21)))


def test_the_database_says_so_too(officer):
    now = timezone.now()
    for wrong in (
        {"expiry": now + datetime.timedelta(days=400)},
        {"expiry": None},
        {"kind": "machine"},
        {"kind": "machine", "system": "省总业务系统"},
        {"kind": "machine", "networks": ["10.1.2.3/32"]},
        {"system": "省总业务系统"},
    ):
        token, _cleartext = token_for(officer, "things:read")
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.objects.filter(pk=token.pk).update(**wrong)


# --- Renewing -------------------------------------------------------------------------------------
def test_the_old_text_works_for_a_while_beside_the_new_one(officer):
    with time_machine.travel("2026-09-14T09:00:00+08:00", tick=False) as clock:
        old, first = bound(officer, "10.1.0.0/16", kind="machine", system="省总业务系统")
        new, second = services.rotate_token(
            old,
            expires_on=datetime.date(2027, 3, 1),
            overlap=datetime.timedelta(days=1),
            by=officer,
        )
        for field in ("name", "kind", "system", "scopes", "networks"):
            assert getattr(new, field) == getattr(old, field)
        assert new.last_day == datetime.date(2027, 3, 1)
        home = {"REMOTE_ADDR": "10.1.2.3"}
        assert [ask(text, **home).status_code for text in (first, second)] == [200, 200]
        clock.shift(datetime.timedelta(days=1, seconds=1))
        assert [ask(text, **home).status_code for text in (first, second)] == [401, 200]
    entry = Entry.objects.get(action="token.rotate")
    assert (entry.facts["old"], entry.facts["token"]) == (old.token_key, new.token_key)


def test_the_old_text_may_end_at_once_and_never_lasts_longer_than_before(officer):
    day = timezone.localdate() + datetime.timedelta(days=30)
    old, first = bound(officer)
    services.rotate_token(old, expires_on=day, by=officer)
    assert ask(first).status_code == 401
    old, _first = bound(officer)
    services.rotate_token(old, expires_on=day, overlap=datetime.timedelta(days=7), by=officer)
    before = old.expiry
    old.refresh_from_db()
    assert old.expiry == before


def test_renewing_refuses(officer, outsider):
    token, _cleartext = bound(officer)
    day = timezone.localdate() + datetime.timedelta(days=30)
    with pytest.raises(NotAllowed):
        services.rotate_token(token, expires_on=day, by=outsider)
    for wrong in (
        {"expires_on": day + datetime.timedelta(days=400)},
        {"expires_on": day, "overlap": datetime.timedelta(days=8)},
        {"expires_on": day, "overlap": datetime.timedelta(days=-1)},
    ):
        with pytest.raises(Invalid):
            services.rotate_token(token, by=officer, **wrong)
    ApiToken.objects.update(expiry=timezone.now())
    with pytest.raises(StepNotOpen):
        services.rotate_token(token, expires_on=day, by=officer)
    assert ApiToken.objects.count() == 1


def test_pages_of_a_machine_token(client, officer, outsider):
    client.force_login(officer)
    scope = sorted(api_scopes.known())[0]
    day = timezone.localdate() + datetime.timedelta(days=30)
    form = {
        "id": str(uuid.uuid4()),
        "name": "年报接口",
        "kind": "machine",
        "system": "",
        "networks": "10.1.0.0/16\n10.1.0.5/16",
        "scopes": [scope],
        "expires_on": day.isoformat(),
    }
    wrong = client.post(reverse("token-create"), form)
    assert set(wrong.context["form"].errors) == {"networks"}
    assert "10.1.0.5/16" in wrong.content.decode()
    form["networks"] = "10.1.0.0/16，2001:db8::1"
    wrong = client.post(reverse("token-create"), form)
    assert set(wrong.context["form"].errors) == {"system"}
    form["system"] = "省总业务系统"
    issued = client.post(reverse("token-create"), form).content.decode()
    token = ApiToken.objects.get()
    assert token.networks == ["10.1.0.0/16", "2001:db8::1/128"]
    assert "省总业务系统" in issued
    listed = client.get(reverse("token-list")).content.decode()
    for told in (
        "省总业务系统",
        "10.1.0.0/16",
        token.token_key,
        reverse("token-rotate", args=[token.id]),
    ):
        assert told in listed

    rotate = reverse("token-rotate", args=[token.id])
    page = client.get(rotate)
    assert page.status_code == 200
    again = {"id": str(uuid.uuid4()), "expires_on": day.isoformat(), "overlap": "1"}
    assert set(client.post(rotate, {**again, "overlap": "9"}).context["form"].errors) == {"overlap"}
    renewed = client.post(rotate, again)
    assert re.search(r"data-token>(zg_\w+)</code>", renewed.content.decode())
    assert "no-store" in renewed["Cache-Control"]
    assert client.post(rotate, again).status_code == 302  # the same form again
    assert ApiToken.objects.count() == 2
    client.force_login(outsider)
    assert client.post(rotate, {**again, "id": str(uuid.uuid4())}).status_code == 404
    # The id of another person's token in a form: a refusal, and no fault of the server.
    assert client.post(reverse("token-create"), form).status_code == 409


# --- When the owner's rights end ----------------------------------------------------------------
def test_a_token_sees_no_more_than_its_owners_offices(officer, security, api_for):
    client = api_for(officer)
    assert client.get("/api/v1/me/").json()["offices"] != []
    before = client.get("/api/v1/federations/").json()["results"]
    services.end_role(officer.assignments.get(), by=security, note="调离")
    assert client.get("/api/v1/me/").json()["offices"] == []
    after = client.get("/api/v1/obligations/")
    assert (after.status_code, after.json()["results"]) == (200, [])
    assert before != []
    services.disable(officer, by=security, note="离职")
    assert client.get("/api/v1/me/").status_code == 401
    assert not ApiToken.objects.exists()
