"""What every resource's bulk has: an answer for each item, or all of them or none."""

import uuid

import pytest
from rest_framework.test import APIClient

from platform_site.accounts.models import ApiToken, User
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platform_site.api.people")]

BULK = "/api/v1/people/bulk/"


@pytest.fixture
def client():
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(
        UserFactory(username="caller"), ApiToken(scopes=["people:read", "people:write"])
    )
    return client


@pytest.fixture
def people():
    return [UserFactory(username=f"listed{number}", name=f"甲{number}") for number in range(3)]


def rename(person, name, version=1):
    return {"act": "rename", "id": str(person.pk), "version": version, "body": {"note": name}}


def send(client, *items, **more):
    return client.post(BULK, {"items": list(items), **more})


def statuses(answer):
    return [item["status"] for item in answer.json()["items"]]


def names():
    return list(User.objects.filter(username__startswith="listed").values_list("name", flat=True))


def pointed_at(answer):
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_each_item_is_answered_in_order_as_if_asked_alone(client, people):
    first, second, third = people
    missing = {"act": "rename", "id": str(uuid.uuid4()), "version": 1, "body": {"note": "无"}}
    answer = send(
        client,
        rename(first, "乙"),
        missing,
        rename(second, "乙", version=7),
        {"act": "seal", "id": str(second.pk.hex[:-1]), "version": 1},
        {"act": "change", "id": str(third.pk), "version": 1, "body": {"name": "丙"}},
    )
    assert answer.status_code == 207
    assert statuses(answer) == [200, 404, 412, 404, 200]
    done, hidden, stale, _malformed, changed = answer.json()["items"]
    assert done["body"]["name"] == "乙"
    assert done["etag"].startswith('"v2-')
    assert hidden["problem"]["instance"] == f"/api/v1/people/{missing['id']}/rename/"
    assert (stale["problem"]["code"], stale["problem"]["version"]) == ("stale", 1)
    assert changed["body"]["version"] == 2
    assert sorted(names()) == ["丙", "乙", "甲1"]
    alone = client.post(
        f"/api/v1/people/{second.pk}/rename/", {"note": "乙"}, headers={"If-Match": '"v7"'}
    )
    same = {**stale["problem"], "request_id": alone.json()["request_id"]}
    assert alone.json() == same


def test_wrong_fields_of_an_item_are_its_own_affair(client, people):
    first, second, _third = people
    answer = send(client, rename(first, ""), rename(second, "乙"))
    assert statuses(answer) == [422, 200]
    told = answer.json()["items"][0]["problem"]["errors"]
    assert [(each["pointer"], each["code"]) for each in told] == [("/note", "blank")]


def test_all_or_none(client, people):
    first, second, third = people
    seal = {"act": "seal", "id": str(second.pk), "version": 1}
    refused = send(client, rename(first, "乙"), seal, rename(third, "", 9), atomic=True)
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "none_done"
    assert statuses(refused) == [424, 403, 422]
    assert pointed_at(refused) == [("/items/1", "not_yours"), ("/items/2", "invalid")]
    assert names() == ["甲0", "甲1", "甲2"]
    done = send(client, rename(first, "乙"), rename(second, "丙"), atomic=True)
    assert (done.status_code, statuses(done)) == (207, [200, 200])
    assert sorted(names()) == ["丙", "乙", "甲2"]


def test_what_no_single_request_could_be_made_of_is_pointed_at_and_nothing_is_begun(client, people):
    first, second, _third = people
    answer = send(
        client,
        rename(first, "乙"),
        rename(first, "丙"),
        {"act": "create", "body": {}},
        {"act": "seal", "id": str(second.pk)},
        {"act": "seal", "version": 1},
    )
    assert answer.status_code == 422
    assert pointed_at(answer) == [
        ("/items/1/id", "duplicate"),
        ("/items/2/act", "unknown_act"),
        ("/items/3/version", "required"),
        ("/items/4/id", "required"),
    ]
    assert "change, rename, seal" in answer.json()["errors"][1]["detail"]
    assert names() == ["甲0", "甲1", "甲2"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/items"),
        ({"items": []}, "/items"),
        ({"items": [{"act": "seal"}] * 501}, "/items"),
        ({"items": ["x"]}, "/items/0"),
        ({"items": [{"act": "seal", "oops": 1}]}, "/items/0/oops"),
        ({"items": [{"act": "seal", "version": "x"}]}, "/items/0/version"),
        ({"items": [{"act": "seal", "body": []}]}, "/items/0/body"),
        ({"items": [{"act": "seal"}], "atomic": 7}, "/atomic"),
        ({"items": [{"act": "seal"}], "more": 1}, "/more"),
        ([], ""),
    ],
)
def test_another_shape_is_422(client, body, pointer):
    answer = client.post(BULK, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_defect_of_ours_in_one_item_is_told_and_harms_no_other(client, people, monkeypatch):
    first, second, _third = people
    keep = User.save

    def save(user, *args, **kwargs):
        if user.pk == first.pk:
            raise RuntimeError("a defect")
        keep(user, *args, **kwargs)

    monkeypatch.setattr(User, "save", save)
    answer = send(client, rename(first, "乙"), rename(second, "丙"))
    assert statuses(answer) == [500, 200]
    assert answer.json()["items"][0]["problem"]["code"] == "fault"
    assert sorted(names()) == ["丙", "甲0", "甲2"]


def test_what_could_not_be_begun_in_time_is_said(client, people, settings):
    settings.BULK_SECONDS = -1
    first, second, _third = people
    answer = send(client, rename(first, "乙"), rename(second, "丙"))
    assert statuses(answer) == [200, 503]
    assert answer.json()["items"][1]["problem"]["code"] == "not_begun"
    late = send(client, rename(first, "丁", 2), rename(second, "丙"), atomic=True)
    assert (late.status_code, late.json()["code"]) == (503, "not_begun")
    assert sorted(names()) == ["乙", "甲1", "甲2"]


def test_writing_needs_the_scope_and_a_bulk_is_no_object(client, people):
    reader = APIClient()
    reader.force_authenticate(UserFactory(), ApiToken(scopes=["people:read"]))
    assert send(reader, rename(people[0], "乙")).json()["code"] == "scope_missing"
    assert client.get(BULK).status_code == 405
    assert client.post(f"{BULK}?x=1", {}).status_code == 400


def test_the_schema_has_a_shape_for_each_act(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    operation = paths["/api/v1/people/bulk/"]["post"]
    assert operation["operationId"] == "people_bulk"
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    shapes = {
        shape["properties"]["act"]["enum"][0]: shape
        for shape in body["properties"]["items"]["items"]["oneOf"]
    }
    assert set(shapes) == {"change", "rename", "seal"}
    assert shapes["rename"]["required"] == ["act", "id", "version", "body"]
    assert shapes["rename"]["properties"]["body"]["$ref"].endswith("/NoteRequest")
    assert shapes["change"]["properties"]["body"]["$ref"].endswith("/PatchedPersonChangeRequest")
    assert shapes["seal"]["properties"]["body"]["maxProperties"] == 0
    assert "body" not in shapes["seal"]["required"]
    assert {"207", "422"} <= set(operation["responses"])
    assert "200" not in operation["responses"]
