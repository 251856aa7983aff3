"""Secrets at rest: they must be had again for signing, so they are encrypted and not hashed.

The key is derived from SECRET_KEY (HKDF, RFC 5869); earlier keys in SECRET_KEY_FALLBACKS still open.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"platform_site.webhooks.secret"


class SealBrokenError(Exception):
    """It was sealed under another SECRET_KEY, or tampered with."""


def _keys() -> MultiFernet:
    def derived(key: str) -> Fernet:
        bits = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
        return Fernet(base64.urlsafe_b64encode(bits))

    return MultiFernet(
        derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )


def seal(text: str) -> str:
    return _keys().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    try:
        return _keys().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        raise SealBrokenError from None
