"""带入上期内容: taking over what was accepted in the last period, where it is still to be written."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework.workflow import check_version, lock
from platform_site.problems import StepNotOpen
from platform_site.questionnaires import queries as sheets

from ..models import Report
from ..queries.last import can_be_brought, last_values
from .filling import open_to_filling, save_report


@transaction.atomic
def bring_forward(
    report: Report, *, by: User, version: int, at: dt.datetime | None = None
) -> Report:
    """Fill what is empty with the answers accepted in the last period: text, choices, cumulative numbers.

    Nothing that was typed is overwritten, and no number of the period is taken. Each answer stays marked
    until somebody changes it or saves its section. Raises NotAllowed, StepNotOpen (nothing can be taken
    over, or the report is not open), Stale.
    """
    at = at or timezone.now()
    fresh = open_to_filling(lock(report), by=by)
    check_version(fresh, version)
    questions = sheets.questions_of(fresh.sheet.form_version)
    answers = can_be_brought(
        questions, last_values(fresh, questions), sheets.answers_of(fresh.sheet)
    )
    if not answers:
        raise StepNotOpen(
            "nothing_to_bring", _("The last period has nothing that could still be taken over.")
        )
    saved = save_report(fresh, by=by, version=version, answers=answers, at=at).report
    saved.brought_forward = sorted({*saved.brought_forward, *answers})
    saved.save(update_fields=["brought_forward"])
    audit.record(
        "reports.report.bring_forward",
        saved,
        by=by,
        at=at,
        federation=saved.federation,
        facts={"answers": len(answers)},
    )
    return saved
