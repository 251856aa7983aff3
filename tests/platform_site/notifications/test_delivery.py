"""The engine against a real SMTP server: sent, put off, given up, taken over, never twice."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from platform_site.notifications import delivery, services
from platform_site.notifications.models import Delivery

pytestmark = pytest.mark.django_db


def waiting(n: int = 1) -> list[Delivery]:
    rows = [
        services._delivery(
            key=f"k:{i}",
            address=f"a{i}@union.example",
            subject="试点方案被退回",
            body="原因：缺单位",
        )
        for i in range(n)
    ]
    return Delivery.objects.bulk_create(rows)


def make_due() -> None:
    Delivery.objects.update(due_at=Now())


def test_sent_under_its_own_message_id(sink):
    (row,) = waiting()
    assert delivery.deliver([row.pk]) == delivery.Outcome(sent=1)
    row.refresh_from_db()
    assert (row.state, row.tries, row.body, row.resent) == ("sent", 1, "", False)
    assert row.sent_at is not None
    assert sink.message_ids() == [row.message_id]
    assert sink.mails[0].rcpt_tos == ["a0@union.example"]


def test_not_before_it_is_due_and_not_twice(sink):
    (row,) = waiting()
    Delivery.objects.update(due_at=Now() + timedelta(minutes=5))
    assert delivery.deliver([row.pk]) == delivery.Outcome()
    make_due()
    delivery.deliver()
    delivery.deliver([row.pk])
    assert len(sink.mails) == 1


def test_a_failing_relay_is_tried_eight_times_ever_later(sink):
    sink.data_answer = "451 try again later"
    (row,) = waiting()
    waits = []
    for _try in range(7):
        make_due()
        assert delivery.deliver() == delivery.Outcome(delayed=1)
        waits.append(Delivery.objects.annotate(wait=F("due_at") - Now()).get().wait)
    for n, wait in enumerate(waits):
        assert 0.85 * 2**n <= wait.total_seconds() / 60 <= 1.15 * 2**n
    make_due()
    assert delivery.deliver() == delivery.Outcome(failed=1)
    row.refresh_from_db()
    assert (row.state, row.tries) == ("failed", 8)
    assert "451" in row.failed_reason
    assert row.body, "kept, so that an operator can send it again"
    make_due()
    assert delivery.deliver() == delivery.Outcome()


def test_a_refused_recipient_is_given_up_at_once_and_not_named_in_full(sink):
    sink.answer = "550 5.1.1 <a0@union.example> unknown"
    (row,) = waiting()
    assert delivery.deliver() == delivery.Outcome(failed=1)
    row.refresh_from_db()
    assert row.failed_reason.startswith("550")
    assert "a0@" not in row.failed_reason


def test_a_busy_mailbox_is_tried_again(sink):
    sink.answer = "450 mailbox busy"
    waiting()
    assert delivery.deliver() == delivery.Outcome(delayed=1)


def test_one_bad_address_does_not_stop_the_others(sink):
    waiting(3)
    Delivery.objects.filter(key="k:1").update(address="not\nan address")
    assert delivery.deliver() == delivery.Outcome(sent=2, failed=1)


def test_no_relay_at_all(settings):
    settings.RELAY = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": 1,
    }
    waiting(2)
    assert delivery.deliver() == delivery.Outcome(delayed=2)


def test_the_ledger_is_no_relay(settings):
    settings.RELAY = {"EMAIL_BACKEND": "platform_site.notifications.backends.LedgerBackend"}
    with pytest.raises(ImproperlyConfigured):
        delivery.open_relay()


def test_a_dead_workers_claim_goes_again_under_the_same_id_and_says_so(sink):
    (row,) = waiting()
    (claimed,) = delivery.claim()
    assert delivery.claim() == []
    assert delivery.release_stale() == 0, "the lease runs two minutes"
    Delivery.objects.update(claimed_at=Now() - timedelta(seconds=121))
    assert delivery.release_stale() == 1
    assert delivery.still_ours(claimed) is False
    delivery.deliver()
    row.refresh_from_db()
    assert (row.state, row.resent, row.tries) == ("sent", True, 2)
    assert sink.message_ids() == [row.message_id]


def test_a_message_that_kills_its_worker_each_time_reaches_the_operator():
    waiting()
    for _try in range(8):
        make_due()
        assert len(delivery.claim()) == 1
        Delivery.objects.update(claimed_at=Now() - timedelta(minutes=3))
        delivery.release_stale()
    assert Delivery.objects.get().state == "failed"


def test_cancelled_between_claim_and_sending(sink):
    waiting()
    (claimed,) = delivery.claim()
    assert services.cancel("k:") == 1
    assert delivery.still_ours(claimed) is False
    assert Delivery.objects.get().state == "cancelled"


def test_what_was_sent_is_sent_even_if_cancelled_meanwhile():
    waiting()
    (claimed,) = delivery.claim()
    services.cancel("k:")
    delivery.mark_sent(claimed)
    assert Delivery.objects.get().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_at_once_send_each_message_once(sink):
    sink.pause = 0.005
    rows = waiting(60)
    outcomes: list[delivery.Outcome] = []
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            outcomes.append(delivery.deliver())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcome.sent for outcome in outcomes) == 60
    assert all(outcome.sent for outcome in outcomes), "both took part"
    assert sorted(sink.message_ids()) == sorted(row.message_id for row in rows)


@pytest.mark.django_db(transaction=True)
def test_cancelled_while_the_relay_takes_the_recipient(sink):
    """The claim is asked as the last act before the text leaves."""
    (row,) = waiting()

    async def cancel_at_rcpt(server, session, envelope, address, options):
        await asyncio.to_thread(in_a_connection_of_its_own, services.cancel_deliveries, [row.pk])
        envelope.rcpt_tos.append(address)
        return "250 OK"

    sink.handle_RCPT = cancel_at_rcpt
    assert delivery.deliver() == delivery.Outcome()
    row.refresh_from_db()
    assert (row.state, row.body) == ("cancelled", "")
    assert sink.mails == []


def in_a_connection_of_its_own(act, *arguments):
    try:
        act(*arguments)
    finally:
        connection.close()


class TestTheRelaysLog:
    @pytest.fixture
    def log(self, settings, tmp_path):
        settings.RELAY_LOG_FILE = str(tmp_path / "relay.log")
        return tmp_path / "relay.log"

    def die_while_sending(self):
        delivery.claim()
        Delivery.objects.update(claimed_at=Now() - timedelta(minutes=3))
        assert delivery.release_stale() == 1

    def test_what_the_relay_took_is_sent_and_does_not_go_again(self, sink, log):
        (row,) = waiting()
        log.write_text(f"<other@x>\n{row.message_id}\n", encoding="utf-8")
        self.die_while_sending()
        delivery.deliver()
        row.refresh_from_db()
        assert (row.state, row.resent, row.body) == ("sent", False, "")
        assert sink.mails == []

    def test_what_it_never_took_goes_for_the_first_time(self, sink, log):
        (row,) = waiting()
        log.write_text("<other@x>\n", encoding="utf-8")
        self.die_while_sending()
        delivery.deliver()
        row.refresh_from_db()
        assert (row.state, row.resent) == ("sent", False)
        assert sink.message_ids() == [row.message_id]


class TestChat:
    """Group robots are spoken to through apprise; a real web server stands for the robot."""

    @pytest.fixture
    def robot(self):
        heard = []

        class Robot(BaseHTTPRequestHandler):
            def do_POST(self):
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Robot)
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}/", heard
        server.shutdown()

    def test_a_message_reaches_the_robot(self, robot, settings):
        address, heard = robot
        settings.CHAT_SCHEMES = ["json"]
        (row,) = waiting()
        Delivery.objects.update(channel="chat", address=address)
        assert delivery.deliver() == delivery.Outcome(sent=1)
        assert heard[0]["title"] == row.subject

    def test_off_by_default_and_its_key_is_never_shown(self):
        waiting()
        Delivery.objects.update(channel="chat", address="wecombot://a-secret-key")
        assert delivery.deliver() == delivery.Outcome(failed=1)
        row = Delivery.objects.get()
        assert row.failed_reason
        assert "secret" not in row.failed_reason + row.masked_address
