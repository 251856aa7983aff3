"""Parts of files in HTTP: ``Content-Range`` and ``Range`` (RFC 9110, 14), digests (RFC 9530)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from platform_site.problems import Invalid, Unreadable

_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,15})-([0-9]{1,15})|\*)/([0-9]{1,15})")
_RANGE = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{1,15})?|-([0-9]{1,15}))")
_SHA256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]*):")


@dataclass(frozen=True)
class Piece:
    """The bytes from ``start`` up to, and without, ``stop``."""

    start: int
    stop: int
    sha256: str = ""


def sent(headers: Mapping[str, str], size: int, sha256: str) -> Piece | None:
    """Which piece of a file of ``size`` the body of a PUT holds; None where it only asks.

    Without ``Content-Range`` it is the whole file. ``bytes */<size>`` asks how much is there.
    """
    if (whole := digest(headers.get("Repr-Digest", ""))) and whole != sha256:
        raise Invalid("digest_mismatch", _("Repr-Digest is not the checksum that was announced."))
    given = headers.get("Content-Range", "").strip() or f"bytes 0-{size - 1}/{size}"
    found = _CONTENT_RANGE.fullmatch(given)
    if found is None:
        raise _bad_range(
            _("Send Content-Range as: bytes <first>-<last>/<size>, or bytes */<size>.")
        )
    first, last, total = found.groups()
    if int(total) != size:
        raise _bad_range(_("The size in Content-Range is not the one that was announced."))
    announced = headers.get("Content-Length", "").strip() or "0"
    length = int(announced) if re.fullmatch("[0-9]{1,15}", announced) else -1
    if first is None:
        if length != 0:
            raise _bad_range(_("To ask how much is there, send no bytes."))
        return None
    start, stop = int(first), int(last) + 1
    if not start < stop <= size:
        raise _bad_range(_("The range in Content-Range is not within the file."))
    if length != stop - start:
        raise _bad_range(_("Content-Length and Content-Range do not say the same."))
    return Piece(start, stop, digest(headers.get("Content-Digest", "")))


def digest(header: str) -> str:
    """The SHA-256 that a ``Content-Digest`` or ``Repr-Digest`` names, in hex; "" where it has none."""
    found = _SHA256.search(header)
    if found is None:
        return ""
    try:
        raw = base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise Unreadable("bad_digest", _("The digest cannot be read: sha-256=:<base64>: it is."))
    return raw.hex()


def as_digest(sha256: str) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def wanted(header: str, size: int) -> Piece | None:
    """The one piece that a ``Range`` asks for; None where the whole file is the answer.

    What cannot be read, and several ranges at once, are left aside, as RFC 9110 allows. A range that
    begins behind the end is answered by an empty piece (416).
    """
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return Piece(max(0, size - int(suffix)), size) if int(suffix) else Piece(size, size)
    if last is not None and int(last) < int(first):
        return None
    start = min(int(first), size)
    return Piece(start, max(start, min(size, int(last) + 1 if last is not None else size)))


def _bad_range(message: str) -> Unreadable:
    return Unreadable("bad_range", message)
