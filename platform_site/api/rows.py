"""Lists without model instances: the columns a row serializer names, straight from ``values()``.

A serializer of rows is declared as any other, and is the one declaration of the schema, of the object
that inherits from it and of the list. What differs: the list reads only the columns that its fields
name, joined in the database, and makes neither models nor fields for a row (a serializer costs four
times as much, docs/performance.md). Two kinds of field can be read so:

- one whose ``source`` leads to a column over foreign keys: ``CharField(source="federation.code")``;
- :func:`computed`, a member reckoned from columns that it names.

``row_columns`` of the serializer names the column where the instance's attribute is none::

    class NoticeRowSerializer(ModelSerializer):
        row_columns = {"due_on": "due_on"}      # an annotation of the list; the object asks its round
        due_on = DateField(source="round.due_on")
        late = computed(BooleanField(), lateness, needs=["on_time_until", "filed_at"])
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from platform_site.problems import FieldProblem, Unreadable

#: Given the serializer's context, how a computed member is reckoned from the values it needs, in order.
Reckoning = Callable[[Mapping[str, Any]], Callable[..., Any]]


class Computed(serializers.Field):
    """A member that is no column. ``shape`` is the field it looks like; see :func:`computed`."""

    def __init__(
        self, shape: serializers.Field, of: Reckoning, needs: Sequence[str], **kwargs: Any
    ) -> None:
        self.shape, self.of, self.needs = shape, of, tuple(needs)
        super().__init__(read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        return [_follow(instance, column) for column in self.needs]

    def to_representation(self, values: Any) -> Any:
        found = self.of(self.context)(*values)
        return None if found is None else self.shape.to_representation(found)


def computed(
    shape: serializers.Field, of: Reckoning, *, needs: Sequence[str], help_text: Any = None
) -> Any:
    """A member reckoned from the columns ``needs``: ``of(context)`` is called once for an answer, what it
    gives once for a row, with their values in this order::

        late = computed(BooleanField(), lambda context: late_on(today()), needs=["due_on", "filed_at"])
    """
    return Computed(shape, of, needs, help_text=help_text)


def _follow(instance: Any, column: str) -> Any:
    """The value of a column on an instance; None where a link on the way leads nowhere."""
    value = instance
    for part in column.split("__"):
        try:
            value = getattr(value, part)
        except AttributeError:
            return None
        if value is None:
            return None
    return value


# --- The plan ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Member:
    name: str
    needs: tuple[str, ...]
    #: None: the one column as it is.
    of: Reckoning | None = None
    #: What turns a value into what JSON says; None: it is already.
    write: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Plan:
    """What a list reads from the database, and how its rows become the objects of the answer.

    Rows are tuples of :attr:`columns`, then of whatever else the list needs. They are worked on column by
    column, which costs half of what going from row to row does.
    """

    members: tuple[_Member, ...]

    @functools.cached_property
    def names(self) -> list[str]:
        return [member.name for member in self.members]

    def only(self, names: set[str]) -> Plan:
        return Plan(tuple(member for member in self.members if member.name in names))

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column for member in self.members for column in member.needs))

    @functools.cached_property
    def _places(self) -> list[list[int]]:
        place = {column: number for number, column in enumerate(self.columns)}
        return [[place[column] for column in member.needs] for member in self.members]

    def shown(
        self, rows: Sequence[tuple[Any, ...]], context: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows as JSON has them."""
        if not rows:
            return []
        found = [
            values if member.write is None else map(member.write, values)
            for member, values in zip(self.members, self._values(rows, context), strict=True)
        ]
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in zip(*found, strict=True)]

    def cells(
        self, rows: Sequence[tuple[Any, ...]], context: Mapping[str, Any]
    ) -> Iterable[tuple[Any, ...]]:
        """The rows as a table has them: days and instants as such."""
        return zip(*self._values(rows, context), strict=True) if rows else ()

    def _values(
        self, rows: Sequence[tuple[Any, ...]], context: Mapping[str, Any]
    ) -> list[Iterable[Any]]:
        columns = list(zip(*rows, strict=True))
        return [
            columns[places[0]]
            if member.of is None
            else map(member.of(context), *(columns[place] for place in places))
            for member, places in zip(self.members, self._places, strict=True)
        ]


