"""What the page sends while somebody types, and what it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from reports import services
from reports.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client_for):
    def make(person: Any, report: Report, body: Any, **headers: Any) -> Any:
        return client_for(person).post(
            reverse("report-answers", args=[report.pk]),
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={"accept": "application/json", **headers},
        )

    return make


def values(report: Report) -> dict[str, Any]:
    rows = report.sheet.answers.select_related("question")
    return {row.question.code: row.value for row in rows}


def test_answers_are_kept_and_the_version_goes_on(send, guangdong_officer, draft_report):
    answer = send(guangdong_officer, draft_report, {"answers": {"goals": "目标"}, "version": 1})
    assert answer.status_code == 200
    body = answer.json()
    assert body["version"] == 2
    assert body["saved_at"]
    assert (body["problems"], body["conflicts"], body["others"]) == ({}, [], [])
    assert values(draft_report) == {"goals": "目标"}


def test_sending_the_same_again_changes_nothing(send, guangdong_officer, draft_report):
    body = {"answers": {"goals": "目标", "leading_group": "yes"}, "version": 1}
    send(guangdong_officer, draft_report, body)
    again = send(guangdong_officer, draft_report, body).json()
    assert (again["version"], again["conflicts"]) == (2, [])


def test_unreadable_answer_has_its_problem_and_what_was_typed_is_kept(
    send, guangdong_officer, draft_report
):
    body = {"answers": {"pilots_city": "两个", "goals": "目标"}, "version": 1}
    answer = send(guangdong_officer, draft_report, body)
    assert answer.status_code == 200
    assert list(answer.json()["problems"]) == ["pilots_city"]
    assert values(draft_report) == {"pilots_city": None, "goals": "目标"}
    assert draft_report.sheet.answers.get(question__code="pilots_city").typed == "两个"
    # Both are the page's own changes now: mending one is no conflict with oneself.
    assert answer.json()["written"] == ["pilots_city", "goals"]
    mended = {"answers": {"pilots_city": "2"}, "version": answer.json()["version"]}
    assert send(guangdong_officer, draft_report, mended).json()["conflicts"] == []


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("goals", "坏\x00字"),
        ("goals", "坏\ud800字"),
        ("goals", "长" * 5001),
        ("goals", 12),
        ("goals", ["一"]),
        ("pilots_city", -1),
        ("pilots_city", 1e300),
        ("pilots_city", True),
        ("pilots_city", {"a": 1}),
        ("pilots_city", "9" * 5000),
        ("starts_on", "0000-00-00"),
        ("starts_on", "9999-12-31"),
        ("starts_on", 20260914),
        ("leading_group", "maybe"),
        ("approved_by", ["party_group"]),
    ],
)
def test_absurd_values_are_problems_beside_their_field(
    send, guangdong_officer, draft_report, code, value
):
    answer = send(guangdong_officer, draft_report, {"answers": {code: value}, "version": 1})
    assert answer.status_code == 200
    assert answer.json()["problems"][code]
    assert not any(value is not None for value in values(draft_report).values())


def test_replacement_character_is_a_problem_and_no_endless_retry(
    send, guangdong_officer, draft_report
):
    answer = send(
        guangdong_officer, draft_report, {"answers": {"pilots_city": "1\ufffd"}, "version": 1}
    )
    assert answer.status_code in {200, 400}
    assert answer.json()["problems"]["pilots_city"]


def test_different_answers_of_two_people_merge(
    send, guangdong_officer, guangdong_head, draft_report
):
    send(guangdong_head, draft_report, {"answers": {"leading_group": "no"}, "version": 1})
    body = send(
        guangdong_officer, draft_report, {"answers": {"goals": "目标"}, "version": 1}
    ).json()
    assert body["conflicts"] == []
    assert body["others"] == [{"code": "leading_group", "value": "no"}]
    assert values(draft_report) == {"leading_group": False, "goals": "目标"}


def test_same_answer_of_two_people_is_a_conflict(
    send, guangdong_officer, guangdong_head, draft_report
):
    send(guangdong_head, draft_report, {"answers": {"leading_group": "no"}, "version": 1})
    late = {"answers": {"leading_group": "yes"}, "version": 1}
    body = send(guangdong_officer, draft_report, late).json()
    conflict = body["conflicts"][0]
    assert (conflict["code"], conflict["mine"], conflict["theirs"]) == (
        "leading_group",
        "yes",
        "no",
    )
    assert conflict["by"] == guangdong_head.name
    assert conflict["at"]
    assert body["others"] == []
    assert values(draft_report) == {"leading_group": False}
    # "Use mine" sends it again on the version that showed the other's.
    send(guangdong_officer, draft_report, {**late, "version": body["version"]})
    assert values(draft_report) == {"leading_group": True}


def test_changed_answer_takes_the_sign_off_away_and_says_so(send, guangdong_officer, ready_report):
    body = {"answers": {"goals": "新的目标"}, "version": ready_report.version}
    assert send(guangdong_officer, ready_report, body).json()["sign_off_cleared"] is True
    assert not Report.objects.get(pk=ready_report.pk).is_signed_off


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"answers": []}',
        b'{"answers": {}, "version": "x"}',
        b'{"answers": {}, "version": true}',
        b'{"answers": {}, "version": -1}',
        b'{"answers": {}, "version": 1e400}',
        b'{"answers": {}}',
        b"[" * 100_000,
        b'{"answers": {"goals": ' + b"9" * 5000 + b'}, "version": 1}',
    ],
)
def test_unreadable_body_is_400(send, guangdong_officer, draft_report, body):
    answer = send(guangdong_officer, draft_report, body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_unknown_question_is_422_and_nothing_is_written(send, guangdong_officer, draft_report):
    body = {"answers": {"goals": "目标", "no_such": "x"}, "version": 1}
    answer = send(guangdong_officer, draft_report, body)
    assert answer.status_code == 422
    assert answer.json()["problems"]["no_such"]
    assert values(draft_report) == {}


def test_too_much_is_413(send, guangdong_officer, draft_report, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = {"answers": {"goals": "长" * 2000}, "version": 1}
    assert send(guangdong_officer, draft_report, body).status_code == 413


def test_submitted_report_is_closed(send, guangdong_officer, submitted_report):
    body = {"answers": {"goals": "迟到"}, "version": submitted_report.version}
    assert send(guangdong_officer, submitted_report, body).status_code == 409


def test_outsider_meets_nothing_and_reader_may_not_write(
    send, hunan_officer, national_officer, auditor, draft_report, guangdong_officer, ready_report
):
    body = {"answers": {"goals": "外人"}, "version": 1}
    for person in (hunan_officer, national_officer, auditor):
        assert send(person, draft_report, body).status_code == 404
    report = services.submit_report(
        ready_report, by=guangdong_officer, version=ready_report.version
    )
    for person in (national_officer, auditor):
        assert send(person, report, body).status_code == 403
    assert send(hunan_officer, report, body).status_code == 404


def test_get_is_not_allowed(client_for, guangdong_officer, draft_report):
    address = reverse("report-answers", args=[draft_report.pk])
    assert client_for(guangdong_officer).get(address).status_code == 405
