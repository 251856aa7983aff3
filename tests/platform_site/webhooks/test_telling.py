"""From the act to the receiver: who is told what, signed, once, and only what its owner may see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from platform_site.accounts import services as accounts
from platform_site.notifications import delivery
from platform_site.obligations.models import Obligation
from platform_site.obligations.services import tell_passed_deadlines
from platform_site.problems import NotAllowed
from platform_site.webhooks import kinds, services
from platform_site.webhooks.models import WebhookDelivery, WebhookEvent
from reports import services as reports

from .conftest import make_due, the_one, work

pytestmark = pytest.mark.django_db


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