class Whole:
    """Stands for a :class:`Plan` where a member can only be told by an instance that other tables were
    looked up for, for a whole page at a time (``view.prepared``); costs what serializers cost.
    """

    columns: tuple[str, ...] = ()

    def __init__(
        self,
        serializer_class: type[serializers.Serializer],
        prepared: Callable[[list[Any]], list[Any]],
        names: Sequence[str] = (),
    ) -> None:
        self._serializer_class, self._prepared = serializer_class, prepared
        known = [name for name, field in serializer_class().fields.items() if not field.write_only]
        self.names = list(names) or known

    def only(self, names: set[str]) -> Whole:
        chosen = [name for name in self.names if name in names]
        return Whole(self._serializer_class, self._prepared, chosen)

    def shown(self, rows: Sequence[Any], context: Mapping[str, Any]) -> list[dict[str, Any]]:
        serializer = self._serializer_class(
            self._prepared(list(rows)), many=True, context=dict(context)
        )
        return [{name: row[name] for name in self.names} for row in serializer.data]

    def cells(self, rows: Sequence[Any], context: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
        return (tuple(row.values()) for row in self.shown(rows, context))


def _unless_none(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else write(value)


@functools.cache
def plan_of(serializer_class: type[serializers.Serializer]) -> Plan:
    """How rows of this serializer are read; a TypeError names the field that can only ask an instance."""
    fields = serializer_class().fields
    overruled = getattr(serializer_class, "row_columns", {})
    members = []
    for name, field in fields.items():
        if field.write_only:
            continue
        if isinstance(field, Computed):
            members.append(_Member(name, field.needs, field.of, _writer(field.shape)))
            continue
        column = overruled.get(name) or "__".join(field.source_attrs)
        if not column or isinstance(field, _ASKS_AN_INSTANCE):
            raise TypeError(f"{serializer_class.__name__}.{name} is no column and not computed()")
        members.append(_Member(name, (column,), write=_writer(field)))
    return Plan(tuple(members))


_ASKS_AN_INSTANCE = (
    serializers.SerializerMethodField,
    serializers.RelatedField,
    serializers.ManyRelatedField,
    serializers.BaseSerializer,
)


_AS_THEY_ARE = (
    serializers.CharField,
    serializers.ChoiceField,
    serializers.IntegerField,
    serializers.BooleanField,
    serializers.UUIDField,
)


def sparse(plan: Plan | Whole, wanted: str) -> Plan | Whole:
    """The plan of the members that ``fields=a,b`` names, in the order of the schema."""
    named = [name.strip() for name in wanted.split(",")]
    asked = set(named) - {""}
    unknown = asked - set(plan.names)
    if unknown or not asked:
        message = _("“%(name)s” is no field of this list. Known are: %(names)s.") % {
            "name": ", ".join(sorted(unknown))[:80],
            "names": ", ".join(plan.names),
        }
        problem = FieldProblem("/fields", "unknown_field", message)
        raise Unreadable("unknown_field", message, fields=[problem])
    if len(asked) < len(named):
        message = _("Name each field once, with a comma between two.")
        problem = FieldProblem("/fields", "repeated_field", message)
        raise Unreadable("repeated_field", message, fields=[problem])
    return plan.only(asked)


def _writer(field: serializers.Field) -> Callable[[Any], Any] | None:
    """Takes None for what is not there, as the columns of most rows are."""
    if isinstance(field, serializers.DateTimeField):
        return _instant
    if isinstance(field, serializers.DateField):
        return _day
    if isinstance(field, serializers.DecimalField):
        return _unless_none(str)
    if isinstance(field, _AS_THEY_ARE):
        return None
    return _unless_none(field.to_representation)  # takes a bare value: the field asks no instance


def _day(value: dt.date | None) -> str | None:
    return value and value.isoformat()


def _instant(value: dt.datetime | None) -> str | None:
    return value and value.astimezone(timezone.get_current_timezone()).isoformat()
