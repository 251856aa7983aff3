"""What a token opens: the operations of ``tests/access.csv`` that its scopes name, and nothing else."""

from __future__ import annotations

import pytest
from django.db import transaction

from platform_site.accounts.api_scopes import known, resources

from .requests import business, name_of, rows, send, status_of, visit

pytestmark = pytest.mark.django_db

#: The resource whose scopes open an operation, where its name does not say so.
RESOURCES = {
    "comments": "reports",
    "report": "reports",
    "summary": "summaries",
    "circular": "circulars",
    "ledger": "obligations",
    "notice": "notices",
    "obligation": "obligations",
    "document": "document-templates",
    "pass": "obligations",
    "form": "forms",
    "policy": "content",
    **dict.fromkeys(["todo", "done", "started"], "duties"),
    "reminder": "reminder-settings",
    "webhook": "webhooks",
}
#: An export opens no more than what the token may read besides; nor does what is told to a webhook.
BESIDES = {
    "api:exports-list": ["federations:read"],
    "api:summary-files-list": ["summaries:read"],
    "api:circular-files-list": ["circulars:read"],
    "api:notices-export-overview": ["obligations:read"],
    "api:figures-export": ["figures:read"],
    "api:webhooks-list": ["reports:read"],
    "api:webhooks-detail": ["reports:read"],
    "api:webhooks-rotate-secret": ["reports:read"],
}
WITHOUT_SCOPE = {
    "api:versions",
    "api:schema",
    "api:docs",
    "api:redoc",
    "api:problem",
    "api:index",
    "api:me-list",
}


def needed(row: dict[str, str]) -> str:
    name = row["route"].removeprefix("api:")
    found = [each for each in resources() if name.startswith(f"{each}-")]
    resource = found[0] if found else RESOURCES[name.partition("-")[0]]
    return f"{resource}:{'read' if row['method'] == 'GET' else 'write'}"


@pytest.mark.parametrize("name", ["national_officer", "guangdong_officer"])
def test_a_token_opens_what_its_scopes_name_and_nothing_else(name, world, api_for):
    """Every operation that the person may take, with all scopes but the one that it needs."""
    person, wrong = world["people"][name], []
    without = {
        scope: api_for(person, *[each for each in known() if each != scope]) for scope in known()
    }
    alone = {scope: api_for(person, scope) for scope in known()}
    for row in rows():
        if not row["route"].startswith("api:") or row["route"] in WITHOUT_SCOPE:
            continue
        if row[name] != "+":
            continue
        with transaction.atomic():
            refused = send(without[needed(row)], row, world)
            transaction.set_rollback(True)
        if refused.status_code != 403 or refused.json()["code"] != "scope_missing":
            wrong.append(f"{name_of(row)} without {needed(row)}: {refused.status_code}")
        besides = BESIDES.get(row["route"], [])
        only = api_for(person, needed(row), *besides) if besides else alone[needed(row)]
        if visit(only, row, world) != "+":
            wrong.append(f"{name_of(row)} is not opened by {needed(row)}")
    assert "\n".join(wrong) == ""


def test_a_token_that_only_reads_writes_nothing(world, api_for, guangdong_officer):
    reader = api_for(guangdong_officer, *[scope for scope in known() if scope.endswith(":read")])
    before, codes = business(), set()
    for row in rows():
        if row["route"].startswith("api:") and row["method"] != "GET":
            codes.add(status_of(send(reader, row, world)))
    assert codes <= {403, 404}
    assert business() == before
