"""What a request is for. Its owner, a room above, registers the handler; this room knows nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Kind:
    """``url`` gives the address of the owner's page for a request's id."""

    code: str
    label: str | Promise
    url: Callable[[Any], str]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    if kind.code in _kinds:
        raise ValueError(f"two kinds of request are named {kind.code}")
    _kinds[kind.code] = kind


def kind(code: str) -> Kind:
    return _kinds[code]
