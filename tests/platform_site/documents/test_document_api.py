"""Series, numbers and templates in the API."""

import datetime as dt
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from platform_site.documents import services
from platform_site.documents.docx import shipped_template
from platform_site.documents.models import DocumentTemplate, NumberSeries

pytestmark = pytest.mark.django_db


def post(api, path, body, **headers):
    return api.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def take(by, times=1):
    series = NumberSeries.objects.get(word="总工办发")
    for _ in range(times):
        services.take_number(series, by=by, subject="关于某事的通知", on=dt.date(2026, 9, 14))


def test_series_with_the_numbers_of_this_year(
    the_day, api_for, national_officer, guangdong_officer
):
    take(national_officer, 2)
    api = api_for(national_officer)
    [row] = api.get("/api/v1/number-series/?word=总工办发").json()["results"]
    assert (row["federation"], row["year"], row["taken"], row["last"], row["first"]) == (
        "ACFTU",
        2026,
        2,
        2,
        1,
    )
    numbers = api.get("/api/v1/document-numbers/?word=总工办发&year=2026").json()["results"]
    assert [each["number"] for each in numbers] == ["总工办发〔2026〕2号", "总工办发〔2026〕1号"]
    assert api.get("/api/v1/document-numbers/?year=abc").status_code == 400
    other = api_for(guangdong_officer)
    assert other.get("/api/v1/number-series/").json()["results"] == []
    assert other.get("/api/v1/document-numbers/").json()["results"] == []


@pytest.mark.parametrize("address", ["/api/v1/number-series/", "/api/v1/document-numbers/"])
def test_the_lists_need_few_queries(
    address, the_day, api_for, national_officer, django_assert_max_num_queries
):
    take(national_officer, 3)
    api = api_for(national_officer)
    api.get(address)
    with django_assert_max_num_queries(4):
        assert len(api.get(address).json()["results"]) >= 3


def test_a_series_is_added_and_begins_where_paper_ended(the_day, api_for, national_officer):
    api = api_for(national_officer)
    body = {"federation": "440000", "word": "粤工发", "issuer": "广东省总工会"}
    made = post(api, "/number-series/", body)
    assert (made.status_code, made.json()["first"], made.json()["taken"]) == (201, 1, 0)
    twice = post(api, "/number-series/", body)
    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (422, "/word")
    for changes, pointer in (
        ({"word": "abc"}, "/word"),
        ({"federation": "999"}, "/federation"),
        ({"layout": "summary"}, "/layout"),
        ({"issuer": ""}, "/issuer"),
    ):
        wrong = post(api, "/number-series/", {**body, "word": "粤工函", **changes})
        assert wrong.json()["errors"][0]["pointer"] == pointer
    series = NumberSeries.objects.get(word="总工函")
    address = f"/api/v1/number-series/{series.pk}/"
    tag = api.get(address)["ETag"]

    def change(body, **headers):
        return api.patch(
            address, json.dumps(body), content_type="application/json", headers=headers
        )

    assert change({"first": 32}).status_code == 428
    assert change({"first": 0}, if_match=tag).status_code == 422
    changed = change({"first": 32, "active": False}, if_match=tag).json()
    assert (changed["first"], changed["active"], changed["issuer"]) == (32, False, series.issuer)
    assert change({"first": 33}, if_match=tag).status_code == 412


def upload(api, content, name="模板.docx", kind="notice"):
    return api.post(
        "/api/v1/document-templates/", {"kind": kind, "file": SimpleUploadedFile(name, content)}
    )


def test_a_template_is_put_in_place_and_comes_back(api_for, national_officer, auditor):
    api = api_for(national_officer)
    shipped = shipped_template("notice")
    first, second = upload(api, shipped), upload(api, shipped, "第二版.docx")
    assert first.status_code == second.status_code == 201, first.content
    assert (second.json()["number"], second.json()["in_use"], second.json()["steps"]) == (
        2,
        True,
        [],
    )
    rows = api.get("/api/v1/document-templates/?kind=notice&in_use=true").json()["results"]
    assert [row["id"] for row in rows] == [second.json()["id"]]
    path = f"/document-templates/{first.json()['id']}/"
    seen = api.get(f"/api/v1{path}")
    assert seen.json()["steps"] == ["use"]
    content = b"".join(api.get(f"/api/v1{path}content/").streaming_content)
    assert content == shipped
    assert post(api, f"{path}use/", {}, if_match='"v777"').status_code == 412
    used = post(api, f"{path}use/", {}, if_match=seen["ETag"])
    assert (used.status_code, used.json()["in_use"]) == (200, True)
    assert api_for(auditor).get(f"/api/v1{path}").json()["steps"] == []
    for what in ("template", "sample"):
        answer = api.get(f"/api/v1/document-kinds/notice/{what}/")
        assert "attachment" in answer["Content-Disposition"]
        assert Document(io.BytesIO(b"".join(answer.streaming_content))).paragraphs
    assert post(api, "/document-kinds/notice/use-shipped/", {}).status_code == 204
    assert not DocumentTemplate.objects.filter(in_use=True).exists()
    assert api.get("/api/v1/document-kinds/poster/template/").status_code == 404


def test_a_file_that_is_no_template_is_refused_with_the_reason(api_for, national_officer):
    api = api_for(national_officer)
    for content, status in ((b"no zip", 422), (b"", 422), (b"x" * (2 * 1024 * 1024 + 1), 422)):
        answer = upload(api, content)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["pointer"] == "/file"
    assert upload(api, b"x", kind="poster").json()["errors"][0]["pointer"] == "/kind"
    assert post(api, "/document-templates/", {"kind": "notice"}).status_code == 415
    assert not DocumentTemplate.objects.exists()
