"""Taking in what a federation gathered from those below it: whole or not at all."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import lock
from platform_site.federations.models import Federation
from platform_site.lists.form_sheets import Filled
from platform_site.problems import FieldProblem, Invalid, Stale

from ..models import GatheredFigure, Report
from ..queries import WorkbookPreview, read_gathering_of
from .filling import open_to_filling


@transaction.atomic
def take_in_gathering(
    report: Report, filled: Filled | None, *, by: User, at: dt.datetime | None = None
) -> tuple[Report, WorkbookPreview]:
    """Keep the numbers that the workbook changes, blanks taken away; the report's own answers stay.

    Nothing is kept where a cell cannot be read (:class:`Invalid`, a problem for each), or where somebody else
    wrote the same number in, or its federation has filed, since the workbook was made (:class:`Stale`). Sent
    once more, it changes nothing.
    """
    at = at or timezone.now()
    fresh = open_to_filling(lock(report), by=by)
    preview = read_gathering_of(fresh, filled, by)
    if preview.problems:
        raise Invalid(
            "workbook_unreadable",
            _("Some cells cannot be read; nothing was taken in."),
            fields=[
                FieldProblem(f"/numbers/{each.code}", each.reason, f"{each.place}: {each.problem}")
                for each in preview.problems
            ],
        )
    if preview.collisions:
        raise Stale(
            "stale_workbook",
            _(
                "Somebody changed the same numbers after this workbook was made; nothing was taken in. Take a"
                " fresh workbook."
            ),
            version=fresh.version,
            changed=[
                {
                    "pointer": f"/numbers/{each.code}",
                    "value": each.before,
                    "by": each.taken_by,
                    "at": each.taken_at.isoformat() if each.taken_at else None,
                }
                for each in preview.collisions
            ],
        )
    if not preview.changes:
        return fresh, preview
    fresh.version += 1
    fresh.save(update_fields=["version"])
    changed = {tuple(each.code.split(".", 1)): each.after for each in preview.changes}
    federations = {
        each.code: each
        for each in Federation.objects.filter(code__in={code for code, _q in changed})
    }
    for (code, question), number in changed.items():
        rows = GatheredFigure.objects.filter(
            report=fresh, federation=federations[code], question=question
        )
        if not number:
            rows.delete()
    GatheredFigure.objects.bulk_create(
        [
            GatheredFigure(
                report=fresh,
                federation=federations[code],
                question=question,
                number=number,
                version=fresh.version,
                by=by,
                by_name=by.name,
                at=at,
            )
            for (code, question), number in changed.items()
            if number
        ],
        update_conflicts=True,
        unique_fields=["report", "federation", "question"],
        update_fields=["number", "version", "by", "by_name", "at"],
    )
    audit.record(
        "reports.report.gather",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        facts={"numbers": len(changed), "revision": preview.revision},
    )
    return fresh, preview
