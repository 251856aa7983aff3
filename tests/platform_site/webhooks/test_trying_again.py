"""What could not be handed over is tried again, ever later; what was paused waits; workers share the work."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from platform_site.audit.models import Entry
from platform_site.notifications import delivery
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.notifications.relay import WithdrawnError
from platform_site.problems import StepNotOpen
from platform_site.webhooks import services
from platform_site.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from platform_site.webhooks.sending import send
from reports import services as reports
from reports.models import Report

from .conftest import make_due, the_one, work

pytestmark = pytest.mark.django_db


class TestTryingAgain:
    @pytest.fixture
    def told(self, listen, ready_report, guangdong_officer):
        """A webhook of Guangdong's officer, and an event on its way to it."""
        webhook, secret = listen(guangdong_officer)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        return webhook, secret

    def test_after_a_500_under_the_same_id(self, told, receiver):
        receiver.status = 500
        assert work() == delivery.Outcome(delayed=1)
        sent = the_one()
        assert (sent.delivery.state, sent.response_status, sent.problem) == (
            "waiting",
            500,
            "status",
        )
        assert sent.next_try_at is not None
        receiver.status = 204
        make_due()
        assert work() == delivery.Outcome(sent=1)
        assert receiver.ids() == [str(sent.event_id)] * 2
        assert receiver.read(told[1])["type"] == "report.submitted"

    def test_eight_tries_ever_later_then_it_has_failed_and_can_be_resent(
        self, told, receiver, guangdong_officer
    ):
        receiver.status = 503
        waits = []
        for _try in range(7):
            make_due()
            assert work() == delivery.Outcome(delayed=1)
            waits.append(Delivery.objects.annotate(wait=F("due_at") - Now()).get(channel="webhook"))
        for n, row in enumerate(waits):
            assert 0.85 * 2**n <= row.wait.total_seconds() / 60 <= 1.15 * 2**n
        make_due()
        assert work() == delivery.Outcome(failed=1)
        assert the_one().delivery.state == "failed"
        receiver.status = 200
        services.resend_delivery(the_one(), by=guangdong_officer, version=1)
        assert work() == delivery.Outcome(sent=1)
        assert len(set(receiver.ids())) == 1
        assert len(receiver.heard) == 9

    def test_what_arrived_can_be_resent_too_and_a_second_click_sends_nothing(
        self, told, receiver, guangdong_officer
    ):
        work()
        sent = the_one()
        services.resend_delivery(sent, by=guangdong_officer, version=1)
        with pytest.raises(Exception, match="stale"):
            services.resend_delivery(sent, by=guangdong_officer, version=1)
        with pytest.raises(StepNotOpen):
            services.resend_delivery(sent, by=guangdong_officer, version=2)
        work()
        assert receiver.ids() == [str(sent.event_id)] * 2
        assert Entry.objects.filter(action="webhooks.delivery.resend").count() == 1

    def test_a_worker_killed_between_sending_and_marking(self, told, receiver):
        """The claim outlives its worker; another sends it again under the same id."""
        services.spread()
        [row] = delivery.claim(slow=True)
        send(row)  # the receiver has it; the worker dies here
        assert delivery.release_stale() == 0
        Delivery.objects.filter(pk=row.pk).update(claimed_at=Now() - dt.timedelta(seconds=121))
        assert delivery.release_stale() == 1
        assert delivery.deliver(slow=True) == delivery.Outcome(sent=1)
        assert len(receiver.heard) == 2
        assert len(set(receiver.ids())) == 1
        row.refresh_from_db()
        assert (row.state, row.resent) == ("sent", True)

    def test_taken_over_before_the_first_byte(self, told, receiver):
        """The claim is asked as the last act: what another worker holds is not sent by this one."""
        services.spread()
        [row] = delivery.claim(slow=True)
        Delivery.objects.filter(pk=row.pk).update(claimed_at=Now() - dt.timedelta(seconds=121))
        delivery.release_stale()
        with pytest.raises(WithdrawnError):
            send(row)
        assert receiver.heard == []

    def test_a_redirect_is_not_followed(self, told, receiver):
        receiver.status, receiver.headers = 302, {"Location": receiver.url}
        assert work() == delivery.Outcome(delayed=1)
        assert len(receiver.heard) == 1
        assert the_one().problem == "redirect"

    def test_410_disables_it_and_takes_back_what_waits(self, told, receiver, guangdong_officer):
        receiver.status = 410
        assert work() == delivery.Outcome(failed=1)
        webhook = Webhook.objects.get()
        assert (webhook.state, webhook.state_reason) == ("disabled", "gone")
        notice = PortalNotice.objects.get(user=guangdong_officer, event="webhooks/webhook_disabled")
        assert notice.url == webhook.get_absolute_url()
        with pytest.raises(StepNotOpen):
            services.resend_delivery(the_one(), by=guangdong_officer, version=1)

    def test_a_dead_server_rests_and_its_other_events_wait_without_a_try(
        self, told, receiver, national_officer
    ):
        receiver.stop()
        report = Report.objects.get()
        reports.return_report(report, by=national_officer, version=report.version, note="改")
        assert work() == delivery.Outcome(delayed=1)
        webhook = Webhook.objects.get()
        assert webhook.failures == 1
        assert webhook.rests_until is not None
        assert sorted(
            Delivery.objects.filter(channel="webhook").values_list("tries", flat=True)
        ) == [
            0,
            1,
        ]
        assert WebhookDelivery.objects.filter(problem="connection").count() == 1

    def test_twenty_failures_in_a_row_pause_it_and_its_owner_is_told(
        self, told, receiver, guangdong_officer
    ):
        receiver.status = 500
        Webhook.objects.update(failures=19)
        work()
        webhook = Webhook.objects.get()
        assert (webhook.state, webhook.state_reason) == ("paused", "failures")
        assert PortalNotice.objects.filter(
            user=guangdong_officer, event="webhooks/webhook_paused"
        ).exists()
        entry = Entry.objects.get(action="webhooks.webhook.pause")
        assert (entry.actor_name, entry.to_state) == ("", "paused")
        make_due()
        work()
        assert len(receiver.heard) == 1, "nothing goes out while it is paused"
        receiver.status = 200
        services.resume_webhook(webhook, by=guangdong_officer, version=webhook.version)
        assert work() == delivery.Outcome(sent=1)
        webhook.refresh_from_db()
        assert webhook.failures == 0

    def test_a_success_ends_the_row_of_failures(self, told, receiver):
        Webhook.objects.update(failures=19)
        work()
        assert Webhook.objects.get().failures == 0


