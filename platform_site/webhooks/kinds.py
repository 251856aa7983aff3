"""What can be told to a webhook. A room registers its kinds where it registers everything else::

    kinds.register(Kind("report.submitted", _("Report submitted"), Report, "reports"))

and its services write the event with the act: ``webhooks.services.emit("report.submitted", report)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from platform_site.federations.models import Federation

if TYPE_CHECKING:
    from platform_site.accounts.models import User

Text = str | Promise


def of_federation(objects: QuerySet[Any], federation: Federation) -> QuerySet[Any]:
    """The objects that belong to the federation or to one below it."""
    return objects.filter(federation__in=Federation.objects.below(federation))


@dataclass(frozen=True)
class Kind:
    """A kind of event about objects of ``model``, which are read at the API's ``resource``.

    ``model.objects`` has ``visible_to(user)``; an object has ``version`` and ``state``. ``within`` narrows
    objects to those that concern a federation.
    """

    code: str
    label: Text
    model: type[Model]
    resource: str
    within: Callable[[QuerySet[Any], Federation], QuerySet[Any]] = of_federation
    #: Whether people choose it. The test event is written at its owner's word alone.
    chosen: bool = True

    @property
    def read_scope(self) -> str:
        """What a token needs besides, to have a webhook told of these objects."""
        return f"{self.resource}:read"

    def address_of(self, pk: Any) -> str:
        """Where a client reads the object."""
        path = reverse(f"api:{self.resource}-detail", kwargs={"version": "v1", "pk": pk})
        return urljoin(settings.SITE_URL, path)

    def seen_by(self, user: User, *, within: Federation | None = None) -> QuerySet[Any]:
        """The objects that the person may see at this moment, narrowed to a federation or not."""
        manager: Any = self.model._default_manager
        seen = manager.visible_to(user)
        return seen if within is None else self.within(seen, within)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    if kind.code in _kinds:
        raise ValueError(f"two kinds of event are named {kind.code}")
    _kinds[kind.code] = kind


def unregister(code: str) -> None:
    _kinds.pop(code, None)


def find(code: str) -> Kind | None:
    return _kinds.get(code)


def offered() -> list[Kind]:
    """What people may choose from, by code."""
    return [_kinds[code] for code in sorted(_kinds) if _kinds[code].chosen]


def choices() -> list[tuple[str, Text]]:
    return [(kind.code, kind.label) for kind in offered()]


def label(code: str) -> str:
    """The kind in the reader's language; the bare code where nobody registers it any more."""
    known = find(code)
    return str(known.label) if known else code
