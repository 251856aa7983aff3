"""What a text may hold, decided once for forms, models, the REST interface and imports.

Refused are characters that a person never types on purpose and that harm whoever reads the text
later: NUL (PostgreSQL cannot store it), lone surrogates (not encodable), control characters other
than line feed and tab, and the bidirectional controls that make a text read otherwise than it is
stored (Unicode TR 36, "Trojan Source"). U+FFFD is what is left of bytes that were not UTF-8: the
text had been damaged before it came here, and saving it would make the damage permanent.
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_HOSTILE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd\ufffe\uffff\ud800-\udfff]"
)
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_SPACE_BEFORE_LINE_END = re.compile(r"[^\S\n]+(?=\n|\Z)")

HOSTILE_TEXT = _(
    "This text holds a character that cannot be kept (%(character)s, in line %(line)s). "
    "Delete it, or paste the text again as plain text."
)
TOO_LONG = _(
    "This text has %(length)s characters; at most %(limit)s are allowed. Please shorten it."
)


def find_hostile(value: str) -> re.Match[str] | None:
    """The first character that may not be kept, or None. Bare carriage returns are not hostile."""
    return _HOSTILE.search(value)


def clean_line(value: str, *, max_length: int) -> str:
    """One line of text: composed (NFC), inner line ends and tabs become one space, ends trimmed."""
    value = _LINE_END.sub("\n", value)
    _refuse_hostile(value)
    value = re.sub(r"[\t\n]+", " ", unicodedata.normalize("NFC", value)).strip()
    refuse_too_long(value, max_length)
    return value


def clean_prose(value: str, *, max_length: int) -> str:
    """Text of several lines: composed (NFC), line ends as \\n, nothing trailing on a line.

    Leading (full-width) spaces stay: they are how paragraphs are indented in Chinese.
    """
    value = _LINE_END.sub("\n", value)
    _refuse_hostile(value)
    value = _SPACE_BEFORE_LINE_END.sub("", unicodedata.normalize("NFC", value)).strip("\n")
    refuse_too_long(value, max_length)
    return value


def _refuse_hostile(value: str) -> None:
    found = find_hostile(value)
    if found:
        raise ValidationError(
            HOSTILE_TEXT,
            code="hostile_text",
            params={
                "character": f"U+{ord(found.group()):04X}",
                "line": value.count("\n", 0, found.start()) + 1,
            },
        )


def refuse_too_long(value: str, max_length: int) -> None:
    if len(value) > max_length:
        raise ValidationError(
            TOO_LONG,
            code="too_long",
            params={"length": len(value), "limit": max_length},
        )
