"""What every resource inherits: reading, versions, steps, pages, and the schema of all that."""

import uuid

import pytest
from rest_framework.test import APIClient

from platform_site.accounts.models import ApiToken, User
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platform_site.api.people")]

LIST = "/api/v1/people/"


@pytest.fixture
def client():
    client = APIClient()
    token = ApiToken(scopes=["people:read", "people:write"])
    client.force_authenticate(UserFactory(username="caller"), token)
    return client


@pytest.fixture
def person():
    return UserFactory(username="listed", name="王小明")


def address(person, step=""):
    return f"{LIST}{person.pk}/{step}"


def test_an_object_has_a_tag_and_is_not_sent_twice(client, person):
    first = client.get(address(person))
    assert first.status_code == 200
    assert first.json()["name"] == "王小明"
    assert first.json()["date_joined"].endswith("+08:00")
    assert first["ETag"].startswith('"v1-')
    again = client.get(address(person), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


@pytest.mark.parametrize("key", [uuid.uuid4(), "not-a-uuid", "x" * 300, "1"])
def test_a_missing_object_and_a_malformed_id_are_404(client, key):
    response = client.get(f"{LIST}{key}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


def test_an_address_that_leads_nowhere_is_a_problem(client):
    response = client.get("/api/v1/nothing/")
    assert (response.status_code, response.json()["status"]) == (404, 404)


def test_a_change_needs_the_version_that_was_seen(client, person):
    assert client.patch(address(person), {"name": "A"}).status_code == 428
    stale = client.patch(address(person), {"name": "A"}, headers={"If-Match": '"v9"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 1)
    tag = client.get(address(person))["ETag"]
    done = client.patch(address(person), {"name": "李 四"}, headers={"If-Match": tag})
    assert done.status_code == 200
    assert done["ETag"].startswith('"v2-')
    assert User.objects.get(pk=person.pk).name == "李 四"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"name": "A", "is_superuser": True}, [("/is_superuser", "unknown_field")]),
        ({"name": ""}, [("/name", "blank")]),
        ({"name": "a" * 65}, [("/name", "too_long")]),
        ({"tags": [1, "x"], "oops": 1}, [("/tags/1", "wrong_type"), ("/oops", "unknown_field")]),
        ([], [("", "invalid")]),
    ],
)
def test_wrong_fields_are_pointed_at(client, person, body, found):
    response = client.patch(address(person), body, headers={"If-Match": '"v1"'})
    assert response.status_code == 422
    assert [(e["pointer"], e["code"]) for e in response.json()["errors"]] == found
    assert User.objects.get(pk=person.pk).version == 1


@pytest.mark.parametrize("raw", ['{"name": "\\u0000"}', '{"name": "\\ud800"}', "{", "[NaN]"])
def test_hostile_bodies_are_400(client, person, raw):
    response = client.generic(
        "PATCH", address(person), raw, content_type="application/json", HTTP_IF_MATCH='"v1"'
    )
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_another_type_of_body_is_415(client, person):
    response = client.generic(
        "PATCH", address(person), "x", content_type="text/plain", HTTP_IF_MATCH='"v1"'
    )
    assert response.status_code == 415


def test_a_step_answers_with_the_fresh_object(client, person):
    response = client.post(
        address(person, "rename/"), {"note": "赵六"}, headers={"If-Match": '"v1"'}
    )
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["version"]) == ("赵六", 2)
    assert response["ETag"].startswith('"v2-')
    again = client.post(address(person, "rename/"), {"note": "钱七"}, headers={"If-Match": '"v1"'})
    assert again.status_code == 412


def test_a_step_without_version_or_with_a_body_it_does_not_take(client, person):
    assert client.post(address(person, "seal/")).status_code == 428
    extra = client.post(address(person, "seal/"), {"x": 1}, headers={"If-Match": '"v1"'})
    assert extra.json()["errors"][0]["code"] == "unknown_field"
    refused = client.post(address(person, "seal/"), headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


def test_without_a_token_every_address_asks_for_one(person):
    for target in (LIST, address(person), "/api/v1/"):
        response = APIClient().get(target)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert response["Content-Type"] == "application/problem+json"


def test_methods_not_offered_are_405_and_named(client, person):
    response = client.put(address(person), {})
    assert response.status_code == 405
    assert "PATCH" in response["Allow"]
    assert client.options(LIST).status_code == 405


def test_all_rows_are_met_once_by_following_the_links(client):
    for number in range(7):
        UserFactory(username=f"listed{number}", name=f"N{number % 2}")
    url, seen, pages = f"{LIST}?page_size=3&ordering=-name", [], []
    while url:
        page = client.get(url)
        assert set(page.json()) == {"next", "previous", "results"}
        seen += [row["id"] for row in page.json()["results"]]
        pages.append(page)
        url = page.json()["next"]
    assert len(seen) == len(set(seen)) == 7
    assert 'rel="next"' in pages[0]["Link"]
    assert pages[0].json()["previous"] is None
    back = client.get(pages[-1].json()["previous"]).json()["results"]
    assert [row["id"] for row in back] == seen[3:6]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=x", "unknown_parameter"),
        ("page_size=201", "page_size"),
        ("page_size=0", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=x", "page_size"),
        ("page_size=５", "page_size"),
        ("ordering=password", "unknown_ordering"),
    ],
)
def test_what_a_list_does_not_know_is_400(client, query, code):
    response = client.get(f"{LIST}?{query}")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_broken_cursor_is_400(client):
    assert client.get(f"{LIST}?cursor=abc").status_code == 400


def test_an_unknown_parameter_is_told_the_known_ones(client, person):
    known = client.get(f"{LIST}?oops=1").json()["allowed"]
    assert known == ["cursor", "fields", "format", "name", "ordering", "page_size"]
    assert client.get(f"{address(person)}?oops=1").status_code == 400


def test_the_schema_describes_all_of_it(client):
    response = client.get("/api/v1/openapi.json")
    schema = response.json()
    assert schema["openapi"].startswith("3.1")
    operations = {
        operation["operationId"]: operation
        for methods in schema["paths"].values()
        for operation in methods.values()
    }
    assert set(operations) == {
        "people_list",
        "people_retrieve",
        "people_partial_update",
        "people_bulk",
        "people_rename",
        "people_seal",
    }
    rename = operations["people_rename"]
    assert {p["name"] for p in rename["parameters"]} == {"Idempotency-Key", "If-Match", "id"}
    assert {"200", "404", "409", "412", "422", "428"} <= set(rename["responses"])
    assert "application/problem+json" in rename["responses"]["412"]["content"]
    assert "people:write" in rename["description"]
    assert rename["security"] == [{"token": ["people:write"]}]
    names = {p["name"] for p in operations["people_list"]["parameters"]}
    assert names == {"cursor", "page_size", "ordering", "name", "fields", "format"}


def test_the_documentation_runs_no_inline_script(client):
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<script>" not in text
    assert "<style" not in text
    assert " style=" not in text
    script = client.get("/api/v1/docs?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in script.content


def test_the_index_leads_to_the_version_and_its_description(client):
    v1 = client.get("/api/").json()["versions"]["v1"]
    for url in v1.values():
        assert client.get(url).status_code == 200
    assert "people" in client.get(v1["resources"]).json()
