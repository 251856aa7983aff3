"""The secrets that sign what a webhook is told: two of them for a while, and none in the open."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now
from standardwebhooks import WebhookVerificationError

from platform_site.audit.models import Entry
from platform_site.notifications import delivery
from platform_site.webhooks import services
from platform_site.webhooks.models import WebhookDelivery

from .conftest import work

pytestmark = pytest.mark.django_db


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
