"""Policy documents by machine: written, carried through the reviews, found."""

from __future__ import annotations

import json

import pytest

from platform_site.editorial.models import Piece
from tests.factories import content

pytestmark = pytest.mark.django_db

BODY = {
    "title": "关于规范台账的通知",
    "summary": "统一台账项目。",
    "body": "<h1>一、要求</h1><p onclick='x'>第一条　统一台账。</p>",
    "kind": "notice",
    "level": "national",
    "issuers": ["中华全国总工会"],
    "made_on": "2026-09-01",
}


def send(api, url, body, **headers):
    return api.post(url, json.dumps(body), content_type="application/json", headers=headers)


def test_a_machine_carries_a_document_to_its_readers(
    the_day, api_for, centre_editor, national_officer, second_national_officer, national_leader,
    hunan_officer,
):  # fmt: skip
    made = send(api_for(centre_editor), "/api/v1/policy-drafts/", BODY)
    assert made.status_code == 201
    draft = made.json()
    assert draft["body"] == "<h2>一、要求</h2><p>第一条　统一台账。</p>"
    assert draft["steps"] == ["submit", "drop"]
    url = f"/api/v1/content/{draft['id']}/"
    for person, step in (
        (centre_editor, "submit"),
        (national_officer, "pass-first"),
        (second_national_officer, "pass-second"),
        (national_leader, "approve"),
    ):
        api = api_for(person)
        seen = api.get(url)
        assert step in seen.json()["steps"]
        assert send(api, f"{url}{step}/", {}, **{"if-match": seen["ETag"]}).status_code == 200
    reader = api_for(hunan_officer)
    [found] = reader.get("/api/v1/policies/", {"validity": "in_force"}).json()["results"]
    assert (found["id"], found["validity"]) == (draft["id"], "in_force")
    assert reader.get(f"/api/v1/policies/{found['id']}/").json()["body"] == draft["body"]
    assert reader.get(url).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status", "pointer"),
    [
        ({"issuers": [0]}, 422, "/issuers/0"),
        ({"issuers": []}, 422, "/issuers"),
        ({"made_on": "2026-13-01"}, 422, "/made_on"),
        ({"relations": [{"kind": "amends", "target": "00000000-0000-4000-8000-000000000000"}]},
         422, "/relations/0/target"),
        ({"colour": "red"}, 422, "/colour"),
        ({"body": "a\u202eb"}, 422, "/body"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_by_its_member(
    the_day, api_for, centre_editor, changed, status, pointer
):
    answer = send(api_for(centre_editor), "/api/v1/policy-drafts/", BODY | changed)
    assert answer.status_code == status
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not Piece.objects.exists()


def test_a_change_needs_the_version_it_was_made_on(api_for, piece, centre_editor):
    api, url = api_for(centre_editor), f"/api/v1/policy-drafts/{piece.pk}/"
    body = json.dumps({"title": "改过的题目"})
    sent = {"content_type": "application/json"}
    assert api.patch(url, body, **sent).status_code == 428
    assert api.patch(url, body, headers={"if-match": '"v9"'}, **sent).status_code == 412
    assert api.patch(url, body, headers={"if-match": '"v1"'}, **sent).status_code == 200


def test_internal_documents_are_for_whoever_is_signed_in(
    the_day, api_for, centre_editor, acftu, publish, hunan_officer, client
):
    piece = publish(content.drafted(centre_editor, acftu, audience="internal"))
    assert api_for(hunan_officer).get(f"/api/v1/policies/{piece.pk}/").status_code == 200
    assert client.get(f"/api/v1/policies/{piece.pk}/").status_code == 401
