"""工作交接: what passes with an office is shown, kept, and confirmed by both sides."""

from __future__ import annotations

import datetime as dt
import io
import json

import docx
import pytest
from django.db import transaction
from django.db.utils import InternalError
from django.urls import reverse

from platform_site.accounts import services as accounts
from platform_site.accounts.roles import Role
from platform_site.casework.queries import todo
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from reports import services
from reports.models import Handover
from reports.queries.handovers import content_of
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(the_day, guangdong_officer):
    return guangdong_officer.assignments.get()


@pytest.fixture
def successor(guangdong):
    return user_with(Role.LIAISON_OFFICER, guangdong, name="新联络", username="successor")


def rules(person) -> set[str]:
    return set(todo(person).values_list("rule_code", flat=True))


def test_the_sheet_shows_what_is_under_way_in_the_office(
    draft_report, action_point, office, guangdong_officer
):
    sheet = services.open_handover(office, by=guangdong_officer)
    content = content_of(sheet)
    assert {row["rule"] for row in content["duties"]} == {
        "reports.file_report",
        "obligations.do_action_point",
    }
    assert [row["title"] for row in content["reports"]] == [draft_report.notice.title]
    assert [row["title"] for row in content["action_points"]] == [str(action_point)]
    assert [row["signed_for_on"] for row in content["notices"]] == ["2026-09-14"]
    assert content["phone_rounds"] == []


def test_the_calls_of_a_round_pass_with_a_national_office(phone_round, national_officer):
    sheet = services.open_handover(national_officer.assignments.get(), by=national_officer)
    assert [row["left"] for row in content_of(sheet)["phone_rounds"]] == [2]


def test_both_sides_confirm_and_the_sheet_is_kept_as_it_was(
    draft_report, handover, guangdong_officer, guangdong_head, successor
):
    assert "reports.take_over" in rules(guangdong_officer)
    given = services.give_handover(handover, by=guangdong_officer, version=1, note="已当面说明。")
    assert given.state == "given"
    kept = given.content
    services.waive_obligation(
        draft_report.obligation,
        by=draft_report.notice.drafted_by,
        version=draft_report.obligation.version,
        reason="机构改革",
    )
    with pytest.raises(NotAllowed):
        services.take_over(given, by=guangdong_officer, version=given.version)
    with pytest.raises(NotAllowed):
        services.take_over(given, by=guangdong_head, version=given.version)
    taken = services.take_over(given, by=successor, version=given.version)
    assert (taken.state, taken.taken_by, content_of(taken)) == ("taken", successor, kept)
    assert "reports.take_over" not in rules(successor)


