"""Setting the rules of reminding: the default for everything, and a matter's own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.problems import FieldProblem, Invalid, Stale

from ..ladder import falls_on, text_problem
from ..models import Channel, Ladder, Reminder, ReminderRule, Rung
from ..queries import ladder_of, work_calendar

#: A rule further away than this is a slip of the pen.
FURTHEST = 60
MOST_RULES = 40
_FILE = Path(__file__).resolve().parents[1] / "data" / "ladder.json"


@dataclass(frozen=True)
class RuleGiven:
    """One rule as a form or a client gives it; see :class:`ReminderRule` for what it means."""

    duty_rule: str
    days: int
    rung: int
    channels: tuple[str, ...]
    text_zh: str
    text_en: str = ""
    every: int | None = None
    compulsory: bool = False


def rule_problems(
    rules: Sequence[RuleGiven],
    *,
    duty_rules: Sequence[str],
    due_on: dt.date | None = None,
    locks_on: dt.date | None = None,
) -> list[FieldProblem]:
    """What is wrong with these rules; ``due_on`` and ``locks_on`` are those of the matter."""
    found: list[FieldProblem] = []
    if len(rules) > MOST_RULES:
        found.append(FieldProblem("/rules", "too_many", _("A ladder has 40 rules at the most.")))
    seen: dict[tuple[str, int, int], int] = {}
    calendar = work_calendar()
    for n, rule in enumerate(rules):

        def problem(field: str, code: str, message: str, at: int = n) -> None:
            found.append(FieldProblem(f"/rules/{at}/{field}", code, message))

        if rule.duty_rule not in duty_rules:
            problem("duty_rule", "not_an_option", _("Choose what is to be reminded of."))
        if abs(rule.days) > FURTHEST:
            problem("days", "too_far", _("Give at most 60 working days."))
        elif due_on and locks_on and falls_on(due_on, rule.days, calendar) > locks_on:
            problem(
                "days",
                "after_lock",
                _("This reminder would go out after the closing day; nobody could act on it."),
            )
        if rule.every is not None and (rule.every < 1 or rule.every > FURTHEST):
            problem("every", "out_of_range", _("Give 1 to 60 working days, or leave it empty."))
        elif rule.every is not None and rule.days < 0:
            problem("every", "before_the_date", _("Only reminders from the due date on repeat."))
        if rule.rung not in Rung.values:
            problem("rung", "not_an_option", _("Choose who is reminded."))
        if not rule.channels:
            problem("channels", "required", _("Choose at least one channel."))
        elif set(rule.channels) - set(Channel.values):
            problem("channels", "not_an_option", _("Choose among the channels offered."))
        for field in ("text_zh", "text_en"):
            text = getattr(rule, field)
            if (field == "text_zh" or text) and (wrong := text_problem(text)):
                problem(field, "text", wrong)
        place = (rule.duty_rule, rule.days, rule.rung)
        if place in seen:
            problem("days", "twice", _("Two rules remind the same people on the same day."))
        seen[place] = n
    return found


@transaction.atomic
def set_ladder(
    matter: UUID | None,
    rules: Sequence[RuleGiven],
    *,
    by: Any,
    version: int | None,
    duty_rules: Sequence[str],
    due_on: dt.date | None = None,
    locks_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Ladder:
    """Let exactly these rules hold from now on (for one matter, or by default).

    A rule that stays as it was keeps its ledger; one that changes is ended and a new one begins
    today, so nothing that was said is said again and nothing old is said late. ``version`` is the
    ladder's, None where the matter has none of its own yet. Raises Invalid, Stale.
    """
    at = at or timezone.now()
    problems = rule_problems(rules, duty_rules=duty_rules, due_on=due_on, locks_on=locks_on)
    if problems:
        raise Invalid("rules_wrong", _("The rules cannot hold like this."), fields=problems)
    ladder = Ladder.objects.select_for_update(no_key=True).filter(matter_id=matter).first()
    if (ladder.version if ladder else None) != version:
        raise Stale("stale", _("Somebody else has changed these rules meanwhile; look again."))
    if ladder is None:
        ladder = Ladder.objects.create(matter_id=matter, set_by=by, set_at=at)
    else:
        ladder.version += 1
        ladder.set_by, ladder.set_at = by, at
        ladder.save(update_fields=["version", "set_by", "set_at"])
    present = {_given(rule): rule for rule in ladder.rules.filter(ended_at=None)}
    wanted = set(rules)
    gone = [rule.pk for given, rule in present.items() if given not in wanted]
    used = set(Reminder.objects.filter(rule__in=gone).values_list("rule", flat=True).distinct())
    ReminderRule.objects.filter(pk__in=used).update(ended_at=at)
    ReminderRule.objects.filter(pk__in=set(gone) - used).delete()
    ReminderRule.objects.bulk_create(
        ReminderRule(
            ladder=ladder,
            duty_rule=given.duty_rule,
            days=given.days,
            every=given.every,
            rung=given.rung,
            channels=list(given.channels),
            text_zh=given.text_zh.strip(),
            text_en=given.text_en.strip(),
            compulsory=given.compulsory,
            since=timezone.localdate(at),
        )
        for given in rules
        if given not in present
    )
    return ladder


def _given(rule: ReminderRule) -> RuleGiven:
    return RuleGiven(
        duty_rule=rule.duty_rule,
        days=rule.days,
        rung=rule.rung,
        channels=tuple(rule.channels),
        text_zh=rule.text_zh,
        text_en=rule.text_en,
        every=rule.every,
        compulsory=rule.compulsory,
    )


def own_ladder(matter: UUID) -> list[RuleGiven]:
    """The rules that hold for a matter now, as something to change."""
    return [_given(rule) for rule in ladder_of(matter)]


@transaction.atomic
def load_default_ladder(*, since: dt.date | None = None) -> int:
    """Load the shipped rules for each kind of duty of which the default knows none, not even an ended one.

    What was changed is left alone; a kind of duty that came with a later version gets its rules.
    """
    ladder = Ladder.objects.select_for_update(no_key=True).filter(matter_id=None).first()
    if ladder is None:
        ladder = Ladder.objects.create(matter_id=None, set_at=timezone.now())
    known = set(ladder.rules.values_list("duty_rule", flat=True))
    rules = [
        ReminderRule(ladder=ladder, since=since or timezone.localdate(), **row)
        for row in json.loads(_FILE.read_text(encoding="utf-8"))
        if row["duty_rule"] not in known
    ]
    return len(ReminderRule.objects.bulk_create(rules))
