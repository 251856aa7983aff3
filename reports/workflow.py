"""The steps of notices, reports and supervision: the rules on one screen.

A notice is approved by another person than its drafter. A report is decided by the federation that
asked (in a cascade the one that passed the notice down), never by whoever prepared, submitted or signed it off, and never by its own federation. The report of
a supervision visit is accepted by another person than its writer; a telephone exchange is recorded at once.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.casework.workflow import Workflow, step
from platform_site.problems import NotAllowed, Refused, StepNotOpen


class NoticeState(models.TextChoices):
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("issued")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ReportState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    ACCEPTED = "accepted", _("accepted")


class SupervisionState(models.TextChoices):
    PLANNED = "planned", _("planned")
    HELD = "held", _("held")
    WRITTEN = "written", _("report written")
    RETURNED = "returned", _("returned")
    ACCEPTED = "accepted", pgettext_lazy("supervision", "accepted")
    RECORDED = "recorded", pgettext_lazy("supervision", "recorded")
    CANCELLED = "cancelled", _("cancelled")


class PhoneRoundState(models.TextChoices):
    OPEN = "open", pgettext_lazy("round", "open")
    CLOSED = "closed", _("closed")


def not_the_drafter(notice: Any, user: Any) -> Refused | None:
    if notice.drafted_by_id == user.pk:
        return NotAllowed("own_notice", _("Another person than its drafter approves a notice."))
    return None


def not_own_report(report: Any, user: Any) -> Refused | None:
    if user.pk in report.people_involved():
        return NotAllowed(
            "own_report",
            _("You prepared, submitted or signed off this report; somebody else decides on it."),
        )
    if report.federation_id in user.scope.at():
        return NotAllowed("own_federation", _("A federation does not decide on its own report."))
    return None


def still_owed(report: Any, user: Any) -> Refused | None:
    if report.obligation.waived_at or report.obligation.cancelled_at:
        return StepNotOpen(
            "not_owed", _("This report is not owed any more; there is nothing to decide.")
        )
    return None


def not_looked_at(report: Any, user: Any) -> Refused | None:
    if report.has_been_looked_at():
        return StepNotOpen(
            "review_began", _("The reviewer has begun; ask for the report to be returned instead.")
        )
    return None


def not_the_writer(record: Any, user: Any) -> Refused | None:
    if record.written_by_id == user.pk:
        return NotAllowed("own_record", _("Another person than its writer decides on this report."))
    return None


N, R, S = NoticeState, ReportState, SupervisionState

NOTICE = Workflow(
    "reports.notice",
    #    step        from          to           permission
    step("approve", N.DRAFT, N.APPROVED, "reports.approve_notice",
         label=_("Approve"), guards=[not_the_drafter], tone="primary"),
    step("send_back", N.APPROVED, N.DRAFT, "reports.send_back_notice",
         label=_("Send back to draft"), needs_note=True),
    step("issue", N.APPROVED, N.ISSUED, "reports.issue_notice",
         label=_("Issue"), tone="primary"),
    step("close", N.ISSUED, N.CLOSED, "reports.close_notice", label=_("Close")),
    step("withdraw", N.ISSUED, N.WITHDRAWN, "reports.withdraw_notice",
         label=_("Withdraw"), needs_note=True, tone="warning"),
    states=NoticeState,
)  # fmt: skip

REPORT = Workflow(
    "reports.report",
    #    step       from                      to           permission
    step("submit", {R.DRAFT, R.RETURNED}, R.SUBMITTED, "reports.submit_report",
         label=_("Submit"), tone="primary"),
    step("recall", R.SUBMITTED, R.DRAFT, "reports.recall_report",
         label=_("Recall"), guards=[not_looked_at]),
    step("accept", R.SUBMITTED, R.ACCEPTED, "reports.review_report",
         label=_("Accept"), guards=[not_own_report, still_owed], tone="primary"),
    step("return", R.SUBMITTED, R.RETURNED, "reports.review_report",
         label=_("Return for changes"), needs_note=True, guards=[not_own_report, still_owed], tone="warning"),
    states=ReportState,
)  # fmt: skip

SUPERVISION = Workflow(
    "reports.supervisionrecord",
    #    step      from                  to          permission
    step("hold", S.PLANNED, S.HELD, "reports.supervise", label=_("Record that it was held"), tone="primary"),
    step("write", {S.HELD, S.RETURNED}, S.WRITTEN, "reports.supervise",
         label=_("Write the report"), tone="primary"),
    step("accept", S.WRITTEN, S.ACCEPTED, "reports.accept_supervision",
         label=pgettext_lazy("supervision", "Accept"), guards=[not_the_writer], tone="primary"),
    step("return", S.WRITTEN, S.RETURNED, "reports.accept_supervision",
         label=_("Return for changes"), needs_note=True, guards=[not_the_writer], tone="warning"),
    step("cancel", S.PLANNED, S.CANCELLED, "reports.supervise",
         label=_("Cancel the visit"), needs_note=True, tone="warning"),
    states=SupervisionState,
)  # fmt: skip

PHONE_ROUND = Workflow(
    "reports.phoneround",
    step("close", PhoneRoundState.OPEN, PhoneRoundState.CLOSED, "reports.supervise",
         label=_("Close the round")),
    states=PhoneRoundState,
)  # fmt: skip
