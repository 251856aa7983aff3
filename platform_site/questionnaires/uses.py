"""Where a version of a form is used. The rooms above know; they enter how to look it up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Use:
    """One object that asks with a version: its title, its state in words, its page."""

    title: str
    state: str | Promise
    url: str


#: Given ids of versions and the reader: what each is used by, as far as the reader sees it.
Source = Callable[[Iterable[int], Any], Mapping[int, list[Use]]]
_sources: list[Source] = []


def register(source: Source) -> None:
    _sources.append(source)


def uses_of(versions: Iterable[int], user: Any) -> dict[int, list[Use]]:
    """By id of the version, in one query for each source."""
    ids = list(versions)
    found: dict[int, list[Use]] = {}
    for source in _sources:
        for version, uses in source(ids, user).items():
            found.setdefault(version, []).extend(uses)
    return found
