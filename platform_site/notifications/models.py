"""What a person is told: a notice in the portal, and the ledger of what leaves by e-mail.

Both are rows written in the transaction of the act they tell about. The row is the truth; the
queue only rings the bell, and a sweeper finds whatever the bell missed.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from platform_site.accounts.models import User


def chat_problem(address: str) -> str:
    """Why a chat robot's address cannot be used; empty when it can. Off unless CHAT_SCHEMES is set."""
    scheme = address.partition("://")[0].lower()
    if not settings.CHAT_SCHEMES:
        return str(gettext("Chat robots are switched off here."))
    if "://" not in address or scheme not in settings.CHAT_SCHEMES:
        return str(
            gettext("Only these kinds of robot may be used: %(schemes)s.")
            % {"schemes": ", ".join(settings.CHAT_SCHEMES)}
        )
    return ""


class PortalNoticeQuerySet(models.QuerySet["PortalNotice"]):
    def visible_to(self, user: Any) -> PortalNoticeQuerySet:
        """A notice is its addressee's alone, whatever office anybody else holds."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        return self.filter(user_id=user.pk)

    def unread(self) -> PortalNoticeQuerySet:
        return self.filter(read_at__isnull=True)


class PortalNotice(models.Model):
    """One notice in one person's bell list, in the language they read.

    ``key`` names the occasion (for example ``report-returned:<report id>:<version>``); one person
    gets one notice for one occasion, however often the act is replayed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("occasion"), max_length=200)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="portal_notices",
        verbose_name=_("addressee"),
    )
    event = models.CharField(_("event"), max_length=100)
    title = models.CharField(_("title"), max_length=300)
    body = models.TextField(_("text"))
    url = models.CharField(_("link"), max_length=500, blank=True)
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = PortalNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("portal notice")
        verbose_name_plural = _("portal notices")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "user"], name="portal_notice_once_each"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="portal_notice_bell"),
            models.Index(
                fields=["user"], condition=Q(read_at__isnull=True), name="portal_notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: Any) -> DeliveryQuerySet:
        """The ledger is for those who keep the machines running; it names no business.

        What goes to somebody's webhook is that person's matter (``webhooks.WebhookDelivery``).
        """
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        if not user.has_perm("notifications.read_deliveries"):
            return self.none()
        return self.exclude(channel=Delivery.Channel.WEBHOOK)

    def failed(self) -> DeliveryQuerySet:
        return self.filter(state=Delivery.State.FAILED)

    def due(self) -> DeliveryQuerySet:
        return self.filter(state=Delivery.State.WAITING, due_at__lte=Now())


class Delivery(models.Model):
    """One message to one address over one channel: it ends sent, failed with a reason, or cancelled.

    A worker claims the row and commits before it speaks to the relay, so a worker that dies leaves
    a claim behind, never a silent loss. ``message_id`` is fixed when the row is written: if a
    message has to go again, it goes under the same Message-ID and ``resent`` says so.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        CHAT = "chat", _("Chat robot")
        WEBHOOK = "webhook", _("Webhook")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("occasion"), max_length=200)
    user: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("addressee"),
    )
    channel = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices, default=Channel.EMAIL
    )
    address = models.CharField(_("address"), max_length=320)
    sender = models.CharField(_("sender"), max_length=320, blank=True)
    event = models.CharField(_("event"), max_length=100, blank=True)
    subject = models.CharField(_("subject line"), max_length=300)
    # Emptied as soon as the message is sent or cancelled: mail may hold sign-in links.
    body = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    message_id = models.CharField(max_length=320, unique=True)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    # By the database's clock, like every other instant of the ledger: workers' clocks may differ.
    #: Null while it is held: it goes when somebody releases it (``services.release``).
    due_at = models.DateTimeField(_("due"), db_default=Now(), null=True)
    claim = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # A former try may already have reached the addressee (its worker died before saying so).
    resent = models.BooleanField(_("sent again"), default=False)
    #: Of a cancelled one too, where there is one to tell.
    failed_reason = models.CharField(_("reason of failure"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "address", "channel"], name="delivery_once_each"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False, body=""),
                name="delivery_sent_has_time_and_no_body",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(failed_reason=""),
                name="delivery_failed_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="claimed", claim__isnull=False, claimed_at__isnull=False)
                | (~Q(state="claimed") & Q(claim__isnull=True, claimed_at__isnull=True)),
                name="delivery_claim_whole",
            ),
        ]
        indexes = [
            # The operator's list, whatever the state: newest first, however much was ever sent.
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(
                fields=["claimed_at"], condition=Q(state="claimed"), name="delivery_claimed"
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(state="failed"),
                name="delivery_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.subject}"

    @property
    def masked_address(self) -> str:
        return masked_address(self.channel, self.address)


def masked_address(channel: str, address: str) -> str:
    """The address as the operator sees it: enough to recognise, not enough to collect."""
    if channel == Delivery.Channel.CHAT:  # what follows the kind of robot is its key
        return f"{address.partition('://')[0]}://***"
    name, at, host = address.rpartition("@")
    return f"{name[:1]}***{at}{host}" if at else "***"
