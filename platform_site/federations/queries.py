"""Reading the tree and its posts: who holds a post on a day, and what stands on a page."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from .models import Federation, Holding


def holder(federation: Federation, post: str, on: datetime.date | None = None) -> Holding | None:
    """Who holds (or held) the post on the day; of several liaison officers the newest."""
    day = on or timezone.localdate()
    held = Holding.objects.on(day).filter(federation=federation, post=post)
    return held.order_by("-since", "-id").first()


def phone_for(user: Any, holding: Holding) -> str:
    """The telephone number as ``user`` may read it: whole for the own federation and for national
    officers, masked for everyone else (the auditor too)."""
    scope = user.scope
    own = holding.federation_id in scope.at() and not scope.holds("auditor")
    if own or scope.national("national_officer"):
        return holding.phone
    return holding.masked_phone


def may_end(user: Any, holding: Holding) -> bool:
    """The federation itself may, while the end is still to come or not known."""
    over = holding.until is not None and holding.until <= holding.since
    return not over and bool(user.has_perm("federations.record_holding", holding.federation))


@dataclass(frozen=True)
class HeldPost:
    """One line of a federation's posts, with the telephone number as the reader may see it."""

    holding: Holding
    phone: str
    current: bool


@dataclass(frozen=True)
class PostHistory:
    post: str
    label: str
    #: Held by one person at a time: a new one replaces the former.
    single: bool
    now: list[HeldPost]
    former: list[HeldPost]


def posts_of(federation: Federation, user: Any) -> list[PostHistory]:
    """Each post with its holders of today and before, newest first (one query)."""
    today = timezone.localdate()
    rows = (
        Holding.objects.visible_to(user)
        .filter(federation=federation)
        .order_by("-since", "-id")[:500]
    )
    held = [
        HeldPost(
            row,
            phone_for(user, row),
            row.since <= today and (row.until is None or row.until > today),
        )
        for row in rows
    ]
    return [
        PostHistory(
            post=post.value,
            label=str(post.label),
            single=post in Holding.SINGLE_SEATS,
            now=[line for line in held if line.holding.post == post and line.current],
            former=[line for line in held if line.holding.post == post and not line.current],
        )
        for post in Holding.Post
    ]


def may_see_posts(federation: Federation, user: Any) -> bool:
    """Does the register of this federation's posts lie within what ``user`` may read?

    The same rule as ``Holding.objects.visible_to``, for a federation that has no entry yet.
    """
    scope = user.scope
    if scope.holds("auditor"):
        return True
    if scope.q() is None:
        return False
    if scope.national() or federation.level == Federation.Level.NATIONAL:
        return True
    own = scope.at()
    line = {federation.pk, federation.first_tier_id, federation.prefecture_id}
    return bool(own & line) or federation.pk in scope.lineage()


def above(federation: Federation) -> list[Federation]:
    """The federations above, from the national one down (one query; the tree has four levels)."""
    if federation.parent_id is None:
        return []
    ids = {federation.parent_id, federation.prefecture_id, federation.first_tier_id}
    ids -= {federation.pk, None}
    return list(
        Federation.objects.filter(Q(pk__in=ids) | Q(level=Federation.Level.NATIONAL)).order_by(
            "level"
        )
    )


@dataclass(frozen=True)
class LevelCount:
    label: str
    number: int


def counts_below(federation: Federation) -> list[LevelCount]:
    """How many federations of each lower level the subtree holds today (one query)."""
    rows = (
        Federation.objects.below(federation)
        .current()
        .filter(level__gt=federation.level)
        .order_by("level")
        .values_list("level")
        .annotate(number=Count("pk"))
    )
    return [LevelCount(str(Federation.Level(level).label), number) for level, number in rows]
