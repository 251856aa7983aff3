"""The code that is printed on a report, and what a code that was read stands for.

It names the report and the submitted version, or of a draft the answers as they were when it was printed, and
ends with a check that only this platform can make: ``UNION1:V2:<id>:<check>``. Capital letters and digits
alone, so that the QR code stays small; it holds no value of the report and no name.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from platform_site.attachments.models import Attachment
from platform_site.questionnaires import queries as sheets

from ..models import Report, ReportQuerySet, ReportScan, ReportVersion
from ..workflow import ReportState
from .reports import latest_version, sees_draft

PREFIX = "UNION1"
_SALT = "reports.paper"
#: Modules of white around a code, as ISO/IEC 18004 asks.
QUIET = 4


@dataclass(frozen=True)
class PaperCode:
    """What a genuine code says: the report, and the version's number or the stamp of a draft."""

    report: uuid.UUID
    number: int | None
    stamp: str = ""

    @property
    def text(self) -> str:
        what = f"V{self.number}" if self.number is not None else f"D{self.stamp}"
        body = f"{what}:{_base32(self.report.bytes)}"
        return f"{PREFIX}:{body}:{_check(body, settings.SECRET_KEY)}"


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=")


def _check(body: str, key: str) -> str:
    digest = salted_hmac(_SALT, body, secret=key, algorithm="sha256").digest()
    return _base32(digest[:8])


def is_ours(text: str) -> bool:
    """Whether it claims to be one of these codes at all: a scan may carry others, a firm's or a seal's."""
    return text.startswith(f"{PREFIX}:")


def read_code(text: str) -> PaperCode | None:
    """What the code says; None where it is damaged or not made by this platform."""
    parts = text.split(":")
    if len(parts) != 4 or parts[0] != PREFIX:
        return None
    _prefix, what, report, check = parts
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    body = f"{what}:{report}"
    if not any(constant_time_compare(check, _check(body, key)) for key in keys):
        return None
    pk = uuid.UUID(bytes=base64.b32decode(report + "=" * (-len(report) % 8)))
    if what.startswith("V"):
        return PaperCode(pk, int(what[1:]))
    return PaperCode(pk, None, what[1:])


def code_of(version: ReportVersion) -> PaperCode:
    return PaperCode(version.report_id, version.number)


def code_of_draft(report: Report, content: Mapping[str, Any] | None = None) -> PaperCode:
    """For a report that is still filled in: the paper holds as long as no answer changes.

    ``content``: its live content, where the page has read it already.
    """
    return PaperCode(report.pk, None, stamp_now(report, content))


def code_for(report: Report, user: Any) -> PaperCode:
    """What stands on the paper that this reader would print of the report."""
    last = latest_version(report)
    open_to_filling = report.state in (ReportState.DRAFT, ReportState.RETURNED)
    if last is None or (open_to_filling and sees_draft(report, user)):
        return code_of_draft(report)
    return code_of(last)


def stamp_now(report: Report, content: Mapping[str, Any] | None = None) -> str:
    if content is None:
        content = sheets.live_content(report.sheet)
    return stamp_of(content, report.nothing_to_report, report.nothing_reason)


def stamp_of_version(version: ReportVersion) -> str:
    return stamp_of(version.content, version.nothing_to_report, version.nothing_reason)


def stamp_of(content: Mapping[str, Any], nothing: bool, reason: str) -> str:
    """Of the answers alone: the wording of a question, files and sign-off do not count."""
    answers = sorted(sheets.answers_in(dict(content)).items())
    said = json.dumps([answers, nothing, reason], ensure_ascii=False, sort_keys=True, default=str)
    return _base32(hashlib.sha256(said.encode()).digest()[:5])


# --- The code as a drawing --------------------------------------------------------------------------
@lru_cache(maxsize=64)
def drawn(text: str) -> tuple[int, str]:
    """The side of the square with its white border, and the path of the dark modules, for an SVG."""
    import zxingcpp

    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawing: Any = zxingcpp.write_barcode_to_image(
        barcode, scale=1, add_hrt=False, add_quiet_zones=False
    )
    image: Any = memoryview(drawing)
    height, width = image.shape[:2]
    dark = [
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row in range(height)
        for column in range(width)
        if image[row, column] < 128
    ]
    return width + 2 * QUIET, "".join(dark)


# --- What a reader can choose -------------------------------------------------------------------------
def own_versions(user: Any) -> QuerySet[ReportVersion]:
    """Submitted versions of the reports that this person fills in, newest first."""
    own = user.scope.at(*ReportQuerySet.FILERS)
    return (
        ReportVersion.objects.filter(report__federation__in=own)
        .defer("content")
        .select_related("report__federation", "report__obligation__round__request")
        .order_by("-submitted_at", "-id")
    )


def scans_of(version: ReportVersion, user: Any) -> list[ReportScan]:
    """The papers of a version, each with ``file``; two queries."""
    scans = list(
        ReportScan.objects.visible_to(user).filter(version_of=version).order_by("at", "id")
    )
    if scans:
        set_files(scans)
    return scans


def set_files(scans: Sequence[Any]) -> None:
    """Sets ``file`` on each scan."""
    files = {
        each.owner_id: each
        for each in Attachment.objects.filter(
            owner_type=ContentType.objects.get_for_model(ReportScan),
            owner_id__in=[each.pk for each in scans],
        ).select_related("uploaded_by")
    }
    for scan in scans:
        scan.file = files.get(scan.pk)


def is_superseded(version: ReportVersion) -> bool:
    return ReportVersion.objects.filter(
        report=version.report_id, number__gt=version.number
    ).exists()


def distinct(codes: Iterable[str]) -> list[PaperCode]:
    """The genuine codes among the texts, each once, in their order."""
    found = [read_code(text) for text in codes]
    return list(dict.fromkeys(each for each in found if each is not None))
