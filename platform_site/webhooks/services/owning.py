"""What an owner does with a webhook: nobody else may, whatever office they hold."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit.services import record
from platform_site.federations.models import Federation
from platform_site.notifications import services as ledger
from platform_site.notifications.models import Delivery
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from .. import outgoing
from ..kinds import offered
from ..models import Webhook, WebhookDelivery, WebhookSecret
from ..sealing import seal
from .events import ping

#: So many webhooks a person may have: each is told of everything that its owner sees.
MOST = 10
#: Bytes of a secret; Standard Webhooks asks for 24 to 64.
SECRET_BYTES = 32
#: Hours for which an old secret may go on signing beside the new one.
OVERLAP, LONGEST_OVERLAP = 24, 168
_UNCHANGED: Any = object()


def create_webhook(
    *,
    by: User,
    name: str,
    url: str,
    kinds: Iterable[str],
    federation: Federation | None = None,
    id: UUID | None = None,
) -> tuple[Webhook, str]:
    """Make a webhook and its first secret; the cleartext is returned once.

    ``id`` comes with the form or the request: the same sent again meets the same webhook, and its secret
    is not shown again (an empty text).
    """
    if id is not None and (again := Webhook.objects.filter(pk=id).first()):
        return _same(again, by), ""
    wanted = _check(name=name, url=url, kinds=kinds)  # asks name servers: before the transaction
    pk = id or uuid4()
    with transaction.atomic():
        # One at a time for each owner: two at once would both be the last.
        get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
        if Webhook.objects.filter(owner=by).count() >= MOST:
            raise StepNotOpen(
                "too_many_webhooks",
                _("You have %(n)s webhooks, which is the most there may be. Delete one first.")
                % {"n": MOST},
            )
        try:
            with transaction.atomic():
                webhook = Webhook.objects.create(id=pk, owner=by, federation=federation, **wanted)
        except IntegrityError:  # the same request at the same moment
            return _same(Webhook.objects.get(pk=pk), by), ""
        webhook.refresh_from_db()
        cleartext = _new_secret(webhook)
        record("webhooks.webhook.create", webhook, by=by, facts=_facts(webhook))
    return webhook, cleartext


def _same(webhook: Webhook, by: User) -> Webhook:
    if webhook.owner_id == by.pk:
        return webhook
    message = _("This id belongs to something else. Load the page again.")
    raise Invalid("id_taken", message, fields=[FieldProblem("/id", "id_taken", message)])


def change_webhook(
    webhook: Webhook,
    *,
    by: User,
    version: int,
    name: str | None = None,
    url: str | None = None,
    kinds: Iterable[str] | None = None,
    federation: Federation | None = _UNCHANGED,
) -> Webhook:
    """Change what it is called, where it leads or what it is told; what waits goes to the new address."""
    wanted = _check(
        name=webhook.name if name is None else name,
        url=webhook.url if url is None else url,
        kinds=webhook.kinds if kinds is None else kinds,
    )
    if federation is not _UNCHANGED:
        wanted["federation"] = federation
    with transaction.atomic():
        row = _lock(webhook, by, version)
        given = {
            field: value
            for field, value, meant in (
                ("name", wanted["name"], name is not None),
                ("url", wanted["url"], url is not None),
                ("kinds", wanted["kinds"], kinds is not None),
                ("federation", wanted.get("federation"), "federation" in wanted),
            )
            if meant and getattr(row, field) != value
        }
        if not given:
            return row
        for field, value in given.items():
            setattr(row, field, value)
        if "url" in given:
            row.failures, row.rests_until = 0, None
        row.version += 1
        row.save()
        # An address may hold a key in its path: the trail says that it changed, and the host.
        facts = {**_facts(row), "changed": sorted(given)}
        record("webhooks.webhook.change", row, by=by, facts=facts)
    return row


@transaction.atomic
def rotate_secret(
    webhook: Webhook, *, by: User, version: int, overlap_hours: int = OVERLAP
) -> tuple[Webhook, str]:
    """Make a new secret; the old one signs beside it for some hours, or (0) no more from now on."""
    if not 0 <= overlap_hours <= LONGEST_OVERLAP:
        message = _("Between 0 and %(n)s hours.") % {"n": LONGEST_OVERLAP}
        problem = FieldProblem("/overlap_hours", "out_of_range", message)
        raise Invalid("out_of_range", message, fields=[problem])
    row = _lock(webhook, by, version)
    ends_at = Now() + dt.timedelta(hours=overlap_hours)
    row.secrets.filter(ends_at=None).update(ends_at=ends_at)
    if not overlap_hours:
        row.secrets.all().delete()
    cleartext = _new_secret(row)
    row = _step(row, "rotate", by=by, facts={"overlap_hours": overlap_hours})
    return row, cleartext


@transaction.atomic
def pause_webhook(webhook: Webhook, *, by: User, version: int) -> Webhook:
    """Send nothing any more; what happens meanwhile is kept for when it is resumed."""
    row = _lock(webhook, by, version)
    if row.state != Webhook.State.ACTIVE:
        raise StepNotOpen(
            "step_not_open",
            _("The webhook is “%(state)s” already.") % {"state": row.get_state_display()},
        )
    ledger.hold(_deliveries_of(row))
    return _step(row, "pause", by=by, state=Webhook.State.PAUSED, state_reason=Webhook.Reason.OWNER)


@transaction.atomic
def resume_webhook(webhook: Webhook, *, by: User, version: int) -> Webhook:
    """Go on sending; what was kept goes out now."""
    row = _lock(webhook, by, version)
    if row.state == Webhook.State.ACTIVE:
        raise StepNotOpen("step_not_open", _("The webhook is active already."))
    row = _step(
        row,
        "resume",
        by=by,
        state=Webhook.State.ACTIVE,
        state_reason="",
        failures=0,
        rests_until=None,
    )
    ledger.release(_deliveries_of(row))
    return row


@transaction.atomic
def delete_webhook(webhook: Webhook, *, by: User, version: int) -> None:
    """Take it away with its secrets and its log."""
    row = _lock(webhook, by, version)
    record("webhooks.webhook.delete", row, by=by, from_state=row.state, facts=_facts(row))
    ledger.forget(_deliveries_of(row))
    row.delete()


@transaction.atomic
def ping_webhook(webhook: Webhook, *, by: User, version: int) -> Webhook:
    """Send a test event, also while it is paused or disabled; one at a time."""
    row = _lock(webhook, by, version)
    if row.pings.filter(spread_at=None).exists() or _unfinished_pings(row):
        raise StepNotOpen(
            "ping_waiting", _("A test event is still on its way. Look at the deliveries.")
        )
    Webhook.objects.filter(pk=row.pk).update(rests_until=None)
    ping(row, key=f"ping:{uuid4()}")
    row.refresh_from_db()
    return row


@transaction.atomic
def resend_delivery(sent: WebhookDelivery, *, by: User, version: int) -> WebhookDelivery:
    """重发: let a delivery that has ended go once more, under the same id."""
    _owned(sent.webhook, by)
    row = (
        WebhookDelivery.objects.select_related("webhook", "event", "delivery")
        .select_for_update(no_key=True, of=("self",))
        .get(pk=sent.pk)
    )
    if row.version != version:
        raise _stale(row.version)
    if not row.may_resend or not ledger.begin_again([row.delivery_id]):
        raise StepNotOpen(
            "step_not_open",
            _("It cannot be sent again now: it is still on its way, or the webhook stands still."),
        )
    WebhookDelivery.objects.filter(pk=row.pk).update(version=F("version") + 1)
    Webhook.objects.filter(pk=row.webhook_id).update(rests_until=None)
    facts = {"event": row.event.kind, "delivery": str(row.pk)}
    record("webhooks.delivery.resend", row.webhook, by=by, facts=facts)
    return WebhookDelivery.objects.with_context().get(pk=row.pk)


# --- What the verbs share -------------------------------------------------------------------------
def _owned(webhook: Webhook, by: User) -> None:
    if webhook.owner_id != by.pk:
        raise NotAllowed("not_yours", _("Everybody sees to their own webhooks only."))


def _lock(webhook: Webhook, by: User, version: int) -> Webhook:
    row = Webhook.objects.select_for_update(no_key=True, of=("self",)).get(pk=webhook.pk)
    _owned(row, by)
    if row.version != version:
        raise _stale(row.version)
    return row


def _stale(version: int) -> Stale:
    message = _("Somebody changed this since you opened it. Look at it again before you go on.")
    return Stale("stale", message, version=version)


def _step(
    row: Webhook, verb: str, *, by: User, facts: dict[str, Any] | None = None, **changes: Any
) -> Webhook:
    before = row.state
    Webhook.objects.filter(pk=row.pk).update(version=F("version") + 1, **changes)
    row.refresh_from_db()
    moved = row.state != before
    record(
        f"webhooks.webhook.{verb}",
        row,
        by=by,
        facts=facts,
        from_state=before if moved else "",
        to_state=row.state if moved else "",
    )
    return row


def _deliveries_of(webhook: Webhook) -> list[UUID]:
    return list(webhook.deliveries.values_list("delivery_id", flat=True))


def _unfinished_pings(webhook: Webhook) -> bool:
    unfinished = [Delivery.State.WAITING, Delivery.State.CLAIMED]
    pings = webhook.deliveries.filter(event__webhook=webhook, delivery__state__in=unfinished)
    return bool(pings.exists())


def _facts(webhook: Webhook) -> dict[str, Any]:
    return {"host": webhook.host, "kinds": webhook.kinds}


def _new_secret(webhook: Webhook) -> str:
    """The text that both sides hold, ``whsec_`` and base64 (Standard Webhooks 1.0)."""
    cleartext = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")
    WebhookSecret.objects.create(webhook=webhook, sealed=seal(cleartext))
    return cleartext


def _check(*, name: str, url: str, kinds: Iterable[str]) -> dict[str, Any]:
    """What is wrong with the fields, all at once; else the fields as they are kept."""
    problems = []
    name, url, chosen = name.strip(), url.strip(), sorted(set(kinds))
    if not name:
        problems.append(FieldProblem("/name", "required", _("Give the webhook a name.")))
    known = {kind.code for kind in offered()}
    if not chosen:
        problems.append(FieldProblem("/kinds", "required", _("Choose at least one event.")))
    elif set(chosen) - known:
        message = _("Choose from: %(names)s.") % {"names": ", ".join(sorted(known))}
        problems.append(FieldProblem("/kinds", "unknown_kind", message))
    try:
        outgoing.check(url)
    except outgoing.NotReachedError as refused:
        problems.append(FieldProblem("/url", f"{refused.problem}_refused", refused.message))
    if problems:
        raise Invalid("invalid", _("The webhook cannot be kept like this."), fields=problems)
    return {"name": name, "url": url, "kinds": chosen}
