"""The pages of a report: each person's part of the story, without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from platform_site.attachments.models import Attachment
from platform_site.casework.models import Duty
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Comment, Report
from reports.workflow import ReportState
from tests.answers import GOOD_ANSWERS

MOST_QUERIES = 12

pytestmark = pytest.mark.django_db


def url(name: str, report: Any, *more: Any) -> str:
    return reverse(name, args=[report.pk, *more])


def fresh(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def comment_on(
    report: Report, by: Any, question: str = "goals", text: str = "目标太笼统。"
) -> Comment:
    return services.add_comment(report, by=by, question=question, text=text)


@pytest.fixture
def returned_report(submitted_report, national_officer) -> Report:
    comment_on(submitted_report, national_officer)
    return services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="请补充目标。"
    )


@pytest.fixture
def second_version(returned_report, guangdong_officer) -> Report:
    """Changed, replied to, signed off and submitted again."""
    saved = services.save_report(
        returned_report,
        by=guangdong_officer,
        version=returned_report.version,
        answers={"goals": GOOD_ANSWERS["goals"] + "到二〇二七年底覆盖全部地级市。"},
    )
    comment = Comment.objects.get()
    services.reply_to_comment(
        comment, by=guangdong_officer, version=comment.version, text="已补充。"
    )
    signed = services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        on=dt.date(2026, 9, 14),
    )
    return services.submit_report(signed, by=guangdong_officer, version=signed.version)


# --- Beginning and filling in -------------------------------------------------------------------


def test_start_twice_meets_the_same_report(client_for, guangdong_officer, signed_obligation):
    client = client_for(guangdong_officer)
    address = reverse("report-start", args=[signed_obligation.pk])
    first, second = client.post(address), client.post(address)
    report = Report.objects.get()
    assert first.url == second.url == url("report-fill", report)
    assert client.get(address).status_code == 405


def test_start_before_signing_for_says_so(client_for, guangdong_officer, obligation):
    answer = client_for(guangdong_officer).post(reverse("report-start", args=[obligation.pk]))
    assert answer.status_code == 409
    assert not Report.objects.exists()


def test_task_list_shows_states_and_what_is_missing(client_for, guangdong_officer, draft_report):
    saved = services.save_report(
        draft_report,
        by=guangdong_officer,
        version=1,
        answers={
            "basis": GOOD_ANSWERS["basis"],
            "goals": GOOD_ANSWERS["goals"],
            "pilots_city": "两个",
        },
    )
    page = client_for(guangdong_officer).get(url("report-fill", saved.report))
    states = {task["section"].code: task["state"] for task in page.context["tasks"]}
    assert states == {
        "goals": "done",
        "places": "needs_more",
        "tasks": "not_started",
        "safeguards": "not_started",
        "approval": "not_started",
    }
    assert page.context["tasks"][1]["hint"]


def test_task_list_of_a_returned_report_shows_reason_person_and_day(
    client_for, guangdong_officer, national_officer, returned_report
):
    page = client_for(guangdong_officer).get(url("report-fill", returned_report))
    text = page.content.decode()
    assert "请补充目标。" in text
    assert national_officer.name in text
    assert page.context["returned"]["due"].due_on == dt.date(2026, 9, 17)
    assert page.context["tasks"][0]["state"] == "needs_more"


def test_section_shows_every_kind_of_question(client_for, guangdong_officer, ready_report):
    client = client_for(guangdong_officer)
    page = client.get(url("report-section", ready_report, "safeguards")).content.decode()
    assert 'inputmode="decimal"' in page
    assert "万元" in page
    assert 'name="answer-leading_group" value="yes"' in page
    assert f'data-autosave-url="{url("report-answers", ready_report)}"' in page
    assert client.get(url("report-section", ready_report, "no-such")).status_code == 404


def test_save_and_continue_goes_on_and_save_stays(client_for, guangdong_officer, draft_report):
    client = client_for(guangdong_officer)
    address = url("report-section", draft_report, "goals")
    posted = {"version": 1, "answer-basis": "依据", "answer-goals": "目标一\r\n目标二"}
    assert client.post(address, posted).url == url("report-section", draft_report, "places")
    report = fresh(draft_report)
    stay = client.post(address, {**posted, "version": report.version, "stay": "1"})
    assert stay.url == address
    answers = {
        each.question.code: each.value for each in report.sheet.answers.select_related("question")
    }
    assert answers == {"basis": "依据", "goals": "目标一\n目标二"}
    last = client.post(url("report-section", report, "approval"), {"version": report.version})
    assert last.url == url("report-fill", report)


BAD_VALUES = [
    ("goals", "goals", "目标\x00一"),
    ("goals", "goals", "目标\ud800"),
    ("goals", "goals", "长" * 10_000),
    ("places", "pilots_city", "-3"),
    ("places", "pilots_city", "9" * 30),
    ("places", "pilots_city", "很多"),
    ("places", "pilots_city", "1e5"),
    ("places", "pilots_city", "1\ufffd"),
    ("tasks", "starts_on", "0000-01-01"),
    ("tasks", "starts_on", "9999-12-31"),
    ("tasks", "starts_on", "明天"),
    ("safeguards", "leading_group", "perhaps"),
    ("approval", "approved_by", "nobody"),
]


@pytest.mark.parametrize(("section", "code", "value"), BAD_VALUES)
def test_bad_value_is_said_beside_its_field_and_kept(
    client_for, guangdong_officer, draft_report, section, code, value
):
    client = client_for(guangdong_officer)
    value = value.encode("utf-8", "surrogatepass")
    body = f"version=1&answer-{code}=".encode() + b"".join(b"%%%02X" % byte for byte in value)
    answer = client.post(
        url("report-section", draft_report, section),
        body,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    form = answer.context["sheet_form"]
    assert form.errors[code]
    assert form[code].value() == value.decode("utf-8", "replace")
    page = answer.content.decode()
    assert re.search(r"<title>\s*(错误|Error)", page)
    assert f'href="#id_answer-{code}' in page
    assert not any(each.value for each in draft_report.sheet.answers.all())


def test_ten_megabytes_of_text_are_answered_beside_the_field(
    client_for, guangdong_officer, draft_report
):
    answer = client_for(guangdong_officer).post(
        url("report-section", draft_report, "goals"),
        {"version": "1", "answer-goals": "大" * (10 * 1024 * 1024 // 3), "answer-basis": "依据"},
    )
    assert answer.status_code == 200
    assert answer.context["sheet_form"].errors["goals"]
    # The other answer is kept.
    assert draft_report.sheet.answers.get().value == "依据"


def test_misread_number_stays_and_is_said_again_on_the_next_look(
    client_for, guangdong_officer, draft_report
):
    client = client_for(guangdong_officer)
    address = url("report-section", draft_report, "places")
    client.post(address, {"version": "1", "answer-pilots_city": "两三个"})
    page = client.get(address)
    form = page.context["sheet_form"]
    assert form["pilots_city"].value() == "两三个"
    assert form.errors["pilots_city"]


def test_same_answer_by_two_people_is_shown_and_chosen(
    client_for, guangdong_officer, guangdong_head, draft_report
):
    address = url("report-section", draft_report, "goals")
    head, officer = client_for(guangdong_head), client_for(guangdong_officer)
    head.post(address, {"version": "1", "answer-goals": "处长写的目标"})
    page = officer.post(
        address, {"version": "1", "answer-goals": "联络员写的目标", "answer-basis": "依据"}
    )
    assert [each["code"] for each in page.context["conflicts"]] == ["goals"]
    text = page.content.decode()
    assert "处长" in text
    assert guangdong_head.name in text
    assert page.context["sheet_form"]["goals"].value() == "联络员写的目标"
    values = {
        each.question.code: each.value
        for each in draft_report.sheet.answers.select_related("question")
    }
    assert values == {"goals": "处长写的目标", "basis": "依据"}

    version = page.context["report"].version
    both = {"version": version, "answer-goals": "联络员写的目标", "conflict": "goals"}
    undecided = officer.post(address, both)
    assert [each["code"] for each in undecided.context["conflicts"]] == ["goals"]
    theirs = officer.post(address, {**both, "choice-goals": "theirs"})
    assert theirs.status_code == 302
    assert draft_report.sheet.answers.get(question__code="goals").value == "处长写的目标"
    officer.post(address, {**both, "choice-goals": "mine"})
    assert draft_report.sheet.answers.get(question__code="goals").value == "联络员写的目标"


def test_answer_that_only_the_other_changed_is_no_conflict(
    client_for, guangdong_officer, guangdong_head, draft_report
):
    address = url("report-section", draft_report, "goals")
    officer = client_for(guangdong_officer)
    was = {row["code"]: row["was"] for row in officer.get(address).context["rows"]}
    client_for(guangdong_head).post(address, {"version": "1", "answer-goals": "处长写的目标"})
    posted = {"version": "1", "answer-goals": "", "was-goals": was["goals"], "answer-basis": "依据"}
    assert officer.post(address, posted).status_code == 302
    assert draft_report.sheet.answers.get(question__code="goals").value == "处长写的目标"


def test_section_of_a_submitted_report_keeps_what_was_typed_on_the_page(
    client_for, guangdong_officer, submitted_report
):
    client = client_for(guangdong_officer)
    address = url("report-section", submitted_report, "goals")
    assert client.get(address).url == submitted_report.get_absolute_url()
    page = client.post(address, {"version": "1", "answer-goals": "迟到的话"})
    assert page.status_code == 409
    assert "迟到的话" in page.content.decode()


def test_section_with_a_broken_version_is_unreadable(client_for, guangdong_officer, draft_report):
    for version in ("", "x", "-1", "9" * 40):
        answer = client_for(guangdong_officer).post(
            url("report-section", draft_report, "goals"), {"version": version, "answer-goals": "一"}
        )
        assert answer.status_code == 400


# --- Sign-off -----------------------------------------------------------------------------------


def test_sign_off_is_prefilled_and_recorded_with_its_scan(
    client_for, guangdong_officer, draft_report, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client = client_for(guangdong_officer)
    address = url("report-sign-off", draft_report)
    form = client.get(address).context["form"]
    assert (form["name"].value(), form["title"].value()) == ("梁粤领", "副主席")
    scan = SimpleUploadedFile("签批单.pdf", PDF, "application/pdf")
    posted = {"version": 1, "name": "梁粤领", "title": "副主席", "on": "2026-09-14", "scan": scan}
    assert client.post(address, posted).url == url("report-fill", draft_report)
    report = fresh(draft_report)
    assert report.signed_off_scan.owner == report
    assert report.signed_off_holding == report.obligation.leader
    # In the submitted version it stands once, among the files.
    saved = services.save_report(
        report, by=guangdong_officer, version=report.version, answers=GOOD_ANSWERS
    ).report
    assert saved.signed_off_scan is None
    scan.seek(0)
    client.post(address, {**posted, "version": saved.version, "scan": scan})
    report = fresh(report)
    services.submit_report(report, by=guangdong_officer, version=report.version)
    files = report.versions.get().content["attachments"]
    assert [file["filename"] for file in files] == ["签批单.pdf"] * 2


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
    b"endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n"
    b"0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n158\n%%EOF\n"
)


@pytest.mark.parametrize("on", ["", "0000-01-01", "9999-12-31", "1999-01-01", "2026-09-15", "昨天"])
def test_sign_off_on_an_impossible_day_is_said_beside_the_field(
    client_for, guangdong_officer, draft_report, on
):
    page = client_for(guangdong_officer).post(
        url("report-sign-off", draft_report), {"version": 1, "name": "梁粤领", "on": on}
    )
    assert page.status_code == 200
    assert page.context["form"].errors["on"]
    assert not fresh(draft_report).is_signed_off
    assert not on or on in page.content.decode()


def test_refused_sign_off_leaves_no_scan_behind(
    client_for, guangdong_officer, draft_report, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client = client_for(guangdong_officer)
    scan = SimpleUploadedFile("签批单.pdf", PDF, "application/pdf")
    stale = {"version": 0, "name": "梁粤领", "on": "2026-09-14", "scan": scan}
    page = client.post(url("report-sign-off", draft_report), stale)
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert not Attachment.objects.exists()
    wrong = SimpleUploadedFile("签批单.pdf", b"not a pdf", "application/pdf")
    page = client.post(url("report-sign-off", draft_report), {**stale, "version": 1, "scan": wrong})
    assert page.context["form"].errors["scan"]


def test_leader_signs_off_with_one_button(client_for, guangdong_leader, draft_report):
    client = client_for(guangdong_leader)
    assert client.get(url("report-sign-off", draft_report)).status_code == 200
    client.post(url("report-sign-off", draft_report), {"version": 1})
    report = fresh(draft_report)
    assert report.signed_off_by == guangdong_leader
    assert report.signed_off_title == "副主席"
    assert client.get(url("report-fill", draft_report)).status_code == 403


# --- Check and submit ---------------------------------------------------------------------------


def test_check_page_says_everything_at_once_with_links(client_for, guangdong_officer, draft_report):
    client = client_for(guangdong_officer)
    page = client.post(url("report-submit", draft_report), {"version": 1})
    assert page.status_code == 200
    targets = [line["target"] for line in page.context["problems"]]
    assert url("report-section", draft_report, "goals") + "#id_answer-goals_field" in targets
    assert url("report-sign-off", draft_report) in targets
    assert len(targets) == 18  # seventeen questions and the sign-off
    assert re.search(r"<title>\s*(错误|Error)", page.content.decode())
    assert fresh(draft_report).state == ReportState.DRAFT


def test_doubt_wants_an_explanation_which_the_reviewer_reads_first(
    client_for, guangdong_officer, national_officer, ready_report
):
    client = client_for(guangdong_officer)
    assert not client.get(url("report-submit", ready_report)).context["wants_explanation"]
    saved = services.save_report(
        ready_report,
        by=guangdong_officer,
        version=ready_report.version,
        answers={"funds_purchased": "20001"},
    )
    services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        on=dt.date(2026, 9, 14),
    )
    report = fresh(ready_report)
    page = client.post(url("report-submit", report), {"version": report.version, "explanation": ""})
    assert page.context["wants_explanation"]
    assert [line["target"] for line in page.context["problems"]] == ["#id_explanation"]
    done = client.post(
        url("report-submit", report), {"version": report.version, "explanation": "含专项资金。"}
    )
    assert done.url == url("report-submitted", report)
    text = client_for(national_officer).get(url("report-review", report)).content.decode()
    assert text.index("含专项资金。") < text.index(GOOD_ANSWERS["basis"])


def test_submit_twice_files_once_and_both_land_on_the_receipt(
    client_for, guangdong_officer, ready_report
):
    client = client_for(guangdong_officer)
    posted = {"version": ready_report.version}
    first = client.post(url("report-submit", ready_report), posted)
    second = client.post(url("report-submit", ready_report), posted)
    assert first.url == second.url == url("report-submitted", ready_report)
    assert ready_report.versions.count() == 1
    page = client.get(first.url)
    assert page.context["kept"].receipt_number in page.content.decode()


def test_submit_of_a_changed_report_shows_the_newest_and_keeps_the_explanation(
    client_for, guangdong_officer, ready_report
):
    page = client_for(guangdong_officer).post(
        url("report-submit", ready_report), {"version": 1, "explanation": "说明文字"}
    )
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert page.context["version"] == ready_report.version


def test_hostile_explanation_is_said_beside_the_field(client_for, guangdong_officer, ready_report):
    page = client_for(guangdong_officer).post(
        url("report-submit", ready_report),
        {"version": ready_report.version, "explanation": "说\x00明"},
    )
    assert page.status_code == 200
    assert page.context["form"].errors["explanation"]


def test_nothing_to_report_needs_a_reason_and_is_an_answer(
    client_for, guangdong_officer, draft_report, national_officer
):
    client = client_for(guangdong_officer)
    address = url("report-submit", draft_report)
    bare = {"nothing": "1", "version": 1, "nothing_to_report": "yes", "nothing_reason": ""}
    assert client.post(address, bare).context["nothing_form"].errors["nothing_reason"]
    client.post(address, {**bare, "nothing_reason": "本省尚无试点任务。"})
    report = fresh(draft_report)
    assert report.nothing_to_report
    services.sign_off_report(
        report, by=guangdong_officer, version=report.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )
    client.post(address, {"version": fresh(report).version})
    assert fresh(report).state == ReportState.SUBMITTED
    page = client_for(national_officer).get(url("report-review", report))
    assert "本省尚无试点任务。" in page.content.decode()


def test_recall_until_a_reviewer_acts(
    client_for, guangdong_officer, national_officer, submitted_report
):
    client = client_for(guangdong_officer)
    address = url("report-recall", submitted_report)
    assert client.get(address).status_code == 200
    client.post(address, {"version": submitted_report.version, "note": "补充材料"})
    report = fresh(submitted_report)
    assert report.state == ReportState.DRAFT
    report = services.submit_report(report, by=guangdong_officer, version=report.version)
    comment_on(report, national_officer)
    assert client.get(address).context["refused"]
    assert client.post(address, {"version": report.version}).status_code == 409


# --- Reviewing ----------------------------------------------------------------------------------


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


# --- Reading ------------------------------------------------------------------------------------


def test_versions_are_kept_and_compared(client_for, national_officer, second_version):
    client = client_for(national_officer)
    first = client.get(url("report-version", second_version, 1)).content.decode()
    assert GOOD_ANSWERS["goals"] in first
    assert "覆盖全部地级市" not in first
    page = client.get(url("report-compare", second_version) + "?from=1&to=2&only=changed")
    assert page.context["changed"] == 1
    assert client.get(url("report-version", second_version, 3)).status_code == 404
    for query in ("from=0", "to=x", "from=99999999999999999999", "to=-1"):
        assert client.get(url("report-compare", second_version) + f"?{query}").status_code == 404


def test_others_see_the_version_submitted_last_while_it_is_changed(
    client_for, guangdong_officer, national_officer, returned_report
):
    services.save_report(
        returned_report,
        by=guangdong_officer,
        version=returned_report.version,
        answers={"goals": "还没写完的新目标"},
    )
    for person, seen in ((guangdong_officer, True), (national_officer, False)):
        page = client_for(person).get(returned_report.get_absolute_url()).content.decode()
        assert ("还没写完的新目标" in page) is seen


PAGES = {
    "report-detail": (),
    "report-fill": (),
    "report-section": ("goals",),
    "report-sign-off": (),
    "report-submit": (),
    "report-submitted": (),
    "report-recall": (),
    "report-review": (),
    "report-return": (),
    "report-accept": (),
    "report-compare": (),
    "report-version": (1,),
}
POSTS = {
    "report-section": ("goals",),
    "report-answers": (),
    "report-sign-off": (),
    "report-submit": (),
    "report-recall": (),
    "report-return": (),
    "report-accept": (),
    "comment-add": (),
}


def test_every_page_is_missing_for_an_outsider(
    client_for,
    hunan_officer,
    guangzhou_officer,
    casework_officer,
    system_administrator,
    national_officer,
    second_version,
):
    comment = Comment.objects.get()
    for person in (hunan_officer, guangzhou_officer, casework_officer, system_administrator):
        client = client_for(person)
        for name, more in PAGES.items():
            assert client.get(url(name, second_version, *more)).status_code == 404, name
        for name, more in POSTS.items():
            answer = client.post(
                url(name, second_version, *more), {"version": second_version.version}
            )
            assert answer.status_code == 404, name
        for name in ("comment-edit", "comment-remove", "comment-reply"):
            answer = client.post(reverse(name, args=[comment.pk]), {"version": 1, "text": "x"})
            assert answer.status_code == 404, name
        start = reverse("report-start", args=[second_version.obligation_id])
        assert client.post(start).status_code == 404
        assert not client.get(reverse("report-list")).context["page"].rows


def test_a_draft_is_missing_for_everybody_else(
    client_for, national_officer, auditor, hunan_officer, draft_report
):
    for person in (national_officer, auditor, hunan_officer):
        assert client_for(person).get(draft_report.get_absolute_url()).status_code == 404


def test_auditor_reads_and_changes_nothing(client_for, auditor, second_version):
    client = client_for(auditor)
    for name, more in {"report-detail": (), "report-version": (1,), "report-compare": ()}.items():
        assert client.get(url(name, second_version, *more)).status_code == 200
    for name, more in POSTS.items():
        answer = client.post(url(name, second_version, *more), {"version": second_version.version})
        assert answer.status_code in {400, 403}, name
    comment = Comment.objects.get()
    for name in ("comment-edit", "comment-remove", "comment-reply"):
        answer = client.post(reverse(name, args=[comment.pk]), {"version": 2, "text": "x"})
        assert answer.status_code in {403, 409}, name
    assert fresh(second_version).version == second_version.version


def test_list_is_narrowed_by_state_kind_federation_and_words(
    client_for, national_officer, guangdong_officer, submitted_report
):
    client = client_for(national_officer)
    address = reverse("report-list")
    for query, found in (
        ("", 1),
        ("?state=submitted", 1),
        ("?state=accepted", 0),
        ("?kind=pilot_plan", 1),
        ("?federation=440000", 1),
        ("?federation=430000", 0),
        ("?search=广东", 1),
        ("?search=没有这样的", 0),
        ("?federation=nowhere", 0),
    ):
        page = client.get(address + query)
        assert page.status_code == 200
        assert len(page.context["page"].rows) == found, query
    assert client.get(address + "?ordering=nonsense").status_code == 400
    assert client.get(address + "?cursor=broken").status_code == 400
    assert "federation" not in client_for(guangdong_officer).get(address).context["form"].fields


# --- How much a page asks the database ------------------------------------------------------------


@pytest.fixture
def more_comments(national_officer):
    def make(report: Report, many: int) -> None:
        for number in range(many):
            comment_on(report, national_officer, "basis", f"批注{number}")

    return make


@pytest.mark.parametrize("many", [1, 3])
def test_pages_ask_no_more_than_twelve_times(
    client_for,
    guangdong_officer,
    guangdong_leader,
    national_officer,
    second_version,
    more_comments,
    django_assert_max_num_queries,
    many,
):
    report = second_version
    more_comments(report, many)

    def look(person: Any, *names: str) -> None:
        client = client_for(person)
        for name in names:
            client.get(url(name.partition("?")[0], report, *PAGES[name.partition("?")[0]]))
            with django_assert_max_num_queries(MOST_QUERIES):
                query = name.partition("?")[2]
                page = client.get(
                    url(name.partition("?")[0], report, *PAGES[name.partition("?")[0]])
                    + (f"?{query}" if query else "")
                )
            assert page.status_code == 200, name

    tabs = [f"report-detail?tab={tab}" for tab in ("overview", "files", "comments", "history")]
    look(
        national_officer,
        "report-review",
        "report-version",
        "report-compare",
        "report-return",
        *tabs,
    )
    look(guangdong_officer, "report-submitted", "report-recall", *tabs)
    report = services.return_report(
        report, by=national_officer, version=report.version, note="再改"
    )
    look(
        guangdong_officer,
        "report-fill",
        "report-section",
        "report-sign-off",
        "report-submit",
        *tabs,
    )
    look(guangdong_leader, "report-sign-off", *tabs)


@pytest.mark.parametrize("many", [1, 3])
def test_list_asks_no_more_than_twelve_times(
    client_for,
    issued_notice,
    draft,
    national_officer,
    national_leader,
    guangdong_officer,
    django_assert_max_num_queries,
    many,
):
    for number in range(many):
        notice = draft(title=f"通知{number}", recipients=Federation.objects.filter(code="440000"))
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        notice = services.issue_notice(notice, by=national_officer, version=notice.version)
        owed = Obligation.objects.get(round__request=notice.pk)
        services.sign_for(
            owed, by=guangdong_officer, version=1, leader_name="梁粤领", department="社会联络部"
        )
        services.start_report(owed, by=guangdong_officer)
    client = client_for(guangdong_officer)
    client.get(reverse("report-list"))
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(reverse("report-list"))
    assert len(page.context["page"].rows) == many
