"""Writing the trail. Nothing else may write it, and nothing may change it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils import timezone, translation

from platform_site.api.tracing import request_id

from .models import Entry
from .requests import current_address


def _cut(value: Any, field: str) -> str:
    # The database refuses NUL; the trail must take whatever it is told.
    limit = Entry._meta.get_field(field).max_length  # type: ignore[union-attr]
    return str(value or "").replace("\x00", "\N{REPLACEMENT CHARACTER}")[:limit]


def record(
    action: str,
    subject: Model | None,
    *,
    by: Any,
    at: datetime | None = None,
    note: str = "",
    from_state: str = "",
    to_state: str = "",
    federation: Any = None,
    facts: dict[str, Any] | None = None,
    result: str = Entry.Result.DONE,
) -> Entry:
    """Add one entry, in the caller's transaction: the act and its trail are written together.

    ``by`` is a user, or None for the platform itself. ``at`` is when it happened (default now);
    where that is well before now the story says "recorded later". ``federation`` is the federation
    concerned (default: the subject's own). ``facts`` must hold no personal value: say that a field
    changed, not to what.
    """
    if federation is None and getattr(subject, "federation_id", None) is not None:
        federation = subject.federation  # type: ignore[union-attr]
    # The trail keeps names: in the platform's language, whatever the actor reads.
    with translation.override(settings.LANGUAGE_CODE):
        office = _cut(getattr(by, "office_label", ""), "actor_office")
        label = _cut(subject, "subject_label") if subject is not None else ""
    return Entry.objects.create(
        action=_cut(action, "action"),
        at=at or timezone.now(),
        actor_id=getattr(by, "pk", None),
        actor_name=_cut(getattr(by, "name", "") or by, "actor_name"),
        actor_office=office,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject_label=label,
        federation_code=_cut(getattr(federation, "code", ""), "federation_code"),
        from_state=_cut(from_state, "from_state"),
        to_state=_cut(to_state, "to_state"),
        note=str(note or "").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        facts=facts or {},
        result=result,
        request_id=request_id(),
        address=current_address.get(),
    )
