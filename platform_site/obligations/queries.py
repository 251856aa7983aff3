"""Reading action points: whose they can be, where they came from, how many a federation has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q

from platform_site.casework.queries import today
from platform_site.federations.models import Federation

from .models import ActionPoint
from .workflow import RUNNING, TO_DO


def owners_for(concerns: Federation) -> models.QuerySet[Federation]:
    """Who can have something to do about this federation: itself, those below it, and the centre."""
    inside = Federation.objects.below(concerns).current()
    return inside | Federation.objects.filter(level=Federation.Level.NATIONAL)


def source_of(point: ActionPoint, user: Any) -> Any:
    """The record it came from, as far as ``user`` may see that; else None."""
    model = point.source_type.model_class()
    if model is None:
        return None
    manager: Any = model._default_manager
    return manager.visible_to(user).filter(pk=point.source_id).first()


@dataclass(frozen=True)
class ActionCount:
    running: int = 0
    overdue: int = 0


def action_counts(user: Any, federations: Iterable[int]) -> dict[int, ActionCount]:
    """By the federation they are for: action points that are not over, and the overdue ones of them."""
    late = Q(state__in=TO_DO, due_on__lt=today())
    rows = (
        ActionPoint.objects.visible_to(user)
        .filter(concerns__in=list(federations), state__in=RUNNING)
        .order_by()
        .values_list("concerns")
        .annotate(running=Count("pk"), overdue=Count("pk", filter=late))
    )
    return {concerns: ActionCount(running, overdue) for concerns, running, overdue in rows}


def usual_owners(concerns: Federation) -> models.QuerySet[Federation]:
    """Whom a page offers: the federation itself and the centre; the API takes those below as well."""
    return Federation.objects.filter(
        Q(pk=concerns.pk) | Q(level=Federation.Level.NATIONAL)
    ).order_by("-level")
