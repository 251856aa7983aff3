"""The secret address under which a calendar program reads somebody's due dates."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from platform_site.audit import services as audit

from ..models import CalendarFeed


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make_feed(*, by: Any) -> tuple[CalendarFeed, str]:
    """A new address for ``by``; the former one ends. The secret is returned once and not kept."""
    now = timezone.now()
    CalendarFeed.objects.filter(user=by, revoked_at=None).update(revoked_at=now)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=by, secret_hash=hashed(secret), created_at=now)
    audit.record("casework.feed_made", feed, by=by, at=now)
    return feed, secret


@transaction.atomic
def revoke_feed(*, by: Any) -> int:
    """End the own address: whoever has it reads nothing any more."""
    now = timezone.now()
    feeds = list(CalendarFeed.objects.filter(user=by, revoked_at=None))
    for feed in feeds:
        feed.revoked_at = now
        feed.save(update_fields=["revoked_at"])
        audit.record("casework.feed_revoked", feed, by=by, at=now)
    return len(feeds)


def reader_of_feed(secret: str) -> Any:
    """Whose calendar the address opens; None when it is unknown, revoked or of a disabled account.

    When it was last read is noted once an hour at the most: its owner sees whether somebody uses it.
    """
    feed = (
        CalendarFeed.objects.filter(secret_hash=hashed(secret), revoked_at=None)
        .select_related("user")
        .first()
    )
    if feed is None or not feed.user.is_active:
        return None
    now = timezone.now()
    if feed.last_read_at is None or now - feed.last_read_at > dt.timedelta(hours=1):
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)
    return feed.user
