"""One job from the asking to the end: progress, cancelling, faults, the fence, the sweep."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation

from platform_site.accounts import services as accounts
from platform_site.attachments.models import Attachment
from platform_site.attachments.store import path_of
from platform_site.audit.models import Entry
from platform_site.jobs import services
from platform_site.jobs.kinds import ClaimLost, Result
from platform_site.jobs.models import Job
from platform_site.jobs.services import running, sweeping
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen

from .conftest import a_file

pytestmark = pytest.mark.django_db


def lapse(job: Job) -> None:
    """As if its worker had shown no sign of life for long."""
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - dt.timedelta(seconds=1))


def test_it_ends_with_a_file_an_entry_and_a_notice(begin, guangdong_officer):
    def work(task):
        task.say("开始汇总")
        task.progress(1, 2)
        task.progress(2, 2)
        return a_file(task)

    job = services.run_job(begin(work).pk)
    assert (job.state, job.done, job.total, job.attempts) == ("done", 2, 2, 1)
    assert job.result.filename == "汇总.txt"
    assert path_of(job.result.sha256).read_text() == "汇总"
    assert [line.text for line in job.lines.all()] == ["开始汇总"]
    notice = PortalNotice.objects.get(user=guangdong_officer)
    assert "试验任务" in notice.title
    assert "共1行。" in notice.body
    assert notice.url == job.get_absolute_url()
    assert not Delivery.objects.exists()
    told = [entry.action for entry in Entry.objects.about(job).order_by("id")]
    assert told == ["jobs.job.start", "attachments.attach_file", "jobs.job.done"]


def test_it_speaks_the_language_in_which_it_was_asked_for(begin):
    def work(task):
        return Result(summary=translation.get_language())

    with translation.override("en"):
        job = begin(work)
    assert services.run_job(job.pk).summary == "en"


def test_what_is_over_does_not_run_again(begin):
    runs = []
    job = begin(lambda task: runs.append(1) or Result())
    assert services.run_job(job.pk).state == "done"
    assert services.run_job(job.pk) is None
    assert services.run_job(uuid.uuid4()) is None
    assert runs == [1]


class TestReplay:
    def test_the_same_form_sent_twice_is_one_job(self, kind, guangdong_officer):
        code, mine = kind(a_file), uuid.uuid4()
        given = {"by": guangdong_officer, "title": "一次", "parameters": {}, "id": mine}
        first = services.start(code, **given)
        services.run_job(first.pk)
        assert services.start(code, **given).state == "done"
        assert Job.objects.count() == 1

    def test_an_id_of_somebody_else_is_refused(self, kind, guangdong_officer, hunan_officer):
        code = kind(a_file)
        job = services.start(code, by=guangdong_officer, title="一", parameters={})
        with pytest.raises(Invalid) as refused:
            services.start(code, by=hunan_officer, title="二", parameters={}, id=job.pk)
        assert refused.value.fields[0].pointer == "/id"

    def test_nobody_keeps_everybody_waiting(self, kind, guangdong_officer, hunan_officer):
        code = kind(a_file)
        for _time in range(20):
            services.start(code, by=guangdong_officer, title="多", parameters={})
        with pytest.raises(StepNotOpen):
            services.start(code, by=guangdong_officer, title="多", parameters={})
        services.start(code, by=hunan_officer, title="少", parameters={})


class TestCancelling:
    def test_a_waiting_job_ends_at_once(self, begin, guangdong_officer):
        job = begin(a_file)
        job = services.cancel(job, by=guangdong_officer, version=job.version)
        assert job.state == "cancelled"
        assert services.run_job(job.pk) is None
        assert not Attachment.objects.exists()

    def test_a_running_job_ends_when_it_next_tells_how_far_it_is(self, begin, guangdong_officer):
        reached = []

        def work(task):
            services.cancel(task.job, by=guangdong_officer, version=task.job.version)
            task.progress(1, 1)
            reached.append("beyond")
            return a_file(task)

        job = services.run_job(begin(work).pk)
        assert job.state == "cancelled"
        assert reached == []
        assert not Attachment.objects.exists()
        assert not PortalNotice.objects.exists()

    def test_twice_or_over_or_stale(self, begin, guangdong_officer):
        job = begin(a_file)
        with pytest.raises(Stale):
            services.cancel(job, by=guangdong_officer, version=job.version + 1)
        services.run_job(job.pk)
        with pytest.raises(StepNotOpen):
            services.cancel(job, by=guangdong_officer, version=job.version)

    def test_by_nobody_else(self, begin, hunan_officer):
        job = begin(a_file)
        with pytest.raises(NotAllowed):
            services.cancel(job, by=hunan_officer, version=job.version)

    def test_of_a_job_whose_worker_died(self, begin, guangdong_officer):
        job = running.claim(begin(a_file).pk)
        services.cancel(job, by=guangdong_officer, version=job.version)
        lapse(job)
        services.sweep()
        job.refresh_from_db()
        assert job.state == "cancelled"


class TestFaults:
    def test_people_read_a_sentence_and_no_traceback(self, begin, guangdong_officer, caplog):
        def work(task):
            raise ValueError("inner secret")

        job = services.run_job(begin(work).pk)
        assert job.state == "failed"
        assert str(job.pk)[:8] in job.failed_reason
        assert "ValueError" not in job.failed_reason
        assert "inner secret" not in job.failed_reason
        assert "inner secret" in caplog.text
        assert "试验任务" in PortalNotice.objects.get(user=guangdong_officer).title

    def test_a_refusal_says_why(self, begin):
        def work(task):
            raise StepNotOpen("over", "通知已办结。")

        assert services.run_job(begin(work).pk).failed_reason == "通知已办结。"

    def test_a_file_that_may_not_be_kept(self, begin):
        job = services.run_job(
            begin(lambda task: Result(file=b"MZ", name="program.exe", summary="好")).pk
        )
        assert job.state == "failed"
        assert ".exe" in job.failed_reason
        assert job.summary == ""
        assert not Attachment.objects.exists()

    def test_a_kind_that_is_gone(self, begin):
        job = begin(a_file)
        Job.objects.filter(pk=job.pk).update(kind="tests.gone")
        assert services.run_job(job.pk).state == "failed"


class TestRights:
    """Row 16: a right taken away between the asking and the doing."""

    def test_a_disabled_account(self, begin, guangdong_officer, security_administrator):
        job = begin(a_file)
        accounts.disable(
            guangdong_officer,
            by=security_administrator,
            note="调离",
            version=guangdong_officer.version,
        )
        job = services.run_job(job.pk)
        assert (job.state, job.result) == ("failed", None)
        entry = Entry.objects.about(job).get(action="jobs.job.failed")
        assert entry.result == Entry.Result.REFUSED
        assert not PortalNotice.objects.filter(user=guangdong_officer).exists()

    def test_an_office_that_ended(self, kind, guangdong_officer, security_administrator):
        runs = []
        code = kind(
            lambda task: runs.append(1) or Result(),
            may_run=lambda user, parameters: user.scope.holds("liaison_officer"),
        )
        job = services.start(code, by=guangdong_officer, title="有权时", parameters={})
        office = guangdong_officer.assignments.get()
        accounts.end_role(office, by=security_administrator, note="调离")
        job = services.run_job(job.pk)
        assert (job.state, runs) == ("failed", [])
        assert job.failed_reason
        assert Entry.objects.about(job).filter(result=Entry.Result.REFUSED).count() == 1

    def test_whoever_may_not_cannot_even_ask(self, kind, auditor):
        code = kind(a_file, may_run=lambda user, parameters: False)
        with pytest.raises(NotAllowed):
            services.start(code, by=auditor, title="无权", parameters={})
        assert not Job.objects.exists()


class TestFence:
    def test_a_worker_that_comes_back_writes_nothing(self, begin):
        """Its lease ran out while it worked, and another worker has done the job since."""
        inner = []

        def slow(task):
            if not inner:
                inner.append(task.job.claim)
                lapse(task.job)
                services.sweep()
                inner.append(services.run_job(task.job.pk))
            return a_file(task)

        job = begin(slow)
        assert services.run_job(job.pk) is None, "the first one was too late"
        second = inner[1]
        assert (second.state, second.attempts) == ("done", 2)
        assert Attachment.objects.count() == 1
        assert PortalNotice.objects.count() == 1
        assert Entry.objects.about(job).filter(action="jobs.job.done").count() == 1

    def test_it_hears_of_it_when_it_tells_how_far_it_is(self, begin):
        heard = []

        def slow(task):
            Job.objects.filter(pk=task.job.pk).update(claim=uuid.uuid4())
            for tell in (lambda: task.progress(1, 1), lambda: task.say("还在")):
                with pytest.raises(ClaimLost):
                    tell()
                heard.append(1)
            task.progress(1, 1)

        job = begin(slow)
        assert services.run_job(job.pk) is None
        assert heard == [1, 1]
        assert not job.lines.exists()

    def test_a_living_worker_keeps_its_claim(self, begin):
        job = running.claim(begin(a_file).pk)
        services.sweep()
        job.refresh_from_db()
        assert job.state == "running"
        assert running.claim(job.pk) is None


class TestSweep:
    def test_a_dead_workers_job_begins_again_three_times_at_the_most(
        self, begin, guangdong_officer
    ):
        job = begin(a_file)
        for attempt in (1, 2, 3):
            job = running.claim(job.pk)
            assert job.attempts == attempt
            lapse(job)
            services.sweep()
        job.refresh_from_db()
        assert job.state == "failed"
        assert "3" in job.failed_reason
        assert job.lines.count() == 2
        assert PortalNotice.objects.filter(user=guangdong_officer).count() == 1

    def test_only_what_nobody_heard_is_announced_again(
        self, begin, django_capture_on_commit_callbacks
    ):
        job = begin(a_file)
        with django_capture_on_commit_callbacks(execute=True):
            assert services.sweep() == 0, "just announced"
        Job.objects.filter(pk=job.pk).update(rung_at=F("rung_at") - sweeping.RING_AGAIN)
        with django_capture_on_commit_callbacks(execute=True):
            assert services.sweep() == 1
            assert services.sweep() == 0

    def test_files_go_when_their_time_is_over(
        self, begin, settings, django_capture_on_commit_callbacks
    ):
        settings.JOB_RESULT_DAYS = 30
        job, younger = (services.run_job(begin(a_file).pk) for _time in range(2))
        sha256 = job.result.sha256
        for each, days in ((job, 31), (younger, 29)):
            Job.objects.filter(pk=each.pk).update(ended_at=Now() - dt.timedelta(days=days))
        with django_capture_on_commit_callbacks(execute=True):
            assert services.sweep_results() == 1
        job.refresh_from_db()
        assert job.result is None
        assert job.result_swept_at is not None
        assert path_of(sha256).exists(), "the younger one's, of the same content"
        Job.objects.filter(pk=younger.pk).update(ended_at=Now() - dt.timedelta(days=31))
        with django_capture_on_commit_callbacks(execute=True):
            services.sweep_results()
        assert not path_of(sha256).exists()
        assert services.sweep_results() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "running"},
        {"state": "done"},
        {"state": "failed", "ended_at": Now()},
        {"claim": uuid.uuid4()},
        {"ended_at": Now()},
    ],
)
def test_the_database_holds_what_is_always_true(begin, wrong):
    job = begin(a_file)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)


def test_a_result_is_seen_by_who_asked_and_changed_by_nobody(
    begin, guangdong_officer, guangdong_head, auditor, system_administrator
):
    job = services.run_job(begin(a_file).pk)
    for person in (guangdong_head, auditor, system_administrator):
        assert not Job.objects.visible_to(person).exists()
        assert not Attachment.objects.visible_to(person).exists()
    assert Job.objects.visible_to(guangdong_officer).get() == job
    assert Attachment.objects.visible_to(guangdong_officer).get() == job.result
    from platform_site.attachments import services as files

    with pytest.raises(NotAllowed):
        files.remove(job.result, by=guangdong_officer)
