"""整改事项: set from a record, reported done with evidence, verified by another person or reopened."""

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
from platform_site.casework.models import Ladder, ReminderRule
from platform_site.casework.queries import todo
from platform_site.casework.services import load_default_ladder
from platform_site.casework.services.reminders import remind
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.obligations import services, sources
from platform_site.obligations.models import ActionPoint
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen

pytestmark = pytest.mark.django_db

DUE = dt.date(2026, 10, 30)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def pointers(refused) -> list[str]:
    return [problem.pointer for problem in refused.value.fields]


def duties(person) -> list[tuple[str, dt.date]]:
    found = todo(person).filter(rule_code__startswith="obligations.")
    return list(found.values_list("rule_code", "due_on"))


@pytest.fixture
def reported(action_point, guangdong_officer):
    return services.report_action_point(
        action_point, by=guangdong_officer, version=1, evidence="已补充联系人名单。"
    )


@pytest.fixture
def set_point(accepted_visit, national_officer):
    def make(**changes):
        given = {"by": national_officer, "task": "补充联系人。", "due_on": DUE}
        return services.set_action_point(accepted_visit, **{**given, **changes})

    return make


# --- Setting ----------------------------------------------------------------------------------------
def test_it_is_on_the_list_of_the_owners_people(
    action_point, guangdong_officer, guangdong_head, guangdong_leader, hunan_officer
):
    for person in (guangdong_officer, guangdong_head):
        assert duties(person) == [("obligations.do_action_point", DUE)]
    for person in (guangdong_leader, hunan_officer):
        assert duties(person) == []
    assert [entry.action for entry in story(action_point)] == ["obligations.actionpoint.set"]


