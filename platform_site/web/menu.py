"""The menu of the workbench, filled by the apps.

An app's ``menu.py`` holds ``MENU = [MenuItem(...)]`` and, for blocks on the first page,
``HOME = [HomeBlock(...)]`` (``web.home``). What a user may not open is left out, never greyed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise
Permission = None | str | Callable[[Any], bool]


@dataclass(frozen=True)
class MenuItem:
    """One line of the menu. ``permission``: None (everybody), a permission held anywhere, or a test.

    ``place`` puts the item's badge into the top bar too: "todo" or "bell". It need not be given
    where the url name says it ("todo-…", "duty-…", "notification-…").
    """

    label: Text
    url_name: str
    permission: Permission = None
    order: int = 100
    group: Text = ""
    icon: str = ""
    badge: Callable[[Any], int | None] | None = None
    place: str = ""
    #: Addresses below the workbench whose pages belong to this line too, such as "obligations/".
    holds: tuple[str, ...] = ()

    @property
    def slot(self) -> str:
        if self.place or self.badge is None:
            return self.place
        if self.url_name.startswith(("todo", "duty", "duties")):
            return "todo"
        return "bell" if self.url_name.startswith("notification") else ""


@dataclass(frozen=True)
class ShownItem:
    """A menu item as one user meets it on one page."""

    item: MenuItem
    user: Any
    url: str
    current: bool

    @property
    def label(self) -> Text:
        return self.item.label

    @property
    def icon(self) -> str:
        return self.item.icon

    @cached_property
    def badge(self) -> int | None:
        return self.item.badge(self.user) if self.item.badge else None


@dataclass
class ShownGroup:
    label: Text
    items: list[ShownItem] = field(default_factory=list)


def _has_overview_beside_home(user: Any) -> bool:
    """Whoever may open the overview finds it in the menu, except where it is the first page."""
    from .overview import is_first_page, opens

    return opens(user) and not is_first_page(user)


#: The workbench's own first lines.
MENU = [
    MenuItem(_("Workbench"), "home", order=0, icon="house"),
    MenuItem(
        pgettext_lazy("page", "Overview"),
        "overview",
        permission=_has_overview_beside_home,
        order=5,
        icon="chart-column",
    ),
]


@cache
def app_modules(name: str) -> tuple[ModuleType, ...]:
    """The module of this name of every app that has one: what an app tells the rooms below it."""
    modules = (f"{config.name}.{name}" for config in apps.get_app_configs())
    return tuple(import_module(module) for module in modules if find_spec(module) is not None)


@dataclass(frozen=True)
class SiteItem:
    """One line of the public site's navigation, in an app's ``menu.py``: ``SITE = [SiteItem(...)]``."""

    label: Text
    url_name: str
    order: int = 100


def site_items(path: str) -> list[tuple[Text, str, bool]]:
    """Label, address and whether this page lies below it: the same for everybody."""
    items = [item for module in menu_modules() for item in getattr(module, "SITE", [])]
    found = [(each.label, _url_of(each)) for each in sorted(items, key=lambda each: each.order)]
    return [(label, url, path.startswith(url)) for label, url in found if url is not None]


def menu_modules() -> tuple[ModuleType, ...]:
    return app_modules("menu")


def may_open(user: Any, permission: Permission) -> bool:
    if permission is None:
        return True
    if callable(permission):
        return bool(permission(user))
    return bool(user.has_perm(permission))


def menu_for(request: HttpRequest) -> list[ShownGroup]:
    """The groups of the menu that the signed-in user may open, in order."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    items = sorted(_registered(), key=lambda item: item.order)
    allowed = [
        (item, url)
        for item in items
        if (url := _url_of(item)) is not None and may_open(user, item.permission)
    ]
    here = _current_url(request, allowed)
    groups: dict[str, ShownGroup] = {}
    for item, url in allowed:
        group = groups.setdefault(str(item.group), ShownGroup(item.group))
        group.items.append(ShownItem(item, user, url, url == here))
    return list(groups.values())


def _registered() -> list[MenuItem]:
    return [item for module in menu_modules() for item in getattr(module, "MENU", [])]


def _url_of(item: MenuItem | SiteItem) -> str | None:
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return None


def _current_url(request: HttpRequest, allowed: list[tuple[MenuItem, str]]) -> str | None:
    """The item with the address that is the longest beginning of this page's (home: only itself)."""
    home = reverse("home")
    beginnings = [
        (beginning, url)
        for item, url in allowed
        for beginning in (url, *(home + held for held in item.holds))
        if request.path == url or (beginning != home and request.path.startswith(beginning))
    ]
    return max(beginnings, key=lambda each: len(each[0]), default=("", None))[1]
