"""``/api/v1/webhooks/`` and ``/api/v1/webhook-deliveries/``: made, changed, rotated, read, resent, deleted."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_site.audit.models import Entry
from platform_site.notifications.models import Delivery
from platform_site.webhooks import services
from platform_site.webhooks.models import Webhook, WebhookDelivery

from .conftest import work

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/webhooks/"
LOG = "/api/v1/webhook-deliveries/"
SCOPES = ("webhooks:read", "webhooks:write", "reports:read")


@pytest.fixture
def api(api_for, guangdong_officer):
    return api_for(guangdong_officer)


def send(api, method, address, body=None, **headers):
    return getattr(api, method)(
        address, json.dumps(body or {}), content_type="application/json", headers=headers
    )


def body(receiver, **changes):
    given = {"name": "数据平台", "url": receiver.url, "kinds": ["report.submitted"]}
    return {**given, **changes}


def step(api, webhook, name, given=None, version=None):
    tag = f'"v{version or webhook["version"]}"'
    return send(api, "post", f"{ADDRESS}{webhook['id']}/{name}/", given, **{"if-match": tag})


def test_the_whole_life(api, receiver):
    made = send(api, "post", ADDRESS, body(receiver, federation="440000"))
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    webhook = made.json()
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert webhook["federation"] == "440000"
    assert webhook["steps"] == ["pause", "ping", "rotate-secret"]
    shown = api.get(made["Location"])
    assert shown.json() == webhook, "the same, without the secret"
    assert shown["ETag"].startswith('"v1-')

    changed = send(
        api,
        "patch",
        made["Location"],
        {"name": "新平台", "federation": None},
        **{"if-match": shown["ETag"]},
    ).json()
    assert (changed["name"], changed["federation"], changed["version"]) == ("新平台", None, 2)

    rotated = step(api, changed, "rotate-secret", {"overlap_hours": 1})
    assert rotated["Cache-Control"] == "no-store"
    new = rotated.json()["secret"]
    assert new != secret
    paused = step(api, rotated.json(), "pause").json()
    assert (paused["state"], paused["state_reason"]) == ("paused", "owner")
    assert "resume" in paused["steps"]
    resumed = step(api, paused, "resume").json()
    assert resumed["state"] == "active"
    assert step(api, resumed, "ping").status_code == 200
    work()
    assert receiver.read(new)["type"] == receiver.read(secret)["type"] == "ping"

    [row] = api.get(f"{LOG}?webhook={webhook['id']}&state=sent&kind=ping").json()["results"]
    assert (row["state"], row["tries"], row["response_status"]) == ("sent", 1, 200)
    assert row["webhook_id"] == receiver.ids()[0]
    assert row["steps"] == ["resend"]
    again = send(api, "post", f"{LOG}{row['id']}/resend/", **{"if-match": '"v1"'})
    assert (again.json()["state"], again.json()["version"]) == ("waiting", 2)
    work()
    assert receiver.ids() == [row["webhook_id"]] * 2

    gone = send(api, "delete", made["Location"], **{"if-match": f'"v{resumed["version"]}"'})
    assert gone.status_code == 204
    assert api.get(made["Location"]).status_code == 404
    assert not Delivery.objects.filter(channel="webhook").exists()
    actions = Entry.objects.filter(action__startswith="webhooks.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "webhooks.webhook.create",
        "webhooks.webhook.change",
        "webhooks.webhook.rotate",
        "webhooks.webhook.pause",
        "webhooks.webhook.resume",
        "webhooks.delivery.resend",
        "webhooks.webhook.delete",
    ]


def test_the_same_request_again_meets_the_same_webhook_and_no_secret(api, receiver):
    given = body(receiver, id=str(uuid.uuid4()))
    first, second = (send(api, "post", ADDRESS, given) for _time in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"] == given["id"]
    assert second.json()["secret"] is None
    assert Webhook.objects.count() == 1


def test_anothers_id(api, api_for, hunan_officer, receiver):
    given = body(receiver, id=str(uuid.uuid4()))
    send(api, "post", ADDRESS, given)
    answer = send(api_for(hunan_officer), "post", ADDRESS, given)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/id")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "https://192.168.1.1/"}, "/url"),
        ({"url": "https://nobody.invalid/"}, "/url"),
        ({"url": "http://8.8.8.8/"}, "/url"),
        ({"url": "https://[::1/"}, "/url"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": None}, "/url"),
        ({"url": "https://example.org/" + "a" * 600}, "/url"),
        ({"url": {"a": 1}}, "/url"),
        ({"kinds": []}, "/kinds"),
        ({"kinds": ["ping"]}, "/kinds"),
        ({"kinds": ["report.lost"]}, "/kinds"),
        ({"kinds": "report.submitted"}, "/kinds"),
        ({"kinds": [["report.submitted"]]}, "/kinds/0"),
        ({"kinds": ["report.submitted"] * 51}, "/kinds"),
        ({"name": " "}, "/name"),
        ({"name": "a" * 81}, "/name"),
        ({"federation": "999999"}, "/federation"),
        ({"federation": ["440000"]}, "/federation"),
        # Not the same as none at all, which would mean everything that the owner sees.
        ({"federation": ""}, "/federation"),
        ({"id": "7"}, "/id"),
        ({"secret": "whsec_AAAA"}, "/secret"),
        ({"state": "active"}, "/state"),
    ],
)
def test_bad_input_is_named_and_nothing_is_made(api, receiver, changes, pointer):
    answer = send(api, "post", ADDRESS, body(receiver, **changes))
    assert answer.status_code == 422, answer.content
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert all(error["detail"] for error in answer.json()["errors"])
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("hours", [-1, 169, "x", None, 10**30])
def test_a_wrong_overlap(api, receiver, hours):
    webhook = send(api, "post", ADDRESS, body(receiver)).json()
    answer = step(api, webhook, "rotate-secret", {"overlap_hours": hours})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/overlap_hours"
    assert Webhook.objects.get().secrets.count() == 1


def test_no_more_than_ten(api, receiver):
    for _n in range(10):
        assert send(api, "post", ADDRESS, body(receiver)).status_code == 201
    answer = send(api, "post", ADDRESS, body(receiver))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


def test_a_token_has_nobody_told_of_what_it_may_not_read(
    api_for, guangdong_officer, receiver, guangdong
):
    whole = api_for(guangdong_officer, *SCOPES)
    webhook = send(whole, "post", ADDRESS, body(receiver)).json()
    small = api_for(guangdong_officer, "webhooks:read", "webhooks:write")
    tag = {"if-match": '"v1"'}
    for answer in (
        send(small, "post", ADDRESS, body(receiver)),
        send(small, "patch", f"{ADDRESS}{webhook['id']}/", {"url": "https://8.8.8.8/"}, **tag),
        step(small, webhook, "rotate-secret"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        assert answer.json()["scope"] == "reports:read"
    wider = send(whole, "patch", f"{ADDRESS}{webhook['id']}/", {"kinds": ["notice.issued"]}, **tag)
    assert wider.json()["scope"] == "notices:read"


def test_versions(api, receiver):
    webhook = send(api, "post", ADDRESS, body(receiver)).json()
    address = f"{ADDRESS}{webhook['id']}/"
    assert send(api, "patch", address, {"name": "改"}).status_code == 428
    assert send(api, "patch", address, {"name": "改"}, **{"if-match": '"v9"'}).status_code == 412
    assert step(api, webhook, "resume").status_code == 409
    assert step(api, webhook, "pause").status_code == 200
    assert step(api, webhook, "pause").status_code == 412


def test_lists_cost_the_same_with_one_row_and_with_three(api, listen, guangdong_officer, guangdong):
    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get(address).status_code == 200
        return len(asked)

    def make() -> None:
        webhook, _secret = listen(guangdong_officer, federation=guangdong)
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()

    make()
    api.get(ADDRESS)
    one = cost(ADDRESS), cost(LOG)
    make()
    make()
    assert (cost(ADDRESS), cost(LOG)) == one
    assert len(api.get(LOG).json()["results"]) == WebhookDelivery.objects.count() == 3


def test_the_schema_tells_the_events(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert set(schema["webhooks"]) == {
        "notice.issued",
        "notice.round_opened",
        "obligation.deadline_passed",
        "report.accepted",
        "report.returned",
        "report.submitted",
    }
    told = schema["webhooks"]["report.submitted"]["post"]
    assert told["operationId"] == "webhook_report_submitted"
    payload = told["requestBody"]["content"]["application/json"]["schema"]
    assert payload["properties"]["type"]["enum"] == ["report.submitted"]