class TestPause:
    def test_what_happens_meanwhile_is_kept_and_goes_when_resumed(
        self, listen, receiver, ready_report, guangdong_officer
    ):
        webhook, secret = listen(guangdong_officer)
        webhook = services.pause_webhook(webhook, by=guangdong_officer, version=webhook.version)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        assert work() == delivery.Outcome()
        assert the_one().is_held
        webhook = services.resume_webhook(webhook, by=guangdong_officer, version=webhook.version)
        assert work() == delivery.Outcome(sent=1)
        assert receiver.read(secret)["type"] == "report.submitted"

    def test_paused_while_a_worker_holds_it(
        self, listen, receiver, ready_report, guangdong_officer
    ):
        webhook, _secret = listen(guangdong_officer)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        services.spread()
        [row] = delivery.claim(slow=True)
        webhook = services.pause_webhook(webhook, by=guangdong_officer, version=webhook.version)
        services.resume_webhook(webhook, by=guangdong_officer, version=webhook.version)
        delivery.hand_back(row, None)  # that worker saw it paused, and says so only now
        services.sweep()
        assert delivery.deliver(slow=True) == delivery.Outcome(sent=1)

    def test_a_test_event_goes_also_then(self, listen, receiver, guangdong_officer):
        webhook, secret = listen(guangdong_officer)
        webhook = services.pause_webhook(webhook, by=guangdong_officer, version=webhook.version)
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        with pytest.raises(StepNotOpen):
            services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        assert work() == delivery.Outcome(sent=1)
        told = receiver.read(secret)
        assert (told["type"], told["data"]["id"]) == ("ping", str(webhook.pk))
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)


class TestSweepingTheLog:
    def test_old_rows_go_from_the_ledger_too(
        self, listen, receiver, ready_report, guangdong_officer
    ):
        listen(guangdong_officer)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        work()
        services.sweep_old()
        assert WebhookDelivery.objects.count() == 1
        old = Now() - dt.timedelta(days=32)
        WebhookDelivery.objects.update(created_at=old)
        WebhookEvent.objects.update(written_at=old)
        services.sweep_old()
        assert not WebhookDelivery.objects.exists()
        assert not WebhookEvent.objects.exists()
        assert not Delivery.objects.filter(channel="webhook").exists()
        assert Delivery.objects.exists(), "mail is not touched"


class TestManyWorkers:
    @pytest.mark.django_db(transaction=True)
    def test_fifty_at_once_send_each_event_once(
        self, listen, receiver, guangdong_officer, submitted_report
    ):
        listen(guangdong_officer, kinds=["report.submitted"])
        WebhookEvent.objects.all().delete()
        for n in range(40):
            submitted_report.version = 100 + n
            services.emit("report.submitted", submitted_report)
        start = threading.Barrier(50)
        outcomes: list[delivery.Outcome] = []

        def one_worker() -> None:
            try:
                start.wait()
                outcomes.append(work())
            finally:
                connection.close()

        threads = [threading.Thread(target=one_worker) for _n in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        work()
        assert len(outcomes) == 50
        assert len(receiver.ids()) == 40
        assert len(set(receiver.ids())) == 40


def test_mail_does_not_wait_behind_webhooks(listen, receiver, guangdong_officer):
    """They are two runs: the quick one leaves the slow channel's rows alone, and the other way round."""
    webhook, _secret = listen(guangdong_officer)
    services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
    services.spread()
    assert delivery.claim() == []
    assert len(delivery.claim(slow=True)) == 1
