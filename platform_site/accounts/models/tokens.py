"""Keys to the REST API."""

from __future__ import annotations

import datetime
import ipaddress
import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, AuthTokenManager

from platform_site.text.fields import LineField


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: Any) -> ApiTokenQuerySet:
        """A token belongs to one person; nobody else sees that it exists."""
        if not getattr(user, "is_active", False):
            return self.none()
        return self.filter(user=user)


class ApiTokenManager(AuthTokenManager.from_queryset(ApiTokenQuerySet)):  # type: ignore[misc]
    """Knox makes the token and its hash; the query set says whose it is."""


#: A year and the day that a leap year adds; the last day ends at its midnight.
LONGEST_TOKEN = datetime.timedelta(days=366)


class ApiToken(AbstractAuthToken):
    """A key to the REST API. The database holds its hash only, so it is shown exactly once.

    A personal token is a person's own program. A machine token stands in another system, names it,
    and is used from that system's network addresses alone; a personal one may be bound to some.
    """

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("Personal")
        MACHINE = "machine", _("Machine")

    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = LineField(_("name"), max_length=80)
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=Kind.choices,
        default=Kind.PERSONAL,
        db_default=Kind.PERSONAL,
    )
    system = LineField(_("system"), max_length=80, blank=True, default="", db_default="")
    scopes = ArrayField(models.CharField(max_length=64), verbose_name=_("scopes"))
    #: Networks (RFC 4632, RFC 4291) from which it may be used; none: from anywhere.
    networks = ArrayField(
        models.CharField(max_length=43),
        verbose_name=_("network addresses"),
        default=list,
        db_default=[],
        blank=True,
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, blank=True)

    objects = ApiTokenManager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    expiry__isnull=False,
                    expiry__lte=models.F("created")
                    + models.Value(LONGEST_TOKEN + datetime.timedelta(days=1)),
                ),
                name="accounts_token_ends_within_a_year",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="personal", system="")
                | (models.Q(kind="machine", networks__len__gte=1) & ~models.Q(system="")),
                name="accounts_machine_token_is_bound",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def admits(self, address: str | None) -> bool:
        """May it be used from this address of a client?"""
        if not self.networks:
            return True
        if address is None:
            return False
        found = ipaddress.ip_address(address)
        # A dual-stack listener sees an IPv4 client as ::ffff:192.0.2.1.
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in ipaddress.ip_network(network) for network in self.networks)

    @property
    def expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()

    @property
    def last_day(self) -> datetime.date | None:
        """The day shown to people; the moment stored is the midnight that ends it."""
        if self.expiry is None:
            return None
        return timezone.localdate(self.expiry - datetime.timedelta(seconds=1))
