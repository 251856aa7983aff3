"""What this room tells those below it: whose files hang on action points, its words, its reminders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.attachments import owners
from platform_site.audit import actions
from platform_site.casework.facts import Facts, describe
from platform_site.casework.models import Duty

from .deadlines import DO_ACTION_POINT, VERIFY_ACTION_POINT
from .models import ActionPoint
from .workflow import TO_DO


def may_change_action_files(user: Any, point: ActionPoint) -> bool:
    """Evidence is added by the owner's people until they report it done."""
    return point.state in TO_DO and user.has_perm("obligations.report_action_point", point)


def may_see_action_file(user: Any, point: ActionPoint, attachment: Any) -> bool:
    """What was reported is seen by all who see the action point; before that by its owner."""
    return attachment.frozen or user.has_perm("obligations.report_action_point", point)


def facts_of_actions(duties: Collection[Duty]) -> Mapping[UUID, Facts]:
    """Why it matters, and why it was reopened: one query."""
    points = ActionPoint.objects.in_bulk([duty.subject_id for duty in duties])
    why = {
        DO_ACTION_POINT.code: _now("it was agreed on with the centre, which waits for the result."),
        VERIFY_ACTION_POINT.code: _now("the federation waits for the answer."),
    }
    found = {}
    for duty in duties:
        point = points.get(duty.subject_id)
        reopened = point.reopen_reason if point and duty.rule_code == DO_ACTION_POINT.code else ""
        found[duty.pk] = Facts(why=why[duty.rule_code], returned=reopened)
    return found


def register() -> None:
    owners.register(ActionPoint, may_change=may_change_action_files, visible=may_see_action_file)
    describe(DO_ACTION_POINT, VERIFY_ACTION_POINT, by=facts_of_actions)
    for code, label in {
        "obligations.actionpoint.set": _("Set the action point"),
        "obligations.actionpoint.report": _("Reported it done"),
        "obligations.actionpoint.verify": _("Verified that it was done"),
        "obligations.actionpoint.reopen": _("Reopened the action point"),
        "obligations.actionpoint.cancel": _("Cancelled the action point"),
    }.items():
        actions.register(code, label)
