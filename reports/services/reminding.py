"""The rules of reminding of one notice, and chasing those who are late for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.models import Ladder, Nudge, ReminderRule, Rung
from platform_site.casework.queries import ladder_of
from platform_site.casework.services import RuleGiven
from platform_site.federations.models import Federation
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.text.words import listed

from ..deadlines import FILE_REPORT, RESUBMISSION, REVIEW, SIGN_FOR
from ..models import Notice
from ..queries import late_federations
from ..workflow import NoticeState
from .notices import _check_running

#: What the rules of a notice may remind of.
RULES = (SIGN_FOR, FILE_REPORT, RESUBMISSION, REVIEW)
#: What a federation can be chased for.
OWED = (SIGN_FOR, FILE_REPORT, RESUBMISSION)


def rules_of(notice: Notice) -> list[ReminderRule]:
    """Its own rules or the default ones, as far as they remind of something that a notice brings."""
    codes = {rule.code for rule in RULES}
    return [rule for rule in ladder_of(notice.pk) if rule.duty_rule in codes]


def check_rules(notice: Notice, rules: Sequence[RuleGiven]) -> None:
    """Raises Invalid, with a pointer to each field, where these rules could not hold for the notice."""
    problems = duties.rule_problems(
        rules,
        duty_rules=[rule.code for rule in RULES],
        due_on=notice.round.due_on,
        locks_on=notice.round.locks_on,
    )
    if problems:
        raise Invalid("rules_wrong", _("The rules cannot hold like this."), fields=problems)


@transaction.atomic
def set_reminders(
    notice: Notice,
    rules: Sequence[RuleGiven],
    *,
    by: User,
    version: int | None,
    at: dt.datetime | None = None,
) -> Ladder:
    """Let exactly these rules remind of this notice from now on; other notices keep theirs.

    ``version`` is that of the notice's own ladder, None while the default holds.
    """
    if not by.has_perm("reports.set_reminders", notice):
        raise NotAllowed("not_yours", _("Only national officers rule the reminders of a notice."))
    if notice.state in (NoticeState.CLOSED, NoticeState.WITHDRAWN):
        raise StepNotOpen(
            "notice_not_open",
            _("The notice is “%(state)s”; nobody is reminded of it any more.")
            % {"state": notice.get_state_display()},
        )
    ladder = duties.set_ladder(
        notice.pk,
        rules,
        by=by,
        version=version,
        duty_rules=[rule.code for rule in RULES],
        due_on=notice.round.due_on,
        locks_on=notice.round.locks_on,
        at=at,
    )
    audit.record(
        "casework.ladder_set",
        notice,
        by=by,
        at=at,
        federation=notice.federation,
        facts={"rules": len(rules)},
    )
    return ladder


@transaction.atomic
def chase(
    notice: Notice,
    *,
    by: User,
    federations: Collection[Federation],
    sentence: str = "",
    up_to: int = Rung.OFFICER,
    id: UUID | None = None,
    at: dt.datetime | None = None,
) -> Nudge:
    """催办: remind these federations at once, in one act, of what they owe to this notice.

    Only who is late can be chased; the answer names each federation and what came of it.
    """
    if not by.has_perm("reports.chase", notice):
        raise NotAllowed("not_yours", _("Only national officers chase federations."))
    _check_running(notice)
    if id and (again := Nudge.objects.filter(pk=id, by=by, matter_id=notice.pk).first()):
        return again
    late = {federation.pk for federation in late_federations(notice)}
    foreign = [each.name for each in federations if each.pk not in late]
    if foreign:
        message = _("Not late: %(names)s.") % {"names": listed(foreign)}
        raise Invalid(
            "not_late", message, fields=[FieldProblem("/federations", "not_late", message)]
        )
    return duties.chase(
        notice.pk,
        *OWED,
        federations={each.pk for each in federations},
        by=by,
        sentence=sentence,
        up_to=up_to,
        id=id,
        at=at,
    )
