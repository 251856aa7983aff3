"""整改事项: setting an action point, reporting it done, verifying, reopening, cancelling."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.accounts.queries import holders_of, person_named
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, freeze
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workdays import LATEST
from platform_site.casework.workflow import lock
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.problems import FieldProblem, Invalid, NotAllowed

from .. import sources
from ..deadlines import DO_ACTION_POINT, VERIFY_ACTION_POINT
from ..models import ActionPoint
from ..queries import owners_for
from ..workflow import ACTION_POINT


@transaction.atomic
def set_action_point(
    source: models.Model,
    *,
    by: User,
    task: str,
    due_on: dt.date,
    federation: Federation | None = None,
    person: str = "",
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> ActionPoint:
    """Set down what ``federation`` (default: the one the record is about) is to do by ``due_on``.

    ``person`` names one of its accounts, whose duty it then is. ``id`` comes with the form: sent twice,
    it is one action point.
    """
    at = at or timezone.now()
    # Two that are sent at once wait for each other here.
    source = lock(source)
    if id and (again := ActionPoint.objects.filter(pk=id).first()):
        if again.source_id == source.pk and again.set_by_id == by.pk:
            return again
        message = _("This id belongs to another action point.")
        raise Invalid("id_taken", message, fields=[FieldProblem("/id", "taken", message)])
    kind = sources.of(source)
    centre = Federation.objects.national()
    concerns = kind.federation(source)
    owner = federation or concerns
    point = ActionPoint(
        id=id or uuid.uuid4(),
        federation=owner,
        concerns=concerns,
        asking_federation=centre,
        task=task.strip(),
        due_on=due_on,
        source_type=ContentType.objects.get_for_model(source),
        source_id=source.pk,
        set_by=by,
        set_at=at,
    )
    if not by.has_perm("obligations.set_action_point", point):
        raise NotAllowed("not_yours", _("Only the centre sets action points."))
    if refused := kind.refusal(by, source):
        raise refused
    point.person = person_named(person.strip()) if person.strip() else None
    problems = [
        *_task_problems(point.task),
        *_day_problems(due_on, kind.day(source)),
        *_owner_problems(point, person),
    ]
    if problems:
        raise Invalid("action_point_invalid", _("This cannot be set."), fields=problems)
    point.save(force_insert=True)
    audit.record("obligations.actionpoint.set", point, by=by, at=at, federation=owner)
    _start(point, by=by, at=at)
    _tell_owner(point, "set", by=by, at=at)
    return point


def _task_problems(task: str) -> list[FieldProblem]:
    return [] if task else [FieldProblem("/task", "required", _("Say what is to be done."))]


def _day_problems(due_on: dt.date, first: dt.date) -> list[FieldProblem]:
    if due_on < first:
        message = _("The due date lies before the day it was agreed on, %(day)s.") % {
            "day": first.isoformat()
        }
        return [FieldProblem("/due_on", "before_the_record", message)]
    if due_on > LATEST:
        message = _("Look at the year again: a date until %(last)s is possible.") % {
            "last": LATEST.isoformat()
        }
        return [FieldProblem("/due_on", "out_of_range", message)]
    return []


def _owner_problems(point: ActionPoint, person: str) -> list[FieldProblem]:
    if point.federation not in owners_for(point.concerns):
        message = _("The federation itself, one below it, or the centre can have something to do.")
        return [FieldProblem("/federation", "not_concerned", message)]
    if not person.strip():
        return []
    holders = holders_of("obligations.report_action_point", point.federation_id)
    if point.person is None or not holders.filter(pk=point.person.pk).exists():
        message = _("Nobody who works on this at %(federation)s has this user name.") % {
            "federation": point.federation.name
        }
        return [FieldProblem("/person", "not_an_officer", message)]
    return []


def _start(point: ActionPoint, *, by: User, at: dt.datetime) -> None:
    duties.start(
        point,
        DO_ACTION_POINT,
        by=by,
        federation=point.federation_id,
        title=str(point),
        due_on=point.due_on,
        user=point.person,
        at=at,
    )


def _tell_owner(
    point: ActionPoint, what: str, *, by: User, at: dt.datetime, reason: str = ""
) -> None:
    """Whoever was named to do it, else the officers of the owner; and who reported it done."""
    owners = (
        [point.person]
        if point.person
        else holders_of(DO_ACTION_POINT.permission, point.federation_id)
    )
    _tell([*owners, *filter(None, [point.reported_by])], point, what, by=by, at=at, reason=reason)


def _tell(
    people: Iterable[User],
    point: ActionPoint,
    what: str,
    *,
    by: User,
    at: dt.datetime,
    reason: str = "",
) -> None:
    notify(
        people,
        f"obligations/action_point_{what}",
        subject=point,
        context={"point": point, "by": by},
        reason=reason,
        key=f"action_point:{what}:{point.pk}:{point.version}",
        at=at,
    )


@transaction.atomic
def report_action_point(
    point: ActionPoint,
    *,
    by: User,
    version: int,
    evidence: str = "",
    attachments: Iterable[Attachment] = (),
    at: dt.datetime | None = None,
) -> ActionPoint:
    """Report it done, with evidence: a text, files, or both."""
    at = at or timezone.now()
    if files := list(attachments):
        # They hang on it before the step is taken: afterwards nobody adds any.
        fresh = lock(point)
        if refused := ACTION_POINT.refusal(fresh, "report", by):
            raise refused
        for file in files:
            attach(file, fresh, by=by, at=at)
    fresh = ACTION_POINT.take(point, "report", by=by, version=version, at=at)
    if not evidence.strip() and not Attachment.objects.of(fresh).exists():
        message = _("Say how it was done, or add a file that shows it.")
        raise Invalid(
            "evidence_missing", message, fields=[FieldProblem("/evidence", "required", message)]
        )
    fresh.evidence = evidence.strip()
    fresh.reported_by, fresh.reported_at = by, at
    fresh.save(update_fields=["evidence", "reported_by", "reported_at"])
    freeze(Attachment.objects.of(fresh))
    duties.meet(fresh, DO_ACTION_POINT, by=by, at=at)
    duties.start(
        fresh,
        VERIFY_ACTION_POINT,
        by=by,
        federation=fresh.asking_federation_id,
        title=str(fresh),
        barred=by,
        at=at,
    )
    verifiers = holders_of(VERIFY_ACTION_POINT.permission, fresh.asking_federation_id)
    _tell(verifiers, fresh, "reported", by=by, at=at)
    return fresh


@transaction.atomic
def verify_action_point(
    point: ActionPoint,
    *,
    by: User,
    version: int,
    note: str = "",
    at: dt.datetime | None = None,
) -> ActionPoint:
    """It is done: another person than who reported it says so."""
    at = at or timezone.now()
    fresh = ACTION_POINT.take(point, "verify", by=by, version=version, note=note, at=at)
    fresh.verified_by, fresh.verified_at = by, at
    fresh.save(update_fields=["verified_by", "verified_at"])
    duties.meet(fresh, VERIFY_ACTION_POINT, by=by, at=at)
    _tell_owner(fresh, "verified", by=by, at=at, reason=note)
    return fresh


@transaction.atomic
def reopen_action_point(
    point: ActionPoint,
    *,
    by: User,
    version: int,
    note: str,
    due_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> ActionPoint:
    """It is not done: back to its owner with the reason, by the former day or a new one."""
    at = at or timezone.now()
    fresh = ACTION_POINT.take(point, "reopen", by=by, version=version, note=note, at=at)
    if due_on is not None:
        if problems := _day_problems(due_on, timezone.localdate(at)):
            raise Invalid("due_on_invalid", _("This cannot be set."), fields=problems)
        fresh.due_on = due_on
    fresh.reopen_reason = note.strip()
    fresh.save(update_fields=["due_on", "reopen_reason"])
    duties.meet(fresh, VERIFY_ACTION_POINT, by=by, at=at)
    _start(fresh, by=by, at=at)
    _tell_owner(fresh, "reopened", by=by, at=at, reason=fresh.reopen_reason)
    return fresh


@transaction.atomic
def cancel_action_point(
    point: ActionPoint, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> ActionPoint:
    """Nobody has to do it any more, for the reason that is kept."""
    at = at or timezone.now()
    fresh = ACTION_POINT.take(point, "cancel", by=by, version=version, note=note, at=at)
    duties.cancel(fresh, DO_ACTION_POINT, by=by, at=at)
    _tell_owner(fresh, "cancelled", by=by, at=at, reason=note)
    return fresh
