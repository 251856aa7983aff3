"""Who is told, how often, in which language, and what every message holds."""

from __future__ import annotations

import time

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction

from platform_site.notifications import bell, delivery, services
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.notifications.services import notify

from .conftest import EVENT, person

pytestmark = pytest.mark.django_db


def tell(*users, key="occasion:1", **options):
    options.setdefault("context", {"matter": "广东省试点方案"})
    notify(users, EVENT, subject=options.pop("subject", None), key=key, **options)


def test_one_notice_and_one_mail_for_each_however_often_it_is_told(wang, smith):
    tell(wang, smith, wang)
    tell(wang, smith)
    assert PortalNotice.objects.filter(user=wang).count() == 1
    assert PortalNotice.objects.filter(user=smith).count() == 1
    assert Delivery.objects.count() == 2
    tell(wang, key="occasion:2")
    assert PortalNotice.objects.filter(user=wang).count() == 2


def test_each_reads_their_own_language(wang, smith):
    tell(wang, smith, reason="指标二缺单位", by=person("li", name="李强"))
    english = Delivery.objects.get(user=smith)
    assert english.language == "en"
    assert "Dear J. Smith" in english.body
    chinese = Delivery.objects.get(user=wang)
    assert chinese.language == "zh-hans"
    assert PortalNotice.objects.get(user=wang).body == chinese.body


def test_a_message_holds_reason_actor_next_step_link_and_whom_to_ask(smith, settings):
    settings.SITE_URL = "https://union.example/"
    settings.HELP_LINE = "010-0000"
    li = person("li", name="Li Qiang")
    tell(smith, reason="Indicator 2 has no unit", by=li, url="/w/reports/7/")
    body = Delivery.objects.get().body
    assert "Reason: Indicator 2 has no unit" in body
    assert "Done by: Li Qiang" in body
    assert "What to do next: " in body
    assert "https://union.example/w/reports/7/" in body
    assert "Questions: Li Qiang; platform help line 010-0000" in body
    assert PortalNotice.objects.get().url == "/w/reports/7/"


def test_mail_is_plain_text_and_the_subject_is_one_line(smith):
    tell(smith, context={"matter": "A <script> & \r\nBcc: x@y.example"})
    row = Delivery.objects.get()
    assert "<script> &" in row.body
    assert len(row.subject.splitlines()) == 1


def test_the_inactive_the_actor_and_the_mailless(wang, smith):
    gone = person("gone", is_active=False)
    mailless = person("mailless", email="")
    tell(wang, smith, gone, mailless, by=wang)
    assert set(PortalNotice.objects.values_list("user__username", flat=True)) == {
        "smith",
        "mailless",
    }
    assert list(Delivery.objects.values_list("address", flat=True)) == ["smith@union.example"]
    tell(wang, key="own", by=wang, include_actor=True)
    assert PortalNotice.objects.filter(user=wang).count() == 1


def test_a_transaction_undone_tells_nobody(wang):
    with transaction.atomic():
        tell(wang)
        transaction.set_rollback(True)
    assert not PortalNotice.objects.exists()
    assert not Delivery.objects.exists()


def test_a_key_is_needed(wang):
    for key in ("", "x" * 201):
        with pytest.raises(ValueError, match="key"):
            tell(wang, key=key)


def test_cancel_by_prefix_erases_and_leaves_other_occasions(wang, smith):
    tell(wang, smith, key="reminder:7:due")
    tell(wang, key="reminder:77:due")
    assert services.cancel("reminder:7:") == 2
    assert set(Delivery.objects.filter(key="reminder:7:due").values_list("state", "body")) == {
        ("cancelled", "")
    }
    assert Delivery.objects.get(key="reminder:77:due").state == "waiting"
    with pytest.raises(ValueError, match="prefix"):
        services.cancel("")


@pytest.mark.django_db(transaction=True)
def test_a_missing_broker_costs_a_moment_once_and_the_sweeper_sends_once(
    wang, smith, sink, no_broker
):
    from platform_site.notifications import tasks

    started = time.monotonic()
    tell(wang)
    first = time.monotonic() - started
    started = time.monotonic()
    tell(smith)
    second = time.monotonic() - started
    assert first < 1.5
    assert second < 0.5
    assert bell.ring(["x"]) is False
    tasks.sweep()
    tasks.sweep()
    assert len(sink.mails) == 2
    assert len(set(sink.message_ids())) == 2


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_with_the_rows(wang, monkeypatch):
    rung = []
    monkeypatch.setattr(bell, "ring", lambda ids: rung.append([str(pk) for pk in ids]))
    with transaction.atomic():
        tell(wang)
        assert rung == []
    assert rung == [[str(Delivery.objects.get().pk)]]


class TestSendMail:
    @pytest.fixture(autouse=True)
    def ledger(self, settings):
        settings.EMAIL_BACKEND = "platform_site.notifications.backends.LedgerBackend"

    def test_every_address_gets_a_row(self, django_capture_on_commit_callbacks):
        assert send_mail(
            "重置\n密码".replace("\n", ""), "链接", None, ["b@x.example", "a@x.example"]
        )
        rows = list(Delivery.objects.order_by("address"))
        assert [row.address for row in rows] == ["a@x.example", "b@x.example"]
        assert {row.body for row in rows} == {"链接"}
        assert len({row.key for row in rows}) == 2

    def test_html_is_reduced_to_its_words(self):
        message = EmailMultiAlternatives("S", "", None, ["a@x.example"])
        message.attach_alternative("<p>Hello <b>you</b></p>", "text/html")
        message.send()
        assert "Hello you" in Delivery.objects.get().body

    def test_the_text_is_erased_once_sent(self, sink):
        send_mail("Reset", "secret-link", None, ["a@x.example"])
        delivery.deliver()
        assert "secret-link" in sink.mails[0].content.decode()
        row = Delivery.objects.get()
        assert (row.state, row.body) == ("sent", "")
