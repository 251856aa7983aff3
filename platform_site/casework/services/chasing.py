"""催办: one act that reminds everybody who is late, with a result for each federation."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import RoleAssignment
from platform_site.audit import services as audit
from platform_site.problems import FieldProblem, Invalid

from ..deadlines import Rule
from ..models import Channel, Duty, Nudge, NudgeTarget, Reminder, Rung
from ..queries import on_rungs, people_in_post
from .reminders import write_rows


@transaction.atomic
def chase(
    matter: UUID,
    *rules: Rule,
    federations: Collection[int],
    by: Any,
    sentence: str = "",
    up_to: int = Rung.OFFICER,
    channels: Sequence[str] = (Channel.PORTAL, Channel.EMAIL),
    id: UUID | None = None,
    at: dt.datetime | None = None,
) -> Nudge:
    """Remind these federations now of what is open of ``rules`` about the matter.

    ``up_to`` names the highest rung that hears of it; where nobody is in post on any of them, the next
    one up is reached. ``id`` comes with the form: sent twice, it is one act. Quiet hours do not hold
    back a nudge: a person decided on it. The number of queries does not depend on the number of
    federations.
    """
    at = at or timezone.now()
    if id and (again := Nudge.objects.filter(pk=id, by=by).first()):
        return again
    if not federations:
        message = _("Choose at least one federation.")
        raise Invalid(
            "nobody_chosen", message, fields=[FieldProblem("/federations", "required", message)]
        )
    if up_to not in Rung.values:
        message = _("Choose who is reminded.")
        raise Invalid("rung", message, fields=[FieldProblem("/up_to", "not_an_option", message)])
    nudge = Nudge.objects.create(
        id=id or uuid.uuid4(),
        matter_id=matter,
        sentence=sentence.strip(),
        by=by,
        by_name=by.name,
        at=at,
    )
    open_duties = (
        Duty.objects.open()
        .filter(
            matter_id=matter,
            rule_code__in=[rule.code for rule in rules],
            federation__in=federations,
        )
        .select_for_update(no_key=True, of=("self",))
        .select_related("federation")
        .order_by("pk")
    )
    # Who has several open, as with two rounds of one notice, is reminded of what is due first.
    latest_first = sorted(open_duties, key=lambda duty: duty.due_on or dt.date.max, reverse=True)
    duties = {duty.federation_id: duty for duty in latest_first}
    posts = people_in_post(duties, timezone.localdate(at))
    rows, targets = [], []
    for federation_id in sorted(federations):
        duty = duties.get(federation_id)
        people = _reached(duty, posts.get(federation_id, []), up_to) if duty else {}
        for person, rung in people.items():
            rows += [
                Reminder(
                    duty=duty,
                    nudge=nudge,
                    due_on=duty.due_on if duty else None,
                    user=person,
                    channel=channel,
                    day=timezone.localdate(at),
                    rung=min(rung, up_to),
                    reached=rung,
                    recorded_at=at,
                )
                for channel in channels
                if channel == Channel.PORTAL or (channel == Channel.EMAIL and person.email)
            ]
        outcome = NudgeTarget.Outcome.DONE
        if duty is not None:
            outcome = NudgeTarget.Outcome.REMINDED if people else NudgeTarget.Outcome.NOBODY
        targets.append(
            NudgeTarget(
                nudge=nudge,
                duty=duty,
                federation_id=federation_id,
                outcome=outcome,
                people=len(people),
            )
        )
    Reminder.objects.bulk_create(rows)
    NudgeTarget.objects.bulk_create(targets)
    write_rows(rows, at=at)
    audit.record(
        "casework.chase",
        nudge,
        by=by,
        at=at,
        note=nudge.sentence,
        facts={"federations": len(targets), "messages": len(rows)},
    )
    return nudge


def _reached(duty: Duty, seats: Sequence[RoleAssignment], up_to: int) -> dict[Any, int]:
    """Whom a nudge about this duty reaches, each with the lowest rung they stand on."""
    by_rung = on_rungs(seats, duty.permission, barred=duty.barred_id)
    people: dict[Any, int] = {}
    for rung in range(up_to, -1, -1):
        people |= dict.fromkeys(by_rung.get(rung, []), rung)
    if not people:
        for rung in range(up_to + 1, max(Rung.values) + 1):
            if by_rung.get(rung):
                return dict.fromkeys(by_rung[rung], rung)
    return people
