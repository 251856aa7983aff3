"""Bad input through the REST API: a reason, a pointer, nothing written, never a 500."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.models import Notice, Report

pytestmark = pytest.mark.django_db

NOTICE = {
    "title": "通知",
    "text": "正文",
    "asks": "pilot_plan",
    "form": "pilot_plan",
    "business_line": "platform",
    "due_on": "2026-10-15",
    "recipients": ["440000"],
}


@pytest.fixture
def machine(the_day, api_for, national_officer):
    return api_for(national_officer)


def post(client, path, body, **more):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"/api/v1{path}", text, content_type="application/json", **more)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": "坏\u0000题"}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": "长" * 151}, "/title"),
        ({"title": 5}, None),
        ({"text": "长" * 20001}, "/text"),
        ({"due_on": "0000-01-01"}, "/due_on"),
        ({"due_on": "9999-12-31"}, "/due_on"),
        ({"due_on": "2026-09-13"}, "/due_on"),
        ({"due_on": "明天"}, "/due_on"),
        ({"recipients": []}, "/recipients"),
        ({"recipients": ["999999"]}, "/recipients"),
        ({"recipients": "440000"}, "/recipients"),
        ({"asks": "everything"}, "/asks"),
        ({"form": "no_such"}, "/form"),
        ({"business_line": None}, "/business_line"),
        ({"number": {"word": "总工办发", "year": 2026, "no": -1}}, "/number/no"),
        ({"id": "not-a-uuid"}, "/id"),
        ({"state": "issued"}, "/state"),
    ],
)
def test_a_field_at_fault_is_named(machine, change, pointer):
    answer = post(machine, "/notices/", {**NOTICE, **change})
    if pointer is None:  # a number where a text is meant is read as its digits
        assert answer.status_code in (201, 422)
        return
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    if answer.status_code == 422:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert Notice.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"title": "\\ud800"}',
        b'{"title": "a", "title": "b"}',
        b'{"number": NaN}',
        b'{"number": 1e999}',
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"\xff\xfe",
    ],
    ids=["cut", "list", "null", "surrogate", "twice", "nan", "huge", "deep", "no-utf8"],
)
def test_what_cannot_be_read_is_refused_with_a_reason(machine, body):
    answer = post(machine, "/notices/", body)
    assert answer.status_code in (400, 422), answer.content
    assert answer.json()["detail"]
    assert Notice.objects.count() == 0


def test_ten_megabytes_of_text_are_refused_with_a_reason(machine):
    answer = post(machine, "/notices/", {**NOTICE, "text": "长" * 3_500_000})
    assert answer.status_code in (413, 422)
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/reports/%00/",
        "/reports/x/",
        "/notices/?search=%00",
        "/notices/?cursor=abc",
        "/notices/?page_size=100000",
        "/notices/?page_size=-1",
        "/notices/?ordering=password",
        "/reports/?submitted_at__gte=yesterday",
        "/obligations/?due_on__lte=9999-99-99",
        "/federations/?level=9",
    ],
)
def test_addresses_that_make_no_sense(machine, path):
    answer = machine.get(f"/api/v1{path}")
    assert answer.status_code in (400, 404), answer.content


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("方案.pdf", b"<html><script>alert(1)</script>", 415),
        ("方案.exe", b"MZ\x90\x00", 415),
        ("空.txt", b"", 422),
        ("网页.html", b"<p>x</p>", 415),
    ],
)
def test_bad_files(machine, name, content, status):
    answer = machine.post("/api/v1/attachments/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code in {status, 415, 422}, answer.content
    assert answer.json()["detail"]


def test_a_path_in_a_name_is_no_path(machine):
    file = SimpleUploadedFile("x.txt", "文字".encode())
    file.name = "..\\..\\etc\\passwd.txt"
    answer = machine.post("/api/v1/attachments/", {"file": file})
    assert answer.status_code == 201, answer.content
    assert "/" not in answer.json()["filename"]
    assert "\\" not in answer.json()["filename"]


def test_a_report_for_somebody_elses_obligation_is_404(
    signed_obligation, hunan_officer, national_officer, api_for
):
    answer = post(api_for(hunan_officer), "/reports/", {"obligation": str(signed_obligation.pk)})
    assert answer.status_code == 404
    answer = post(api_for(national_officer), "/reports/", {"obligation": str(signed_obligation.pk)})
    assert answer.status_code == 403
    assert Report.objects.count() == 0