def test_a_named_person_has_it_alone(set_point, guangdong_officer, guangdong_head):
    set_point(person=guangdong_head.username)
    assert duties(guangdong_head) == [("obligations.do_action_point", DUE)]
    assert duties(guangdong_officer) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"due_on": dt.date(2026, 9, 13)}, "/due_on"),
        ({"due_on": dt.date(9026, 9, 13)}, "/due_on"),
        ({"task": "  "}, "/task"),
        ({"person": "nobody"}, "/person"),
        ({"person": "liaison_officer.430000.刘湘联"}, "/person"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field(set_point, hunan_officer, changes, pointer):
    with pytest.raises(Invalid) as refused:
        set_point(**changes)
    assert pointers(refused) == [pointer]
    assert not ActionPoint.objects.exists()


def test_another_province_cannot_be_given_it(set_point, hunan, federation_by_code):
    with pytest.raises(Invalid) as refused:
        set_point(federation=hunan)
    assert pointers(refused) == ["/federation"]
    # The centre can promise something itself, and a prefecture of the province can have to do it.
    for code in ("ACFTU", "440100"):
        assert set_point(federation=federation_by_code(code)).concerns.code == "440000"


def test_who_sees_it(
    set_point, federation_by_code, guangdong_officer, guangzhou_officer, hunan_officer
):
    point = set_point(federation=federation_by_code("440100"))
    for person, sees in [
        (guangzhou_officer, True),
        (guangdong_officer, True),
        (hunan_officer, False),
    ]:
        assert ActionPoint.objects.visible_to(person).filter(pk=point.pk).exists() is sees


def test_nothing_is_agreed_on_before_the_visit(visit, national_officer):
    with pytest.raises(StepNotOpen):
        services.set_action_point(visit, by=national_officer, task="补充", due_on=DUE)


def test_the_same_id_is_one_action_point(set_point, second_national_officer):
    key = uuid.uuid4()
    assert set_point(id=key) == set_point(id=key)
    with pytest.raises(Invalid) as refused:
        set_point(id=key, by=second_national_officer)
    assert pointers(refused) == ["/id"]


def test_a_province_sets_none(set_point, guangdong_head):
    with pytest.raises(NotAllowed):
        set_point(by=guangdong_head)


# --- Reporting, verifying, reopening ----------------------------------------------------------------
def test_reporting_needs_evidence(action_point, guangdong_officer):
    with pytest.raises(Invalid) as refused:
        services.report_action_point(action_point, by=guangdong_officer, version=1, evidence=" ")
    assert pointers(refused) == ["/evidence"]
    file = upload(
        SimpleUploadedFile("名单.txt", "名单".encode()), by=guangdong_officer, name="名单.txt"
    )
    done = services.report_action_point(
        action_point, by=guangdong_officer, version=1, attachments=[file]
    )
    assert done.state == "reported"
    assert Attachment.objects.of(done).get().frozen


def test_reported_done_it_is_the_centres_to_verify(
    reported, guangdong_officer, national_officer, second_national_officer, national_leader
):
    assert duties(guangdong_officer) == []
    for person in (national_officer, second_national_officer, national_leader):
        assert [rule for rule, _due in duties(person)] == ["obligations.verify_action_point"]
    verified = services.verify_action_point(
        reported, by=second_national_officer, version=reported.version
    )
    assert (verified.state, verified.verified_by) == ("verified", second_national_officer)
    assert duties(national_officer) == []
    with pytest.raises(InternalError), transaction.atomic():
        ActionPoint.objects.filter(pk=verified.pk).delete()


def test_whoever_reported_it_never_verifies_it(
    set_point, acftu, national_officer, second_national_officer
):
    """What the centre promised itself is reported by one of its officers and verified by another."""
    own = set_point(federation=acftu)
    done = services.report_action_point(own, by=national_officer, version=1, evidence="已发。")
    assert [rule for rule, _due in duties(national_officer)] == []
    for act in (services.verify_action_point, services.reopen_action_point):
        with pytest.raises(NotAllowed) as refused:
            act(done, by=national_officer, version=done.version, note="好")
        assert refused.value.code == "own_action_point"
    services.verify_action_point(done, by=second_national_officer, version=done.version)


def test_whoever_was_named_to_do_it_never_verifies_it(
    set_point, acftu, national_officer, second_national_officer
):
    own = set_point(federation=acftu, person=second_national_officer.username)
    done = services.report_action_point(own, by=national_officer, version=1, evidence="已发。")
    with pytest.raises(NotAllowed):
        services.verify_action_point(done, by=second_national_officer, version=done.version)


def test_reopened_it_is_the_owners_again_with_the_reason(
    reported, national_leader, guangdong_officer
):
    with pytest.raises(Invalid) as refused:
        services.reopen_action_point(
            reported, by=national_leader, version=reported.version, note=" "
        )
    assert pointers(refused) == ["/note"]
    with pytest.raises(Invalid) as refused:
        services.reopen_action_point(
            reported,
            by=national_leader,
            version=reported.version,
            note="名单不全",
            due_on=dt.date(2026, 9, 1),
        )
    assert pointers(refused) == ["/due_on"]
    again = services.reopen_action_point(
        reported,
        by=national_leader,
        version=reported.version,
        note="名单不全",
        due_on=dt.date(2026, 11, 20),
    )
    assert (again.state, again.reopen_reason) == ("reopened", "名单不全")
    assert duties(guangdong_officer) == [
        ("obligations.do_action_point", dt.date(2026, 11, 20)),
    ]
    assert duties(national_leader) == []
    more = services.report_action_point(
        again, by=guangdong_officer, version=again.version, evidence="已补全。"
    )
    assert more.state == "reported"


def test_cancelled_nobody_has_it_any_more(action_point, national_officer, guangdong_officer):
    services.cancel_action_point(action_point, by=national_officer, version=1, note="已并入")
    assert duties(guangdong_officer) == []


def test_a_stale_version_is_refused(action_point, guangdong_officer):
    with pytest.raises(Stale):
        services.report_action_point(action_point, by=guangdong_officer, version=7, evidence="好")
    action_point.refresh_from_db()
    assert action_point.state == "open"


def test_overdue_is_reckoned_and_never_kept(action_point, reported, the_day, guangdong_officer):
    after = dt.date(2026, 11, 1)
    assert not ActionPoint.objects.get().is_overdue(after)  # it was reported
    ActionPoint.objects.update(state="open")
    assert ActionPoint.objects.get().is_overdue(after)
    assert ActionPoint.objects.all().overdue(after).count() == 1
    assert ActionPoint.objects.all().overdue(DUE).count() == 0


# --- Pages and API ----------------------------------------------------------------------------------
def test_the_form_keeps_what_was_typed(client_for, accepted_visit, national_officer):
    address = reverse("action-point-set", args=[sources.name_of(accepted_visit)])
    page = client_for(national_officer).post(
        address, {"task": "补充名单", "federation": "440000", "due_on": "2026-09-01"}
    )
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"due_on"}
    assert "补充名单" in page.content.decode()


def test_from_the_record_to_verified_by_pages(
    client_for, accepted_visit, national_officer, guangdong_officer
):
    centre, province = client_for(national_officer), client_for(guangdong_officer)
    address = reverse("action-point-set", args=[sources.name_of(accepted_visit)])
    centre.post(address, {"task": "补充名单", "federation": "440000", "due_on": "2026-10-30"})
    point = ActionPoint.objects.get()
    assert point.get_absolute_url() in province.get(reverse("todo")).content.decode()
    wrong = province.post(reverse("action-point-report", args=[point.pk]), {"version": 1})
    assert wrong.status_code == 422
    province.post(
        reverse("action-point-report", args=[point.pk]),
        {"version": 1, "file": SimpleUploadedFile("名单.txt", "名单".encode())},
    )
    page = centre.get(point.get_absolute_url())
    assert "名单.txt" in page.content.decode()
    centre.post(reverse("action-point-verify", args=[point.pk]), {"version": 2})
    point.refresh_from_db()
    assert point.state == "verified"


def test_the_list_shows_mine_open_and_overdue(
    client_for, action_point, guangdong_officer, national_officer, the_day
):
    the_day.move_to(dt.datetime(2026, 11, 2, 10, 0, tzinfo=SHANGHAI))
    address = reverse("action-point-list")
    for person, query, many in [
        (guangdong_officer, "", 1),
        (guangdong_officer, "?show=mine", 1),
        (guangdong_officer, "?show=overdue", 1),
        (national_officer, "?show=mine", 0),
        (national_officer, "?show=open&federation=440000", 1),
        (national_officer, "?state=verified", 0),
    ]:
        assert len(client_for(person).get(address + query).context["page"].rows) == many


