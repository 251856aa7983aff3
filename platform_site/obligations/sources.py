"""What action points come from: a record of supervision, a meeting. Its owner, a room above, registers it.

``"reports.supervisionrecord:<id>"`` names a record, in forms and in the API.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import Http404

from platform_site.federations.models import Federation
from platform_site.problems import Refused


@dataclass(frozen=True)
class Source:
    """``refusal(user, obj)`` says why no action point may be set from it now, or nothing; ``day`` is the
    day before which none can be due; ``federation`` is the one it is about."""

    model: type[models.Model]
    refusal: Callable[[Any, Any], Refused | None]
    day: Callable[[Any], dt.date]
    federation: Callable[[Any], Federation]


_register: dict[str, Source] = {}


def register(source: Source) -> None:
    _register[source.model._meta.label_lower] = source


def of(obj: models.Model) -> Source:
    return _register[obj._meta.label_lower]


def name_of(obj: models.Model) -> str:
    return f"{obj._meta.label_lower}:{obj.pk}"


def find(name: str, user: Any) -> models.Model:
    """The record of this name, if ``user`` may see it; else Http404."""
    label, _colon, key = name.partition(":")
    source = _register.get(label.lower())
    try:
        pk = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    if source is None:
        raise Http404
    manager: Any = source.model._default_manager
    obj: models.Model | None = manager.visible_to(user).filter(pk=pk).first()
    if obj is None:
        raise Http404
    return obj
