"""工作交接: opening a sheet, handing over, taking over."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from platform_site.accounts.models import RoleAssignment, User
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workflow import check_version, lock
from platform_site.notifications.services import notify
from platform_site.problems import FieldProblem, Invalid, NotAllowed

from ..deadlines import TAKE_OVER
from ..models import HANDED_OVER, Handover
from ..queries.handovers import drawn, ended_offices
from ..workflow import HANDOVER

#: An office that ended longer ago than this opens no sheet by itself.
OPENED_WITHIN_DAYS = 30


@transaction.atomic
def open_handover(
    office: RoleAssignment,
    *,
    by: User | None,
    note: str = "",
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Handover:
    """Begin the sheet of an office: by its holder, by a head or leader there, or by the platform (None).

    One that runs already is returned as it is.
    """
    at = at or timezone.now()
    office = (
        RoleAssignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("user", "federation")
        .get(pk=office.pk)
    )
    if by is not None:
        own = office.user_id == by.pk and office.in_force()
        sheet = Handover(federation=office.federation, office=office)
        if not (own or by.has_perm("reports.hand_over_for", sheet)):
            raise NotAllowed(
                "not_yours", _("The holder, or a head or leader there, begins the sheet.")
            )
    if office.role not in HANDED_OVER or office.substitutes_id is not None:
        message = _("This office is not handed over by a sheet.")
        raise Invalid("no_sheet", message, fields=[FieldProblem("/office", "no_sheet", message)])
    running = Handover.objects.filter(office=office, state__in=["open", "given"]).first()
    if running is not None:
        return running
    if id is not None and Handover.objects.filter(pk=id).exists():
        message = _("This id belongs to another record.")
        raise Invalid("id_taken", message, fields=[FieldProblem("/id", "taken", message)])
    handover = Handover.objects.create(
        id=id or uuid.uuid4(),
        federation=office.federation,
        office=office,
        note=note.strip(),
        opened_by=by,
        opened_at=at,
    )
    audit.record(
        "reports.handover.open",
        handover,
        by=by,
        at=at,
        federation=office.federation,
        to_state=handover.state,
        facts={"role": office.role},
    )
    duties.start(
        handover, TAKE_OVER, by=by, federation=office.federation, title=_title(office), at=at
    )
    return handover


def _title(office: RoleAssignment) -> str:
    with translation.override("zh-hans"):
        return _("Handover: %(office)s, %(name)s") % {
            "office": office.get_role_display(),
            "name": office.user.name,
        }


def open_handovers_of_ended(*, at: dt.datetime | None = None) -> int:
    """Begin a sheet for each office that has just ended and has none; a second look finds none."""
    at = at or timezone.now()
    offices = list(ended_offices(timezone.localdate(at), days=OPENED_WITHIN_DAYS))
    for office in offices:
        open_handover(office, by=None, at=at)
    return len(offices)


@transaction.atomic
def give_handover(
    handover: Handover, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Handover:
    """The holder hands over: what the sheet shows now is what it shows for good."""
    return _give(handover, "give", by=by, version=version, note=note, at=at or timezone.now())


@transaction.atomic
def give_for_holder(
    handover: Handover, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Handover:
    """The holder has left: a head or leader there hands over, and says why."""
    return _give(handover, "give_for", by=by, version=version, note=note, at=at or timezone.now())


def _give(
    handover: Handover, step: str, *, by: User, version: int, note: str, at: dt.datetime
) -> Handover:
    fresh = lock(handover)
    if refused := HANDOVER.refusal(fresh, step, by):
        raise refused
    check_version(fresh, version)
    fresh.content = drawn(fresh.office)
    fresh.given_by, fresh.given_by_name, fresh.given_at = by, by.name, at
    if step == "give_for":
        fresh.absent_reason = note.strip()
    # Before the state: a constraint ties the two.
    fresh.save(update_fields=["content", "given_by", "given_by_name", "given_at", "absent_reason"])
    fresh = HANDOVER.take(fresh, step, by=by, version=version, note=note, at=at)
    successors = User.objects.filter(
        pk__in=RoleAssignment.objects.in_force(timezone.localdate(at))
        .filter(role=fresh.office.role, federation=fresh.federation_id)
        .exclude(user=fresh.office.user_id)
        .values("user")
    )
    notify(
        successors,
        "reports/handover_given",
        subject=fresh,
        context={"handover": fresh, "by": by},
        reason=note,
        key=f"handover-given:{fresh.pk}",
        at=at,
    )
    return fresh


@transaction.atomic
def take_over(
    handover: Handover, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Handover:
    """Whoever holds the office now confirms what has passed; the sheet is closed."""
    at = at or timezone.now()
    fresh = HANDOVER.take(handover, "take_over", by=by, version=version, note=note, at=at)
    fresh.taken_by, fresh.taken_by_name, fresh.taken_at = by, by.name, at
    fresh.save(update_fields=["taken_by", "taken_by_name", "taken_at"])
    duties.meet(fresh, TAKE_OVER, by=by, at=at)
    return fresh


@transaction.atomic
def cancel_handover(
    handover: Handover, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Handover:
    """The office does not change hands after all."""
    at = at or timezone.now()
    fresh = HANDOVER.take(handover, "cancel", by=by, version=version, note=note, at=at)
    duties.cancel(fresh, TAKE_OVER, by=by, at=at)
    return fresh
