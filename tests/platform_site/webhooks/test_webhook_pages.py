"""The pages: a secret that is shown once, settings, the log, and a button for each step."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from platform_site.notifications.models import Delivery
from platform_site.webhooks import services
from platform_site.webhooks.models import Webhook, WebhookDelivery
from reports import services as reports

from .conftest import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_for, guangdong_officer):
    return client_for(guangdong_officer)


def form(receiver, **changes):
    given = {"name": "数据平台", "url": receiver.url, "kinds": ["report.submitted", "ping"][:1]}
    return {**given, **changes}


def test_made_and_its_secret_shown_once(browser, receiver):
    page = browser.get(reverse("webhook-create"))
    mine = re.search(r'name="id" value="([0-9a-f-]{36})"', page.content.decode()).group(1)
    answer = browser.post(reverse("webhook-create"), form(receiver, id=mine))
    html = answer.content.decode()
    [secret] = set(re.findall(r"whsec_[A-Za-z0-9+/=]{44}", html))
    assert f"Webhook(&quot;{secret}&quot;)" in html or f'Webhook("{secret}")' in html
    assert "no-store" in answer["Cache-Control"]
    again = browser.post(reverse("webhook-create"), form(receiver, id=mine), follow=True)
    webhook = Webhook.objects.get()
    assert again.redirect_chain[0][0] == webhook.get_absolute_url()
    assert "whsec_" not in again.content.decode()
    listed = browser.get(reverse("webhook-list")).content.decode()
    assert "数据平台" in listed
    assert "报告已提交" in listed
    assert "from=platform" not in listed, "the path of an address may hold a key"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"url": "https://10.0.0.1/"}, "url", "该地址指向内部网络"),
        ({"url": "http://8.8.8.8/"}, "url", "https://"),
        ({"url": "file:///etc/passwd"}, "url", "https://"),
        ({"url": "https://nobody.invalid/"}, "url", "找不到该域名"),
        ({"kinds": []}, "kinds", ""),
        ({"kinds": ["report.lost"]}, "kinds", ""),
        ({"federation": "999999"}, "federation", ""),
        ({"name": ""}, "name", ""),
    ],
)
def test_what_is_wrong_stands_beside_its_field(browser, receiver, changes, field, words):
    answer = browser.post(reverse("webhook-create"), form(receiver, **changes))
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert words in str(errors[field])
    assert not Webhook.objects.exists()


def test_in_english(browser, receiver, guangdong_officer):
    browser.post(reverse("set-language"), {"language": "en"})
    answer = browser.post(
        reverse("webhook-create"),
        form(receiver, url="https://10.0.0.1/"),
        headers={"accept-language": "en"},
    )
    assert "internal network" in str(answer.context["form"].errors["url"])


class TestOne:
    @pytest.fixture
    def webhook(self, listen, guangdong_officer):
        return listen(guangdong_officer)[0]

    def press(self, browser, webhook, step):
        webhook.refresh_from_db()
        return browser.post(
            reverse(f"webhook-{step}", args=[webhook.pk]), {"version": webhook.version}, follow=True
        ).content.decode()

    def test_every_button(self, browser, webhook, receiver):
        assert "推送已暂停" in self.press(browser, webhook, "pause")
        assert "暂停期间的事件予以保留" in browser.get(webhook.get_absolute_url()).content.decode()
        assert "推送已暂停" not in self.press(browser, webhook, "pause")
        assert "推送已恢复" in self.press(browser, webhook, "resume")
        assert "测试事件已发出" in self.press(browser, webhook, "ping")
        work()
        html = browser.get(webhook.get_absolute_url()).content.decode()
        assert "测试事件" in html
        assert "200" in html
        sent = WebhookDelivery.objects.get()
        answer = browser.post(
            reverse("webhook-delivery-resend", args=[sent.pk]), {"version": 1}, follow=True
        )
        assert "已列入重发" in answer.content.decode()
        work()
        assert len(receiver.heard) == 2

    def test_a_stale_page_changes_nothing(self, browser, webhook, guangdong_officer):
        services.pause_webhook(webhook, by=guangdong_officer, version=1)
        for step in ("resume", "ping"):
            browser.post(reverse(f"webhook-{step}", args=[webhook.pk]), {"version": 1})
        for version in ("", "x", "99999999999999999999"):
            browser.post(reverse("webhook-resume", args=[webhook.pk]), {"version": version})
        answer = browser.post(reverse("webhook-delete", args=[webhook.pk]), {"version": 1})
        assert answer.context["form"].errors
        webhook.refresh_from_db()
        assert webhook.state == "paused"

    def test_changed(self, browser, webhook, receiver, guangdong):
        address = reverse("webhook-edit", args=[webhook.pk])
        shown = browser.get(address).content.decode()
        assert receiver.url in shown.replace("&amp;", "&")
        given = form(receiver, name="新名", federation="440000", version=webhook.version)
        assert browser.post(address, given).url == webhook.get_absolute_url()
        webhook.refresh_from_db()
        assert (webhook.name, webhook.federation, webhook.version) == ("新名", guangdong, 2)
        answer = browser.post(address, {**given, "name": "旧页"})
        assert answer.context["form"].errors

    def test_a_new_secret(self, browser, webhook):
        address = reverse("webhook-rotate-secret", args=[webhook.pk])
        assert browser.get(address).status_code == 200
        wrong = browser.post(address, {"version": 1, "overlap_hours": 5})
        assert wrong.context["form"].errors
        html = browser.post(address, {"version": 1, "overlap_hours": 168}).content.decode()
        assert re.search(r"whsec_[A-Za-z0-9+/=]{44}", html)
        assert "旧密钥有效至" in browser.get(webhook.get_absolute_url()).content.decode()

    def test_deleted(self, browser, webhook, guangdong_officer):
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        services.spread()
        address = reverse("webhook-delete", args=[webhook.pk])
        assert webhook.host in browser.get(address).content.decode()
        assert browser.post(address, {"version": 1}).url == reverse("webhook-list")
        assert not Webhook.objects.exists()
        assert not Delivery.objects.filter(channel="webhook").exists()

    def test_the_log_by_state(
        self, browser, webhook, receiver, ready_report, guangdong_officer, national_officer
    ):
        report = reports.submit_report(
            ready_report, by=guangdong_officer, version=ready_report.version
        )
        work()
        receiver.status = 500
        reports.accept_report(report, by=national_officer, version=report.version)
        work()
        address = webhook.get_absolute_url()
        rows = browser.get(address).context["page"].rows
        assert {row.kind_label for row in rows} == {"通知已下发", "报告已提交", "报告已通过"}
        [row] = browser.get(address + "?state=waiting").context["page"].rows
        assert (row.kind_label, row.problem, row.response_status) == ("报告已通过", "status", 500)
        html = browser.get(address + "?state=waiting").content.decode()
        assert "响应不是成功状态" in html
        assert browser.get(address + "?state=lost").context["page"].rows == []

    def test_lists_cost_the_same_with_one_row_and_with_three(
        self, browser, webhook, listen, guangdong_officer, guangdong
    ):
        def cost(address):
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(address).status_code == 200
            return len(asked)

        def more():
            listen(guangdong_officer, federation=guangdong)
            services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
            work()

        more()
        Webhook.objects.exclude(pk=webhook.pk).delete()
        Webhook.objects.update(federation=guangdong)
        addresses = [reverse("webhook-list"), webhook.get_absolute_url()]
        for address in addresses:
            browser.get(address)
        one = [cost(address) for address in addresses]
        more()
        more()
        assert [cost(address) for address in addresses] == one


def test_the_operator_is_not_troubled_with_a_webhook_that_does_not_answer(
    listen, receiver, guangdong_officer, client_for, system_administrator
):
    webhook, _secret = listen(guangdong_officer)
    services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
    receiver.status = 410
    work()
    assert Delivery.objects.filter(channel="webhook", state="failed").exists()
    seen = Delivery.objects.visible_to(system_administrator)
    assert not seen.filter(channel="webhook").exists()
