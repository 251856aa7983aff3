"""Jobs with real workers: killed in the middle, two for one job, a bell that nobody heard."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg2
import pytest
from django.db import connection

from platform_site.attachments.models import Attachment
from platform_site.devservices.pytest_plugin import database_url_of_test
from platform_site.jobs import services
from platform_site.jobs.exporting import start_export
from platform_site.jobs.kinds import Result
from platform_site.jobs.models import Job
from platform_site.lists import exports
from platform_site.notifications import bell
from platform_site.notifications.models import PortalNotice

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "federations"


def wait_for(condition: Callable[[], bool], what: str, limit: float = 40) -> None:
    until = time.monotonic() + limit
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"{what}: not within {limit} s; {Job.objects.values()}")
        time.sleep(0.05)


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


@pytest.fixture
def asked(reference, guangdong_officer) -> Callable[[], Job]:
    """Guangdong's officer asks for the whole directory of prefectures."""
    export = exports.find(LIST)
    assert export is not None
    return lambda: start_export(export, {"level": "3"}, by=guangdong_officer)


@pytest.fixture
def held_table():
    """Nobody can read the directory until the block ends: a worker stands still in the middle."""
    other = psycopg2.connect(database_url_of_test())
    other.cursor().execute("LOCK TABLE federations_federation IN ACCESS EXCLUSIVE MODE")
    yield other
    other.close()


def unheard(asked: Callable[[], Job]) -> Job:
    """Asked for while the bell is silent, as if the message had been lost."""
    bell._quiet_until = float("inf")
    job = asked()
    bell.listen_again()
    return job


def test_a_worker_is_killed_in_the_middle(
    celery_worker_process, asked, guangdong_officer, settings, request
):
    quick = {"JOB_LEASE_SECONDS": "1", "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    first = celery_worker_process(**quick)
    job = unheard(asked)
    held = request.getfixturevalue("held_table")
    bell.ring([job.pk], task="jobs.run")
    wait_for(lambda: state_of(job) == "running", "the first worker began")
    first.kill()
    held.rollback()
    assert state_of(job) == "running", "its worker is dead, the row does not know it yet"

    celery_worker_process(**quick)

    def mended() -> bool:
        services.sweep()  # as beat would ring
        return state_of(job) == "done"

    wait_for(mended, "another worker did it")
    job.refresh_from_db()
    assert job.attempts == 2
    assert job.done == job.total == 347
    assert Attachment.objects.get() == job.result
    assert PortalNotice.objects.filter(user=guangdong_officer).count() == 1
    assert job.lines.count() == 1


def test_two_workers_for_one_job(celery_worker_process, asked, settings):
    for _worker in range(2):
        celery_worker_process(MEDIA_ROOT=str(settings.MEDIA_ROOT))
    job = asked()
    for _time in range(6):
        bell.ring([job.pk], task="jobs.run")
    wait_for(lambda: state_of(job) == "done", "one of them did it")
    bell.ring([job.pk], task="jobs.run")
    other = asked()
    wait_for(lambda: state_of(other) == "done", "what came after it is done, so all were heard")
    job.refresh_from_db()
    assert job.attempts == 1
    assert Attachment.objects.count() == 2


def test_the_bell_is_lost_and_the_sweep_finds_it(
    celery_worker_process, queue_relay, asked, settings
):
    queue_relay.cut()
    job = asked()  # no error: the row waits
    assert state_of(job) == "queued"
    queue_relay.restore()
    bell.listen_again()
    celery_worker_process(MEDIA_ROOT=str(settings.MEDIA_ROOT))
    assert services.sweep() == 1
    wait_for(lambda: state_of(job) == "done", "the sweep's bell was heard")


def test_the_database_is_away_in_the_middle(database_relay, asked, kind, settings):
    """Nothing can be written then; the lease runs out, and the job begins again."""
    settings.JOB_LEASE_SECONDS = 1
    cuts = []

    def work(task):
        if not cuts:
            database_relay.cut()
            cuts.append(1)
        task.progress(1, 1)
        return Result(summary="好")

    code = kind(work)
    job = asked()
    Job.objects.filter(pk=job.pk).update(kind=code)
    assert services.run_job(job.pk) is None
    database_relay.restore()
    connection.close()
    assert state_of(job) == "running"
    wait_for(lambda: services.sweep() >= 0 and state_of(job) == "queued", "its lease ran out")
    assert services.run_job(job.pk).state == "done"


def test_a_long_step_keeps_its_claim(asked, kind, settings):
    """The heart beats beside the work: a step of three leases is no dead worker."""
    settings.JOB_LEASE_SECONDS = 1
    seen = []

    def work(task):
        first = Job.objects.get(pk=task.job.pk).lease_until

        def renewed() -> bool:
            services.sweep()
            return Job.objects.get(pk=task.job.pk).lease_until > first

        for _time in range(3):
            wait_for(renewed, "the lease was renewed")
            first = Job.objects.get(pk=task.job.pk).lease_until
            seen.append(state_of(task.job))
        return Result()

    job = asked()
    Job.objects.filter(pk=job.pk).update(kind=kind(work))
    assert services.run_job(job.pk).attempts == 1
    assert seen == ["running"] * 3
