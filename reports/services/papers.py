"""The paper bridge: a stamped scan finds its version by the code on it, or is told where it belongs."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.attachments.codes import read_codes
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, freeze
from platform_site.audit import services as audit
from platform_site.casework.workflow import lock
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen

from ..models import Report, ReportScan, ReportVersion
from ..queries.papers import (
    PaperCode,
    distinct,
    is_ours,
    is_superseded,
    stamp_now,
    stamp_of_version,
)
from .filling import OPEN_TO_FILLING


@dataclass(frozen=True)
class Received:
    """What became of a scan: attached to a version (``scan``), or kept for the sign-off of ``report``."""

    report: Report
    scan: ReportScan | None
    #: A later version has been submitted since; the scan belongs to this one all the same.
    superseded: bool = False


def receive_scan(file: Attachment, *, by: User, at: dt.datetime | None = None) -> Received:
    """Attach an own, loose file to what the code on it names.

    Refused with a word for each case: no code can be read (``no_code``), codes of several reports
    (``several_codes``), a code that this platform did not make (``forged_code``), a report of another
    federation, a version that does not exist, a draft whose answers have changed since. The file then stays
    as it is, and can be attached by hand (:func:`attach_scan`).
    """
    _require_own_loose(file, by)
    codes = read_codes(file)
    ours = [found.text for found in codes.found if is_ours(found.text)]
    genuine = distinct(ours)
    if not ours:
        told = _("No code could be read on the scan. Choose the report it belongs to.")
        if codes.read < codes.pages:
            told = _(
                "No code was found on the first %(read)s of %(pages)s pages. Choose the report it"
                " belongs to."
            ) % {"read": codes.read, "pages": codes.pages}
        raise _refused("no_code", told)
    if not genuine:
        raise _refused(
            "forged_code",
            _("The code on the scan is damaged or was not printed by this platform."),
        )
    if len(genuine) > 1:
        raise _refused(
            "several_codes",
            _(
                "The scan carries the codes of %(n)s papers. Choose the one it belongs to, or scan each"
                " paper into a file of its own."
            )
            % {"n": len(genuine)},
        )
    return _attach_by_code(file, genuine[0], pages=codes.pages, by=by, at=at or timezone.now())


def _require_own_loose(file: Attachment, by: User) -> None:
    if file.uploaded_by_id != by.pk:
        raise NotAllowed("not_allowed", _("Only the person who uploaded the file can attach it."))
    if file.owner_id is not None:
        raise StepNotOpen(
            "already_attached", _("This file belongs to another record. Upload it here once more.")
        )


def _refused(code: str, message: str) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem("/file", code, message)])


def codes_on(file: Attachment, *, reader: User) -> list[PaperCode]:
    """The genuine codes on a scan, as far as they name reports that this person fills in."""
    codes = distinct(found.text for found in read_codes(file).found)
    own = Report.objects.visible_to(reader).filter(pk__in=[each.report for each in codes])
    kept = {each.pk for each in own if reader.has_perm("reports.fill_report", each)}
    return [each for each in codes if each.report in kept]


def _attach_by_code(
    file: Attachment, code: PaperCode, *, pages: int, by: User, at: dt.datetime
) -> Received:
    report = Report.objects.select_related("federation").filter(pk=code.report).first()
    if report is None:
        raise _refused("unknown_paper", _("The report that the code names does not exist here."))
    if not by.has_perm("reports.fill_report", report):
        # Whose it is, is not told.
        raise NotAllowed(
            "another_federation", _("The code on the scan names a report of another federation.")
        )
    if code.number is None:
        return _attach_draft(file, report, code.stamp, pages=pages, by=by, at=at)
    version = report.versions.filter(number=code.number).first()
    if version is None:
        raise _refused(
            "unknown_version", _("The version that the code names has not been submitted here.")
        )
    return _keep(file, version, how=ReportScan.How.CODE, pages=pages, by=by, at=at)


@transaction.atomic
def _attach_draft(
    file: Attachment, report: Report, stamp: str, *, pages: int, by: User, at: dt.datetime
) -> Received:
    """A paper printed before submission: for the sign-off while it still says what the report says."""
    fresh = lock(report)
    if fresh.state in OPEN_TO_FILLING and stamp_now(fresh) == stamp:
        attach(file, fresh, by=by, at=at)
        fresh.signed_off_scan = file
        fresh.version += 1
        fresh.save(update_fields=["signed_off_scan", "version"])
        audit.record(
            "reports.report.receive_scan", fresh, by=by, at=at, federation=fresh.federation
        )
        return Received(fresh, None)
    for version in fresh.versions.order_by("-number"):
        if stamp_of_version(version) == stamp:
            return _keep(file, version, how=ReportScan.How.CODE, pages=pages, by=by, at=at)
    raise _refused(
        "answers_changed",
        _(
            "Answers were changed after this paper was printed. Print the report again and have that one"
            " signed and stamped."
        ),
    )


@transaction.atomic
def attach_scan(
    file: Attachment, version: ReportVersion, *, by: User, at: dt.datetime | None = None
) -> Received:
    """Attach a scan by hand to a version of an own report, where no code could tell."""
    at = at or timezone.now()
    _require_own_loose(file, by)
    if not by.has_perm("reports.fill_report", version.report):
        raise NotAllowed("not_yours", _("Only the federation itself attaches its papers."))
    codes = read_codes(file)
    genuine = distinct(found.text for found in codes.found)
    if genuine and all(each.report != version.report_id for each in genuine):
        raise _refused(
            "another_paper", _("The code on the scan names another report than the one chosen.")
        )
    return _keep(file, version, how=ReportScan.How.CHOSEN, pages=codes.pages, by=by, at=at)


@transaction.atomic
def _keep(
    file: Attachment,
    version: ReportVersion,
    *,
    how: str,
    pages: int,
    by: User,
    at: dt.datetime,
) -> Received:
    """The version itself is not touched; the same file again is the same scan."""
    report = version.report
    again = version.scans.filter(sha256=file.sha256).first()
    superseded = is_superseded(version)
    if again is not None:
        return Received(report, again, superseded)
    scan = ReportScan.objects.create(
        id=uuid.uuid4(),
        federation_id=report.federation_id,
        version_of=version,
        sha256=file.sha256,
        pages=pages,
        how=how,
        by=by,
        by_name=by.name,
        at=at,
    )
    attach(file, scan, by=by, at=at)
    freeze([file])
    audit.record(
        "reports.reportscan.attach",
        scan,
        by=by,
        at=at,
        federation=report.federation,
        facts={"version": version.number, "how": how},
    )
    return Received(report, scan, superseded)
