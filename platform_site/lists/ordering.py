"""Which orders a list offers: names that may stand in an address, never column names."""

from __future__ import annotations

from django.utils.translation import gettext as _

from platform_site.problems import Unreadable


def resolve(
    requested: str | None, allowed: dict[str, tuple[str, ...]], default: str
) -> tuple[str, ...]:
    """The columns for a requested order; ``default`` when none is given.

    ``allowed`` names each order. ``-name`` is the same reversed, unless it is listed itself.
    """
    name = requested or default
    if name in allowed:
        return allowed[name]
    if name.startswith("-") and name[1:] in allowed:
        return reverse(allowed[name[1:]])
    message = _("This list cannot be ordered by “%(name)s”; use one of: %(allowed)s.")
    raise Unreadable(
        "unknown_ordering",
        message % {"name": name[:64], "allowed": ", ".join(sorted(allowed))},
    )


def reverse(order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)
