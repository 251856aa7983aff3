"""Which changes of the schema break a client, one by one."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from platform_site.api.compatibility import breaking

TODAY = dt.date(2026, 9, 14)
SCHEMA: dict[str, Any] = {
    "paths": {
        "/things/{id}/": {
            "patch": {
                "operationId": "things_change",
                "security": [{"token": ["things:write"]}],
                "parameters": [
                    {"in": "path", "name": "id", "schema": {"type": "string"}},
                    {
                        "in": "query",
                        "name": "kind",
                        "schema": {"type": "string", "enum": ["a", "b"]},
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Body"}}
                    }
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        },
                    },
                    "404": {},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Body": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 10},
                    "day": {"type": ["string", "null"], "format": "date"},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                },
            },
            "Thing": {
                "type": "object",
                "required": ["id", "kind"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "above": {"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
                    "rows": {"type": "array", "items": {"type": "integer"}},
                },
            },
        }
    },
}


def changed(change) -> list[str]:
    new = copy.deepcopy(SCHEMA)
    change(new["paths"]["/things/{id}/"]["patch"], new["components"]["schemas"], new)
    return breaking(SCHEMA, new, TODAY)


def body(schemas):
    return schemas["Body"]["properties"]


def thing(schemas):
    return schemas["Thing"]["properties"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda o, s, n: n["paths"].clear(), "the operation is gone"),
        (lambda o, s, n: o.update(operationId="x"), "is called x now"),
        (
            lambda o, s, n: o["security"][0]["token"].append("other:read"),
            "needs the scope other:read",
        ),
        (lambda o, s, n: o["parameters"].pop(), "parameter kind is gone"),
        (lambda o, s, n: o["parameters"][1].update(required=True), "parameter kind is required"),
        (
            lambda o, s, n: o["parameters"][1]["schema"]["enum"].pop(),
            "parameter kind takes b no more",
        ),
        (
            lambda o, s, n: o["parameters"].append(
                {"in": "query", "name": "new", "required": True, "schema": {}}
            ),
            "parameter new is new and required",
        ),
        (lambda o, s, n: o["requestBody"].update(required=True), "a body is required now"),
        (lambda o, s, n: o.pop("requestBody"), "takes no body any more"),
        (lambda o, s, n: s["Body"]["required"].append("kind"), "the member kind is required now"),
        (lambda o, s, n: body(s).pop("kind"), "body: the member kind is gone"),
        (lambda o, s, n: body(s)["name"].update(type="integer"), "takes no string any more"),
        (lambda o, s, n: body(s)["day"].update(type="string"), "takes no null any more"),
        (lambda o, s, n: body(s)["name"].update(maxLength=5), "takes less: maxLength 5"),
        (lambda o, s, n: body(s)["name"].update(minLength=5), "takes less: minLength 5"),
        (lambda o, s, n: body(s)["name"].update(pattern="x"), "another pattern"),
        (lambda o, s, n: body(s)["name"].update(enum=["a"]), "takes everything no more"),
        (lambda o, s, n: o["responses"].pop("200"), "does not answer 200 any more"),
        (lambda o, s, n: o["responses"]["200"].pop("headers"), "has no ETag any more"),
        (lambda o, s, n: thing(s).pop("id"), "the member id is gone"),
        (lambda o, s, n: s["Thing"]["required"].remove("id"), "the member id may be missing"),
        (lambda o, s, n: thing(s)["id"].update(type=["string", "null"]), "id may be null now"),
        (lambda o, s, n: thing(s)["id"].update(type="integer"), "id may be integer now"),
        (lambda o, s, n: thing(s)["id"].update(format="date"), "id has another format"),
        (lambda o, s, n: thing(s)["kind"]["enum"].remove("b"), "is never b any more"),
        (lambda o, s, n: thing(s)["kind"].pop("enum"), "is no longer one of a list"),
        (
            lambda o, s, n: thing(s)["rows"]["items"].update(type="string"),
            "rows[] may be string now",
        ),
    ],
)
def test_what_breaks_a_client_is_told(change, told):
    assert [each for each in changed(change) if told in each], changed(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda o, s, n: None,
        lambda o, s, n: n["paths"].update({"/more/": {"get": {**o, "operationId": "more_list"}}}),
        lambda o, s, n: n["paths"].update({"/things/{key}/": n["paths"].pop("/things/{id}/")}),
        lambda o, s, n: o["parameters"].append({"in": "query", "name": "new", "schema": {}}),
        lambda o, s, n: o["parameters"][1]["schema"]["enum"].append("c"),
        lambda o, s, n: body(s).update(more={"type": "string"}),
        lambda o, s, n: body(s)["name"].update(maxLength=20, type=["string", "null"]),
        lambda o, s, n: s["Body"].update(required=[]),
        lambda o, s, n: thing(s).update(more={"type": "string"}),
        lambda o, s, n: thing(s)["kind"]["enum"].append("c"),
        lambda o, s, n: s["Thing"]["required"].append("rows"),
        lambda o, s, n: o["responses"].update({"409": {}}),
    ],
)
def test_what_only_adds_breaks_nothing(change):
    assert changed(change) == []


@pytest.mark.parametrize(("sunset", "goes"), [("2026-09-14", True), ("2026-09-15", False)])
def test_what_was_announced_may_go_when_its_day_has_come(sunset, goes):
    old = copy.deepcopy(SCHEMA)
    old["paths"]["/things/{id}/"]["patch"] |= {"deprecated": True, "x-sunset": sunset}
    assert (breaking(old, {**SCHEMA, "paths": {}}, TODAY) == []) is goes


def _offering(*acts: str) -> dict[str, Any]:
    """The schema with a body that is one of several acts, as that of a bulk."""
    schema = copy.deepcopy(SCHEMA)
    members = {act: {"type": "string"} for act in acts}
    media = schema["paths"]["/things/{id}/"]["patch"]["requestBody"]["content"]
    for kind in media:
        media[kind]["schema"] = {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {
                        "act": {"type": "string", "enum": [act]},
                        "body": {"type": "object", "properties": {act: members[act]}},
                    },
                    "required": ["act", "body"],
                }
                for act in acts
            ]
        }
    return schema


def test_one_of_several_acts_is_compared_with_all_of_them():
    assert breaking(_offering("close", "submit"), _offering("close", "open", "submit"), TODAY) == []
    told = breaking(_offering("close", "submit"), _offering("close", "open"), TODAY)
    assert any("takes submit no more" in each for each in told)
    assert any("the member submit is gone" in each for each in told)
