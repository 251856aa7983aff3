"""The pages: who sees which accounts, and what stands beside the fields."""

import datetime
import uuid

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from platform_site.accounts.models import RoleAssignment, User
from platform_site.accounts.roles import Role
from tests.factories.accounts import UserFactory, office, user_with


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def as_user(client, user):
    client.force_login(user)
    return client


def all_pages(account, assignment):
    return [
        reverse("account-list"),
        reverse("account-invite"),
        reverse("account-detail", args=[account.pk]),
        reverse("account-disable", args=[account.pk]),
        reverse("account-enable", args=[account.pk]),
        reverse("office-give", args=[account.pk]),
        reverse("office-end", args=[assignment.pk]),
        reverse("office-substitute", args=[assignment.pk]),
    ]


@pytest.mark.parametrize(
    "role",
    [
        Role.NATIONAL_OFFICER,
        Role.NATIONAL_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.LIAISON_OFFICER,
        Role.CASEWORK_OFFICER,
        Role.EDITOR,
        None,
    ],
)
def test_outsiders_get_404_everywhere(client, tree, officer, role):
    user = UserFactory()
    if role:
        office(user, role, tree.acftu if role.startswith("national") else tree.guangdong)
    as_user(client, user)
    for url in all_pages(officer, officer.assignments.get()):
        assert client.get(url).status_code == 404, url
        assert client.post(url, {"note": "x"}).status_code in {404, 405}, url
    assert client.post(reverse("account-invitation", args=[officer.pk])).status_code == 404


def test_department_head_of_another_federation_gets_404(client, tree, officer):
    as_user(client, user_with(Role.DEPARTMENT_HEAD, tree.hunan))
    assert client.get(reverse("account-list")).status_code == 200
    for url in all_pages(officer, officer.assignments.get())[2:]:
        assert client.get(url).status_code == 404, url


def test_reader_may_not_act(client, tree, officer, auditor, system):
    for reader in (auditor, system):
        as_user(client, reader)
        urls = all_pages(officer, officer.assignments.get())
        assert client.get(urls[0]).status_code == 200
        assert client.get(urls[2]).status_code == 200
        for url in [urls[1], *urls[3:]]:
            assert client.get(url).status_code == 403, url


def test_missing_and_malformed(client, security):
    as_user(client, security)
    assert client.get(reverse("account-detail", args=[uuid.uuid4()])).status_code == 404
    assert client.get("/w/accounts/not-a-uuid/").status_code == 404


def test_auditor_reads_masked_addresses(client, officer, auditor, security):
    page = as_user(client, auditor).get(reverse("account-list")).content.decode()
    assert "gdofficer@example.org" not in page
    assert "g***@example.org" in page
    detail = client.get(reverse("account-detail", args=[officer.pk])).content.decode()
    assert "gdofficer@example.org" not in detail
    page = as_user(client, security).get(reverse("account-list")).content.decode()
    assert "gdofficer@example.org" in page


def test_head_sees_own_people_and_own_offices(client, tree, head, officer, outsider):
    office(officer, Role.CASEWORK_OFFICER, tree.hunan)
    page = as_user(client, head).get(reverse("account-list")).content.decode()
    assert officer.name in page
    assert outsider.name not in page
    detail = client.get(reverse("account-detail", args=[officer.pk])).content.decode()
    assert "广东省总工会" in detail
    assert "湖南省总工会" not in detail


