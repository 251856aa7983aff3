"""The schema as others use it: valid in both versions, told in both languages, with examples."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from platform_site.accounts.api_scopes import known
from platform_site.api import documents
from platform_site.api.deprecations import Deprecation
from platform_site.api.schema import map_texts
from platform_site.api.views import ActViewSet

CHINESE = re.compile("[\u4e00-\u9fff]")
ADDRESS = "/api/v1/openapi.json"


@pytest.fixture(scope="module")
def english() -> dict[str, Any]:
    return documents.document("en")


@pytest.fixture(scope="module")
def chinese() -> dict[str, Any]:
    return documents.document("zh-hans")


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in schema["paths"].values() for operation in methods.values()]


@pytest.mark.parametrize("language", documents.LANGUAGES)
@pytest.mark.parametrize("oas", documents.VERSIONS)
def test_it_is_valid_in_both_versions(language, oas):
    schema = documents.document(language, oas)
    assert schema["openapi"].startswith(oas)
    validate(schema)


def test_the_generator_warns_of_nothing(capsys):
    """Such as two sets of choices under one name: see ENUM_NAME_OVERRIDES."""
    documents.raw("en")
    assert capsys.readouterr().err == ""


def test_the_older_copy_knows_no_lists_of_types():
    text = json.dumps(documents.document("en", "3.0"))
    assert '"null"' not in text
    assert '"type": [' not in text
    assert '"nullable": true' in text


def test_the_copies_are_served_in_the_language_asked_for(client):
    def title(query: str, language: str = "en") -> Any:
        answer = client.get(ADDRESS + query, headers={"Accept-Language": language})
        assert answer.status_code == 200
        return answer.json()["info"]["title"], answer.json()["openapi"][:3]

    assert title("") == ("Union platform API", "3.1")
    assert title("?oas=3.0") == ("Union platform API", "3.0")
    assert title("", "zh-CN") == title("?lang=zh-hans")
    assert CHINESE.search(title("?lang=zh-hans")[0])
    assert title("?lang=zh") == title("?lang=zh-hans")
    assert title("?lang=en", "zh-CN")[0] == "Union platform API"


def test_it_is_not_sent_twice(client):
    first = client.get(ADDRESS)
    again = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Accept-Language" in first["Vary"]


@pytest.mark.parametrize("query", ["oas=2.0", "lang=fr", "version=1", "oas="])
def test_a_copy_that_there_is_not_is_400(query, client):
    answer = client.get(f"{ADDRESS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_the_pages_run_no_inline_script_and_ask_no_other_server(page, client):
    text = client.get(f"/api/v1/{page}?lang=en").content.decode()
    assert '<html lang="en">' in text
    assert "<script>" not in text
    assert " style=" not in text
    assert re.findall(r'(?:src|href)="(https?:)?//', text) == []
    assert '<html lang="zh-hans">' in client.get(f"/api/v1/{page}?lang=zh-hans").content.decode()


def test_nothing_of_the_chinese_schema_is_left_in_english(chinese):
    left: list[str] = []

    def look(text: str) -> str:
        if not CHINESE.search(re.sub("`[^`]*`", "", text)):
            left.append(text)
        return text

    map_texts(chinese, look)
    assert sorted(set(left)) == [], "run make messages, and translate what is new"


def test_every_operation_has_words_a_scope_and_its_refusals(english):
    for operation in operations(english):
        name = operation["operationId"]
        assert operation["summary"], name
        assert operation["description"], name
        if name == "me_retrieve":  # every token may ask what it is
            assert operation["security"] == [{"token": []}]
            continue
        [scope] = operation["security"][0]["token"]
        assert scope in known(), name
        assert scope in operation["description"]
        assert {"400", "401", "403", "429", "503"} <= set(operation["responses"]), name
        assert set(operation["responses"]["429"]["headers"]) == {"Retry-After", "RateLimit"}
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (name, parameter["name"])


def test_ids_are_unique_and_tags_described(english):
    names = [operation["operationId"] for operation in operations(english)]
    assert len(set(names)) == len(names)
    described = {tag["name"] for tag in english["tags"] if tag["description"]}
    tags = {operation["tags"][0] for operation in operations(english)}
    assert tags - {"me"} == described


def test_every_operation_has_examples_that_keep_to_their_schema(english):
    def check(example: Any, schema: dict[str, Any], at: str) -> None:
        whole = {**schema, "components": english["components"]}
        problems = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(example)
        wrong.extend(f"{at}: {'/'.join(map(str, each.path))} {each.message}" for each in problems)

    wrong: list[str] = []
    for operation in operations(english):
        name = operation["operationId"]
        for parameter in operation.get("parameters", ()):
            check(parameter["example"], parameter["schema"], f"{name} {parameter['name']}")
        body = operation.get("requestBody", {"content": {}})
        for media in body["content"].values():
            # A step whose body may be left out is played without one.
            check(media.get("example", {}), media["schema"], f"{name} body")
        answers = [
            answer["content"]["application/json"]
            for code, answer in operation["responses"].items()
            if code.startswith("2") and "application/json" in answer.get("content", {})
        ]
        met = [media for media in answers if "example" in media]
        if answers and not met:
            wrong.append(f"{name}: no example of an answer")
        for media in met:
            check(media["example"], media["schema"], f"{name} answer")
    assert wrong == []


# --- The committed file -------------------------------------------------------------------------
def test_the_committed_schema_is_up_to_the_code_and_breaks_no_client():
    call_command("write_schema", check=True)


def test_an_old_file_fails_the_check(tmp_path, monkeypatch):
    from platform_site.api.management.commands import write_schema

    stale = tmp_path / "openapi.json"
    stale.write_text("{}")
    monkeypatch.setattr(write_schema, "CURRENT", stale)
    with pytest.raises(CommandError, match="make schema"):
        call_command("write_schema", check=True)


def test_a_change_that_breaks_clients_fails_the_check(tmp_path, monkeypatch):
    from platform_site.api.management.commands import write_schema

    released = json.loads(write_schema.RELEASED.read_text(encoding="utf-8"))
    released["paths"]["/api/v1/reports/"]["put"] = {
        **released["paths"]["/api/v1/reports/"]["post"],
        "operationId": "reports_replace",
    }
    other = tmp_path / "released.json"
    other.write_text(json.dumps(released))
    monkeypatch.setattr(write_schema, "RELEASED", other)
    with pytest.raises(CommandError, match="reports_replace: the operation is gone"):
        call_command("write_schema", check=True)


def test_the_committed_files_are_sorted():
    for name in ("openapi.json", "openapi.released.json"):
        text = (Path(settings.BASE_DIR) / "docs" / name).read_text(encoding="utf-8")
        again = json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True)
        assert text == again + "\n"


# --- What will go -------------------------------------------------------------------------------
SOON = Deprecation(since=dt.date(2026, 9, 14), sunset=dt.date(2027, 3, 15))


@pytest.mark.django_db
def test_what_will_go_is_marked_in_the_schema_and_said_in_each_answer(
    monkeypatch, guangdong_officer, api_for
):
    from platform_site.federations.api import FederationViewSet

    monkeypatch.setattr(FederationViewSet, "deprecated", {"list": SOON})
    operation = documents.document("en")["paths"]["/api/v1/federations/"]["get"]
    assert (operation["deprecated"], operation["x-sunset"]) == (True, "2027-03-15")
    client = api_for(guangdong_officer)
    answer = client.get("/api/v1/federations/?page_size=1")
    # Midnight in Beijing, as RFC 9745 and RFC 8594 write it.
    assert answer["Deprecation"] == "@1789315200"
    assert answer["Sunset"] == "Sun, 14 Mar 2027 16:00:00 GMT"
    assert 'rel="next"' in answer["Link"]
    assert 'rel="deprecation"' in answer["Link"]
    assert "Deprecation" not in client.get("/api/v1/federations/440000/").headers


def test_nothing_is_deprecated_by_default():
    assert ActViewSet.deprecated == {}
