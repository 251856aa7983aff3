"""Reviewing a report: comments and the replies to them, returning and accepting."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from platform_site.casework.models import Duty
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Comment
from reports.workflow import ReportState
from tests.answers import GOOD_ANSWERS

from .conftest import comment_on, fresh, url

pytestmark = pytest.mark.django_db


def test_review_beside_the_version_before(client_for, second_national_officer, second_version):
    page = client_for(second_national_officer).get(url("report-review", second_version))
    assert page.context["former"].number == 1
    changed = [
        answer["code"]
        for section in page.context["sections"]
        for answer in section["answers"]
        if answer["changed"]
    ]
    assert changed == ["goals"]
    assert "<ins>" in page.content.decode()


def test_first_version_of_a_supplement_is_read_beside_the_earlier_plan(
    client_for, national_officer, national_leader, guangdong_officer, submitted_report, draft
):
    services.accept_report(submitted_report, by=national_officer, version=submitted_report.version)
    notice = draft(title="补充方案", recipients=Federation.objects.filter(code="440000"))
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    services.issue_notice(notice, by=national_officer, version=notice.version)
    owed = Obligation.objects.get(round__request=notice.pk)
    services.sign_for(
        owed, by=guangdong_officer, version=1, leader_name="梁粤领", department="社会联络部"
    )
    report = services.start_report(owed, by=guangdong_officer)
    # What was accepted before stands beside a cumulative figure.
    section = client_for(guangdong_officer).get(url("report-section", report, "places"))
    assert "2" in section.context["sheet_form"]["pilots_city"].help_text
    saved = services.save_report(
        report, by=guangdong_officer, version=1, answers={**GOOD_ANSWERS, "pilots_city": "3"}
    )
    signed = services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        on=dt.date(2026, 9, 14),
    )
    services.submit_report(signed, by=guangdong_officer, version=signed.version)
    page = client_for(national_officer).get(url("report-review", report))
    assert page.context["supplements"]
    assert page.context["former"].report_id == submitted_report.pk
    changed = [
        answer["code"]
        for section in page.context["sections"]
        for answer in section["answers"]
        if answer["changed"]
    ]
    assert changed == ["pilots_city"]


def test_report_of_a_withdrawn_notice_is_not_submitted(
    client_for, guangdong_officer, national_officer, ready_report
):
    notice = ready_report.notice
    services.withdraw_notice(notice, by=national_officer, version=notice.version, note="另行部署")
    client = client_for(guangdong_officer)
    page = client.post(url("report-submit", ready_report), {"version": ready_report.version})
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert fresh(ready_report).state == ReportState.DRAFT
    assert client.get(url("report-fill", ready_report)).status_code == 200
    assert client.get(ready_report.get_absolute_url()).status_code == 200


def test_comment_is_pinned_once_reworded_and_removed(
    client_for, national_officer, submitted_report
):
    client = client_for(national_officer)
    page = client.get(url("report-review", submitted_report))
    blank = page.context["sections"][0]["answers"][1]["form"]
    posted = {"id": blank["id"].value(), "question": "goals", "text": "请写明完成时限。"}
    address = url("comment-add", submitted_report)
    first, second = client.post(address, posted), client.post(address, posted)
    assert first.url == second.url == url("report-review", submitted_report) + "#answer-goals"
    comment = Comment.objects.get()
    edit = reverse("comment-edit", args=[comment.pk])
    assert client.get(edit).status_code == 200
    client.post(edit, {"version": 1, "text": "请写明时限和责任单位。"})
    comment.refresh_from_db()
    assert comment.text == "请写明时限和责任单位。"
    assert client.post(edit, {"version": 1, "text": "旧的"}).context["form"].non_field_errors()
    client.post(reverse("comment-remove", args=[comment.pk]), {"version": comment.version})
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "坏\x00字", "长" * 2001])
def test_comment_that_cannot_be_kept_comes_back_with_its_text(
    client_for, national_officer, submitted_report, text
):
    posted = {"id": "6f7f1d9e-1111-4222-8333-444455556666", "question": "goals", "text": text}
    page = client_for(national_officer).post(url("comment-add", submitted_report), posted)
    assert page.status_code == 200
    assert page.context["form"].errors["text"]
    assert not Comment.objects.exists()


def test_comment_of_a_colleague_is_not_ones_own(
    client_for, national_officer, second_national_officer, submitted_report
):
    comment = comment_on(submitted_report, national_officer)
    client = client_for(second_national_officer)
    assert client.get(reverse("comment-edit", args=[comment.pk])).status_code == 403
    remove = client.post(reverse("comment-remove", args=[comment.pk]), {"version": 1})
    assert remove.status_code == 403


def test_return_needs_a_reason_and_takes_frequent_ones(
    client_for, national_officer, submitted_report
):
    client = client_for(national_officer)
    address = url("report-return", submitted_report)
    empty = client.post(address, {"version": submitted_report.version, "note": " "})
    assert empty.context["form"].errors["note"]
    posted = {"version": submitted_report.version, "phrases": ["1"], "note": "另附盖章件。"}
    assert client.post(address, posted).url == submitted_report.get_absolute_url()
    assert fresh(submitted_report).state == ReportState.RETURNED
    # A second click lands on the same page and changes nothing.
    assert client.post(address, posted).url == submitted_report.get_absolute_url()
    detail = client.get(submitted_report.get_absolute_url() + "?tab=history").content.decode()
    assert "另附盖章件。" in detail


def test_decision_on_an_older_version_is_asked_again_and_keeps_the_note(
    client_for, national_officer, submitted_report
):
    client = client_for(national_officer)
    for name in ("report-return", "report-accept"):
        page = client.post(url(name, submitted_report), {"version": 1, "note": "写好的理由"})
        assert page.status_code == 200
        assert page.context["form"].non_field_errors()
        assert "写好的理由" in page.content.decode()
    assert fresh(submitted_report).state == ReportState.SUBMITTED


def test_accept_and_go_on_to_the_next(client_for, national_officer, second_version):
    other = Duty.objects.get(subject_id=second_version.pk, done_at=None)
    assert other.rule_code == "reports.review"
    done = client_for(national_officer).post(
        url("report-accept", second_version), {"version": second_version.version, "next": "1"}
    )
    assert done.url == reverse("report-list")
    assert fresh(second_version).state == ReportState.ACCEPTED


def test_nobody_reviews_what_is_not_theirs(
    client_for, guangdong_officer, guangdong_leader, auditor, submitted_report
):
    for person in (guangdong_officer, guangdong_leader, auditor):
        client = client_for(person)
        assert client.get(url("report-review", submitted_report)).status_code == 403
        for name in ("report-return", "report-accept", "comment-add"):
            answer = client.post(
                url(name, submitted_report), {"version": submitted_report.version, "note": "不行"}
            )
            assert answer.status_code == 403
    assert fresh(submitted_report).state == ReportState.SUBMITTED


def test_comment_is_seen_by_the_filer_once_decided(
    client_for, guangdong_officer, national_officer, submitted_report
):
    comment = comment_on(submitted_report, national_officer, text="只给自己看的批注")
    client = client_for(guangdong_officer)
    comments = submitted_report.get_absolute_url() + "?tab=comments"
    assert "只给自己看的批注" not in client.get(comments).content.decode()
    assert client.get(reverse("comment-reply", args=[comment.pk])).status_code == 404
    services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="见批注"
    )
    assert "只给自己看的批注" in client.get(comments).content.decode()
    section = client.get(url("report-section", submitted_report, "goals")).content.decode()
    assert "只给自己看的批注" in section


def test_reply_beside_the_answer_and_back_to_it(client_for, guangdong_officer, returned_report):
    client = client_for(guangdong_officer)
    comment = Comment.objects.get()
    address = reverse("comment-reply", args=[comment.pk])
    empty = client.post(address, {"version": comment.version, "text": "", "section": "goals"})
    assert empty.context["form"].errors["text"]
    back = client.post(address, {"version": comment.version, "text": "已改。", "section": "goals"})
    assert back.url == url("report-section", returned_report, "goals") + "#id_answer-goals_field"
    comment.refresh_from_db()
    assert (comment.reply, comment.replied_by) == ("已改。", guangdong_officer)
    elsewhere = client.post(
        address, {"version": comment.version, "text": "再改。", "section": "//evil.example"}
    )
    assert elsewhere.url.startswith(url("report-fill", returned_report))


def test_returned_report_with_an_unanswered_comment_is_not_submitted(
    client_for, guangdong_officer, returned_report
):
    page = client_for(guangdong_officer).post(
        url("report-submit", returned_report), {"version": returned_report.version}
    )
    comment = Comment.objects.get()
    targets = [line["target"] for line in page.context["problems"]]
    assert targets == [url("report-fill", returned_report) + f"#comment-{comment.pk}"]
