"""The steps of notices, reports, circulars, supervision and handovers: the rules on one screen.

A notice or a circular is approved by another person than its drafter. A report is decided by the federation that
asked (in a cascade the one that passed the notice down), never by whoever prepared, submitted or signed it off, and
never by its own federation. The report of
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


class CircularState(models.TextChoices):
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("issued")
    WITHDRAWN = "withdrawn", _("withdrawn")


class PhoneRoundState(models.TextChoices):
    OPEN = "open", pgettext_lazy("round", "open")
    CLOSED = "closed", _("closed")


class HandoverState(models.TextChoices):
    OPEN = "open", pgettext_lazy("handover", "open")
    GIVEN = "given", _("handed over")
    TAKEN = "taken", pgettext_lazy("handover", "taken over")
    CANCELLED = "cancelled", _("cancelled")


def not_the_drafter(notice: Any, user: Any) -> Refused | None:
    if notice.drafted_by_id == user.pk:
        return NotAllowed("own_notice", _("Another person than its drafter approves a notice."))
    return None


def not_its_drafter(circular: Any, user: Any) -> Refused | None:
    if circular.drafted_by_id == user.pk:
        return NotAllowed("own_circular", _("Another person than its drafter approves a circular."))
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


def the_holder_hands_over(handover: Any, user: Any) -> Refused | None:
    if handover.office.user_id != user.pk:
        return NotAllowed(
            "not_your_office", _("Whoever holds the office hands it over, while in office.")
        )
    return None


def the_holder_has_left(handover: Any, user: Any) -> Refused | None:
    if handover.office.in_force():
        return StepNotOpen(
            "still_in_office", _("The holder is still in office and hands it over in person.")
        )
    return None


def the_successor_takes_over(handover: Any, user: Any) -> Refused | None:
    if user.pk in (handover.given_by_id, handover.office.user_id):
        return NotAllowed(
            "own_handover", _("Another person than who handed it over takes it over.")
        )
    seats = user.scope.at(handover.office.role)
    if handover.federation_id not in seats:
        return NotAllowed("not_the_office", _("Whoever holds the same office now takes it over."))
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

C = CircularState

CIRCULAR = Workflow(
    "reports.circular",
    #    step        from          to           permission
    step("approve", C.DRAFT, C.APPROVED, "reports.approve_circular",
         label=_("Approve"), guards=[not_its_drafter], tone="primary"),
    step("send_back", C.APPROVED, C.DRAFT, "reports.send_back_circular",
         label=_("Send back to draft"), needs_note=True),
    step("issue", C.APPROVED, C.ISSUED, "reports.issue_circular",
         label=_("Issue"), tone="primary"),
    step("withdraw", C.ISSUED, C.WITHDRAWN, "reports.withdraw_circular",
         label=_("Withdraw"), needs_note=True, tone="warning"),
    states=CircularState,
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

HANDOVER = Workflow(
    "reports.handover",
    #    step      from             to           permission
    step("give", HandoverState.OPEN, HandoverState.GIVEN, "reports.hand_over",
         label=_("Hand over"), guards=[the_holder_hands_over], tone="primary"),
    step("give_for", HandoverState.OPEN, HandoverState.GIVEN, "reports.hand_over_for",
         label=_("Hand over for the holder"), needs_note=True, guards=[the_holder_has_left]),
    step("take_over", HandoverState.GIVEN, HandoverState.TAKEN, "reports.hand_over",
         label=_("Take over"), guards=[the_successor_takes_over], tone="primary"),
    step("cancel", HandoverState.OPEN, HandoverState.CANCELLED, "reports.hand_over",
         label=_("Cancel the handover"), needs_note=True, tone="warning"),
    states=HandoverState,
)  # fmt: skip
