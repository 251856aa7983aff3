"""What each list holds, said once for its page and for its export: the same rows, the same order.

An app's ``exports.py`` registers its lists; this room knows none of them. The page cuts a
:class:`Selection` into pages, the export (a job) writes all of it::

    exports.register(
        Export("notices", _("Notices"), select=select_notices, columns=(Column(…), …), may=reads_notices)
    )
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import QueryDict
from django.utils.functional import Promise

from platform_site.text.words import listed

from .sheets import Heading

Text = str | Promise
#: Part of every list's address that names a place in it, not a choice.
PLACES = ("cursor",)


@dataclass(frozen=True)
class Selection:
    """The rows that one person sees of a list, as they narrowed and ordered it.

    ``form`` is the bound query form; what it finds unreadable narrows the page as that page says, and
    is refused by an export.
    """

    queryset: QuerySet[Any]
    order: tuple[str, ...]
    form: BaseForm | None = None
    #: What else the rows were chosen by, as (word, value): the notice whose recipients these are.
    about: tuple[tuple[Text, Any], ...] = ()

    def problems(self) -> dict[str, list[str]]:
        """Messages by the name of the filter."""
        if self.form is None or not self.form.is_bound or self.form.is_valid():
            return {}
        return {name: [str(each) for each in found] for name, found in self.form.errors.items()}

    def words(self) -> list[tuple[Text, Any]]:
        """The filters in force, in the reader's words."""
        found: list[tuple[Text, Any]] = list(self.about)
        if self.form is not None and self.form.is_bound and self.form.is_valid():
            for name, bound in self.form.fields.items():
                value = self.form.cleaned_data.get(name)
                if value not in (None, "", []):
                    found.append((bound.label or name, words(bound, value)))
        return found


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it holds of a row, and its width in characters.

    The value's type decides on the cell: a date, a number, else text. Codes are texts.
    """

    label: Text
    value: Callable[[Any], Any]
    width: int = 18

    @property
    def heading(self) -> Heading:
        return Heading(self.label, self.width)


def _nothing(rows: Sequence[Any], user: Any) -> None:
    """Most lists need no more than their rows."""


@dataclass(frozen=True)
class Export:
    """A list that can be exported.

    ``more(user, parameters)`` gives the columns that hang on which rows were chosen, behind the others.
    ``select(user, parameters)`` begins with ``visible_to(user)`` and raises Http404 where what the
    parameters name is out of sight. ``columns`` may depend on the reader. ``prepare(rows, user)`` sets on
    a thousand rows at a time what their page reckons set-wise. ``parameters`` are the names that the
    address may carry; those of ``private`` are typed freely, so the trail keeps only that they were used.
    ``resource`` is the API's resource whose read scope opens the list to a token; without one the list
    is exported from its page alone.
    """

    name: str
    title: Text
    select: Callable[[Any, QueryDict], Selection]
    columns: Sequence[Column] | Callable[[Any], Sequence[Column]]
    may: Callable[[Any], bool] = lambda user: True
    parameters: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    resource: str = ""
    prepare: Callable[[Sequence[Any], Any], None] = field(default=_nothing)
    more: Callable[[Any, QueryDict], Sequence[Column]] = lambda user, parameters: ()

    def columns_for(self, user: Any, parameters: QueryDict) -> list[Column]:
        usual = self.columns(user) if callable(self.columns) else self.columns
        return [*usual, *self.more(user, parameters)]

    def given(self, parameters: Mapping[str, Any]) -> QueryDict:
        """What of an address chooses rows: its known, filled parameters, without the place in the list."""
        chosen = QueryDict(mutable=True)
        for name in sorted(set(parameters) & self.parameters):
            values = (
                parameters.getlist(name) if isinstance(parameters, QueryDict) else parameters[name]
            )
            values = values if isinstance(values, list) else [values]
            if kept := [str(value) for value in values if value not in (None, "")]:
                chosen.setlist(name, kept)
        return chosen

    def for_the_trail(self, parameters: QueryDict) -> dict[str, str]:
        """The filters without what was typed freely: the trail holds no personal value."""
        return {
            name: "*" if name in self.private else ",".join(parameters.getlist(name))[:200]
            for name in parameters
        }


_register: dict[str, Export] = {}


def register(export: Export) -> None:
    if export.name in _register:
        raise ValueError(f"two lists are exported as {export.name}")
    _register[export.name] = export


def find(name: str) -> Export | None:
    return _register.get(name)


def all_exports() -> list[Export]:
    return [_register[name] for name in sorted(_register)]


def words(field: Any, value: Any) -> Any:
    """A chosen value in the words of its field."""
    if isinstance(value, dt.date):
        return value
    if isinstance(value, list | tuple | QuerySet):
        return listed(words(field, each) for each in value)
    return dict(_flat(getattr(field, "choices", ()))).get(str(value), str(value))


def _flat(choices: Any) -> list[tuple[str, str]]:
    """Choices as pairs of text; those of a model field's query set are rows, and are left alone."""
    if not choices or hasattr(choices, "queryset"):
        return []
    flat = []
    for code, label in choices:
        if isinstance(label, list | tuple):
            flat += [(str(one), str(word)) for one, word in label]
        else:
            flat.append((str(code), str(label)))
    return flat