def test_a_record_the_province_may_not_read_is_not_named(
    client_for, visit, national_officer, guangdong_officer
):
    """What was agreed on is done at once; the record is read when its report is accepted."""
    from reports.services import hold_visit

    held = hold_visit(
        visit, by=national_officer, version=1, on=dt.date(2026, 9, 14), participants="林国章"
    )
    point = services.set_action_point(held, by=national_officer, task="补充", due_on=DUE)
    page = client_for(guangdong_officer).get(point.get_absolute_url())
    assert page.status_code == 200
    assert held.get_absolute_url() not in page.content.decode()
    assert (
        held.get_absolute_url()
        in client_for(national_officer).get(point.get_absolute_url()).content.decode()
    )


def test_the_api_narrows_and_refuses_what_it_does_not_know(
    api_for, action_point, guangdong_officer, national_officer
):
    mine = api_for(guangdong_officer)
    [row] = mine.get("/api/v1/action-points/?mine=true&overdue=false").json()["results"]
    assert row["source"] == f"reports.supervisionrecord:{action_point.source_id}"
    assert (row["federation"], row["overdue"]) == ("440000", False)
    assert mine.get("/api/v1/action-points/?mine=false").json()["results"] == []
    body = {"source": row["source"], "task": "补充", "due_on": "2026-10-30"}
    wrong = api_for(national_officer).post(
        "/api/v1/action-points/",
        json.dumps({**body, "federation": "999999"}),
        content_type="application/json",
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/federation"


# --- Who is told, and who is reminded ---------------------------------------------------------------
def told(person) -> list[str]:
    notices = PortalNotice.objects.filter(user=person, event__startswith="obligations/")
    return list(notices.order_by("created_at", "pk").values_list("event", flat=True))


def test_each_step_is_told_to_those_whose_turn_it_is(
    guangdong_officer, guangdong_leader, national_officer, second_national_officer, action_point
):
    assert told(guangdong_officer) == ["obligations/action_point_set"]
    assert told(guangdong_leader) == []
    first = services.report_action_point(
        action_point, by=guangdong_officer, version=1, evidence="已补充联系人名单。"
    )
    assert told(second_national_officer) == ["obligations/action_point_reported"]
    again = services.reopen_action_point(
        first, by=national_officer, version=first.version, note="名单缺两个市。"
    )
    reopened = PortalNotice.objects.get(
        user=guangdong_officer, event="obligations/action_point_reopened"
    )
    assert "名单缺两个市。" in reopened.body
    assert "2026年10月30日" in reopened.body
    last = services.report_action_point(
        again, by=guangdong_officer, version=again.version, evidence="已补齐。"
    )
    services.verify_action_point(last, by=national_officer, version=last.version)
    assert told(guangdong_officer)[-1] == "obligations/action_point_verified"
    # One mail for each, to whoever has an address.
    mails = Delivery.objects.filter(event__startswith="obligations/", user=guangdong_officer)
    assert mails.count() == 3


def test_a_cancelled_one_is_told_with_the_reason(guangdong_officer, national_officer, action_point):
    services.cancel_action_point(
        action_point, by=national_officer, version=1, note="已并入试点方案。"
    )
    body = PortalNotice.objects.get(
        user=guangdong_officer, event="obligations/action_point_cancelled"
    ).body
    assert "已并入试点方案。" in body


def test_the_overdue_ladder_climbs(
    guangdong_officer, guangdong_head, guangdong_leader, action_point
):
    ReminderRule.objects.update(since=dt.date(2026, 1, 1))

    def reminded(day: str) -> list[str]:
        people = PortalNotice.objects.filter(event="casework/reminder")
        before = list(people.values_list("pk", flat=True))
        remind(at=dt.datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=SHANGHAI))
        people = people.exclude(pk__in=before)
        return sorted(people.values_list("user__username", flat=True))

    officer, head, leader = (
        each.username for each in (guangdong_officer, guangdong_head, guangdong_leader)
    )
    assert reminded("2026-10-26") == []
    assert reminded("2026-10-27") == [officer]  # three working days before
    assert reminded("2026-10-30") == [officer]  # the day itself
    assert reminded("2026-11-02") == [officer]
    assert reminded("2026-11-04") == sorted([officer, head])
    assert reminded("2026-11-13") == sorted([head, leader, officer])
    # Done, nobody is reminded any more.
    services.report_action_point(action_point, by=guangdong_officer, version=1, evidence="已办。")
    assert officer not in reminded("2026-11-18")


def test_a_ladder_from_before_learns_of_new_duties_and_keeps_its_own(reference):
    default = Ladder.objects.get(matter_id=None)
    default.rules.filter(duty_rule__startswith="obligations.").delete()
    kept = default.rules.filter(duty_rule="reports.file_report")
    kept.exclude(days=0).delete()
    assert load_default_ladder() == 8
    assert list(kept.values_list("days", flat=True)) == [0]
    assert load_default_ladder() == 0
