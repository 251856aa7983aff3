"""``/api/v1/jobs/`` and ``/api/v1/exports/``: 202 and Location, then the file by a link."""

from __future__ import annotations

import io
import json
import uuid

import openpyxl
import pytest

from platform_site.jobs import services
from platform_site.jobs.models import Job

from .conftest import a_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(api_for, guangdong_officer):
    return api_for(guangdong_officer)


def post(api, body, address="/api/v1/exports/", **headers):
    return api.post(address, json.dumps(body), content_type="application/json", headers=headers)


def test_from_the_asking_to_the_file(api):
    answer = post(api, {"list": "federations", "filters": {"level": "2"}})
    assert answer.status_code == 202
    assert answer["Retry-After"]
    job = Job.objects.get()
    assert answer["Location"].endswith(f"/api/v1/jobs/{job.pk}/")
    assert answer.json()["state"] == "queued"
    assert answer.json()["steps"] == ["cancel"]
    services.run_job(job.pk)
    told = api.get(answer["Location"]).json()
    assert (told["state"], told["done"], told["total"], told["steps"]) == ("done", 43, 43, [])
    content = api.get(told["result"]["content"])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(content.streaming_content)))
    assert book.worksheets[0].max_row == 44


def test_the_same_id_again_starts_nothing(api):
    body = {"list": "federations", "id": str(uuid.uuid4())}
    first, second = post(api, body), post(api, body)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/list"),
        ({"list": "nothing"}, "/list"),
        ({"list": "tokens"}, "/list"),
        ({"list": ["a"]}, "/list"),
        ({"list": "federations", "filters": {"colour": "red"}}, "/filters/colour"),
        ({"list": "federations", "filters": {"level": "9"}}, "/filters/level"),
        ({"list": "federations", "filters": {"level": {"a": 1}}}, "/filters/level"),
        ({"list": "federations", "filters": []}, "/filters"),
        ({"list": "federations", "id": "x"}, "/id"),
        ({"list": "federations", "format": "csv"}, "/format"),
    ],
)
def test_what_cannot_be_read_names_its_field(api, body, pointer):
    answer = post(api, body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not Job.objects.exists()


def test_a_token_exports_no_more_than_it_reads(api_for, guangdong_officer):
    narrow = api_for(guangdong_officer, "exports:write", "reports:read")
    answer = post(narrow, {"list": "notices"})
    assert answer.status_code == 403
    assert answer.json()["scope"] == "notices:read"
    assert post(narrow, {"list": "reports"}).status_code == 202


def test_a_list_that_is_not_ones_own_to_see_is_missing(api_for, security_administrator):
    assert post(api_for(security_administrator), {"list": "reports"}).status_code == 404


def test_the_list_of_jobs(api, begin, api_for, hunan_officer):
    done = services.run_job(begin(a_file).pk)
    waiting = begin(a_file)
    rows = api.get("/api/v1/jobs/").json()["results"]
    assert [row["id"] for row in rows] == [str(waiting.pk), str(done.pk)]
    rows = api.get("/api/v1/jobs/?state=done").json()["results"]
    assert [(row["id"], row["state"]) for row in rows] == [(str(done.pk), "done")]
    assert api_for(hunan_officer).get("/api/v1/jobs/").json()["results"] == []
    assert api_for(hunan_officer).get(f"/api/v1/jobs/{done.pk}/").status_code == 404
    assert api.get("/api/v1/jobs/?state=lost").status_code == 400


def test_cancelling_names_the_version(api, begin):
    job = begin(a_file)
    address = f"/api/v1/jobs/{job.pk}/cancel/"
    assert post(api, {}, address).status_code == 428
    assert post(api, {}, address, if_match='"v9"').status_code == 412
    answer = post(api, {}, address, if_match=api.get(f"/api/v1/jobs/{job.pk}/")["ETag"])
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert post(api, {}, address, if_match=answer["ETag"]).status_code == 409


def test_the_file_cannot_be_taken_off(api, begin):
    job = services.run_job(begin(a_file).pk)
    answer = api.delete(f"/api/v1/attachments/{job.result_id}/", headers={"if-match": '"v1"'})
    assert answer.status_code == 403
