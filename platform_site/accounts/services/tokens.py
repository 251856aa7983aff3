"""API tokens: made, renewed with an overlap, revoked."""

from __future__ import annotations

import datetime
import ipaddress
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.audit.services import record
from platform_site.problems import Invalid, NotAllowed, StepNotOpen

from ..models import LONGEST_TOKEN, ApiToken, User
from .shared import field_problems, invalid_field, lock

#: How long the old text of a renewed token may go on working.
LONGEST_OVERLAP = datetime.timedelta(days=7)
MOST_NETWORKS = 20
_SCOPE = re.compile(r"[a-z][a-z_-]{1,40}:(read|write)")


@transaction.atomic
def issue_token(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    expires_on: datetime.date,
    kind: str = ApiToken.Kind.PERSONAL,
    system: str = "",
    networks: Iterable[str] = (),
    id: uuid.UUID | None = None,
    by: User | None,
) -> tuple[ApiToken, str]:
    """Make a token for ``user``; the cleartext is returned once and never stored."""
    _require_own_tokens(user, by)
    user = lock(user)
    if not user.is_active:
        raise StepNotOpen("account_disabled", _("The account is disabled."))
    token, cleartext = _make_token(
        user,
        id=id,
        name=name,
        scopes=scopes,
        expires_on=expires_on,
        kind=kind,
        system=system,
        networks=networks,
    )
    record("token.issue", user, by=by, facts=_token_facts(token))
    return token, cleartext


@transaction.atomic
def rotate_token(
    token: ApiToken,
    *,
    expires_on: datetime.date,
    overlap: datetime.timedelta = datetime.timedelta(),
    id: uuid.UUID | None = None,
    by: User | None,
) -> tuple[ApiToken, str]:
    """Give a token a new text and a new last day; for ``overlap`` the old text works beside it.

    The new one is a row of its own with the same name, kind, scopes and addresses: nothing is
    widened by it.
    """
    _require_own_tokens(token.user, by)
    user = lock(token.user)
    old = ApiToken.objects.select_for_update(no_key=True).filter(pk=token.pk).first()
    if old is None or old.expired:
        raise StepNotOpen("token_ended", _("This token has ended. Make a new one."))
    if not datetime.timedelta() <= overlap <= LONGEST_OVERLAP:
        raise invalid_field(
            "overlap", "overlap", _("The old text works for a week longer at the most.")
        )
    new, cleartext = _make_token(
        user,
        id=id,
        name=old.name,
        scopes=old.scopes,
        expires_on=expires_on,
        kind=old.kind,
        system=old.system,
        networks=old.networks,
    )
    if overlap:
        old.expiry = min(old.expiry, timezone.now() + overlap)
        old.save(update_fields=["expiry"])
    else:
        old.delete()
    record("token.rotate", user, by=by, facts={**_token_facts(new), "old": token.token_key})
    return new, cleartext


def _make_token(
    user: User,
    *,
    id: uuid.UUID | None,
    name: str,
    scopes: Iterable[str],
    expires_on: datetime.date,
    kind: str,
    system: str,
    networks: Iterable[str],
) -> tuple[ApiToken, str]:
    today = timezone.localdate()
    if not today < expires_on <= today + LONGEST_TOKEN:
        raise invalid_field(
            "expires_on", "expiry", _("A token expires after today and within a year.")
        )
    wanted = sorted(set(scopes))
    if not wanted:
        raise invalid_field("scopes", "required", _("Choose at least one scope."))
    for scope in wanted:
        if not _SCOPE.fullmatch(scope):
            raise invalid_field("scopes", "unknown_scope", _("There is no such scope."))
    if id is not None and ApiToken.objects.filter(id=id).exists():
        raise StepNotOpen("token_made", _("This token was already made. Load the page again."))
    kind, system, allowed = _binding(kind, system, networks)
    midnight = timezone.make_aware(
        datetime.datetime.combine(expires_on + datetime.timedelta(days=1), datetime.time())
    )
    draft = ApiToken(
        user=user, name=name, kind=kind, system=system, networks=allowed, scopes=wanted
    )
    try:
        draft.clean_fields(exclude={"digest", "token_key", "expiry"})
    except ValidationError as error:
        raise Invalid(
            "invalid", _("The token cannot be made like this."), fields=field_problems(error)
        ) from error
    token, cleartext = ApiToken.objects.create(
        user,
        expiry=midnight - timezone.now(),
        id=id or uuid.uuid4(),
        name=draft.name,
        kind=kind,
        system=draft.system,
        scopes=wanted,
        networks=allowed,
    )
    # The library reckons from a moment of its own, a little later.
    token.expiry = midnight
    token.save(update_fields=["expiry"])
    return token, cleartext


def _binding(kind: str, system: str, networks: Iterable[str]) -> tuple[str, str, list[str]]:
    """What a token is bound to: a machine's names its system and its addresses, both."""
    allowed = _networks(networks)
    if kind != ApiToken.Kind.MACHINE:
        return ApiToken.Kind.PERSONAL, "", allowed
    if not system.strip():
        raise invalid_field("system", "required", _("Name the system that the token is for."))
    if not allowed:
        raise invalid_field(
            "networks",
            "required",
            _("A machine token is used from the addresses of its system: name at least one."),
        )
    return ApiToken.Kind.MACHINE, system, allowed


def _networks(given: Iterable[str]) -> list[str]:
    """Addresses and networks as the database keeps them, each once, in the order given."""
    found: list[str] = []
    for text in given:
        try:
            network = ipaddress.ip_network(text.strip())
        except ValueError:
            raise invalid_field(
                "networks",
                "network",
                _(
                    "%(text)s is no address and no network. Write 10.1.2.3, 10.1.0.0/16, 2001:db8::/48."
                )
                % {"text": text.strip()[:60]},
            ) from None
        if network.prefixlen == 0:
            raise invalid_field(
                "networks", "network", _("%(text)s is every address there is.") % {"text": network}
            )
        if str(network) not in found:
            found.append(str(network))
    if len(found) > MOST_NETWORKS:
        raise invalid_field(
            "networks",
            "too_many",
            _("Name %(limit)d networks at the most.") % {"limit": MOST_NETWORKS},
        )
    return found


def _token_facts(token: ApiToken) -> dict[str, Any]:
    return {
        "token": token.token_key,
        "kind": token.kind,
        "scopes": token.scopes,
        "networks": token.networks,
        "expires_on": token.last_day.isoformat() if token.last_day else None,
    }


def _require_own_tokens(user: User, by: User | None) -> None:
    if by is not None and by.pk != user.pk:
        raise NotAllowed("not_yours", _("Everybody issues their own tokens only."))


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User | None) -> None:
    """Withdraw a token; the next request with it is answered 401."""
    if by is not None and by.pk != token.user_id:
        raise NotAllowed("not_yours", _("Everybody withdraws their own tokens only."))
    user, key = token.user, token.token_key
    token.delete()
    record("token.revoke", user, by=by, facts={"token": key})
