"""Signing in, being locked out, being disabled; and the invitation that starts it all."""

import re

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from platform_site.accounts import services
from platform_site.accounts.models import ApiToken, User
from platform_site.accounts.roles import Role
from platform_site.audit.models import Entry
from platform_site.problems import Invalid, Stale, StepNotOpen
from tests.factories.accounts import PASSWORD, UserFactory, office, token_for

LOGIN = "/accounts/login/"
HOME = "/w/settings/"


def sign_in(client, login, password=PASSWORD, address="10.0.0.1"):
    return client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address)


def signed_in(client):
    return client.get(HOME).status_code == 200


@pytest.mark.parametrize("typed", ["gdofficer", "GDofficer", "gdofficer@example.org"])
def test_by_user_name_or_email(client, officer, typed):
    assert sign_in(client, typed).status_code == 302
    assert signed_in(client)
    assert Entry.objects.filter(action="account.sign_in", actor_id=officer.pk).count() == 1


def test_wrong_password_is_a_message(client, officer):
    response = sign_in(client, "gdofficer", "wrong")
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not signed_in(client)


def test_six_wrong_passwords_lock_account_and_address_only(
    client, client_factory, officer, outsider
):
    answers = [
        sign_in(client, login, "wrong").status_code
        for login in (
            "gdofficer",
            "gdofficer@example.org",
            "GDOFFICER",
            "gdofficer",
            "gdofficer",
            "gdofficer",
        )
    ]
    assert answers[:4] == [200] * 4
    assert answers[-1] == 429
    # The right password does not help while the lock holds, by whichever name.
    assert sign_in(client, "gdofficer").status_code == 429
    assert sign_in(client, "gdofficer@example.org").status_code == 429
    assert not signed_in(client)
    # A colleague behind the same address, and the owner from another one, are not touched.
    colleague = client_factory()
    assert sign_in(colleague, "hnofficer").status_code == 302
    assert signed_in(colleague)
    elsewhere = client_factory()
    assert sign_in(elsewhere, "gdofficer", address="10.9.9.9").status_code == 302
    assert signed_in(elsewhere)


def test_forwarded_header_is_no_way_around(client, officer):
    for number in range(7):
        response = client.post(
            LOGIN,
            {"login": "gdofficer", "password": "wrong"},
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )
    assert response.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"10.0.0.1"}


def test_unknown_names_are_locked_alike(client, db):
    codes = [sign_in(client, "nobody", "wrong").status_code for _number in range(6)]
    assert codes[-1] == 429


def test_signing_in_clears_the_count(client, officer):
    for _round in range(2):
        for _number in range(4):
            sign_in(client, "gdofficer@example.org", "wrong")
        assert sign_in(client, "gdofficer").status_code == 302
        client.post("/accounts/logout/")


@pytest.fixture
def client_factory():
    from django.test import Client

    return Client


