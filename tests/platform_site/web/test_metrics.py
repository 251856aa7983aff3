"""``/metrics``: what waits, since when, and what failed; for monitoring alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from platform_site.casework.models import ReminderRule
from platform_site.casework.services.reminders import record_due, remind
from platform_site.notifications.models import Delivery
from platform_site.web import health

TOKEN = "a-word-between-two-machines"


@pytest.fixture
def read(client, settings, db):
    settings.METRICS_TOKEN = TOKEN

    def figures() -> dict[str, float]:
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        lines = answer.content.decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    return figures


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("", ""), ("", "Bearer "), (TOKEN, ""), (TOKEN, "Bearer wrong"), (TOKEN, TOKEN)],
)
def test_nobody_else_learns_that_there_is_such_a_page(client, settings, db, wanted, given):
    settings.METRICS_TOKEN = wanted
    assert client.get("/metrics", headers={"authorization": given}).status_code == 404


def test_a_quiet_platform(read):
    health.beat(health.WORKER)
    found = read()
    assert found['platform_heartbeat_age_seconds{process="worker"}'] < 60
    assert 'platform_heartbeat_age_seconds{process="beat"}' not in found
    assert found['platform_deliveries{state="failed"}'] == 0
    assert found['platform_webhook_deliveries{state="failed"}'] == 0
    assert found['platform_webhooks{state="paused"}'] == 0
    assert found["platform_webhook_event_oldest_age_seconds"] == 0
    assert found["platform_reminders_due"] == 0
    assert found["platform_reminder_oldest_due_age_seconds"] == 0


def test_reminders_that_nobody_rang_for_and_mail_that_waits(
    read, signed_obligation, guangdong_officer, the_day
):
    ReminderRule.objects.update(since=dt.date(2026, 1, 1))
    # 30 September, ten o'clock: the first rung fell due when the day began at half past eight.
    the_day.move_to(dt.datetime(2026, 9, 30, 2, 0, tzinfo=dt.UTC))
    found = read()
    assert found["platform_reminders_due"] == 2  # portal and e-mail
    assert int(found["platform_reminder_oldest_due_age_seconds"]) == 90 * 60
    record_due(at=timezone.now())
    assert read()["platform_reminders_due"] == 2
    remind(at=timezone.now())
    with connection.cursor() as cursor:  # the queue's age is the database's, whose clock is true
        cursor.execute("UPDATE notifications_delivery SET due_at = now() - interval '1 hour'")
    found = read()
    assert found["platform_reminders_due"] == 0
    assert found['platform_deliveries{state="waiting"}'] == Delivery.objects.count()
    assert 3600 <= found["platform_delivery_oldest_due_age_seconds"] < 3700


def test_failures_are_counted(read):
    Delivery.objects.create(
        key="a",
        address="a@union.example",
        subject="通知",
        message_id="<a@union.example>",
        state=Delivery.State.FAILED,
        failed_reason="550 unknown",
    )
    assert read()['platform_deliveries{state="failed"}'] == 1
