"""A server goes away: pages stand, nothing typed is lost, and what waited goes out once."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
from collections import Counter
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test import Client
from django.utils import timezone

from platform_site.notifications import bell
from platform_site.notifications.models import Delivery
from platform_site.notifications.tasks import sweep
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Notice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def open_bell():
    """No test inherits another's memory of a missing broker."""
    bell.listen_again()
    yield
    bell.listen_again()


class Sink:
    """A mail relay that remembers the Message-ID of what it took."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def handle_DATA(self, server, session, envelope):
        lines = envelope.content.decode("utf-8", "replace").splitlines()
        self.seen += [line for line in lines if line.lower().startswith("message-id:")]
        return "250 taken"


@pytest.fixture
def relay_for_mail(settings):
    sink = Sink()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.RELAY = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
    }
    yield sink
    controller.stop()


def issue(draft, leader, officer) -> Notice:
    notice = draft(due_on=timezone.localdate() + dt.timedelta(days=30))
    notice = services.approve_notice(notice, by=leader, version=notice.version)
    return services.issue_notice(notice, by=officer, version=notice.version)


def test_the_queue_is_away_and_messages_wait_and_go_out_once(
    queue_relay,
    relay_for_mail,
    draft,
    national_leader,
    national_officer,
    guangdong_officer,
    hunan_officer,
    client_for,
):
    queue_relay.cut()
    notice = issue(draft, national_leader, national_officer)
    assert Obligation.objects.filter(round__request=notice.pk).count() == 2
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    assert waiting.count() == 3  # two liaison officers, and the drafter about the approval
    page = client_for(guangdong_officer).get("/w/todo/")
    assert page.status_code == 200
    assert notice.title in page.content.decode()

    queue_relay.restore()
    sweep()
    sweep()
    assert waiting.count() == 0
    assert len(relay_for_mail.seen) == 3
    assert set(Counter(relay_for_mail.seen).values()) == {1}


def test_the_database_is_away_and_the_page_keeps_what_was_typed(
    database_relay, draft_report, guangdong_officer, client_for
):
    client = client_for(guangdong_officer)
    client.raise_request_exception = False
    address = f"/w/reports/{draft_report.pk}/fill/goals/"
    assert client.get(address).status_code == 200
    database_relay.cut()
    try:
        answer = client.post(
            address, {"version": draft_report.version, "answer-basis": "断线前写下的依据"}
        )
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert "断线前写下的依据" in answer.content.decode()
        machine = client.get("/api/v1/reports/", headers={"authorization": "Bearer zg_x"})
        assert machine.status_code == 503
        assert machine["Content-Type"].startswith("application/problem+json")
    finally:
        database_relay.restore()
        connection.close()  # as every request of a real server begins
    assert client.get(address).status_code == 200


def test_the_process_lives_while_the_platform_is_not_ready(queue_relay):
    queue_relay.cut()
    assert Client().get("/healthz").status_code == 200
    ready = Client().get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["queue"] != "ok"
    assert ready.json()["checks"]["database"] == "ok"
    queue_relay.restore()
    assert Client().get("/readyz").json()["checks"]["queue"] == "ok"


def test_a_real_worker_delivers_once(
    celery_worker_process,
    relay_for_mail,
    settings,
    draft,
    national_leader,
    national_officer,
    guangdong_officer,
):
    host, port = settings.RELAY["EMAIL_HOST"], settings.RELAY["EMAIL_PORT"]
    celery_worker_process(EMAIL_URL=f"smtp://{host}:{port}")
    issue(draft, national_leader, national_officer)
    wanted = Delivery.objects.count()
    assert wanted == 2

    async def until_sent() -> None:
        while len(relay_for_mail.seen) < wanted:
            await asyncio.sleep(0.05)

    waiter = Thread(target=lambda: asyncio.run(asyncio.wait_for(until_sent(), 60)))
    waiter.start()
    waiter.join()
    assert sorted(Counter(relay_for_mail.seen).values()) == [1, 1]
