"""The delivery engine: claim and commit, check the claim, send, mark.

One engine for all channels. Mail and chat robots are sent from here; a room above registers what hands
over the messages of its own channel (:func:`register`).

A row is claimed in a short transaction that is committed before the relay is spoken to, so two
workers never hold the same row and a worker that dies leaves a visible claim. As the last act before
SMTP DATA the claim is checked and its lease renewed in one statement. What remains is the moment
between the relay's "250 accepted" and the commit of the mark. For a claim whose worker died the relay's
log is asked, where there is one (``relay.accepted``): what it took is marked sent, what it did not take
goes again. Where no log can be asked, the message goes out once more, under the same Message-ID and
marked ``resent``. Nothing is ever lost.

All instants are the database's (``Now()``): the clocks of the machines that run workers may differ.
"""

from __future__ import annotations

import logging
import random
import smtplib
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from .models import Delivery, chat_problem
from .relay import CheckedBackend, WithdrawnError, accepted, open_relay, speak

logger = logging.getLogger(__name__)

#: The try after which a message is given up and put on the operator's page.
MAX_TRIES = 8
#: Rows claimed at once: small, so that a dying worker strands few.
BATCH = 10
#: Rows one run may send; the next bell or sweep goes on.
RUN = 500
#: How long one run may hand over messages of slow channels (seconds): each may take as long as a
#: stranger's server likes, and mail must find a worker meanwhile.
SLOW_SECONDS = 30.0


class UnsendableError(Exception):
    """The relay, or the message itself, says that trying again is useless."""


class LaterError(Exception):
    """Not now, and by no fault of the message: it waits on as if it had not been tried.

    ``until`` is None where it is held until somebody releases it.
    """

    def __init__(self, until: datetime | None) -> None:
        super().__init__(until)
        self.until = until


@dataclass
class Outcome:
    sent: int = 0
    delayed: int = 0
    failed: int = 0


#: What hands a message over, by its channel; mail has the relay's connection besides.
_senders: dict[str, Callable[[Delivery], None]] = {}
_slow: set[str] = set()


def register(channel: str, send: Callable[[Delivery], None], *, slow: bool = False) -> None:
    """Say how messages of a channel are handed over.

    ``send`` returns when the message was taken. It asks :func:`still_ours` as its last act before, and
    raises :class:`WithdrawnError`, :class:`UnsendableError`, :class:`LaterError`, or anything else for
    another try. A slow channel has runs of its own, so that mail does not wait behind it.
    """
    _senders[channel] = send
    if slow:
        _slow.add(channel)


def deliver(ids: Iterable[Any] | None = None, *, most: int = RUN, slow: bool = False) -> Outcome:
    """Send what is due (among ``ids``, or everything) of the quick or of the slow channels; each row
    ends sent, delayed or failed.
    """
    wanted = None if ids is None else [str(pk) for pk in ids]
    outcome = Outcome()
    relay: BaseEmailBackend | None = None
    done, began = 0, time.monotonic()
    # Of the slow ones a single row: what is claimed must not outwait its lease behind others.
    size = 1 if slow else BATCH
    try:
        while done < most and not (slow and time.monotonic() - began > SLOW_SECONDS):
            batch = claim(wanted, limit=min(size, most - done), slow=slow)
            if not batch:
                break
            done += len(batch)
            for row in batch:
                try:
                    if row.channel == Delivery.Channel.EMAIL:
                        relay = relay or open_relay()
                        send(row, relay)
                    else:
                        _senders[row.channel](row)
                except WithdrawnError:
                    continue
                except LaterError as later:
                    hand_back(row, later.until)
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


def claim(
    ids: Sequence[str] | None = None, *, limit: int = BATCH, slow: bool = False
) -> list[Delivery]:
    """Take up to ``limit`` due rows that nobody else holds; the claim is committed on return.

    The try is counted here, not after sending: a message that kills its worker each time must
    reach the operator's page too.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        of_slow = Q(channel__in=_slow)
        due = Delivery.objects.due().filter(of_slow if slow else ~of_slow)
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
    """Settle the claims of workers that died, by the relay's log where there is one."""
    lease = timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)
    with transaction.atomic():
        stale = list(
            Delivery.objects.filter(
                state=Delivery.State.CLAIMED, claimed_at__lt=Now() - lease
            ).select_for_update(skip_locked=True, of=("self",))[:RUN]
        )
        if not stale:
            return 0
        mails = [row for row in stale if row.channel == Delivery.Channel.EMAIL]
        taken = accepted([row.message_id for row in mails])
        known = set() if taken is None else {row.pk for row in mails}
        for row in mails:
            if taken and row.message_id in taken:
                mark_sent(row)
        rest = Delivery.objects.filter(
            pk__in=[row.pk for row in stale], state=Delivery.State.CLAIMED
        )
        free: dict[str, Any] = {"claim": None, "claimed_at": None}
        rest.filter(tries__gte=MAX_TRIES).update(
            state=Delivery.State.FAILED,
            failed_reason="The worker died while sending, again and again.",
            **free,
        )
        # The log knows that these never left: going now, they go for the first time.
        rest.filter(pk__in=known).update(state=Delivery.State.WAITING, due_at=Now(), **free)
        rest.update(state=Delivery.State.WAITING, due_at=Now(), resent=True, **free)
    return len(stale)


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
    checked = relay if isinstance(relay, CheckedBackend) else None
    if checked is not None:
        checked.may_go = partial(still_ours, row)  # type: ignore[method-assign]
    elif not still_ours(row):
        raise WithdrawnError
    try:
        taken = message.send(fail_silently=False)
    except WithdrawnError:
        if checked is not None:
            checked.begin_again()
        raise
    except smtplib.SMTPRecipientsRefused as refusal:
        code, text = next(iter(refusal.recipients.values()))
        if 500 <= code < 600:
            raise UnsendableError(f"{code} {_readable(text)}") from refusal
        raise
    except ValueError as problem:  # an address or header that cannot be written
        raise UnsendableError(f"{type(problem).__name__}: {problem}") from problem
    if not taken:
        raise smtplib.SMTPException("The relay took no message.")


def send_chat(row: Delivery) -> None:
    """Hand one message to a group robot, if robots of this kind are allowed here."""
    if wrong := chat_problem(row.address):
        raise UnsendableError(wrong)
    if not still_ours(row):
        raise WithdrawnError
    if not speak(row.address, row.subject, row.body):
        raise OSError("The robot took no message.")


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


def hand_back(row: Delivery, until: datetime | None) -> None:
    """Let it wait on, with the try taken back."""
    _ours(row).update(
        state=Delivery.State.WAITING,
        claim=None,
        claimed_at=None,
        tries=F("tries") - 1,
        due_at=until,
    )


def give_up(row: Delivery, reason: str) -> None:
    """Leave the message to the operator's page, with the reason."""
    _ours(row).update(
        state=Delivery.State.FAILED,
        claim=None,
        claimed_at=None,
        failed_reason=_reason(row, reason),
    )
    logger.warning("Delivery %s failed after try %s: %s", row.pk, row.tries, _reason(row, reason))


register(Delivery.Channel.CHAT, send_chat)


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
