"""From the act to the receiver: who is told what, signed, once, and only what its owner may see."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from standardwebhooks import WebhookVerificationError

from platform_site.accounts import services as accounts
from platform_site.audit.models import Entry
from platform_site.notifications import delivery
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.notifications.relay import WithdrawnError
from platform_site.obligations.models import Obligation
from platform_site.obligations.services import extend, tell_passed_deadlines, waive
from platform_site.problems import NotAllowed, StepNotOpen
from platform_site.webhooks import kinds, services
from platform_site.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from platform_site.webhooks.sending import send
from reports import services as reports
from reports.models import Report

from .conftest import make_due, work

pytestmark = pytest.mark.django_db


def the_one() -> WebhookDelivery:
    return WebhookDelivery.objects.with_context().get()


class TestFromTheActToTheReceiver:
    def test_a_submitted_report(self, listen, receiver, ready_report, guangdong_officer):
        webhook, secret = listen(guangdong_officer)
        report = reports.submit_report(
            ready_report, by=guangdong_officer, version=ready_report.version
        )
        assert work() == delivery.Outcome(sent=1)
        told = receiver.read(secret)
        assert told["type"] == "report.submitted"
        assert dt.datetime.fromisoformat(told["timestamp"]) == report.submitted_at
        assert told["data"] == {
            "id": str(report.pk),
            "version": report.version,
            "state": "submitted",
            "federation": "440000",
            "url": f"{django_settings.SITE_URL}/api/v1/reports/{report.pk}/",
        }
        sent = the_one()
        assert (sent.delivery.state, sent.response_status, sent.problem) == ("sent", 200, "")
        assert sent.duration_ms is not None
        assert receiver.ids() == [str(sent.event_id)]
        webhook.refresh_from_db()
        assert webhook.last_success_at is not None

    def test_every_kind_of_the_main_job(
        self, listen, receiver, draft, national_officer, national_leader, guangdong_officer, the_day
    ):
        _webhook, secret = listen(national_officer)
        notice = draft()
        notice = reports.approve_notice(notice, by=national_leader, version=notice.version)
        notice = reports.issue_notice(notice, by=national_officer, version=notice.version)
        the_day.move_to(dt.datetime(2026, 10, 16, 2, 0, tzinfo=dt.UTC))
        tell_passed_deadlines()
        work()
        told = [receiver.read(secret, n)["type"] for n in range(len(receiver.heard))]
        # Guangdong's and Hunan's
        assert told == ["notice.issued", *["obligation.deadline_passed"] * 2]
        assert receiver.read(secret, 0)["data"]["federation"] == "ACFTU"

    def test_what_was_passed_down_is_told_to_the_province_and_not_to_the_centre(
        self,
        listen,
        receiver,
        signed_obligation,
        national_officer,
        guangdong_officer,
        guangzhou_officer,
        federation_by_code,
        the_day,
    ):
        reports.pass_down(
            signed_obligation,
            by=guangdong_officer,
            recipients=[federation_by_code("440100")],
            due_on=dt.date(2026, 9, 30),
        )
        owed = Obligation.objects.get(parent=signed_obligation)
        listen(national_officer)
        _webhook, secret = listen(guangdong_officer)
        the_day.move_to(dt.datetime(2026, 10, 8, 2, 0, tzinfo=dt.UTC))
        tell_passed_deadlines()
        work()
        [told] = [receiver.read(secret, n) for n in range(len(receiver.heard))]
        assert (told["type"], told["data"]["id"]) == ("obligation.deadline_passed", str(owed.pk))

    def test_returned_and_accepted(
        self, listen, receiver, submitted_report, national_officer, guangdong_officer
    ):
        _webhook, secret = listen(guangdong_officer, kinds=["report.returned", "report.accepted"])
        reports.accept_report(
            submitted_report, by=national_officer, version=submitted_report.version, note="好"
        )
        work()
        told = receiver.read(secret)
        assert (told["type"], told["data"]["state"]) == ("report.accepted", "accepted")

    def test_nobody_is_told_of_what_they_did_not_choose_or_of_what_was_before(
        self, listen, receiver, submitted_report, national_officer, guangdong_officer
    ):
        listen(guangdong_officer, kinds=["report.accepted"])
        listen(national_officer)  # the report was submitted before
        work()
        assert receiver.heard == []

    def test_no_text_and_no_name_leaves(
        self, listen, receiver, submitted_report, national_officer, guangdong_officer
    ):
        listen(guangdong_officer)
        reports.return_report(
            submitted_report, by=national_officer, version=submitted_report.version, note="缺名单"
        )
        work()
        [(_headers, body)] = receiver.heard
        assert "缺名单" not in body.decode()
        assert national_officer.name not in body.decode()

    def test_an_act_that_fails_tells_nobody(
        self, listen, receiver, ready_report, guangdong_officer
    ):
        listen(guangdong_officer)
        before = WebhookEvent.objects.count()
        with transaction.atomic():
            reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
            assert WebhookEvent.objects.count() == before + 1
            transaction.set_rollback(True)
        assert WebhookEvent.objects.count() == before

    def test_a_kind_of_a_later_app_is_one_line(
        self, listen, receiver, submitted_report, guangdong_officer
    ):
        kinds.register(kinds.Kind("case.decided", "已决定", type(submitted_report), "reports"))
        try:
            _webhook, secret = listen(guangdong_officer, kinds=["case.decided"])
            services.emit("case.decided", submitted_report)
            services.emit("case.decided", submitted_report)  # the same version: the same occasion
            work()
        finally:
            kinds.unregister("case.decided")
        assert len(receiver.heard) == 1
        assert receiver.read(secret)["type"] == "case.decided"


class TestOnlyWhatItsOwnerSees:
    def test_another_province_is_told_nothing(
        self, listen, receiver, ready_report, guangdong_officer, hunan_officer, guangzhou_officer
    ):
        for person in (hunan_officer, guangzhou_officer):
            listen(person)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        work()
        assert receiver.heard == []
        assert not WebhookDelivery.objects.exists()

    def test_narrowed_to_a_federation(
        self, listen, receiver, ready_report, guangdong_officer, national_officer, hunan, guangdong
    ):
        listen(national_officer, federation=hunan)
        mine, secret = listen(national_officer, federation=guangdong)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        work()
        assert len(receiver.heard) == 1
        assert receiver.read(secret)["data"]["federation"] == "440000"
        assert the_one().webhook == mine

    def test_a_notice_concerns_its_recipients(
        self, listen, receiver, draft, national_officer, national_leader, hunan, guangdong, the_day
    ):
        listen(national_officer, federation=hunan)
        notice = draft(recipients=[guangdong])
        notice = reports.approve_notice(notice, by=national_leader, version=notice.version)
        reports.issue_notice(notice, by=national_officer, version=notice.version)
        work()
        assert receiver.heard == []

    def lose_sight(self, person, by):
        accounts.end_role(person.assignments.get(), by=by, note="调离")

    def test_sight_lost_between_the_event_and_its_going(
        self, listen, receiver, ready_report, guangdong_officer, security_administrator
    ):
        listen(guangdong_officer)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        services.spread()
        self.lose_sight(guangdong_officer, security_administrator)
        assert delivery.deliver(slow=True) == delivery.Outcome()
        assert receiver.heard == []
        assert (the_one().delivery.state, the_one().problem) == ("cancelled", "unseen")
        make_due()
        work()
        assert receiver.heard == []

    def test_sight_lost_between_two_tries(
        self, listen, receiver, ready_report, guangdong_officer, security_administrator
    ):
        receiver.status = 500
        listen(guangdong_officer)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        assert work() == delivery.Outcome(delayed=1)
        self.lose_sight(guangdong_officer, security_administrator)
        receiver.status = 200
        make_due()
        work()
        assert len(receiver.heard) == 1

    def test_a_disabled_owner_is_told_nothing(
        self, listen, receiver, ready_report, guangdong_officer, security_administrator
    ):
        webhook, _secret = listen(guangdong_officer)
        reports.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)
        services.spread()
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        accounts.disable(guangdong_officer, by=security_administrator, note="离职")
        work()
        assert receiver.heard == []


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


class TestSecrets:
    def test_both_sign_while_one_takes_the_place_of_the_other(
        self, listen, receiver, guangdong_officer
    ):
        webhook, old = listen(guangdong_officer)
        webhook, new = services.rotate_secret(
            webhook, by=guangdong_officer, version=webhook.version
        )
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()
        assert receiver.read(old) == receiver.read(new)
        assert len(receiver.heard[0][0]["webhook-signature"].split(" ")) == 2
        webhook.secrets.exclude(ends_at=None).update(ends_at=Now() - dt.timedelta(seconds=1))
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()
        receiver.read(new)
        with pytest.raises(WebhookVerificationError):
            receiver.read(old)
        services.sweep_old()
        assert webhook.secrets.count() == 1

    def test_one_that_became_known_ends_at_once(self, listen, receiver, guangdong_officer):
        webhook, old = listen(guangdong_officer)
        webhook, _second = services.rotate_secret(
            webhook, by=guangdong_officer, version=webhook.version
        )
        webhook, new = services.rotate_secret(
            webhook, by=guangdong_officer, version=webhook.version, overlap_hours=0
        )
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()
        receiver.read(new)
        with pytest.raises(WebhookVerificationError):
            receiver.read(old)
        assert webhook.secrets.count() == 1

    def test_none_is_in_the_database_or_the_trail(self, listen, guangdong_officer):
        webhook, secret = listen(guangdong_officer)
        webhook, second = services.rotate_secret(
            webhook, by=guangdong_officer, version=webhook.version
        )
        kept = str(list(webhook.secrets.values())) + str(list(Entry.objects.values()))
        assert secret not in kept
        assert second not in kept
        assert secret.startswith("whsec_")

    def test_another_secret_key(self, listen, receiver, guangdong_officer, settings):
        webhook, secret = listen(guangdong_officer)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()
        receiver.read(secret)
        settings.SECRET_KEY_FALLBACKS = []
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        assert work() == delivery.Outcome(failed=1)
        assert WebhookDelivery.objects.filter(problem="secret").count() == 1
        webhook, new = services.rotate_secret(
            webhook, by=guangdong_officer, version=webhook.version, overlap_hours=0
        )
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()
        receiver.read(new)


class TestPassedDeadlines:
    @pytest.fixture
    def after(self, the_day):
        def go(day: int) -> None:
            the_day.move_to(dt.datetime(2026, 10, day, 2, 0, tzinfo=dt.UTC))

        return go

    def events(self) -> list[str]:
        found = WebhookEvent.objects.filter(kind="obligation.deadline_passed")
        return sorted(found.values_list("subject_id", flat=True))

    def test_once_each_however_often_beat_rings(self, obligation, after):
        after(15)
        tell_passed_deadlines()
        assert self.events() == [], "the due date itself is in time"
        after(16)
        for _ring in range(3):
            tell_passed_deadlines()
        after(20)
        tell_passed_deadlines()
        both = Obligation.objects.filter(round=obligation.round).values_list("pk", flat=True)
        assert self.events() == sorted(map(str, both))

    def test_not_of_what_was_filed_waived_or_cancelled(
        self, obligation, after, national_officer, submitted_report
    ):
        other = Obligation.objects.exclude(pk=obligation.pk).get()
        waive(other, by=national_officer, version=other.version, reason="机构改革")
        after(16)
        assert tell_passed_deadlines() == 0

    def test_an_extension_is_a_new_limit(self, obligation, after, national_officer):
        after(16)
        tell_passed_deadlines()
        obligation.refresh_from_db()
        extend(
            obligation,
            by=national_officer,
            version=obligation.version,
            due_on=dt.date(2026, 10, 20),
            reason="台风",
        )
        tell_passed_deadlines()
        assert self.events().count(str(obligation.pk)) == 1
        after(21)
        tell_passed_deadlines()
        assert self.events().count(str(obligation.pk)) == 2

    def test_a_beat_that_was_away_for_a_month_and_a_log_that_was_swept(
        self, obligation, after, the_day
    ):
        after(30)
        tell_passed_deadlines()
        assert len(self.events()) == 2
        WebhookEvent.objects.update(written_at=Now() - dt.timedelta(days=32))
        services.sweep_old()
        assert self.events() == []
        # Written on 30 October at the earliest, gone 31 days later: by then nobody looks back so far.
        the_day.move_to(dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC))
        assert tell_passed_deadlines() == 0

    def test_a_set_costs_what_one_costs(
        self, obligation, after, django_assert_max_num_queries, django_assert_num_queries
    ):
        after(16)
        with django_assert_max_num_queries(6):
            tell_passed_deadlines()
        with django_assert_num_queries(1):
            tell_passed_deadlines()


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


def test_of_others_there_is_nothing_to_do(listen, guangdong_officer, guangdong_head):
    webhook, _secret = listen(guangdong_officer)
    for act in (
        services.pause_webhook,
        services.resume_webhook,
        services.ping_webhook,
        services.rotate_secret,
        services.delete_webhook,
        services.change_webhook,
    ):
        with pytest.raises(NotAllowed):
            act(webhook, by=guangdong_head, version=webhook.version)
