"""``/api/v1/accounts/`` and ``offices/``: what the pages can do, for machines."""

import json
import uuid

import pytest
from django.core import mail
from django.utils import timezone

from platform_site.accounts.models import ApiToken, RoleAssignment, User
from platform_site.accounts.roles import Role
from tests.factories.accounts import UserFactory, office, user_with


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def post(api, path, body, **headers):
    return api.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def step(api, path, name, body):
    """As a client does: read, then send the ETag back."""
    seen = api.get(f"/api/v1{path}")["ETag"]
    return post(api, f"{path}{name}/", body, if_match=seen)


def names(answer):
    return {row["username"] for row in answer.json()["results"]}


def test_the_list_shows_what_the_page_shows(api_for, tree, security, head, officer, outsider):
    off = UserFactory(username="gone", is_active=False)
    asleep = User.objects.create_user("asleep", name="未启用")
    api = api_for(security)

    def found(**query):
        return names(api.get("/api/v1/accounts/", query))

    assert found(search="gdoff") == {"gdofficer"}
    assert found(role="liaison_officer", federation="430000") == {"hnofficer"}
    assert found(state="disabled") == {off.username}
    assert found(state="invited") == {asleep.username}
    assert found(state="active", search="湖南") == {"hnofficer"}
    assert api.get("/api/v1/accounts/?role=king").status_code == 400
    assert api.get("/api/v1/accounts/?q=x").status_code == 400
    assert names(api_for(head).get("/api/v1/accounts/")) == {"gdhead", "gdofficer"}
    assert names(api_for(officer).get("/api/v1/accounts/")) == set()


def test_an_account_with_offices_and_steps(api_for, tree, head, officer):
    office(officer, Role.CASEWORK_OFFICER, tree.hunan)
    told = api_for(head).get(f"/api/v1/accounts/{officer.pk}/").json()
    assert (told["username"], told["email"], told["state"]) == (
        "gdofficer",
        "gdofficer@example.org",
        "active",
    )
    # The head reads the offices at the own federation only, and may not disable one of elsewhere.
    assert [each["federation"] for each in told["offices"]] == ["440000"]
    assert told["steps"] == []
    assert "password" not in json.dumps(told)


def test_the_auditor_reads_masked_addresses(api_for, auditor, officer):
    api = api_for(auditor)
    row = next(
        each
        for each in api.get("/api/v1/accounts/").json()["results"]
        if each["username"] == "gdofficer"
    )
    told = api.get(f"/api/v1/accounts/{officer.pk}/").json()
    assert row["email"] == told["email"] == "g***@example.org"
    assert told["steps"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_needs_few_queries(api_for, tree, security, rows, django_assert_max_num_queries):
    for _number in range(rows):
        user_with(Role.LIAISON_OFFICER, tree.hunan)
    api = api_for(security)
    for address in ("/api/v1/accounts/", "/api/v1/offices/"):
        api.get(address)
        with django_assert_max_num_queries(6 if "accounts" in address else 4):
            assert len(api.get(address).json()["results"]) == rows + 1


INVITATION = {
    "name": "新同志",
    "username": "newcomer",
    "email": "newcomer@example.org",
    "role": "liaison_officer",
    "federation": "440000",
}


def test_an_invitation_sends_its_link_to_the_person_alone(api_for, head):
    api, body = api_for(head), {**INVITATION, "id": str(uuid.uuid4())}
    answer = post(api, "/accounts/", body)
    assert answer.status_code == 201, answer.content
    assert answer["Location"].endswith(f"/api/v1/accounts/{body['id']}/")
    told = answer.json()
    assert (told["state"], told["offices"][0]["role"]) == ("invited", "liaison_officer")
    assert told["steps"] == ["disable", "send-invitation"]
    [letter] = mail.outbox
    link = next(line for line in letter.body.split() if "/password/reset/key/" in line)
    assert letter.to == ["newcomer@example.org"]
    assert link not in answer.content.decode()
    assert "password/reset" not in answer.content.decode()
    # The same again invites nobody.
    assert post(api, "/accounts/", body).status_code == 200
    assert len(mail.outbox) == 1
    again = step(api, f"/accounts/{body['id']}/", "send-invitation", {})
    assert (again.status_code, len(mail.outbox)) == (200, 2)
    assert "password/reset" not in again.content.decode()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"username": "gdhead"}, "/username"),
        ({"username": "two words"}, "/username"),
        ({"email": "gdhead@example.org"}, "/email"),
        ({"email": "x"}, "/email"),
        ({"federation": "ZZ"}, "/federation"),
        ({"role": "king"}, "/role"),
        ({"until": "1999-01-01"}, "/until"),
        ({"name": "人" * 65}, "/name"),
        ({"is_superuser": True}, "/is_superuser"),
        ({"password": "Harbour-lamp-2016"}, "/password"),
    ],
)
def test_an_invitation_says_what_is_wrong(api_for, head, changes, pointer):
    answer = post(api_for(head), "/accounts/", {**INVITATION, **changes})
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert not User.objects.filter(username="newcomer").exists()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "changes", [{"federation": "430000"}, {"role": "department_head"}, {"role": "auditor"}]
)
def test_nobody_invites_into_an_office_that_is_not_theirs_to_give(api_for, head, changes):
    assert post(api_for(head), "/accounts/", {**INVITATION, **changes}).status_code == 403
    assert not User.objects.filter(username="newcomer").exists()


