import io
import re

import pytest
from django.core.management import CommandError, call_command

from platform_site.accounts import api_scopes
from platform_site.accounts.models import ApiToken, User


def run(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_first_security_administrator(tree, client):
    out = run("create_role_user", "root1", name="安全管理员", role="security_administrator")
    user = User.objects.get(username="root1")
    assert user.scope.holds("security_administrator")
    link = re.search(r"http://[^/]+(/\S+)", out)[1]
    assert client.get(link, follow=True).status_code == 200


def test_password_from_standard_input(tree, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Harbour-lamp-2016\n"))
    run(
        "create_role_user",
        "gd",
        name="甲",
        role="liaison_officer",
        federation="440000",
        password_stdin=True,
    )
    assert User.objects.get(username="gd").check_password("Harbour-lamp-2016")


@pytest.mark.parametrize(
    "options",
    [
        {"federation": "nowhere"},
        {"role": "auditor", "federation": "440000"},
        {"until": "tomorrow"},
        {"until": "2026-13-45"},
        {"until": "1999-01-01"},
        {"email": "nonsense"},
    ],
)
def test_nothing_half_made(tree, options):
    options = {"name": "甲", "role": "liaison_officer", "federation": "440000", **options}
    with pytest.raises(CommandError):
        run("create_role_user", "gd", **options)
    assert not User.objects.filter(username="gd").exists()


def test_token(officer):
    scope = sorted(api_scopes.known())[0]
    cleartext = run("issue_token", "gdofficer", scope=[scope]).strip()
    assert cleartext.startswith("zg_")
    assert ApiToken.objects.get().scopes == [scope]
    for options in ({"scope": ["nothing:read"]}, {"scope": []}, {"scope": [scope], "days": 900}):
        with pytest.raises(CommandError):
            run("issue_token", "gdofficer", **options)
    with pytest.raises(CommandError):
        run("issue_token", "nobody", scope=[scope])


def test_machine_token(officer):
    scope = sorted(api_scopes.known())[0]
    machine = {"scope": [scope], "kind": "machine", "system": "省总业务系统"}
    with pytest.raises(CommandError, match="networks"):
        run("issue_token", "gdofficer", **machine)
    run("issue_token", "gdofficer", **machine, network=["10.1.0.0/16"])
    token = ApiToken.objects.get()
    assert (token.kind, token.system, token.networks) == (
        "machine",
        "省总业务系统",
        ["10.1.0.0/16"],
    )
