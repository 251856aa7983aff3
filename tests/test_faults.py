"""A server goes away: pages stand, nothing typed is lost, and what waited goes out once."""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections import Counter
from collections.abc import Callable

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test import Client
from django.utils import timezone

from platform_site.celery import app as celery
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
    database_relay, draft_report, guangdong_officer, client_for, api_for
):
    client = client_for(guangdong_officer)
    machine = api_for(guangdong_officer, "reports:read")
    machine.raise_request_exception = False
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
        answer = machine.get("/api/v1/reports/")
        assert answer.status_code == 503
        assert answer["Content-Type"].startswith("application/problem+json")
    finally:
        database_relay.restore()
        connection.close()  # as every request of a real server begins
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("field", ["text", "leader_name"])
def test_every_form_comes_back_from_a_lost_database(
    database_relay, obligation, national_officer, guangdong_officer, client_for, field
):
    """The page that says it holds what was typed, and sending it again is all there is to do."""
    who, address, more = {
        "text": (national_officer, "/w/notices/new/", {"title": "断线前写下的题目"}),
        "leader_name": (
            guangdong_officer,
            f"/w/obligations/{obligation.pk}/sign-for/",
            {"version": obligation.version, "department": "断线前写下的部门"},
        ),
    }[field]
    client = client_for(who)
    client.raise_request_exception = False
    typed = {**more, field: "断线前，写下的话"}
    database_relay.cut()
    try:
        answer = client.post(address, typed)
    finally:
        database_relay.restore()
        connection.close()
    page = answer.content.decode()
    assert (answer.status_code, f'action="{address}"' in page) == (503, True)
    assert [value for value in typed.values() if str(value) not in page] == []
    again = client.post(address, typed)
    assert again.status_code == (422 if field == "text" else 302)
    obligation.refresh_from_db()
    assert (obligation.signed_for_at is None) == (field == "text")


def test_whoever_asks_is_told_which_server_is_away(database_relay):
    client = Client(raise_request_exception=False)
    database_relay.cut()
    try:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert ready.status_code == 503
        checks = ready.json()["checks"]
        assert (checks["database"] != "ok", checks["queue"]) == (True, "ok")
    finally:
        database_relay.restore()
        connection.close()
    assert Client().get("/readyz").json()["checks"]["database"] == "ok"


def test_pages_and_steps_work_without_the_queue(
    queue_relay, ready_report, guangdong_officer, national_officer, client_for, api_for
):
    queue_relay.cut()
    officer = client_for(guangdong_officer)
    filed = officer.post(f"/w/reports/{ready_report.pk}/submit/", {"version": ready_report.version})
    assert filed.status_code == 302
    for address in ("/", "/w/", "/w/todo/", "/w/notices/", "/w/reports/", filed["Location"]):
        assert officer.get(address).status_code == 200, address
    assert api_for(national_officer).get("/api/v1/reports/").status_code == 200
    bell_list = client_for(national_officer).get("/w/notifications/").content.decode()
    assert ready_report.notice.title in bell_list


def test_the_process_lives_while_the_platform_is_not_ready(queue_relay):
    queue_relay.cut()
    assert Client().get("/healthz").status_code == 200
    ready = Client().get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["queue"] != "ok"
    assert ready.json()["checks"]["database"] == "ok"
    queue_relay.restore()
    assert Client().get("/readyz").json()["checks"]["queue"] == "ok"


def test_what_waited_for_the_queue_is_delivered_once_by_a_real_worker(
    celery_worker_process,
    queue_relay,
    relay_for_mail,
    settings,
    draft,
    national_leader,
    national_officer,
    guangdong_officer,
    hunan_officer,
):
    host, port = settings.RELAY["EMAIL_HOST"], settings.RELAY["EMAIL_PORT"]
    queue_relay.cut()
    issue(draft, national_leader, national_officer)
    wanted = Delivery.objects.filter(state=Delivery.State.WAITING).count()
    assert wanted == 3
    queue_relay.restore()
    celery_worker_process(EMAIL_URL=f"smtp://{host}:{port}")
    # What beat rings every 15 seconds: twice, as if beat had been late.
    celery.send_task("notifications.sweep")
    celery.send_task("notifications.sweep")
    until(lambda: len(relay_for_mail.seen) >= wanted and not _waiting())
    assert sorted(Counter(relay_for_mail.seen).values()) == [1] * wanted
    assert Delivery.objects.filter(state=Delivery.State.SENT).count() == wanted


def _waiting() -> bool:
    return Delivery.objects.exclude(state=Delivery.State.SENT).exists()


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


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

    until(lambda: len(relay_for_mail.seen) >= wanted)
    assert sorted(Counter(relay_for_mail.seen).values()) == [1, 1]
