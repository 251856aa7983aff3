"""Taking in a workbook that was filled in offline: whole or not at all."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import lock
from platform_site.lists.form_sheets import Filled
from platform_site.problems import FieldProblem, Invalid, Stale

from ..models import Report
from ..queries import WorkbookPreview, read_workbook_of
from .filling import SavedReport, open_to_filling, save_report


@transaction.atomic
def take_in_workbook(
    report: Report, filled: Filled | None, *, by: User, at: dt.datetime | None = None
) -> tuple[SavedReport, WorkbookPreview]:
    """Write the answers that the workbook changes, and no other.

    Answers changed on the page since the workbook was written stay, unless the workbook changes the same ones:
    then nothing is written (:class:`Stale`, with what collides). Nor is anything where a cell cannot be read
    (:class:`Invalid`, a problem for each). Sent once more, it changes nothing.
    """
    fresh = open_to_filling(lock(report), by=by)
    preview = read_workbook_of(fresh, filled)
    if preview.problems:
        raise Invalid(
            "workbook_unreadable",
            _("Some cells cannot be read; nothing was taken in."),
            fields=[
                FieldProblem(f"/answers/{each.key}", each.reason, f"{each.place}: {each.problem}")
                for each in preview.problems
            ],
        )
    if preview.collisions:
        raise Stale(
            "stale_workbook",
            _(
                "Somebody changed the same answers after this workbook was made; nothing was taken in. Take a"
                " fresh workbook, or decide on the page."
            ),
            version=fresh.version,
            changed=[
                {
                    "pointer": f"/answers/{each.code}",
                    "value": each.before,
                    "by": each.taken_by,
                    "at": each.taken_at.isoformat() if each.taken_at else None,
                }
                for each in preview.collisions
            ],
        )
    saved = save_report(
        report,
        by=by,
        version=fresh.version,
        answers={each.code: each.raw for each in preview.changes},
        at=at,
    )
    if saved.codes:
        audit.record(
            "reports.report.take_in_workbook",
            saved.report,
            by=by,
            at=at,
            federation=saved.report.federation,
            facts={"answers": len(saved.codes), "revision": preview.revision},
        )
    return saved, preview
