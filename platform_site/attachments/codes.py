"""Reading the QR codes on a scan that was kept, by a child process with limits."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from platform_site.problems import TooLarge, WrongType

from . import children, filetypes, store
from .models import Attachment
from .read_codes import PAGES

#: What a scan can be, and what the child calls it.
SCANS = {"application/pdf": "pdf", "image/jpeg": "jpeg", "image/png": "png"}


@dataclass(frozen=True)
class FoundCode:
    page: int
    text: str


@dataclass(frozen=True)
class Codes:
    """Every code in the order of the pages; ``read`` pages were looked at, of ``pages``."""

    pages: int
    read: int
    found: tuple[FoundCode, ...]


def read_codes(scan: Attachment) -> Codes:
    """The codes on the pages of a PDF or a picture.

    Refused (:class:`WrongType`, :class:`TooLarge`) is what is neither, protected, damaged, oddly built or of
    too many pages. Nothing is followed: a code is text.
    """
    kind = SCANS.get(scan.media_type)
    if kind is None:
        raise WrongType("no_scan", _("A scan is a PDF, a JPEG or a PNG file."))
    ended = children.run("read_codes.py", kind, str(store.path_of(scan.sha256)))
    if ended is None:
        raise filetypes.strange()
    well, written = ended
    if not well:
        word = written.decode("ascii", "ignore").strip()
        if word == "pages":
            raise TooLarge(
                "too_many_pages",
                _("The scan has more than %(limit)s pages. Split it, then try again.")
                % {"limit": PAGES},
            )
        raise filetypes.verdict_of(word, filetypes.TYPES["pdf" if kind == "pdf" else "png"])
    told = json.loads(written)
    found = tuple(FoundCode(page, text) for page, text in told["codes"])
    return Codes(told["pages"], told["read"], found)
