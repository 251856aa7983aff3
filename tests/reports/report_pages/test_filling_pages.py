"""Beginning a report and filling in its sections, without JavaScript."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from reports import services
from reports.models import Report
from tests.answers import GOOD_ANSWERS

from .conftest import fresh, url

pytestmark = pytest.mark.django_db


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
