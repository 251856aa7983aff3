"""The only writers of notices and of the delivery ledger."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models.functions import Now
from django.template import Context, engines
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from platform_site.audit.services import record
from platform_site.problems import NotAllowed, StepNotOpen

from . import bell
from .models import Delivery, PortalNotice

if TYPE_CHECKING:
    from platform_site.accounts.models import User

logger = logging.getLogger(__name__)

KEY_LENGTH = 200
PORTAL = "portal"
EMAIL = Delivery.Channel.EMAIL.value
SUBJECT_LENGTH = 300


@transaction.atomic
def notify(
    users: Iterable[User],
    event: str,
    *,
    subject: models.Model | None,
    context: Mapping[str, Any] | None = None,
    reason: str = "",
    key: str,
    by: User | None = None,
    url: str = "",
    include_actor: bool = False,
    by_mail: bool = True,
    at: datetime | None = None,
) -> None:
    """Tell each of ``users`` once about one occasion, in the portal and by e-mail.

    ``event`` names the template ``emails/<event>.txt``: its first line is the subject, the rest
    the text; it is rendered in each recipient's language. The frame around it (``emails/frame.txt``)
    sees to it that every message holds the reason, who did it, what to do next, a link and who to
    ask. ``key`` names the occasion: replayed, it tells nobody twice. ``context`` may hold ``by``
    (as may the argument), ``next_step`` and ``ask`` (texts), ``url`` (else the subject's own).

    Inactive people are passed over; whoever has no e-mail address gets the portal notice alone;
    the actor is not told of their own act unless ``include_actor`` asks for it. ``by_mail=False`` keeps
    a matter of the moment in the portal.
    """
    if not key or len(key) > KEY_LENGTH:
        raise ValueError(f"The key of an occasion has 1 to {KEY_LENGTH} characters: {key!r}")
    given = dict(context or {})
    by = by if by is not None else given.get("by")
    path = url or given.get("url") or _url_of(subject)
    people = _recipients(users, without=None if include_actor else by)
    written_at = at or timezone.now()
    messages = []
    for person in people:
        language = person.language or settings.LANGUAGE_CODE
        words = {
            **given,
            "subject": subject,
            "recipient": person,
            "by": by,
            "reason": reason,
            "url": absolute(path),
            "at": written_at,
        }
        title, body = render(event, words, language)
        messages.append(
            Message(
                key=key,
                user=person,
                event=event,
                title=title,
                body=body,
                url=path,
                subject_type=subject._meta.label_lower if subject is not None else "",
                subject_id=str(subject.pk) if subject is not None else "",
                channels={PORTAL, EMAIL} if person.email and by_mail else {PORTAL},
                addresses={EMAIL: person.email},
                language=language,
            )
        )
    write(messages, at=written_at)


@dataclass(frozen=True)
class Message:
    """One occasion for one person, composed: what :func:`write` puts into the ledger.

    ``channels`` are "portal" and those of :class:`Delivery.Channel`; the latter each need an address.
    """

    key: str
    user: User
    event: str
    title: str
    body: str
    url: str
    channels: Set[str]
    addresses: Mapping[str, str]
    language: str
    subject_type: str = ""
    subject_id: str = ""


@dataclass(frozen=True)
class Written:
    """Where a message went: its notice in the portal, and its deliveries by channel."""

    notice_id: uuid.UUID | None
    delivery_ids: Mapping[str, uuid.UUID]


@transaction.atomic
def write(messages: Sequence[Message], *, at: datetime | None = None) -> list[Written]:
    """Put composed messages into the portal and the ledger, set-wise; the bell rings on commit.

    A message written before (same key and person, or address) is not written again: the answer then
    names the rows that are there. The order of the answers is that of ``messages``.
    """
    at = at or timezone.now()
    notices = [
        PortalNotice(
            key=each.key,
            user=each.user,
            event=each.event,
            title=each.title,
            body=each.body,
            url=each.url,
            subject_type=each.subject_type,
            subject_id=each.subject_id,
            created_at=at,
        )
        for each in messages
        if PORTAL in each.channels
    ]
    deliveries = [
        _delivery(
            key=each.key,
            user=each.user,
            channel=channel,
            address=each.addresses[channel],
            event=each.event,
            subject=each.title,
            body=each.body,
            language=each.language,
        )
        for each in messages
        for channel in sorted(each.channels - {PORTAL})
        if each.addresses.get(channel)
    ]
    # One order everywhere: crossed orders would deadlock.
    notices.sort(key=lambda row: (str(row.user_id), row.key))
    PortalNotice.objects.bulk_create(notices, ignore_conflicts=True)
    _write(deliveries)
    keys = {each.key for each in messages}
    shown = {
        (key, user_id): pk
        for pk, key, user_id in PortalNotice.objects.filter(
            key__in=keys, user__in={each.user.pk for each in messages}
        ).values_list("pk", "key", "user")
    }
    sent = {
        (key, address, channel): pk
        for pk, key, address, channel in Delivery.objects.filter(key__in=keys).values_list(
            "pk", "key", "address", "channel"
        )
    }
    return [
        Written(
            shown.get((each.key, each.user.pk)) if PORTAL in each.channels else None,
            {
                channel: sent[place]
                for channel in each.channels
                if (place := (each.key, each.addresses.get(channel, ""), channel)) in sent
            },
        )
        for each in messages
    ]


@transaction.atomic
def post(message: EmailMessage) -> list[Delivery]:
    """Put a message of ``send_mail`` into the ledger, one row for each address.

    The ledger carries plain text: an HTML-only message is reduced to its words.
    """
    body = message.body
    if getattr(message, "content_subtype", "plain") == "html":
        body = strip_tags(str(body))
    if not body.strip() and isinstance(message, EmailMultiAlternatives):
        body = strip_tags("\n".join(str(content) for content, *_rest in message.alternatives))
    if message.attachments:
        logger.warning("The ledger carries no attachments; %s dropped.", len(message.attachments))
    sender = message.from_email
    rows = [
        _delivery(
            key=f"mail:{uuid.uuid4()}",
            user=None,
            address=address,
            event="mail",
            subject=_one_line(str(message.subject)),
            body=body,
            language=translation.get_language() or "",
            sender="" if sender == settings.DEFAULT_FROM_EMAIL else sender,
        )
        for address in sorted(set(message.recipients()))
    ]
    return _write(rows)


@transaction.atomic
def cancel(key_prefix: str) -> int:
    """Cancel what has not been sent of the occasions whose key begins so; the text is erased.

    A message that a worker is handing to the relay at this moment may still go; it then ends sent.
    """
    if not key_prefix:
        raise ValueError("An empty prefix would cancel everything")
    return (
        Delivery.objects.filter(key__startswith=key_prefix)
        .filter(state__in=[Delivery.State.WAITING, Delivery.State.CLAIMED])
        .update(state=Delivery.State.CANCELLED, body="", claim=None, claimed_at=None)
    )


@transaction.atomic
def cancel_deliveries(ids: Iterable[uuid.UUID], *, reason: str = "") -> int:
    """Cancel these messages where they have not been sent; see :func:`cancel`."""
    return (
        Delivery.objects.filter(pk__in=list(ids))
        .filter(state__in=[Delivery.State.WAITING, Delivery.State.CLAIMED])
        .update(
            state=Delivery.State.CANCELLED,
            body="",
            claim=None,
            claimed_at=None,
            failed_reason=reason,
        )
    )


@transaction.atomic
def hold(ids: Iterable[uuid.UUID]) -> int:
    """Let what waits of these messages wait until it is released."""
    waiting = Delivery.objects.filter(pk__in=list(ids), state=Delivery.State.WAITING)
    return waiting.update(due_at=None)


@transaction.atomic
def release(ids: Iterable[uuid.UUID]) -> int:
    """Let those of these messages that are held go now."""
    held = Delivery.objects.filter(
        pk__in=list(ids), state=Delivery.State.WAITING, due_at__isnull=True
    )
    freed = list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=freed).update(due_at=Now())
    transaction.on_commit(partial(bell.ring, freed), robust=True)
    return len(freed)


@transaction.atomic
def begin_again(ids: Iterable[uuid.UUID]) -> int:
    """Let messages that have ended go once more, with eight new tries and under the same ids.

    The caller has asked whether somebody may; what waits or is being sent is left alone.
    """
    ended = [Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.CANCELLED]
    again = list(
        Delivery.objects.filter(pk__in=list(ids), state__in=ended)
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    Delivery.objects.filter(pk__in=again).update(
        state=Delivery.State.WAITING, tries=0, failed_reason="", sent_at=None, due_at=Now()
    )
    transaction.on_commit(partial(bell.ring, again), robust=True)
    return len(again)


@transaction.atomic
def forget(ids: Iterable[uuid.UUID]) -> int:
    """Strike these rows from the ledger: what hung on them is deleted, or long past."""
    count, _per_model = Delivery.objects.filter(pk__in=list(ids)).delete()
    return count


@transaction.atomic
def resend_delivery(delivery: Delivery, *, by: User, at: datetime | None = None) -> Delivery:
    """Let a failed message begin again with eight new tries, under the same Message-ID."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if not by.has_perm("notifications.resend_delivery", row):
        raise NotAllowed("not_allowed", _("Only a system administrator may send messages again."))
    if row.state != Delivery.State.FAILED:
        raise StepNotOpen(
            "step_not_open", _("Only a failed message can be sent again; this one is not failed.")
        )
    begin_again([row.pk])
    record(
        "notifications.resend_delivery",
        row,
        by=by,
        at=at,
        from_state=Delivery.State.FAILED,
        to_state=Delivery.State.WAITING,
    )
    row.refresh_from_db()
    return row


@transaction.atomic
def mark_read(notice: PortalNotice, *, by: User, at: datetime | None = None) -> PortalNotice:
    """The addressee has seen it; the first time counts."""
    PortalNotice.objects.filter(pk=notice.pk, user=by, read_at__isnull=True).update(
        read_at=at or timezone.now()
    )
    notice.refresh_from_db()
    return notice


@transaction.atomic
def mark_all_read(user: User, *, by: User, at: datetime | None = None) -> int:
    """Everything in one's own bell list is seen."""
    if user.pk != by.pk:
        raise NotAllowed("not_allowed", _("You can mark only your own notices as read."))
    return PortalNotice.objects.filter(user=user, read_at__isnull=True).update(
        read_at=at or timezone.now()
    )


def absolute(path: str) -> str:
    """The address as a mail must carry it."""
    return urljoin(settings.SITE_URL.rstrip("/") + "/", path) if path else settings.SITE_URL


def _recipients(users: Iterable[User], *, without: User | None) -> list[User]:
    """Active people, each once, in one order everywhere (crossed orders would deadlock)."""
    skipped = getattr(without, "pk", None)
    people = {user.pk: user for user in users if user.is_active and user.pk != skipped}
    return [people[pk] for pk in sorted(people, key=str)]


def render(event: str, context: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Subject and text of ``emails/<event>.txt`` inside the frame, in this language."""
    with translation.override(language):
        return _render(event, {"reason": "", "url": "", **context})


def _render(event: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and text. Plain text, so nothing is escaped; it is escaped where HTML shows it."""
    words = _plain(f"emails/{event}.txt", context).strip()
    title, _newline, text = words.partition("\n")
    title = _one_line(title)
    if not title:
        raise ValueError(f"emails/{event}.txt has no subject line")
    frame = {**context, "text": text.strip()}
    # A template may place these itself, where its own words lead up to them.
    frame["show_reason"] = bool(context["reason"]) and context["reason"] not in text
    frame["show_url"] = bool(context["url"]) and context["url"] not in text
    frame["help_line"] = settings.HELP_LINE
    body = _plain("emails/frame.txt", frame)
    lines = [line.rstrip() for line in body.strip().splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return title, "\n".join(kept) + "\n"


def _plain(name: str, context: dict[str, Any]) -> str:
    template: Any = engines["django"].get_template(name)
    return str(template.template.render(Context(context, autoescape=False)))


def _one_line(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(SUBJECT_LENGTH)


def _url_of(subject: models.Model | None) -> str:
    get_absolute_url = getattr(subject, "get_absolute_url", None)
    return str(get_absolute_url()) if get_absolute_url else ""


def _delivery(**fields: Any) -> Delivery:
    pk = uuid.uuid4()
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return Delivery(id=pk, message_id=f"<{pk}@{host}>", **fields)


def _write(rows: list[Delivery]) -> list[Delivery]:
    rows.sort(key=lambda row: row.address)
    written = Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    if written:
        # Robust: a bell that cannot ring must never undo or fail what has been committed.
        transaction.on_commit(partial(bell.ring, [row.pk for row in written]), robust=True)
    return written
