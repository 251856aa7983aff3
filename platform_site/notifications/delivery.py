"""The delivery engine: claim and commit, check the claim, send, mark.

A row is claimed in a short transaction that is committed before the relay is spoken to, so two
workers never hold the same row and a worker that dies leaves a visible claim. Just before sending,
the claim is checked and its lease renewed in one statement. What remains is the moment between
the relay's "250 accepted" and the commit of the mark: a worker that dies there leaves a claim that
goes out once more, under the same Message-ID and marked ``resent``. Nothing is ever lost.

All instants are the database's (``Now()``): the clocks of the machines that run workers may differ.
"""

from __future__ import annotations

import logging
import random
import smtplib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from .models import Delivery

logger = logging.getLogger(__name__)

#: A claim older than this belongs to a worker that died.
LEASE = timedelta(minutes=2)
#: The try after which a message is given up and put on the operator's page.
MAX_TRIES = 8
#: Rows claimed at once: small, so that a dying worker strands few.
BATCH = 10
#: Rows one run may send; the next bell or sweep goes on.
RUN = 500
#: Seconds each exchange with the relay may take; a whole message stays well below the lease.
RELAY_TIMEOUT = 10


class UnsendableError(Exception):
    """The relay, or the message itself, says that trying again is useless."""


@dataclass
class Outcome:
    sent: int = 0
    delayed: int = 0
    failed: int = 0


def deliver(ids: Iterable[Any] | None = None, *, most: int = RUN) -> Outcome:
    """Send what is due (among ``ids``, or everything); each row ends sent, delayed or failed."""
    wanted = None if ids is None else [str(pk) for pk in ids]
    outcome = Outcome()
    relay: BaseEmailBackend | None = None
    done = 0
    try:
        while done < most:
            batch = claim(wanted, limit=min(BATCH, most - done))
            if not batch:
                break
            done += len(batch)
            for row in batch:
                if not still_ours(row):
                    continue
                try:
                    relay = relay or open_relay()
                    send(row, relay)
                except UnsendableError as problem:
                    give_up(row, str(problem))
                    outcome.failed += 1
                except Exception as problem:  # any fault of the relay must not stop the others
                    _close(relay)
                    relay = None
                    if put_off(row, f"{type(problem).__name__}: {problem}"):
                        outcome.delayed += 1
                    else:
                        outcome.failed += 1
                else:
                    mark_sent(row)
                    outcome.sent += 1
    finally:
        _close(relay)
    return outcome


