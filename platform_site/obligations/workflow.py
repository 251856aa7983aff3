"""The steps of an action point: the rules on one screen.

Whoever reported it done, or was named to do it, never verifies it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.casework.workflow import Workflow, step
from platform_site.problems import NotAllowed, Refused


class ActionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("action point", "open")
    REPORTED = "reported", _("reported done")
    VERIFIED = "verified", _("verified")
    REOPENED = "reopened", _("reopened")
    CANCELLED = "cancelled", _("cancelled")


#: What is still to be done by its owner.
TO_DO = (ActionState.OPEN, ActionState.REOPENED)
#: What is not over yet.
RUNNING = (*TO_DO, ActionState.REPORTED)


def not_the_doer(action_point: Any, user: Any) -> Refused | None:
    if user.pk in (action_point.reported_by_id, action_point.person_id):
        return NotAllowed(
            "own_action_point",
            _("You were to do this or reported it done; somebody else verifies it."),
        )
    return None


A = ActionState

ACTION_POINT = Workflow(
    "obligations.actionpoint",
    #    step      from               to          permission
    step("report", TO_DO, A.REPORTED, "obligations.report_action_point",
         label=_("Report it done"), tone="primary"),
    step("verify", A.REPORTED, A.VERIFIED, "obligations.verify_action_point",
         label=_("Verify"), guards=[not_the_doer], tone="primary"),
    step("reopen", A.REPORTED, A.REOPENED, "obligations.verify_action_point",
         label=_("Reopen"), needs_note=True, guards=[not_the_doer], tone="warning"),
    step("cancel", TO_DO, A.CANCELLED, "obligations.set_action_point",
         label=_("Cancel it"), needs_note=True, tone="warning"),
    states=ActionState,
)  # fmt: skip
