"""The duties of action points. The term of verifying is a service standard of the house."""

from django.utils.translation import gettext_lazy as _

from platform_site.casework.deadlines import Rule
from platform_site.casework.workdays import Unit

DO_ACTION_POINT = Rule(
    "obligations.do_action_point", _("Do what was agreed and report it"),
    "obligations.report_action_point", "action-point-detail", cites=_("day agreed on"),
)  # fmt: skip
VERIFY_ACTION_POINT = Rule(
    "obligations.verify_action_point", _("Verify what was reported done"),
    "obligations.verify_action_point", "action-point-detail",
    amount=5, unit=Unit.WORKING, cites=_("service standard of the house"),
)  # fmt: skip
