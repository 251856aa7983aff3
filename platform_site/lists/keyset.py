"""Pages of a list by the place of a row, not by counting rows: page 9,000 costs what page 1 costs.

A cursor holds the values of the order columns of one row. The next page is what comes after them
in the *whole* tuple, so rows that share a value are neither lost nor repeated. Where all columns
run the same way and none may be NULL this is one row comparison, ``(a, id) > (x, y)``, which an
index answers directly. Else it is cut into ranges that an index answers one after the other:
``a = x AND id > y``, then ``a > x``, then ``a IS NULL`` (PostgreSQL's order: NULL last when
ascending, first when descending, as in an ordinary index).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext as _

from platform_site.problems import Unreadable
from platform_site.text.clean import find_hostile

from . import compiled
from .ordering import reverse

_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """One page; ``next`` and ``previous`` are cursors, None at the ends."""

    rows: list[Any]
    next: str | None
    previous: str | None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class _Column:
    name: str
    descending: bool
    nullable: bool
    field: Field[Any, Any]


def page(
    queryset: QuerySet[Any, Any],
    *,
    order: Sequence[str],
    size: int,
    cursor: str | None,
    columns: Sequence[str] = (),
) -> Page:
    """The page of ``queryset`` that ``cursor`` points at (None or "": the first).

    ``order`` is e.g. ``("-due_on", "id")``; the primary key is appended where it is missing. A
    cursor that is broken, or made for another order, raises :class:`Unreadable`. ``columns`` names
    what the rows hold, where tuples are wanted (:func:`columns_for` says what they must).
    """
    order = _with_primary_key(queryset.model, tuple(order))
    backwards, values = False, None
    places = [_column(queryset, name) for name in order]
    if cursor:
        backwards, values = _read(cursor, order, places)
    if backwards:
        places = [_column(queryset, name) for name in reverse(order)]
    rows = _rows_after(queryset, places, values, size + 1, columns)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        # Everything beyond the cursor has gone since: the way back stays open.
        back = None if values is None or backwards else _write(order, values, backwards=True)
        return Page([], None, back)
    has_next = True if backwards else more
    has_previous = more if backwards else values is not None
    return Page(
        rows,
        cursor_after(rows[-1], order, columns) if has_next else None,
        _write(order, _values_of(rows[0], order, columns), backwards=True)
        if has_previous
        else None,
    )


def chunks(
    queryset: QuerySet[Any, Any],
    *,
    order: Sequence[str],
    size: int = 1_000,
    columns: Sequence[str] = (),
) -> Iterator[list[Any]]:
    """All rows of a list in its order, ``size`` at a time: short statements, flat memory.

    No transaction is held meanwhile, so a row that changes its place in the order between two chunks
    may be missed or come twice; one that stays where it is comes exactly once.
    """
    order = _with_primary_key(queryset.model, tuple(order))
    places = [_column(queryset, name) for name in order]
    values = None
    while rows := _rows_after(queryset, places, values, size, columns):
        yield rows
        if len(rows) < size:
            return
        values = _values_of(rows[-1], order, columns)


def columns_for(queryset: QuerySet[Any, Any], order: Sequence[str]) -> list[str]:
    """What a row of ``values_list()`` must hold, so that a page in this order can be cut from such rows."""
    return [name.lstrip("-") for name in _with_primary_key(queryset.model, tuple(order))]


def cursor_after(row: Any, order: Sequence[str], columns: Sequence[str] = ()) -> str:
    """The cursor of the page that begins after ``row`` in a list of this order."""
    return _write(order, _values_of(row, order, columns), backwards=False)


def _rows_after(
    queryset: QuerySet[Any],
    places: list[_Column],
    values: list[Any] | None,
    limit: int,
    columns: Sequence[str],
) -> list[Any]:
    def read(part: QuerySet[Any]) -> list[Any]:
        return compiled.rows(part, columns) if columns else list(part)

    ordered = queryset.order_by(*[("-" if c.descending else "") + c.name for c in places])
    if values is None:
        return read(ordered[:limit])
    if len({c.descending for c in places}) == 1 and not any(c.nullable for c in places):
        after = TupleLessThan if places[0].descending else TupleGreaterThan
        place = after(tuple(F(c.name) for c in places), tuple(values))
        return read(ordered.filter(place)[:limit])
    rows: list[Any] = []
    for part in _ranges_after(places, values):
        rows += read(ordered.filter(part)[: limit - len(rows)])
        if len(rows) == limit:
            break
    return rows


def _ranges_after(columns: list[_Column], values: list[Any]) -> Iterator[Q]:
    """Ranges that follow the tuple, nearest first: the last column moves first."""
    for place in reversed(range(len(columns))):
        same = Q()
        for column, value in zip(columns[:place], values[:place], strict=True):
            same &= _equal(column, value)
        column, value = columns[place], values[place]
        if value is None:
            if column.descending:  # NULL came first; all others follow
                yield same & Q(**{f"{column.name}__isnull": False})
            continue
        yield same & Q(**{f"{column.name}__{'lt' if column.descending else 'gt'}": value})
        if column.nullable and not column.descending:
            yield same & Q(**{f"{column.name}__isnull": True})


def _equal(column: _Column, value: Any) -> Q:
    return Q(**{f"{column.name}__isnull": True}) if value is None else Q(**{column.name: value})


def _with_primary_key(model: type[Model], order: tuple[str, ...]) -> tuple[str, ...]:
    key = model._meta.pk.name
    if {"pk", "id", key} & {name.lstrip("-") for name in order}:
        return order
    # The same way as the column before it, so that one row comparison does.
    return (*order, f"-{key}" if order and order[-1].startswith("-") else key)


def _column(queryset: QuerySet[Any], name: str) -> _Column:
    bare = name.lstrip("-")
    annotation = queryset.query.annotations.get(bare)
    if annotation is not None:
        return _Column(bare, name.startswith("-"), True, annotation.output_field)
    model, nullable, field = queryset.model, False, None
    for part in bare.split("__"):
        if field is not None:
            model = field.related_model
        if model is None:
            raise FieldDoesNotExist(f"{bare} leads nowhere on {queryset.model.__name__}")
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        nullable = nullable or field.null
    assert field is not None  # nosec B101 - a name has at least one part
    while field.remote_field is not None:  # a key sorts by what it points at
        field = field.target_field
    return _Column(bare, name.startswith("-"), nullable, field)


def _values_of(row: Any, order: Sequence[str], columns: Sequence[str] = ()) -> list[Any]:
    values = []
    for name in order:
        bare = name.lstrip("-")
        if columns:
            values.append(row[columns.index(bare)])
            continue
        value = row
        for part in bare.split("__"):
            value = getattr(value, part, None)
        values.append(value.pk if isinstance(value, Model) else value)
    return values


def _write(order: Sequence[str], values: list[Any], *, backwards: bool) -> str:
    plain = [_plain(value) for value in values]
    text = json.dumps([int(backwards), ",".join(order), plain], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()  # not Django's encoder, which cuts microseconds
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value


def _read(cursor: str, order: Sequence[str], columns: list[_Column]) -> tuple[bool, list[Any]]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        backwards, written_order, plain = content
        if backwards not in (0, 1) or written_order != ",".join(order):
            raise ValueError("made for another list")
        values = [_typed(column, value) for column, value in zip(columns, plain, strict=True)]
    except (
        ValueError,
        TypeError,
        binascii.Error,
        ValidationError,
        ArithmeticError,
    ) as error:
        raise Unreadable(
            "broken_cursor",
            _("This page of the list cannot be found. Start again from page one."),
        ) from error
    return bool(backwards), values


def _typed(column: _Column, value: Any) -> Any:
    if value is None:
        if not column.nullable:
            raise ValueError("a value is missing")
        return None
    if isinstance(value, list | dict):
        raise TypeError("a value is not a scalar")
    if isinstance(value, str) and find_hostile(value):
        raise ValueError("a value holds what no row can hold")
    typed = column.field.to_python(value)
    if isinstance(typed, int) and abs(typed) > _LARGEST_INTEGER:
        raise ValueError("a number is out of range")
    return typed