def test_disabling_ends_tokens_at_once(api_for, head, officer):
    theirs = api_for(officer)
    assert theirs.get("/api/v1/federations/").status_code == 200
    path = f"/accounts/{officer.pk}/"
    api = api_for(head)
    assert post(api, f"{path}disable/", {"note": "离职"}).status_code == 428
    assert post(api, f"{path}disable/", {"note": "离职"}, if_match='"v9"').status_code == 412
    assert step(api, path, "disable", {}).status_code == 422
    done = step(api, path, "disable", {"note": "离职"})
    assert (done.status_code, done.json()["state"], done.json()["steps"]) == (
        200,
        "disabled",
        ["enable"],
    )
    assert theirs.get("/api/v1/federations/").status_code == 401
    assert not ApiToken.objects.filter(user=officer).exists()
    assert step(api, path, "disable", {"note": "再次"}).status_code == 409
    assert step(api, path, "enable", {"note": "返聘"}).json()["state"] == "active"


def test_offices_are_given_ended_and_filled_in_for(api_for, tree, security, officer):
    api = api_for(security)
    given = post(
        api,
        "/offices/",
        {"account": str(officer.pk), "role": "editor", "federation": "440000", "note": "分工"},
    )
    assert given.status_code == 201, given.content
    told = given.json()
    assert (told["since"], told["until"], told["given_by"], told["steps"]) == (
        timezone.localdate().isoformat(),
        None,
        "安全员",
        ["end", "substitute"],
    )
    path = f"/offices/{told['id']}/"
    deputy = user_with(Role.CASEWORK_OFFICER, tree.guangdong)
    day = timezone.localdate().isoformat()
    fill_in = {"account": str(deputy.pk), "since": day, "until": day}
    # Whoever changed the account meanwhile made this version old.
    old = given["ETag"]
    assert step(api, f"/accounts/{officer.pk}/", "disable", {"note": "x"}).status_code == 200
    assert step(api, f"/accounts/{officer.pk}/", "enable", {"note": "x"}).status_code == 200
    assert post(api, f"{path}substitute/", fill_in, if_match=old).status_code == 412
    substituted = step(api, path, "substitute", fill_in).json()
    assert (substituted["username"], substituted["substitutes"]) == (deputy.username, told["id"])
    ended = step(api, path, "end", {"note": "调整分工"})
    assert (ended.status_code, ended.json()["steps"]) == (200, [])
    assert not RoleAssignment.objects.in_force().filter(role="editor").exists()
    assert step(api, path, "end", {"note": "再次"}).status_code == 409
    rows = api.get(f"/api/v1/offices/?account={officer.pk}&in_force=true").json()["results"]
    assert [row["role"] for row in rows] == ["liaison_officer"]


def test_the_three_administrators_exclude_each_other_here_too(api_for, security, system, officer):
    for account in (system, officer):
        body = {"account": str(account.pk), "role": "auditor", "federation": "ACFTU"}
        answer = post(api_for(security), "/offices/", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/role"
        assert answer.json()["errors"][0]["code"] == "roles_exclude_each_other"
    own = {"account": str(security.pk), "role": "auditor", "federation": "ACFTU"}
    assert post(api_for(security), "/offices/", own).status_code == 403