def test_nobody_signs_up(client, db):
    response = client.post(
        "/accounts/signup/",
        {
            "username": "intruder",
            "email": "x@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert response.status_code in {200, 403, 404}
    assert not User.objects.filter(username="intruder").exists()


def test_disabled_dies_within_one_request(client, officer, security):
    _token, _cleartext = token_for(officer, "reports:read")
    sign_in(client, "gdofficer")
    assert signed_in(client)
    services.disable(officer, by=security, note="离职")
    assert client.get(HOME).status_code == 302
    assert not ApiToken.objects.filter(user=officer).exists()
    assert sign_in(client, "gdofficer").status_code == 302
    assert not signed_in(client)
    # Enabled again, the old session stays dead.
    services.enable(officer, by=security, note="返聘")
    assert not signed_in(client)
    assert sign_in(client, "gdofficer").status_code == 302
    assert signed_in(client)


def test_old_session_does_not_revive(client, officer, security):
    sign_in(client, "gdofficer")
    services.disable(officer, by=security, note="离职")
    services.enable(officer, by=security, note="返聘")
    assert not signed_in(client)


def test_disable_needs_a_note_a_version_and_an_active_account(officer, security):
    with pytest.raises(Invalid):
        services.disable(officer, by=security, note=" ")
    with pytest.raises(Stale):
        services.disable(officer, by=security, note="x", version=officer.version + 1)
    disabled = services.disable(officer, by=security, note="x", version=officer.version)
    assert disabled.version == officer.version + 1
    with pytest.raises(StepNotOpen):
        services.disable(officer, by=security, note="x")


# --- Invitation -----------------------------------------------------------------------------------
@pytest.fixture
def invited(tree, security, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://platform.example"
    return services.invite(
        username="newcomer",
        name="新同志",
        email="newcomer@example.org",
        role=Role.LIAISON_OFFICER,
        federation=tree.guangdong,
        by=security,
    )


def link_in(message):
    return re.search(r"https://platform\.example(/\S+)", message.body)[1]


def test_invitation_is_taken_up_once(client, client_factory, invited):
    assert not invited.has_usable_password()
    message = mail.outbox[-1]
    assert message.to == ["newcomer@example.org"]
    assert "newcomer" in message.body
    link = link_in(message)
    form = client.get(link, follow=True)
    assert form.status_code == 200
    done = client.post(
        form.redirect_chain[-1][0],
        {"password1": "Spring-tide-2031", "password2": "Spring-tide-2031"},
    )
    assert done.status_code == 302
    person = client_factory()
    assert sign_in(person, "newcomer", "Spring-tide-2031").status_code == 302
    assert signed_in(person)
    again = client_factory().get(link, follow=True)
    assert again.context["token_fail"]
    with pytest.raises(StepNotOpen):
        services.send_invitation(invited, by=None)


def test_invitation_in_the_language_of_the_invited(tree, security, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    services.invite(
        username="english",
        name="Jane Doe",
        email="jane@example.org",
        role=Role.EDITOR,
        federation=tree.hunan,
        language="en",
        by=security,
    )
    assert mail.outbox[-1].subject == "Invitation to the trade-union work platform"
    assert "Dear Jane Doe," in mail.outbox[-1].body


def test_invitation_runs_out(client, invited):
    import datetime

    import time_machine

    link = link_in(mail.outbox[-1])
    with time_machine.travel(timezone.now() + datetime.timedelta(days=4), tick=False):
        assert client.get(link, follow=True).context["token_fail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "security"),
        ("username", "SECURITY"),
        ("username", "has space"),
        ("username", ""),
        ("email", "not an address"),
        ("email", ""),
        ("email", "SECURITY@example.org"),
        ("name", ""),
        ("name", "人" * 65),
    ],
)
def test_invitation_refuses_with_the_field(tree, security, field, value):
    fields = {
        "username": "newcomer",
        "name": "新同志",
        "email": "newcomer@example.org",
        field: value,
    }
    with pytest.raises(Invalid) as refused:
        services.invite(**fields, role=Role.LIAISON_OFFICER, federation=tree.guangdong, by=security)
    assert refused.value.fields
    assert not User.objects.filter(username="newcomer").exists()


def test_weak_password_is_refused(db):
    with pytest.raises(Invalid) as refused:
        services.create_account(username="weak", name="弱", password="12345", by=None)
    assert refused.value.fields[0].pointer == "/password"


# --- Second factor, language, where one is sent ----------------------------------------------------
def test_second_factor_when_compulsory(client, officer, settings):
    client.force_login(officer)
    assert client.get(HOME).status_code == 200
    settings.MFA_COMPULSORY = True
    response = client.get(HOME)
    assert response.status_code == 302
    assert response["Location"] == reverse("mfa_activate_totp")
    partial = client.get(HOME, headers={"HX-Request": "true"})
    assert (partial.status_code, partial["HX-Redirect"]) == (401, reverse("mfa_activate_totp"))
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=officer, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get(HOME).status_code == 200


def test_signed_out_is_sent_to_sign_in(client, db):
    response = client.get("/w/accounts/?q=a")
    assert response["Location"] == "/accounts/login/?next=%2Fw%2Faccounts%2F%3Fq%3Da"
    post = client.post("/w/settings/", {}, HTTP_REFERER="http://testserver/w/settings/?x=1")
    assert post["Location"] == "/accounts/login/?next=%2Fw%2Fsettings%2F%3Fx%3D1"
    evil = client.post("/w/settings/", {}, HTTP_REFERER="http://evil.example/w/")
    assert "evil" not in evil["Location"]
    partial = client.get("/w/settings/", headers={"HX-Request": "true"})
    assert partial.status_code == 401
    assert partial["HX-Redirect"].startswith("/accounts/login/")
    assert client.get("/w/there-is-no-such-page/").status_code == 302


def test_language_of_the_account(client, officer):
    client.force_login(officer)
    assert 'lang="zh-Hans"' in client.get(HOME, headers={"Accept-Language": "en"}).content.decode()
    client.post(HOME, {"name": officer.name, "language": "en"})
    assert 'lang="en"' in client.get(HOME, headers={"Accept-Language": "zh-CN"}).content.decode()


def test_settings_keep_what_was_typed(client, officer):
    client.force_login(officer)
    response = client.post(HOME, {"name": "人" * 65, "language": "en"})
    assert response.status_code == 200
    assert "人" * 65 in response.content.decode()
    officer.refresh_from_db()
    assert officer.language == "zh-hans"


def test_trail_holds_no_personal_value(client, officer):
    client.force_login(officer)
    client.post(HOME, {"name": "改了名字", "language": "zh-hans"})
    entry = Entry.objects.get(action="account.change")
    assert entry.facts == {"fields": ["name"]}


def test_offices_join_in_the_label(tree, officer):
    office(officer, Role.EDITOR, tree.guangdong)
    assert officer.office_label.count("·") == 2
    assert UserFactory().office_label == ""
