"""Webhooks: who is told what at which address, what happened, and how each telling went."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.notifications.models import Delivery
from platform_site.text.fields import LineField

from . import kinds
from .outgoing import URL_LENGTH, host_of


def _nobody(user: Any) -> bool:
    return not getattr(user, "is_authenticated", False) or not user.is_active


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: Any) -> WebhookQuerySet:
        """A webhook belongs to one person; nobody else sees that it exists."""
        return self.none() if _nobody(user) else self.filter(owner_id=user.pk)

    def listening(self, kind: str) -> WebhookQuerySet:
        """Those told of this kind, at once or, while paused, later."""
        return self.filter(kinds__contains=[kind], owner__is_active=True).exclude(
            state=Webhook.State.DISABLED
        )


class Webhook(models.Model):
    """An address of one person's program that is told of events.

    It is told only of what its owner may see at the moment of delivery. While it is paused, what happens
    is kept and goes out when it is resumed; while it is disabled, nothing is kept.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        DISABLED = "disabled", _("Disabled")

    class Reason(models.TextChoices):
        OWNER = "owner", _("by its owner")
        FAILURES = "failures", _("too many failures in a row")
        GONE = "gone", _("the server said that the address is gone (410)")

    STATE_TONES = {State.PAUSED: "amber", State.DISABLED: "red"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="webhooks",
        verbose_name=_("owner"),
    )
    name = LineField(_("name"), max_length=80)
    url = LineField(_("address"), max_length=URL_LENGTH)
    kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    #: Only events that concern this federation or one below it; null: all that the owner sees.
    federation = models.ForeignKey(
        Federation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("federation"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    state_reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    #: Tries in a row that brought no 2xx.
    failures = models.PositiveIntegerField(default=0)
    #: After no answer came, nothing is tried before: a dead server must not hold the workers.
    rests_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    created_at = models.DateTimeField(_("made on"), db_default=Now())
    version = models.PositiveIntegerField(default=1)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="active", state_reason="")
                | (~Q(state="active") & ~Q(state_reason="")),
                name="webhook_stands_still_for_a_reason",
            )
        ]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="webhook_of_person")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("webhook-detail", args=[self.pk])

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def kind_labels(self) -> list[str]:
        return [kinds.label(code) for code in self.kinds]

    @property
    def steps(self) -> list[str]:
        """What its owner may do now."""
        turn = "pause" if self.state == self.State.ACTIVE else "resume"
        return sorted([turn, "ping", "rotate-secret"])


class WebhookSecret(models.Model):
    """A secret that deliveries are signed with; several while one takes the place of another."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    #: From when on it signs no more; null for the one that has no successor.
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("secret of a webhook")
        verbose_name_plural = _("secrets of webhooks")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook"], condition=Q(ends_at=None), name="webhook_secret_one_current"
            )
        ]

    def __str__(self) -> str:
        return str(self.webhook)


class WebhookEvent(models.Model):
    """That something happened: written in the transaction of the act, told to webhooks afterwards.

    It holds what is sent and no more: which object, its version, state and federation at that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Names the occasion, so that it is written once.
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("event"), max_length=60)
    subject_id = models.CharField(max_length=64)
    subject_version = models.PositiveIntegerField()
    subject_state = models.CharField(max_length=20)
    federation_code = models.CharField(max_length=16, blank=True)
    #: A test event is told to this one alone.
    webhook = models.ForeignKey(
        Webhook, null=True, blank=True, on_delete=models.CASCADE, related_name="pings"
    )
    occurred_at = models.DateTimeField(_("happened"))
    written_at = models.DateTimeField(db_default=Now())
    #: When it was handed to the webhooks that listened.
    spread_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["written_at"], condition=Q(spread_at=None), name="webhook_event_to_spread"
            ),
            models.Index(fields=["written_at"], name="webhook_event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, user: Any) -> WebhookDeliveryQuerySet:
        """Of one's own webhooks, which are nobody else's."""
        return self.none() if _nobody(user) else self.filter(webhook__owner_id=user.pk)

    def with_context(self) -> WebhookDeliveryQuerySet:
        """With what a row of the log shows."""
        waiting = When(delivery__state=Delivery.State.WAITING, then=F("delivery__due_at"))
        return self.select_related("webhook", "event", "delivery").annotate(
            next_try_at=Case(waiting, default=None)
        )


class WebhookDelivery(models.Model):
    """One event on its way to one webhook. State, tries and dates are those of the ledger's row."""

    class Problem(models.TextChoices):
        STATUS = "status", _("The answer was no success (2xx)")
        REDIRECT = "redirect", _("The answer was a redirect, which is not followed")
        GONE = "gone", _("The server said that the address is gone (410)")
        TIMEOUT = "timeout", _("No answer in time")
        CONNECTION = "connection", _("The server could not be reached")
        CERTIFICATE = "certificate", _("The server's certificate is not valid")
        NAME = "name", _("No server is found under this name")
        ADDRESS = "address", _("The address is not allowed")
        SECRET = "secret", _("The secret cannot be read: make a new one")
        UNSEEN = "unseen", _("Not sent: the object is not, or no longer, yours to see")
        STOPPED = "stopped", _("Not sent: the webhook was disabled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    delivery = models.OneToOneField(
        Delivery, on_delete=models.CASCADE, related_name="webhook_delivery"
    )
    #: Of the last try.
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=12, choices=Problem.choices, blank=True)
    tried_at = models.DateTimeField(_("last try"), null=True, blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now())
    #: Counts what its owner does: each sending again.
    version = models.PositiveIntegerField(default=1)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery to a webhook")
        verbose_name_plural = _("deliveries to webhooks")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_told_once")
        ]
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="webhook_log"),
            models.Index(fields=["created_at"], name="webhook_log_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.webhook}"

    @property
    def kind_label(self) -> str:
        return kinds.label(self.event.kind)

    @property
    def is_held(self) -> bool:
        """It waits until its webhook is resumed."""
        return self.delivery.state == Delivery.State.WAITING and self.delivery.due_at is None

    @property
    def may_resend(self) -> bool:
        """It has ended, and its webhook takes events (a test event goes whatever its state)."""
        over = self.delivery.state not in (Delivery.State.WAITING, Delivery.State.CLAIMED)
        ready = self.webhook.state == Webhook.State.ACTIVE or self.event.webhook_id is not None
        return over and ready

    @property
    def steps(self) -> list[str]:
        return ["resend"] if self.may_resend else []
