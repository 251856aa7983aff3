"""督导: a call is recorded at once; a visit is planned, held, written up, accepted by another person."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.utils import InternalError
from django.urls import reverse

from platform_site.attachments.models import Attachment
from platform_site.attachments.services import upload
from platform_site.audit.queries import story
from platform_site.casework.queries import done, todo
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from reports import services
from reports.models import SupervisionRecord

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 9, 14)


def pointers(refused) -> list[str]:
    return [problem.pointer for problem in refused.value.fields]


def rules(person) -> set[str]:
    return set(todo(person).values_list("rule_code", flat=True))


@pytest.fixture
def call(the_day, national_officer, guangdong):
    def record(**changes):
        given = {
            "by": national_officer,
            "federation": guangdong,
            "on": DAY,
            "outcome": "约定月底前补报。",
        }
        return services.record_call(**{**given, **changes})

    return record


def test_a_call_is_recorded_at_once_and_read_by_the_federation(
    call, guangdong_officer, guangdong_leader, hunan_officer, auditor
):
    record = call(participants="林国章、陈粤联")
    assert (record.kind, record.state) == ("phone", "recorded")
    for reader, sees in [
        (guangdong_officer, True),
        (guangdong_leader, True),
        (auditor, True),
        (hunan_officer, False),
    ]:
        assert SupervisionRecord.objects.visible_to(reader).filter(pk=record.pk).exists() is sees
    assert [entry.action for entry in story(record)] == ["reports.supervisionrecord.record"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"outcome": "  "}, "/outcome"),
        ({"on": dt.date(2026, 9, 15)}, "/on"),
        ({"on": dt.date(1026, 9, 14)}, "/on"),
        ({"next_contact_on": dt.date(2026, 9, 1)}, "/next_contact_on"),
    ],
)
def test_what_a_call_lacks_is_told_beside_the_field(call, changes, pointer):
    with pytest.raises(Invalid) as refused:
        call(**changes)
    assert pointers(refused) == [pointer]
    assert not SupervisionRecord.objects.exists()


def test_only_a_federation_of_the_first_tier_is_supervised(call, federation_by_code):
    with pytest.raises(Invalid) as refused:
        call(federation=federation_by_code("440100"))
    assert pointers(refused) == ["/federation"]


def test_the_same_id_is_one_record_and_never_somebody_elses(
    call, second_national_officer, national_officer
):
    key = uuid.uuid4()
    assert call(id=key) == call(id=key)
    with pytest.raises(Invalid) as refused:
        call(id=key, by=second_national_officer)
    assert pointers(refused) == ["/id"]


def test_a_province_keeps_no_log(call, guangdong_head, national_leader):
    for person in (guangdong_head, national_leader):
        with pytest.raises(NotAllowed):
            call(by=person)


def test_a_visit_from_its_plan_to_its_acceptance(
    visit, national_officer, national_leader, guangdong_officer
):
    seen = SupervisionRecord.objects.visible_to(guangdong_officer)
    assert rules(national_officer) == {"reports.hold_supervision"}
    held = services.hold_visit(
        visit, by=national_officer, version=1, on=DAY, participants="林国章、梁粤领"
    )
    assert rules(national_officer) == {"reports.write_supervision"}
    written = services.write_report(
        held, by=national_officer, version=held.version, findings="台账更新及时。", outcome="补充。"
    )
    # The writer does not find the acceptance on their own list.
    assert rules(national_officer) == set()
    assert rules(national_leader) == {"reports.accept_supervision"}
    with pytest.raises(NotAllowed) as refused:
        services.accept_supervision(written, by=national_officer, version=written.version)
    assert refused.value.code == "own_record"
    assert not seen.exists()
    accepted = services.accept_supervision(written, by=national_leader, version=written.version)
    assert (accepted.state, accepted.accepted_by) == ("accepted", national_leader)
    assert seen.get() == accepted
    assert rules(national_leader) == set()
    assert done(national_leader).count() == 1


def test_a_returned_report_is_written_again(written_visit, national_officer, national_leader):
    with pytest.raises(Invalid) as refused:
        services.return_supervision(
            written_visit, by=national_leader, version=written_visit.version, note=" "
        )
    assert pointers(refused) == ["/note"]
    returned = services.return_supervision(
        written_visit, by=national_leader, version=written_visit.version, note="请写明责任单位。"
    )
    assert (returned.state, returned.return_reason) == ("returned", "请写明责任单位。")
    assert rules(national_officer) == {"reports.write_supervision"}
    again = services.write_report(
        returned, by=national_officer, version=returned.version, findings="补充。", outcome="完成。"
    )
    assert again.state == "written"


def test_a_visit_is_not_held_before_its_day(visit, national_officer):
    with pytest.raises(Invalid) as refused:
        services.hold_visit(
            visit, by=national_officer, version=1, on=dt.date(2026, 9, 20), participants=""
        )
    assert pointers(refused) == ["/on", "/participants"]
    visit.refresh_from_db()
    assert (visit.state, visit.version) == ("planned", 1)


def test_another_day_moves_the_duty(visit, national_officer):
    services.edit_supervision(visit, by=national_officer, version=1, on=dt.date(2026, 9, 21))
    assert todo(national_officer).get().due_on == dt.date(2026, 9, 21)
    with pytest.raises(Stale):
        services.edit_supervision(visit, by=national_officer, version=1, plan="别的安排")


def test_a_cancelled_visit_leaves_nobody_with_a_duty(visit, national_officer):
    services.cancel_visit(visit, by=national_officer, version=1, note="行程调整")
    assert rules(national_officer) == set()


def test_what_was_accepted_or_recorded_is_neither_changed_nor_deleted(
    accepted_visit, call, national_officer
):
    for record in (accepted_visit, call()):
        with pytest.raises(StepNotOpen):
            services.edit_supervision(
                record, by=national_officer, version=record.version, findings="别的"
            )
        with pytest.raises(InternalError), transaction.atomic():
            SupervisionRecord.objects.filter(pk=record.pk).delete()


def test_the_files_of_an_accepted_report_stay(written_visit, national_leader, national_officer):
    returned = services.return_supervision(
        written_visit, by=national_leader, version=written_visit.version, note="请附照片"
    )
    file = SimpleUploadedFile("照片说明.txt", "说明".encode())
    upload(file, by=national_officer, name="照片说明.txt", owner=returned)
    again = services.write_report(
        returned, by=national_officer, version=returned.version, findings="同前", outcome="同前"
    )
    services.accept_supervision(again, by=national_leader, version=again.version)
    assert Attachment.objects.get().frozen
    with pytest.raises(NotAllowed):
        upload(file, by=national_officer, name="照片说明.txt", owner=again)


# --- Pages ------------------------------------------------------------------------------------------
def test_the_form_of_a_call_keeps_what_was_typed(client_for, national_officer, the_day):
    client = client_for(national_officer)
    page = client.post(
        reverse("supervision-call"),
        {"federation": "999999", "on": "2026-09-14", "outcome": "约定补报", "findings": "进展顺利"},
    )
    assert page.status_code == 422
    assert "进展顺利" in page.content.decode()
    assert page.context["form"].errors.keys() == {"federation"}


def test_a_call_from_its_page_with_a_file(client_for, national_officer, the_day):
    page = client_for(national_officer).post(
        reverse("supervision-call"),
        {
            "federation": "440000",
            "on": "2026-09-14",
            "outcome": "约定补报",
            "file": SimpleUploadedFile("记录.txt", "记录".encode()),
        },
    )
    record = SupervisionRecord.objects.get()
    assert page["Location"] == record.get_absolute_url()
    assert Attachment.objects.of(record).get().filename == "记录.txt"


def test_a_stale_form_shows_the_newer_version(client_for, visit, national_officer):
    services.edit_supervision(visit, by=national_officer, version=1, findings="先写一些")
    page = client_for(national_officer).post(
        reverse("supervision-edit", args=[visit.pk]),
        {"version": 1, "on": "2026-09-14", "plan": "另一份计划"},
    )
    assert page.status_code == 422
    assert page.context["form"].data["version"] == "2"
    assert "另一份计划" in page.content.decode()


def test_the_log_is_narrowed_by_its_address(client_for, call, visit, national_officer, hunan):
    call()
    call(federation=hunan)
    client = client_for(national_officer)
    address = reverse("supervision-list")
    for query, many in [
        ("", 3),
        ("?kind=phone", 2),
        ("?federation=440000", 2),
        ("?state=planned", 1),
        ("?since=2026-09-15", 0),
    ]:
        assert len(client.get(address + query).context["page"].rows) == many


def test_a_province_reads_the_record_and_not_how_it_went_to_and_fro(
    client_for, accepted_visit, guangdong_officer
):
    page = client_for(guangdong_officer).get(accepted_visit.get_absolute_url())
    assert "约定十月底前补充联系人" in page.content.decode()
    assert page.context["entries"] == []
    assert page.context["steps"] == []


def test_the_page_of_a_federation_leads_to_its_log(client_for, national_officer, guangdong_officer):
    link = f"{reverse('supervision-list')}?federation=440000"
    address = reverse("federation-detail", args=["440000"])
    assert link in client_for(national_officer).get(address).content.decode()
    assert link not in client_for(guangdong_officer).get(address).content.decode()


# --- The API ----------------------------------------------------------------------------------------
def test_a_plan_takes_no_report(api_for, national_officer, the_day):
    body = {
        "federation": "440000",
        "kind": "visit",
        "on": "2026-09-20",
        "plan": "了解进展",
        "findings": "还没有",
    }
    client = api_for(national_officer)
    answer = client.post(
        "/api/v1/supervision-records/", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/findings"]
    del body["findings"]
    key = str(uuid.uuid4())
    sent = [
        client.post(
            "/api/v1/supervision-records/",
            json.dumps({**body, "id": key}),
            content_type="application/json",
        )
        for _again in range(2)
    ]
    assert [each.status_code for each in sent] == [201, 200]
    assert sent[0].json()["steps"] == ["hold", "cancel"]


# --- Who was not contacted for how long ---------------------------------------------------------------
def test_whoever_was_never_contacted_comes_first_then_the_longest_ago(
    client_for,
    api_for,
    the_day,
    call,
    visit,
    accepted_visit,
    national_officer,
    guangdong_head,
    hunan,
):
    call(federation=hunan, on=dt.date(2026, 8, 3), next_contact_on=dt.date(2026, 10, 9))
    page = client_for(national_officer).get("/w/supervision-records/contacts/").content.decode()
    places = [page.index(name) for name in ("北京市总工会", "湖南省总工会", "广东省总工会")]
    assert places == sorted(places)
    assert "从未联系" in page
    rows = api_for(national_officer).get("/api/v1/supervision-records/contacts/").json()
    assert len(rows) == 43
    of = {row["federation"]: row for row in rows}
    assert of["430000"] == {
        "federation": "430000",
        "last_contact_on": "2026-08-03",
        "days": 42,
        "next_contact_on": "2026-10-09",
        "open_action_points": 0,
        "overdue_action_points": 0,
    }
    assert of["110000"]["last_contact_on"] is None
    assert [row["federation"] for row in rows[-2:]] == ["430000", "440000"]
    assert client_for(guangdong_head).get("/w/supervision-records/contacts/").status_code == 403


def test_planned_or_cancelled_is_no_contact(api_for, visit, national_officer):
    rows = api_for(national_officer).get("/api/v1/supervision-records/contacts/").json()
    assert all(row["last_contact_on"] is None for row in rows)
