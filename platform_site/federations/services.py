"""Recording who holds a post. The register keeps history: nobody is overwritten, periods end."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platform_site.audit import actions
from platform_site.audit import services as audit
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale

from .models import Federation, Holding

actions.register("federations.appoint", _("Recorded a post-holder"))
actions.register("federations.correct", _("Corrected a post-holder's details"))
actions.register("federations.end", _("Ended a post-holder's period"))

#: The national federation was founded on this day: no post can have been held before.
FOUNDED = datetime.date(1925, 5, 1)
#: How far ahead a change of office may be recorded.
AHEAD = datetime.timedelta(days=366)
DETAILS = ("title", "department", "phone")


@transaction.atomic
def appoint(
    federation: Federation,
    post: str,
    *,
    name: str,
    title: str = "",
    department: str = "",
    phone: str = "",
    since: datetime.date,
    by: Any,
    at: datetime.datetime | None = None,
) -> Holding:
    """Record that ``name`` holds ``post`` from the day ``since``.

    A post for one person passes over: the former holder's period ends on that day, and an entry
    for an earlier time ends where the next one begins. The same name in the post already stays,
    with the new details where any are given; so a replayed request changes nothing.
    """
    _may_record(federation, by)
    # One writer per federation: two people naming a leader at once get one after the other.
    Federation.objects.select_for_update().get(pk=federation.pk)
    entry = Holding(
        federation=federation,
        post=post,
        name=name,
        title=title,
        department=department,
        phone=phone,
        since=since,
    )
    _check(entry)
    same_post = Holding.objects.filter(federation=federation, post=entry.post)
    in_post = list(same_post.on(since).select_for_update())
    for former in in_post:
        if former.name == entry.name:
            return _correct(former, entry, by=by, at=at)
    if entry.post in Holding.SINGLE_SEATS:
        for former in in_post:
            former.until = since
            former.version += 1
            former.save(update_fields=["until", "version"])
        following = same_post.filter(since__gt=since).order_by("since").first()
        entry.until = following.since if following else None
    entry.save(force_insert=True)
    entry.refresh_from_db()
    audit.record(
        "federations.appoint",
        entry,
        by=by,
        at=at,
        federation=federation,
        facts={"post": entry.post, "since": since.isoformat()},
    )
    return entry


@transaction.atomic
def end(
    holding: Holding,
    *,
    until: datetime.date,
    by: Any,
    version: int | None = None,
    at: datetime.datetime | None = None,
) -> Holding:
    """Record that the post is no longer held from the day ``until`` on."""
    fresh = (
        Holding.objects.select_for_update(of=("self",))
        .select_related("federation")
        .get(pk=holding.pk)
    )
    _may_record(fresh.federation, by)
    if version is not None and version != fresh.version:
        raise Stale("stale", _("Somebody changed this entry since you opened it."))
    if until < fresh.since:
        raise _invalid("until", "too_early", _("The period cannot end before it begins."))
    if until > timezone.localdate() + AHEAD:
        raise _invalid("until", "too_late", _("The day is more than a year ahead."))
    if fresh.until is not None and until >= fresh.until:
        raise _invalid("until", "ended_already", _("The period ended before that day already."))
    fresh.until = until
    fresh.version += 1
    fresh.save(update_fields=["until", "version"])
    audit.record(
        "federations.end",
        fresh,
        by=by,
        at=at,
        federation=fresh.federation,
        facts={"post": fresh.post, "until": until.isoformat()},
    )
    return fresh


def _may_record(federation: Federation, by: Any) -> None:
    if not by.has_perm("federations.record_holding", federation):
        raise NotAllowed(
            "not_yours",
            _("Only the federation itself keeps the register of its posts."),
        )


def _correct(former: Holding, entry: Holding, *, by: Any, at: datetime.datetime | None) -> Holding:
    changed = [
        field
        for field in DETAILS
        if getattr(entry, field) and getattr(entry, field) != getattr(former, field)
    ]
    if changed:
        for field in changed:
            setattr(former, field, getattr(entry, field))
        former.version += 1
        former.save(update_fields=[*changed, "version"])
        # The trail says which fields changed, never to what: they are personal.
        audit.record(
            "federations.correct",
            former,
            by=by,
            at=at,
            federation=former.federation,
            facts={"post": former.post, "fields": changed},
        )
    return former


def _check(entry: Holding) -> None:
    if not FOUNDED <= entry.since <= timezone.localdate() + AHEAD:
        raise _invalid(
            "since",
            "out_of_range",
            _("Give a day between 1 May 1925 and a year from today."),
        )
    try:
        entry.clean_fields(exclude=["federation", "first_tier", "prefecture", "until"])
    except ValidationError as error:
        raise Invalid(
            "invalid",
            _("Some answers are missing or wrong."),
            fields=[
                FieldProblem(f"/{field}", problem.code or "invalid", problem.messages[0])
                for field, problems in error.error_dict.items()
                for problem in problems
            ],
        ) from None


def _invalid(field: str, code: str, message: str | Promise) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem(f"/{field}", code, message)])
