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
        # Not the same as none: null means that no number is kept for it.
        ({"number_series": ""}, "/number_series"),
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


@pytest.fixture
def province(draft_report, api_for, guangdong_officer):
    return api_for(guangdong_officer)


def patch(client, report, text):
    return client.patch(
        f"/api/v1/reports/{report.pk}/",
        text,
        content_type="application/json",
        headers={"if-match": f'"v{report.version}"'},
    )


@pytest.mark.parametrize(
    ("question", "value", "status"),
    [
        ("goals", '"坏\\u0000"', 400),
        ("goals", '"坏\\ud800"', 400),
        ("goals", '"' + "长" * 10_000 + '"', 422),
        ("goals", "5", 422),
        ("goals", '["a"]', 422),
        ("goals", '{"a": 1}', 422),
        ("contact_persons", "-1", 422),
        ("contact_persons", "1e400", 400),
        ("contact_persons", "1e30", 422),
        ("contact_persons", "1" + "0" * 30, 422),
        ("contact_persons", "9" * 5000, 400),
        ("contact_persons", "NaN", 400),
        ("contact_persons", "1.5", 422),
        ("contact_persons", "true", 422),
        ("starts_on", '"0000-01-01"', 422),
        ("starts_on", '"9999-12-31"', 422),
        ("starts_on", "20261020", 422),
        ("leading_group", '"perhaps"', 422),
        ("leading_group", "2", 422),
        ("approved_by", '"nobody"', 422),
        ("approved_by", "[]", 422),
        ("no_such", "1", 422),
        ("不存在", "1", 422),
        ("", "1", 422),
    ],
)
def test_an_answer_at_fault_is_named(province, draft_report, question, value, status):
    text = f'{{"answers": {{"basis": "依据", {json.dumps(question)}: {value}}}}}'
    answer = patch(province, draft_report, text.replace("\\\\u", "\\u"))
    assert answer.status_code in {status, 400, 422}, answer.content
    if answer.status_code == 422:
        pointer = f"/answers/{question}"
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert answer.json()["detail"]
    # Nothing half-written: the good answer beside it neither.
    assert not draft_report.sheet.answers.exists()


def test_full_width_digits_are_digits(province, draft_report):
    answer = patch(province, draft_report, '{"answers": {"contact_persons": "１２００"}}')
    assert (answer.status_code, answer.json()["answers"]) == (200, {"contact_persons": "1200"})


@pytest.mark.parametrize(
    "body",
    [
        {"name": "坏\u0000"},
        {"name": "梁", "on": "0001-01-01"},
        {"name": "梁", "on": "9999-12-31"},
        {"name": "梁", "on": "2026-09-14", "scan": "x"},
        {"name": 5, "on": []},
        {"on": "2026-09-14", "unknown": 1},
    ],
)
def test_a_sign_off_at_fault(province, draft_report, body):
    answer = post(
        province,
        f"/reports/{draft_report.pk}/sign-off/",
        body,
        headers={"if-match": f'"v{draft_report.version}"'},
    )
    assert answer.status_code in (400, 422), answer.content
    draft_report.refresh_from_db()
    assert not draft_report.is_signed_off


def test_a_file_of_60_mb_is_refused_before_it_is_read(machine):
    answer = machine.post(
        "/api/v1/attachments/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(60 * 1024 * 1024),
    )
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (
        413,
        "application/problem+json",
    )


@pytest.mark.parametrize("recipients", [[], ["no_such"], [None], ["440000\u0000"], [440000], None])
def test_recipients_that_are_none(machine, recipients):
    answer = post(machine, "/notices/", {**NOTICE, "recipients": recipients})
    if answer.status_code == 201:  # a number is read as its digits
        assert recipients == [440000]
        return
    assert answer.status_code in (400, 422), answer.content
    assert Notice.objects.count() == 0


def test_a_notice_issued_twice_is_refused_with_a_reason(machine, issued_notice):
    answer = post(
        machine,
        f"/notices/{issued_notice.pk}/issue/",
        {},
        headers={"if-match": f'"v{issued_notice.version}"'},
    )
    assert (answer.status_code, bool(answer.json()["detail"])) == (409, True)