def test_the_database_keeps_a_sheet_that_was_handed_over(handover, guangdong_officer):
    given = services.give_handover(handover, by=guangdong_officer, version=1)
    for change in (
        lambda: Handover.objects.filter(pk=given.pk).update(content={}),
        lambda: Handover.objects.filter(pk=given.pk).delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_for_a_holder_who_has_left_the_head_hands_over_and_says_why(
    handover, guangdong_head, guangdong_officer, successor
):
    with pytest.raises(StepNotOpen):
        services.give_for_holder(handover, by=guangdong_head, version=1, note="不在")
    accounts.end_role(handover.office, by=None, note="调离")
    with pytest.raises(Invalid):
        services.give_for_holder(handover, by=guangdong_head, version=1, note=" ")
    given = services.give_for_holder(handover, by=guangdong_head, version=1, note="已调离")
    assert (given.given_by, given.absent_reason) == (guangdong_head, "已调离")
    assert services.take_over(given, by=successor, version=given.version).state == "taken"


def test_the_platform_begins_the_sheet_of_an_office_that_ended_once(office, guangdong_head):
    accounts.end_role(office, by=None, note="调离")
    assert services.open_handovers_of_ended() == 1
    assert services.open_handovers_of_ended() == 0
    assert Handover.objects.get().opened_by is None
    assert "reports.take_over" in rules(guangdong_head)


def test_an_office_that_goes_on_needs_no_sheet(office, guangdong_officer, guangdong):
    accounts.end_role(office, by=None, note="重新任命")
    accounts.give_role(guangdong_officer, role=Role.LIAISON_OFFICER, federation=guangdong, by=None)
    assert services.open_handovers_of_ended() == 0


def test_a_substitution_is_told_and_has_no_sheet_of_its_own(office, guangdong_head):
    deputy = accounts.substitute(
        guangdong_head,
        assignment=office,
        since=dt.date(2026, 9, 14),
        until=dt.date(2026, 9, 20),
        by=None,
    )
    sheet = services.open_handover(office, by=office.user)
    assert [row["name"] for row in content_of(sheet)["substitutions"]] == [guangdong_head.name]
    with pytest.raises(Invalid):
        services.open_handover(deputy, by=guangdong_head)


def test_only_those_concerned_begin_it_and_one_runs_at_a_time(
    handover, office, guangdong_head, guangdong_leader, hunan_officer, national_officer
):
    assert services.open_handover(office, by=guangdong_leader) == handover
    for person in (hunan_officer, national_officer):
        with pytest.raises(NotAllowed):
            services.open_handover(office, by=person)


def test_it_is_a_matter_inside_the_house(
    handover, guangdong_leader, auditor, national_officer, guangzhou_officer, editor
):
    seen = [
        Handover.objects.visible_to(person).exists()
        for person in (guangdong_leader, auditor, national_officer, guangzhou_officer, editor)
    ]
    assert seen == [True, True, False, False, False]


def test_the_pages_from_begin_to_end(
    draft_report, office, client_for, guangdong_officer, successor
):
    client = client_for(guangdong_officer)
    answer = client.post(reverse("handover-open"), {"office": "", "note": "台账在共享目录。"})
    assert answer.status_code == 422
    assert "台账在共享目录。" in answer.content.decode()
    answer = client.post(reverse("handover-open"), {"office": str(office.pk), "note": "台账。"})
    sheet = Handover.objects.get()
    assert answer["Location"] == sheet.get_absolute_url()
    page = client.get(sheet.get_absolute_url()).content.decode()
    assert draft_report.notice.title in page
    assert client.post(reverse("handover-give", args=[sheet.pk]), {"version": 1}).status_code == 302
    other = client_for(successor)
    sheet.refresh_from_db()
    assert other.get(reverse("handover-take-over", args=[sheet.pk])).status_code == 200
    answer = other.post(reverse("handover-take-over", args=[sheet.pk]), {"version": sheet.version})
    assert answer.status_code == 302
    assert "新联络" in other.get(sheet.get_absolute_url()).content.decode()


def test_the_sheet_is_a_document_too(draft_report, handover, client_for, guangdong_officer):
    client = client_for(guangdong_officer)
    answer = client.get(reverse("handover-docx", args=[handover.pk]))
    document = docx.Document(io.BytesIO(answer.getvalue()))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "工作交接单" in text
    assert "移交：尚未确认" in text
    assert draft_report.notice.title in "".join(
        cell.text for table in document.tables for row in table.rows for cell in row.cells
    )
    answer = client.get(reverse("handover-pdf", args=[handover.pk]))
    assert answer.getvalue().startswith(b"%PDF-")


def test_the_api_from_begin_to_end(office, api_for, guangdong_officer, successor):
    client, other = api_for(guangdong_officer), api_for(successor)

    def post(who, path, body, version=None):
        headers = {"if-match": f'"v{version}"'} if version else {}
        return who.post(path, json.dumps(body), content_type="application/json", headers=headers)

    offered = client.get("/api/v1/handovers/offices/").json()
    assert [each["id"] for each in offered] == [str(office.pk)]
    sheet = post(client, "/api/v1/handovers/", {"office": str(office.pk)}).json()
    assert sheet["steps"] == ["give", "cancel"]
    assert set(sheet["content"]) == {
        "duties", "reports", "action_points", "phone_rounds", "notices", "substitutions",
    }  # fmt: skip
    path = f"/api/v1/handovers/{sheet['id']}/"
    given = post(client, f"{path}give/", {"note": "好"}, sheet["version"]).json()
    taken = post(other, f"{path}take-over/", {}, given["version"]).json()
    assert (taken["state"], taken["taken_by_name"]) == ("taken", "新联络")
    assert post(client, f"{path}cancel/", {"note": "x"}, taken["version"]).status_code == 409
