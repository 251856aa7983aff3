"""The register of permissions: which office may do which act, and where it must be held.

Every app declares its acts in its own ``permissions.py``::

    declare(Permission("reports.submit_report", roles={Role.LIAISON_OFFICER}, at="federation_id"))

``at`` is the dotted attribute path on the object that leads to the id of the federation at which
the office must be held, exactly (an officer of a federation above may read, never act for it).
``at=None`` means that the office suffices for any object its holder can see.

An act may be given to one person on one object by name (an exception) only where it says so itself::

    given=Given("reports.report", _("read this report"), by={"federation_id": {Role.DEPARTMENT_HEAD}})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platform_site.audit import actions

from .roles import Role

_register: dict[str, Permission] = {}


@dataclass(frozen=True)
class Given:
    """That an act may be given by name: on objects of which model, and by whom.

    ``by`` names the offices by the path that leads from the object to the federation at which one of
    them must be held, as ``Permission.at`` does. ``related`` is what the object's name is made
    of, ``key`` what a client calls it by.
    """

    on: str
    label: str | Promise
    by: Mapping[str, Iterable[Role]]
    related: tuple[str, ...] = ()
    key: str = "pk"

    @property
    def givers(self) -> frozenset[Role]:
        return frozenset(role for roles in self.by.values() for role in roles)


@dataclass(frozen=True)
class Permission:
    """``roles`` may be empty: then nobody does the act but by an exception."""

    code: str
    roles: frozenset[Role]
    at: str | None = None
    given: Given | None = None

    def __init__(
        self,
        code: str,
        *,
        roles: Iterable[Role],
        at: str | None = None,
        given: Given | None = None,
    ) -> None:
        if code.count(".") != 1:
            raise ImproperlyConfigured(f"a permission is called <app>.<act>, not {code!r}")
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "roles", frozenset(Role(role) for role in roles))
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "given", given)

    @property
    def app_label(self) -> str:
        return self.code.partition(".")[0]

    @property
    def codename(self) -> str:
        return self.code.partition(".")[2]

    def federation_of(self, obj: Any) -> int | None:
        """The id of the federation at which the office must be held to act on ``obj``."""
        return follow(obj, self.at or "")


def follow(obj: Any, path: str) -> Any:
    """What the dotted path leads to; None where it breaks off."""
    for name in path.split("."):
        obj = getattr(obj, name)
        if obj is None:
            return None
    return obj


def declare(permission: Permission) -> Permission:
    """Enter a permission into the register; a second one of the same name is a mistake."""
    if permission.code in _register:
        raise ImproperlyConfigured(f"the permission {permission.code!r} is declared twice")
    _register[permission.code] = permission
    return permission


def get(code: str) -> Permission:
    """The permission called ``code``; LookupError when no app declares it (a slip of the pen)."""
    try:
        return _register[code]
    except KeyError:
        raise LookupError(f"no app declares the permission {code!r}") from None


def is_declared(code: str) -> bool:
    return code in _register


def all_permissions() -> list[Permission]:
    return sorted(_register.values(), key=lambda permission: permission.code)


def given_by_name(model_label: str = "") -> list[Permission]:
    """The acts that may be given by name: all, or those on objects of this model."""
    return [
        permission
        for permission in all_permissions()
        if permission.given is not None and model_label in ("", permission.given.on)
    ]


def givers() -> frozenset[Role]:
    """Whoever may give any act by name."""
    return frozenset(
        role
        for permission in given_by_name()
        for role in permission.given.givers  # type: ignore[union-attr]
    )


# --- Acts on accounts -------------------------------------------------------------------------
READ_ACCOUNTS = declare(
    Permission(
        "accounts.read_accounts",
        roles={
            Role.SECURITY_ADMINISTRATOR,
            Role.SYSTEM_ADMINISTRATOR,
            Role.AUDITOR,
            Role.DEPARTMENT_HEAD,
        },
    )
)
INVITE_ACCOUNT = declare(
    Permission(
        "accounts.invite_account",
        roles={Role.SECURITY_ADMINISTRATOR, Role.DEPARTMENT_HEAD},
    )
)
DISABLE_ACCOUNT = declare(
    Permission(
        "accounts.disable_account",
        roles={Role.SECURITY_ADMINISTRATOR, Role.DEPARTMENT_HEAD},
    )
)
ASSIGN_ROLE = declare(
    Permission(
        "accounts.assign_role",
        roles={Role.SECURITY_ADMINISTRATOR, Role.DEPARTMENT_HEAD},
    )
)

# --- Acts of the rooms below this one, which cannot know what an office is ----------------------
declare(Permission("audit.read_trail", roles={Role.AUDITOR}))
# Exact match: national officers keep the posts of the national federation, nobody else's.
declare(
    Permission(
        "federations.record_holding",
        roles={Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER, Role.NATIONAL_OFFICER},
        at="pk",
        given=Given(
            "federations.federation",
            _("keep the register of its posts"),
            by={"pk": {Role.DEPARTMENT_HEAD, Role.NATIONAL_OFFICER}},
            key="code",
        ),
    )
)

# --- What these acts are called in the trail ----------------------------------------------------
for _code, _label in {
    "account.create": _("Made an account"),
    "account.invite": _("Sent an invitation"),
    "account.disable": _("Disabled an account"),
    "account.enable": _("Enabled an account"),
    "account.change": _("Changed the own settings"),
    "account.sign_in": _("Signed in"),
    "office.give": _("Gave an office"),
    "office.end": _("Ended an office"),
    "office.substitute": _("Appointed a substitute"),
    "exception.grant": _("Granted an exception"),
    "exception.revoke": _("Took back an exception"),
    "token.issue": _("Issued an API token"),
    "token.rotate": _("Renewed an API token"),
    "token.revoke": _("Withdrew an API token"),
    "token.refuse_address": _("Used an API token from an address that is not its own"),
}.items():
    actions.register(_code, _label)
