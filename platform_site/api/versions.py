"""Versions of objects as ETag, If-None-Match and If-Match (RFC 9110, 13).

The tag is ``"v<version>-<hash of the body>"``: the hash because days left and open steps change
without the version. A change compares only the part before the dash.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from platform_site.problems import Stale, VersionMissing

from .renderers import dumps

_TAG = re.compile(r'"v([0-9]{1,9})(?:-[0-9a-f]{1,64})?"')


def etag(obj: Any, body: Any) -> str:
    """The strong tag of ``obj`` as it is shown in ``body`` (1 where the object keeps no version)."""
    digest = hashlib.sha256(dumps(body)).hexdigest()[:16]
    return f'"v{getattr(obj, "version", 1)}-{digest}"'


def is_unchanged(if_none_match: str, tag: str) -> bool:
    """Does the caller hold this very body already? (Weak comparison, as RFC 9110 has it for reads.)"""
    held = [item.strip().removeprefix("W/") for item in if_none_match.split(",")]
    return "*" in held or tag in held


def version_from(if_match: str | None) -> int:
    """The version that the caller saw; the service compares it with the row it has locked."""
    given = (if_match or "").strip()
    if not given:
        raise VersionMissing(
            "version_missing",
            _("Say which version you saw: send the ETag of the object as If-Match."),
        )
    if given == "*":
        raise VersionMissing(
            "version_missing",
            _("“*” names no version, and would overwrite what you have not seen. Send the ETag."),
        )
    found = _TAG.fullmatch(given)
    if found is None:
        # Weak tags, lists and tags of another server: none of them can be the object's.
        raise Stale(
            "version_unknown",
            _("This If-Match is no ETag of the object. Read it again and send its ETag as it is."),
        )
    return int(found.group(1))


def require(present: int, seen: int) -> None:
    """For what keeps no version of its own: 412 where the caller saw another one."""
    if seen != present:
        raise Stale(
            "version_unknown",
            _("This If-Match is no ETag of the object. Read it again and send its ETag as it is."),
            version=present,
        )
