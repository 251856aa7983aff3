"""Field history by database trigger: every version of a row, whoever changed it by whatever way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pghistory
from django.db import models

Decorator = Callable[[type[models.Model]], type[models.Model]]


def track_fields(*, personal: Iterable[str] = (), exclude: Iterable[str] = ()) -> Decorator:
    """Class decorator: keep each version of the row, without its ``personal`` fields.

    Personal values never enter the history, nor do those of ``exclude`` (answers, for example,
    whose history is the submitted versions). The table of events is append-only.
    """
    left_out = sorted({*personal, *exclude})

    def track(model: type[models.Model]) -> type[models.Model]:
        known = {field.name for field in model._meta.local_fields}
        if unknown := set(left_out) - known:
            raise ValueError(f"{model.__name__} has no field {', '.join(sorted(unknown))}")
        events = pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
        return pghistory.track(*events, exclude=left_out, append_only=True)(model)

    return track
