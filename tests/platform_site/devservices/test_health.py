"""What /readyz and the doctor say while a part of the platform is away, and once it is back."""

import time
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.translation import override

from platform_site.web import health


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def wait_for(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def test_a_heart_that_never_beat_has_no_age(db):
    assert health.age(health.WORKER) is None
    assert health.check_worker() == "No worker is alive."


def test_an_old_message_makes_beat_no_younger(db):
    health.beat(health.BEAT)
    health.beat(health.BEAT, datetime.now(UTC) - timedelta(hours=1))
    assert health.age(health.BEAT) < 5
    assert health.check_beat() is None


def test_a_heart_stops_after_a_minute(db):
    health.beat(health.BEAT, datetime.now(UTC) - timedelta(seconds=health.STOPPED_AFTER + 1))
    assert health.check_beat() == "Beat is not alive, or no worker hears it."


def test_the_first_ring_of_beat_counts_as_of_when_it_rang(db):
    health.beat(health.BEAT, datetime.now(UTC) - timedelta(minutes=5))
    assert 295 < health.age(health.BEAT) < 305


def test_database_away_and_back(database_relay):
    assert health.check_database() is None
    assert health.check_migrations() is None
    database_relay.cut()
    for _attempt in ("the open connection is gone", "a new one is refused"):
        for name in ("database", "migrations", "worker", "beat"):
            assert health.CHECKS[name]() == "The database does not answer."
        connection.close()
    database_relay.restore()
    assert health.check_database() is None


def test_queue_away_and_back(queue_relay):
    assert health.check_queue() is None
    queue_relay.cut()
    began = time.monotonic()
    assert health.check_queue() == "The message queue does not answer."
    assert time.monotonic() - began < 2
    queue_relay.restore()
    assert health.check_queue() is None


def test_a_real_worker_shows_itself_and_hears_beat(celery_worker_process):
    from platform_site.celery import app

    celery_worker_process()
    app.send_task("web.beat_heartbeat", args=[time.time()])
    assert wait_for(lambda: health.check_worker() is None)
    assert wait_for(lambda: health.check_beat() is None)


def test_a_worker_lives_through_the_loss_of_its_database(
    celery_worker_process, database_relay, monkeypatch
):
    from platform_site.celery import app
    from platform_site.web.models import Heartbeat

    worker = celery_worker_process()  # it too goes through the relay
    app.send_task("web.beat_heartbeat", args=[time.time()])
    assert wait_for(lambda: health.age(health.BEAT) is not None)
    database_relay.cut()
    app.send_task("web.beat_heartbeat", args=[time.time()])
    assert wait_for(lambda: "rror" in worker.last_lines(100))
    database_relay.restore()
    connection.close()
    Heartbeat.objects.all().delete()
    app.send_task("web.beat_heartbeat", args=[time.time()])
    assert wait_for(lambda: health.age(health.BEAT) is not None)
    assert not worker.ended


def doctor():
    out = StringIO()
    try:
        call_command("doctor", stdout=out, no_color=True)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def test_the_doctor_names_what_is_ill_and_the_remedy(db):
    status, said = doctor()
    assert status == 1
    assert "✔ PostgreSQL " in said
    assert "✔ Chinese text can be searched" in said
    assert "✘ No worker is alive.\n    → Start one: celery -A platform_site worker" in said


def test_the_doctor_is_content(db, monkeypatch):
    well = health.Finding(True, "Well", "nothing")
    monkeypatch.setattr(health, "DOCTOR", [lambda: well])
    assert doctor() == (0, "✔ Well\nAll is well.\n")


def test_one_broken_look_hides_no_other(db, monkeypatch):
    def look_at_trouble():
        raise ValueError("broken\nin two lines")

    monkeypatch.setattr(health, "DOCTOR", [look_at_trouble, health.look_at_time_zone])
    status, said = doctor()
    assert status == 1
    assert "✘ trouble\n    → It could not be looked at: ValueError: broken\n✔ Time zone" in said


def test_catalogues_not_compiled(tmp_path, settings):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    settings.LOCALE_PATHS = [tmp_path]
    assert health.look_at_catalogues().label == "Translations not compiled: zh_Hans"
    (folder / "django.mo").touch()
    assert health.look_at_catalogues().ok
