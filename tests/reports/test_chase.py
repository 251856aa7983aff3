"""催办: nine late provinces, one act, a result for each; both sides see it."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from platform_site.accounts.roles import Role
from platform_site.accounts.services import end_role
from platform_site.casework.models import Nudge, NudgeTarget, Reminder
from platform_site.federations.models import Federation
from platform_site.jobs.kinds import Work
from platform_site.jobs.models import Job
from platform_site.jobs.services import cancel, run_job, running, sweep
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from reports import services
from reports.jobs import chase, start_chase
from reports.queries import late_federations
from tests.factories.accounts import user_with

THE_PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
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


class TestJob:
    """The same act, done by a worker."""

    @pytest.fixture
    def asked(self, many, national_officer):
        def ask(*codes):
            with translation.override("zh-hans"):
                return start_chase(
                    many, by=national_officer, federations=codes, sentence="盼复。", up_to=0
                )

        return ask

    def test_begun_again_after_its_worker_died_it_reminds_nobody_twice(
        self, asked, guangdong_officer
    ):
        job = asked("440000", "430000")
        claimed = running.claim(job.pk)
        chase(Work(claimed, claimed.by, Path(), beat=lambda *_: None, tell=lambda _: None))
        Job.objects.filter(pk=job.pk).update(lease_until=THE_PAST)
        sweep()
        job = run_job(job.pk)
        assert (job.state, job.attempts) == ("done", 2)
        assert Nudge.objects.get().pk == job.pk
        assert nudged(guangdong_officer).count() == 1

    def test_who_filed_meanwhile_is_left_out_and_named(self, asked, many, guangdong):
        job = asked("440000", "430000")
        owed = many.round.obligations.get(federation=guangdong)
        services.waive_obligation(owed, by=many.drafted_by, version=owed.version, reason="改革")
        job = run_job(job.pk)
        assert job.state == "done"
        assert [target.federation.code for target in Nudge.objects.get().targets.all()] == [
            "430000"
        ]
        assert "广东省总工会：已不再逾期，未催办。" in [line.text for line in job.lines.all()]

    def test_all_of_them_filed_meanwhile(self, asked, many, guangdong):
        job = asked("440000")
        owed = many.round.obligations.get(federation=guangdong)
        services.waive_obligation(owed, by=many.drafted_by, version=owed.version, reason="改革")
        job = run_job(job.pk)
        assert (job.state, Nudge.objects.exists()) == ("done", False)
        assert "没有发送催办" in job.summary

    def test_closed_meanwhile(self, asked, many, national_officer):
        job = asked("440000")
        services.close_notice(many, by=national_officer, version=many.version)
        job = run_job(job.pk)
        assert (job.state, Nudge.objects.exists()) == ("failed", False)
        assert job.failed_reason

    def test_the_office_ended_meanwhile(self, asked, national_officer, security_administrator):
        job = asked("440000")
        end_role(national_officer.assignments.get(), by=security_administrator, note="调离")
        assert run_job(job.pk).state == "failed"
        assert not Nudge.objects.exists()

    def test_cancelled_before_anybody_is_reminded(self, asked, national_officer):
        job = asked("440000")
        claimed = running.claim(job.pk)
        cancel(claimed, by=national_officer, version=claimed.version)
        Job.objects.filter(pk=job.pk).update(state="queued", claim=None, lease_until=None)
        assert run_job(job.pk).state == "cancelled"
        assert not Nudge.objects.exists()


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
        answer = client.post(address, form)
        job = Job.objects.get()
        assert answer.url == job.get_absolute_url()
        assert not Nudge.objects.exists(), "a worker does it"
        job = run_job(job.pk)
        assert job.state == "done"
        assert "1个单位已催办" in job.summary or "已催办" in job.summary
        assert [line.text for line in job.lines.all()][-1].startswith("广东省总工会：")
        after = client.get(job.result_url).content.decode()
        assert "请抓紧。" in after
        assert "湖南省总工会：无人在岗" in after or "湖南省总工会：已催办" in after
        assert job.result_url in client.get(job.get_absolute_url()).content.decode()

    def test_the_same_form_twice_is_one_job(self, many, client_for, national_officer):
        client = client_for(national_officer)
        form = {"id": str(uuid.uuid4()), "federations": ["440000"], "up_to": "0"}
        for _time in range(2):
            client.post(reverse("notice-chase", args=[many.pk]), form)
            run_job(form["id"])
        assert Job.objects.count() == Nudge.objects.count() == 1

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