def test_filters(client, security, officer, outsider):
    as_user(client, security)
    url = reverse("account-list")

    def names(**query):
        return {user.username for user in client.get(url, query).context["page"].rows}

    off = UserFactory(username="gone", is_active=False)
    assert names(q="gdoff") == {"gdofficer"}
    assert names(q="湖南") == {"hnofficer"}
    assert names(role="liaison_officer") == {"gdofficer", "hnofficer"}
    assert names(role="liaison_officer", federation="430000") == {"hnofficer"}
    assert names(state="disabled") == {off.username}
    assert names(state="invited") == set()
    assert names(role="king") == set()
    assert client.get(url, {"cursor": "broken"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_list_runs_few_queries(client, tree, security, rows, django_assert_max_num_queries):
    for _number in range(rows):
        user_with(Role.LIAISON_OFFICER, tree.hunan)
    as_user(client, security)
    with django_assert_max_num_queries(12):
        response = client.get(reverse("account-list"))
    assert len(response.context["page"].rows) == min(50, rows + 1)


def invitation(**changes):
    return {
        "id": str(uuid.uuid4()),
        "name": "新同志",
        "username": "newcomer",
        "email": "newcomer@example.org",
        "role": "liaison_officer",
        "federation": "440000",
        "until": "",
        "language": "zh-hans",
        **changes,
    }


def test_invite(client, tree, head):
    as_user(client, head)
    form = invitation()
    response = client.post(reverse("account-invite"), form)
    made = User.objects.get(username="newcomer")
    assert response["Location"] == made.get_absolute_url()
    assert len(mail.outbox) == 1
    # The same form sent twice makes one account and one letter.
    assert client.post(reverse("account-invite"), form)["Location"] == made.get_absolute_url()
    assert len(mail.outbox) == 1
    assert client.post(reverse("account-invitation", args=[made.pk])).status_code == 302
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"federation": "430000"}, "federation"),
        ({"federation": "ZZ"}, "federation"),
        ({"role": "department_head"}, "role"),
        ({"role": "security_administrator"}, "role"),
        ({"username": "gdhead"}, "username"),
        ({"username": "two words"}, "username"),
        ({"email": "gdhead@example.org"}, "email"),
        ({"email": "x"}, "email"),
        ({"until": "0000-01-01"}, "until"),
        ({"until": "1999-01-01"}, "until"),
        ({"name": "甲\x00乙"}, "name"),
        ({"name": "人" * 65}, "name"),
    ],
)
def test_invite_says_what_is_wrong_beside_the_field(client, head, changes, field):
    as_user(client, head)
    response = client.post(reverse("account-invite"), invitation(**changes))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "newcomer@example.org" in response.content.decode() or field == "email"
    assert not User.objects.filter(username="newcomer").exists()
    assert mail.outbox == []


def test_disable_and_enable(client, head, officer):
    as_user(client, head)
    url = reverse("account-disable", args=[officer.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"note": "", "version": 1}).context["form"].errors["note"]
    stale = client.post(url, {"note": "离职", "version": 99})
    assert stale.status_code == 412
    assert client.post(url, {"note": "离职", "version": 1}).status_code == 302
    assert not User.objects.get(pk=officer.pk).is_active
    url = reverse("account-enable", args=[officer.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"note": "返聘"}).status_code == 302
    assert User.objects.get(pk=officer.pk).is_active


def test_give_and_end_an_office(client, tree, security, officer):
    as_user(client, security)
    url = reverse("office-give", args=[officer.pk])
    assert client.get(url).status_code == 200
    form = {"role": "auditor", "federation": "ACFTU", "since": timezone.localdate().isoformat()}
    refused = client.post(url, form)
    assert refused.context["form"].errors["role"]
    form = {**form, "role": "editor", "federation": "440000"}
    assert client.post(url, form).status_code == 302
    given = RoleAssignment.objects.get(user=officer, role="editor")
    url = reverse("office-end", args=[given.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"note": "调整分工"}).status_code == 302
    assert not RoleAssignment.objects.in_force().filter(pk=given.pk).exists()
    assert client.post(url, {"note": "再次"}).status_code == 409


def test_substitute(client, tree, head, officer):
    deputy = user_with(Role.EDITOR, tree.guangdong, username="deputy")
    as_user(client, head)
    url = reverse("office-substitute", args=[officer.assignments.get().pk])
    assert client.get(url).status_code == 200
    day = timezone.localdate()
    form = {
        "username": "nobody",
        "since": day.isoformat(),
        "until": (day + datetime.timedelta(days=5)).isoformat(),
    }
    assert client.post(url, form).context["form"].errors["username"]
    assert client.post(url, {**form, "username": "deputy"}).status_code == 302
    assert RoleAssignment.objects.get(user=deputy, role="liaison_officer").substitutes
    page = client.get(reverse("account-detail", args=[deputy.pk])).content.decode()
    assert officer.name in page
