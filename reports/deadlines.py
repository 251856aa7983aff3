"""The duties of the reporting cycle. The terms are service standards of the house, counted in working
days, and not law; a deployment changes them in SERVICE_STANDARDS. Due dates come with the notice."""

from django.utils.translation import gettext_lazy as _

from platform_site.casework.deadlines import Rule
from platform_site.casework.workdays import Unit

HOUSE = _("service standard of the house")

APPROVE_NOTICE = Rule(
    "reports.approve_notice", _("Approve the notice"), "reports.approve_notice", "notice-detail",
    amount=2, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
ISSUE_NOTICE = Rule(
    "reports.issue_notice", _("Issue the notice"), "reports.issue_notice", "notice-detail",
    amount=1, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
SIGN_FOR = Rule(
    "reports.sign_for", _("Sign for the notice"), "obligations.sign_for", "obligation-detail",
    amount=1, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
FILE_REPORT = Rule(
    "reports.file_report", _("Fill in and submit"), "reports.submit_report", "obligation-detail",
    cites=_("due date of the notice"),
)  # fmt: skip
REVIEW = Rule(
    "reports.review", _("Review the report"), "reports.review_report", "report-detail",
    amount=5, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
RESUBMISSION = Rule(
    "reports.resubmission", _("Change and submit again"), "reports.submit_report", "report-detail",
    amount=3, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
APPROVE_CIRCULAR = Rule(
    "reports.approve_circular", _("Approve the circular"), "reports.approve_circular",
    "circular-detail", amount=2, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
ISSUE_CIRCULAR = Rule(
    "reports.issue_circular", _("Issue the circular"), "reports.issue_circular",
    "circular-detail", amount=1, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
HOLD_VISIT = Rule(
    "reports.hold_supervision", _("Hold the supervision visit"), "reports.supervise",
    "supervision-detail", cites=_("day of the plan"),
)  # fmt: skip
WRITE_VISIT = Rule(
    "reports.write_supervision", _("Write the supervision report"), "reports.supervise",
    "supervision-detail", amount=5, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
ACCEPT_VISIT = Rule(
    "reports.accept_supervision", _("Accept the supervision report"), "reports.accept_supervision",
    "supervision-detail", amount=5, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
FILL_WORK = Rule(
    "reports.fill_work_system", _("Fill in the work system"), "reports.state_work",
    "work-request", cites=_("day set by the centre"),
)  # fmt: skip
TAKE_OVER = Rule(
    "reports.take_over", _("Hand over and take over the office"), "reports.hand_over",
    "handover-detail", amount=5, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
