"""Two versions, two editions, and what still stands in the way of a submission, for machines."""

from __future__ import annotations

import pytest

from reports import services

pytestmark = pytest.mark.django_db


def joined(pieces, *kinds):
    return "".join(piece["text"] for piece in pieces if piece["kind"] in kinds)


@pytest.fixture
def twice(submitted_report, national_officer, guangdong_officer):
    """Submitted, returned, changed in one answer, submitted again."""
    report = services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="请改。"
    )
    saved = services.save_report(
        report,
        by=guangdong_officer,
        version=report.version,
        answers={"places": "广州市、珠海市、佛山市顺德区。"},
        strict=True,
    )
    report = services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        on=submitted_report.signed_off_on,
    )
    return services.submit_report(report, by=guangdong_officer, version=report.version)


class TestReports:
    def test_what_changed_answer_by_answer(self, twice, api_for, national_officer):
        told = api_for(national_officer).get(f"/api/v1/reports/{twice.pk}/compare/").json()
        assert (told["old"], told["new"], told["changed"]) == (1, 2, 1)
        answers = {
            answer["code"]: answer for part in told["sections"] for answer in part["answers"]
        }
        places = answers["places"]
        assert joined(places["old"], "same", "del") == "广州市、深圳市、佛山市顺德区。"
        assert joined(places["new"], "same", "ins") == "广州市、珠海市、佛山市顺德区。"
        assert "珠海" in joined(places["new"], "ins")
        assert not answers["goals"]["changed"]

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"from": "1", "to": "2"}, 200),
            ({"from": "2", "to": "1"}, 200),
            ({"to": "3"}, 404),
            ({"from": "x"}, 400),
            ({"from": "-1"}, 400),
            ({"from": "9" * 40}, 400),
            ({"only": "changed"}, 400),
        ],
    )
    def test_numbers(self, twice, api_for, guangdong_officer, given, status):
        answer = api_for(guangdong_officer).get(f"/api/v1/reports/{twice.pk}/compare/", given)
        assert answer.status_code == status

    def test_nobody_elses_and_not_before_there_are_two(
        self, submitted_report, api_for, hunan_officer, national_officer
    ):
        path = f"/api/v1/reports/{submitted_report.pk}/compare/"
        assert api_for(national_officer).get(path).status_code == 404
        assert api_for(hunan_officer).get(path).status_code == 404


def test_two_editions(submitted_report, api_for, national_officer):
    report = services.accept_report(
        submitted_report, by=national_officer, version=submitted_report.version
    )
    summary = services.start_summary(report.notice, by=national_officer)
    services.freeze_summary(summary, by=national_officer, version=summary.version)
    summary.refresh_from_db()
    services.edit_summary(
        summary, by=national_officer, version=summary.version, remark="另行通报。"
    )
    summary.refresh_from_db()
    services.freeze_summary(summary, by=national_officer, version=summary.version)
    api = api_for(national_officer)
    told = api.get(f"/api/v1/summaries/{summary.pk}/compare/").json()
    assert (told["old"], told["new"]) == (1, 2)
    assert joined(told["remark"]["new"], "ins") == "另行通报。"
    assert told["totals"] == told["standings"] == told["parts"] == []


class TestFindings:
    def test_all_that_submitting_would_say(self, draft_report, api_for, guangdong_officer):
        api = api_for(guangdong_officer)
        told = api.get(f"/api/v1/reports/{draft_report.pk}/findings/").json()
        pointers = [each["pointer"] for each in told["blocking"]]
        refused = api.post(
            f"/api/v1/reports/{draft_report.pk}/submit/",
            "{}",
            content_type="application/json",
            headers={"if-match": f'"v{draft_report.version}"'},
        )
        assert pointers == [each["pointer"] for each in refused.json()["errors"]]
        assert not told["ready"]
        assert {section["state"] for section in told["sections"]} == {"not_started"}

    def test_ready(self, ready_report, api_for, guangdong_officer):
        api = api_for(guangdong_officer)
        told = api.get(f"/api/v1/reports/{ready_report.pk}/findings/").json()
        assert (told["ready"], told["blocking"], told["doubts"]) == (True, [], [])
        steps = api.get(f"/api/v1/reports/{ready_report.pk}/").json()["steps"]
        assert steps == ["sign-off", "submit", "bring-forward"]

    def test_a_comment_is_answered_when_it_can_be(
        self, submitted_report, api_for, national_officer, guangdong_officer
    ):
        comment = services.add_comment(
            submitted_report, by=national_officer, question="goals", text="待议。"
        )
        submitted_report.refresh_from_db()
        services.return_report(
            submitted_report,
            by=national_officer,
            version=submitted_report.version,
            note="请改。",
        )
        path = f"/api/v1/reports/{submitted_report.pk}/comments/{comment.pk}/"
        assert api_for(guangdong_officer).get(path).json()["steps"] == ["reply"]
        assert api_for(national_officer).get(path).json()["steps"] == []
