"""Tokens for the REST API: ``Authorization: Bearer <token>``; hashed at rest, expiring, scoped."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from platform_site.api import limits
from platform_site.audit.models import Entry
from platform_site.audit.requests import client_address
from platform_site.audit.services import record
from platform_site.lists.prepared import Prepared
from platform_site.problems import NotAllowed

from .models import ApiToken, User

_SHAPE = re.compile(rb"[A-Za-z0-9_]{20,200}")
_USE_IS_NOTED_EVERY = datetime.timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Finds the person behind a token; anything wrong with it is a 401 that says no more."""

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        header = get_authorization_header(request).split()
        if not header:
            return None
        address = client_address(request)
        try:
            if (
                header[0].lower() != b"bearer"
                or len(header) != 2
                or not _SHAPE.fullmatch(header[1])
            ):
                raise AuthenticationFailed(_("Send the token as: Authorization: Bearer <token>."))
            token = self._find(header[1].decode("ascii"))
        except AuthenticationFailed:
            # Counted here alone: whoever holds a good token at the same address is not slowed.
            limits.require("sign_in", address or "", request)
            raise
        if not token.admits(address):
            limits.require("sign_in", address or "", request)
            self._refuse_address(request, token)
        self._note_use(token, address)
        if "HTTP_ACCEPT_LANGUAGE" not in request.META:
            translation.activate(token.user.language)
        return token.user, token

    @staticmethod
    def _refuse_address(request: Any, token: ApiToken) -> None:
        """Told to whoever holds the whole token, to nobody else; the trail keeps the address."""
        record(
            "token.refuse_address",
            token.user,
            by=token.user,
            facts={"token": token.token_key, "method": request.method, "path": request.path[:200]},
            result=Entry.Result.REFUSED,
        )
        raise PermissionDenied(
            _("This token may not be used from your network address."), code="address_not_allowed"
        )

    def _find(self, cleartext: str) -> ApiToken:
        digest = hash_token(cleartext)
        for token in _tokens(cleartext[: CONSTANTS.TOKEN_KEY_LENGTH]):
            if not constant_time_compare(digest, token.digest):
                continue
            if token.expiry is not None and token.expiry <= timezone.now():
                raise AuthenticationFailed(_("The token has expired."), code="token_expired")
            if not token.user.is_active:
                break
            return token
        raise AuthenticationFailed(_("The token is not valid."))

    def _note_use(self, token: ApiToken, address: str | None) -> None:
        # At most one write a minute; the row is not locked for it.
        now = timezone.now()
        stale = now - _USE_IS_NOTED_EVERY
        if token.last_used_at is None or token.last_used_at < stale:
            ApiToken.objects.filter(
                Q(last_used_at__isnull=True) | Q(last_used_at__lt=stale), pk=token.pk
            ).update(last_used_at=now, last_used_from=address)
            token.last_used_at, token.last_used_from = now, address


def needed_scope(request: Any, view: Any) -> str:
    """``reports:read``; only ``read`` or ``write`` for a view that is no resource's."""
    kind = "read" if request.method in SAFE_METHODS else "write"
    resource = getattr(view, "resource", None)
    return f"{resource}:{kind}" if resource else kind


_TOKEN = [field.attname for field in ApiToken._meta.concrete_fields]
_OWNER = [field.attname for field in User._meta.concrete_fields]
_BY_KEY = Prepared(
    lambda key: ApiToken.objects.filter(token_key=key).values_list(
        *_TOKEN, *(f"user__{name}" for name in _OWNER)
    ),
    key="an example",
)


def _tokens(key: str) -> Iterator[ApiToken]:
    """The tokens that begin so (one, but for a chance of 1 in 10¹³), each with its owner."""
    for row in _BY_KEY.rows(key=key):
        token = ApiToken.from_db(DEFAULT_DB_ALIAS, _TOKEN, row[: len(_TOKEN)])
        token.user = User.from_db(DEFAULT_DB_ALIAS, _OWNER, row[len(_TOKEN) :])
        yield token


class ScopedToken(BasePermission):
    """The token must carry ``<resource>:read`` or ``<resource>:write``; steps and comments need
    the write of their resource (view attribute ``resource``). Writing includes no reading.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        if not getattr(request.user, "is_active", False) or not isinstance(request.auth, ApiToken):
            return False  # answered as 401: there is an authenticator with a challenge
        needed = needed_scope(request, view)
        if ":" not in needed:
            return needed == "read"
        if needed not in request.auth.scopes:
            raise NotAllowed(
                "scope_missing",
                _("The token lacks the scope %(scope)s.") % {"scope": needed},
                scope=needed,
            )
        return True
