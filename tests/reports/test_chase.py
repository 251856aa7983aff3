"""催办: nine late provinces, one act, a result for each; both sides see it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from platform_site.accounts.roles import Role
from platform_site.casework.models import Nudge, NudgeTarget, Reminder
from platform_site.federations.models import Federation
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from reports import services
from reports.queries import late_federations
from tests.factories.accounts import user_with

LATE_DAY = dt.datetime(2026, 10, 20, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture
def many(the_day, draft, national_leader, national_officer, guangdong_officer):
    """A notice to the 32; ten have a liaison officer, all are late on 20 October."""
    notice = draft(recipients=None, due_on=dt.date(2026, 9, 30))
    for federation in Federation.objects.default_recipients().exclude(code="440000")[:9]:
        user_with(Role.LIAISON_OFFICER, federation, username=f"liaison.{federation.code}")
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    notice = services.issue_notice(notice, by=national_officer, version=notice.version)
    the_day.move_to(LATE_DAY)
    return notice


def nudged(user):
    return PortalNotice.objects.filter(user=user, event="casework/reminder")


def test_one_act_with_a_result_for_each(many, national_officer, guangdong_officer):
    late = late_federations(many)
    assert len(late) == 32
    nudge = services.chase(
        many, by=national_officer, federations=late, sentence="请于本周五前报送。"
    )
    outcomes = [target.outcome for target in nudge.targets.all()]
    assert outcomes.count(NudgeTarget.Outcome.REMINDED) == 10
    assert outcomes.count(NudgeTarget.Outcome.NOBODY) == 22
    notice = nudged(guangdong_officer).get()
    assert "请于本周五前报送。" in notice.body
    assert "林国章" in notice.body
    assert Delivery.objects.filter(event="casework/reminder").count() == 10


def test_the_number_of_queries_does_not_grow(many, national_officer):
    late = late_federations(many)
    counts = []
    for some in (late[:2], late):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            services.chase(many, by=national_officer, federations=some)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 3


def test_up_to_the_head_and_the_leader(
    many, national_officer, guangdong, guangdong_officer, guangdong_head, guangdong_leader
):
    services.chase(many, by=national_officer, federations=[guangdong], up_to=2)
    people = (guangdong_officer, guangdong_head, guangdong_leader)
    assert [nudged(person).count() for person in people] == [1, 1, 1]


def test_the_same_form_twice_is_one_act(many, national_officer, guangdong, guangdong_officer):
    mine = uuid.uuid4()
    for _time in range(2):
        services.chase(many, by=national_officer, federations=[guangdong], id=mine)
    assert nudged(guangdong_officer).count() == 1
    assert Nudge.objects.count() == 1


def test_who_is_not_late_cannot_be_chased(issued_notice, national_officer, guangdong):
    with pytest.raises(Invalid) as refused:
        services.chase(issued_notice, by=national_officer, federations=[guangdong])
    assert refused.value.fields[0].pointer == "/federations"
    assert not Nudge.objects.exists()


def test_not_by_a_province_and_not_once_closed(
    many, national_officer, guangdong_officer, guangdong
):
    with pytest.raises(NotAllowed):
        services.chase(many, by=guangdong_officer, federations=[guangdong])
    closed = services.close_notice(many, by=national_officer, version=many.version)
    with pytest.raises(StepNotOpen):
        services.chase(closed, by=national_officer, federations=[guangdong])


class TestPages:
    def test_names_count_sentence_result(self, many, client_for, national_officer, guangdong):
        client = client_for(national_officer)
        address = reverse("notice-chase", args=[many.pk])
        page = client.get(address).content.decode()
        assert "32个单位逾期" in page
        assert "广东省总工会" in page
        form = {
            "id": str(uuid.uuid4()),
            "federations": ["440000", "430000"],
            "up_to": "0",
            "sentence": "请抓紧。",
        }
        after = client.post(address, form, follow=True).content.decode()
        assert "已催办" in after
        assert "请抓紧。" in after
        assert "湖南省总工会：无人在岗" in after or "湖南省总工会：已催办" in after

    def test_nobody_ticked_keeps_the_sentence(self, many, client_for, national_officer):
        client = client_for(national_officer)
        answer = client.post(
            reverse("notice-chase", args=[many.pk]),
            {"id": str(uuid.uuid4()), "up_to": "0", "sentence": "请抓紧办理。"},
        )
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "请至少选择一个单位" in page
        assert "请抓紧办理。" in page

    def test_the_province_sees_what_it_was_sent(
        self, many, client_for, national_officer, guangdong, guangdong_officer
    ):
        services.chase(many, by=national_officer, federations=[guangdong], sentence="盼复。")
        owed = many.round.obligations.get(federation=guangdong)
        page = client_for(guangdong_officer).get(owed.get_absolute_url()).content.decode()
        assert "盼复。" in page
        assert Reminder.objects.count() == 2

    def test_ready_for_a_circular(self, many, client_for, national_officer):
        client = client_for(national_officer)
        page = client.get(reverse("notice-punctuality", args=[many.pk])).content.decode()
        assert "逾期未报送 （32个）" in page or "逾期未报送" in page
        assert "北京、天津、河北" in page
