"""Which records carry files, and who may see and change the files of each.

A business app registers its model in its ``apps.ready()``::

    owners.register(Report, may_change=may_change_files, visible=may_see_file)

``may_change(user, obj)`` says whether this person may add files to the record or take them off.
Who sees the record (``Model.objects.visible_to``) sees its files, unless ``visible(user, obj,
attachment)`` says otherwise (a draft's files are its author's federation's alone). ``check_token(request,
obj)`` raises NotAllowed where the token of an API request may not read what the record's files hold.
``holds(obj, attachment)`` says why a file cannot be taken off by itself, if the record needs it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django.http import Http404

from platform_site.problems import Refused

if TYPE_CHECKING:
    from .models import Attachment

MayChange = Callable[[Any, Any], bool]
Visible = Callable[[Any, Any, "Attachment"], bool]
CheckToken = Callable[[Any, Any], None]
Holds = Callable[[Any, "Attachment"], Refused | None]


@dataclass(frozen=True)
class Owner:
    model: type[models.Model]
    may_change: MayChange
    visible: Visible | None = None
    check_token: CheckToken | None = None
    holds: Holds | None = None


_register: dict[str, Owner] = {}


def register(
    model: type[models.Model],
    *,
    may_change: MayChange,
    visible: Visible | None = None,
    check_token: CheckToken | None = None,
    holds: Holds | None = None,
) -> None:
    """Let records of ``model`` carry files. The model needs a UUID key and ``visible_to()``."""
    if not hasattr(getattr(model, "objects", None), "visible_to"):
        raise ImproperlyConfigured(f"{model.__name__}.objects has no visible_to()")
    _register[model._meta.label_lower] = Owner(model, may_change, visible, check_token, holds)


def unregister(model: type[models.Model]) -> None:
    _register.pop(model._meta.label_lower, None)


def of(obj: models.Model) -> Owner:
    try:
        return _register[obj._meta.label_lower]
    except KeyError:
        raise LookupError(f"{obj._meta.label} is not registered to carry files") from None


def may_change(user: Any, obj: models.Model) -> bool:
    return bool(of(obj).may_change(user, obj))


def may_see(user: Any, obj: models.Model, attachment: Attachment) -> bool:
    """For a record that ``user`` may see already: this file of it too?"""
    visible = of(obj).visible
    return visible is None or bool(visible(user, obj, attachment))


def check_token(request: Any, obj: models.Model) -> None:
    """For a file of ``obj`` that is asked for through the API; raises NotAllowed."""
    check = of(obj).check_token
    if check is not None:
        check(request, obj)


def check_is_free(obj: models.Model, attachment: Attachment) -> None:
    """Raises what the record refuses with while it needs the file."""
    holds = of(obj).holds
    if holds is not None and (refused := holds(obj, attachment)):
        raise refused


def visible_q(user: Any) -> Q:
    """Files of the records ``user`` may see, and their own that hang on nothing yet."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Q(pk__in=[])
    found = Q(owner_id__isnull=True, uploaded_by_id=user.pk)
    for owner in _register.values():
        manager: Any = owner.model._default_manager
        found |= Q(
            owner_type=ContentType.objects.get_for_model(owner.model),
            owner_id__in=manager.visible_to(user).values("pk"),
        )
    return found


def find(name: str, user: Any) -> models.Model:
    """The record that ``"reports.report:<id>"`` names, if ``user`` may see it; else Http404."""
    label, _colon, key = name.partition(":")
    owner = _register.get(label.lower())
    try:
        pk = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    if owner is None:
        raise Http404
    manager: Any = owner.model._default_manager
    obj: models.Model | None = manager.visible_to(user).filter(pk=pk).first()
    if obj is None:
        raise Http404
    return obj


def name_of(obj: models.Model) -> str:
    """What a form or a client sends to name this record: ``reports.report:<id>``."""
    return f"{obj._meta.label_lower}:{obj.pk}"