def claim(ids: Sequence[str] | None = None, *, limit: int = BATCH) -> list[Delivery]:
    """Take up to ``limit`` due rows that nobody else holds; the claim is committed on return.

    The try is counted here, not after sending: a message that kills its worker each time must
    reach the operator's page too.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        due = Delivery.objects.due()
        if ids is not None:
            due = due.filter(pk__in=ids)
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "id")[:limit]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Delivery.State.CLAIMED, claim=token, claimed_at=Now(), tries=F("tries") + 1
        )
    for row in rows:
        row.state = Delivery.State.CLAIMED
        row.claim = token
        row.tries += 1
    return rows


def still_ours(row: Delivery) -> bool:
    """Check the claim and renew its lease; ``False`` when it was cancelled or taken over."""
    return bool(
        Delivery.objects.filter(pk=row.pk, state=Delivery.State.CLAIMED, claim=row.claim).update(
            claimed_at=Now()
        )
    )


def release_stale() -> int:
    """Free the claims of workers that died; those messages go again and say so."""
    stale = Delivery.objects.filter(state=Delivery.State.CLAIMED, claimed_at__lt=Now() - LEASE)
    stale.filter(tries__gte=MAX_TRIES).update(
        state=Delivery.State.FAILED,
        claim=None,
        claimed_at=None,
        failed_reason="The worker died while sending, again and again.",
    )
    return stale.update(
        state=Delivery.State.WAITING, claim=None, claimed_at=None, due_at=Now(), resent=True
    )


def send(row: Delivery, relay: BaseEmailBackend) -> None:
    """Hand one message to the relay; raises :class:`UnsendableError` when no later try can help."""
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    if row.language:
        headers["Content-Language"] = row.language
    message = EmailMessage(
        subject=row.subject,
        body=row.body,
        from_email=row.sender or settings.DEFAULT_FROM_EMAIL,
        to=[row.address],
        headers=headers,
        connection=relay,
    )
    try:
        accepted = message.send(fail_silently=False)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, text = next(iter(refusal.recipients.values()))
        if 500 <= code < 600:
            raise UnsendableError(f"{code} {_readable(text)}") from refusal
        raise
    except ValueError as problem:  # an address or header that cannot be written
        raise UnsendableError(f"{type(problem).__name__}: {problem}") from problem
    if not accepted:
        raise smtplib.SMTPException("The relay took no message.")


def mark_sent(row: Delivery) -> None:
    """The relay has it: true whatever happened to the claim meanwhile. The text is erased."""
    Delivery.objects.filter(pk=row.pk).update(
        state=Delivery.State.SENT,
        sent_at=Now(),
        body="",
        claim=None,
        claimed_at=None,
        failed_reason="",
    )


def put_off(row: Delivery, reason: str) -> bool:
    """Try again after 1, 2, 4, … minutes; ``False`` when that was the last try."""
    if row.tries >= MAX_TRIES:
        give_up(row, reason)
        return False
    # Spread by a tenth, so that a relay that returns is not met by everybody at once.
    minutes = 2 ** (row.tries - 1) * random.uniform(0.9, 1.1)  # noqa: S311  # nosec B311
    _ours(row).update(
        state=Delivery.State.WAITING,
        claim=None,
        claimed_at=None,
        due_at=Now() + timedelta(minutes=minutes),
        failed_reason=_reason(row, reason),
    )
    logger.info("Delivery %s put off after try %s: %s", row.pk, row.tries, _reason(row, reason))
    return True


def give_up(row: Delivery, reason: str) -> None:
    """Leave the message to the operator's page, with the reason."""
    _ours(row).update(
        state=Delivery.State.FAILED,
        claim=None,
        claimed_at=None,
        failed_reason=_reason(row, reason),
    )
    logger.warning("Delivery %s failed after try %s: %s", row.pk, row.tries, _reason(row, reason))


def open_relay() -> BaseEmailBackend:
    """The connection that EMAIL_URL describes: the one way out for mail."""
    relay = dict(settings.RELAY)
    backend = relay.get("EMAIL_BACKEND", "")
    if not backend or backend.endswith(".LedgerBackend"):
        raise ImproperlyConfigured("EMAIL_URL must name a relay, not the ledger itself")
    names = {
        "EMAIL_HOST": "host",
        "EMAIL_PORT": "port",
        "EMAIL_HOST_USER": "username",
        "EMAIL_HOST_PASSWORD": "password",
        "EMAIL_USE_TLS": "use_tls",
        "EMAIL_USE_SSL": "use_ssl",
        "EMAIL_FILE_PATH": "file_path",
    }
    given = {names[key]: value for key, value in relay.items() if key in names and value}
    connection: BaseEmailBackend = get_connection(backend, timeout=RELAY_TIMEOUT, **given)
    connection.open()
    return connection


def _ours(row: Delivery) -> Any:
    return Delivery.objects.filter(pk=row.pk, state=Delivery.State.CLAIMED, claim=row.claim)


def _close(relay: BaseEmailBackend | None) -> None:
    if relay is not None:
        try:
            relay.close()
        except Exception:  # the relay is gone already; what counts is in the ledger
            logger.debug("The relay's connection did not close cleanly.", exc_info=True)


def _reason(row: Delivery, reason: str) -> str:
    """Relays repeat the address in their answers; neither page nor log needs it whole."""
    return (reason.replace(row.address, row.masked_address) or "unknown")[:500]


def _readable(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
