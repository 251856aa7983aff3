"""Reading the rows of a query set as tuples, compiled into SQL once for as long as it is the same.

A dashboard asks the same list again and again, and the ORM then takes longer to write the statement than
PostgreSQL to answer it. What is kept is found again by everything the statement is made of, values
included, as the query set holds it after scope and filters were applied; nothing of a request is part of
the key, so a statement can never be another reader's. What this module does not recognise it compiles anew.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode
from psycopg2.extensions import new_type, register_type

#: Statements kept in a process; when there are more, all are forgotten.
MOST = 500

_PLAIN = (str, int, bool, UUID, dt.date, dt.datetime, Decimal, type(None))
_kept: dict[Any, tuple[str, tuple[Any, ...], dict[int, Any], int | None]] = {}


#: A UUID stays the text that PostgreSQL sends: whoever reads rows writes it down again, and objects made
#: of it for nothing were a tenth of a page of the API.
_UUID_AS_TEXT = new_type((2950,), "UUID_AS_TEXT", lambda text, _cursor: text)


def rows(queryset: QuerySet[Any, Any], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """What ``list(queryset.values_list(*columns))`` gives, with a UUID as text."""
    key = _key(queryset.query)
    # Read once: another thread may empty it at any moment.
    statement = None if key is None else _kept.get((key, tuple(columns), queryset.db))
    if statement is None:
        chosen = queryset.prefetch_related(None).values_list(*columns)
        compiler = chosen.query.get_compiler(queryset.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # a condition that nothing can meet
            return []
        # A column of JSON, for one, is text until Django reads it.
        converters = compiler.get_converters([column[0] for column in compiler.select])
        # SELECT DISTINCT also names what it is ordered by.
        width = compiler.col_count if compiler.has_extra_select else None
        statement = sql, tuple(params), converters, width
        if key is not None:
            if len(_kept) >= MOST:
                _kept.clear()
            _kept[key, tuple(columns), queryset.db] = statement
    sql, params, converters, width = statement
    with connections[queryset.db].cursor() as cursor:
        register_type(_UUID_AS_TEXT, cursor.cursor)
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    if width is not None:
        found = [row[:width] for row in found]
    if converters:
        compiler = queryset.query.get_compiler(queryset.db)
        found = [tuple(row) for row in compiler.apply_converters(found, converters)]
    return found


def _key(query: Query) -> Any:
    """All that decides on the statement; None where there is more to it than is looked at here."""
    plain = not (
        query.annotations
        or query.extra
        or query.combinator
        or query.distinct
        or query.select_for_update
        or query.group_by is not None
        or query.is_empty()
    )
    where = _conditions(query.where) if plain else None
    if where is None:
        return None
    if any(getattr(join, "filtered_relation", None) for join in query.alias_map.values()):
        return None
    # By which columns, too: two keys of a row may lead to the same table.
    joins = tuple(
        (
            *(alias, join.table_name, join.join_type, join.parent_alias),
            tuple(getattr(join, "join_cols", ())),
            getattr(join, "join_field", None),
        )
        for alias, join in query.alias_map.items()
    )
    order = (query.order_by, query.standard_ordering, query.default_ordering)
    return query.model, joins, where, order, query.low_mark, query.high_mark


def _conditions(node: WhereNode) -> tuple[Any, ...] | None:
    found: list[Any] = [node.connector, node.negated]
    for child in node.children:
        part: Any = None
        if isinstance(child, WhereNode):
            part = _conditions(child)
        elif isinstance(child, Lookup) and isinstance(child.lhs, Col):
            value = _value(child.rhs)
            part = value and (type(child), child.lhs.alias, child.lhs.target, *value)
        if part is None:
            return None
        found.append(part)
    return tuple(found)


def _value(value: Any) -> tuple[Any, ...] | None:
    """The value with its type (1 is not True), a collection with those of its members."""
    if isinstance(value, _PLAIN):
        return type(value), value
    if isinstance(value, list | tuple | set | frozenset):
        members = list(itertools.islice(value, 100))
        if len(members) == len(value) and all(isinstance(each, _PLAIN) for each in members):
            return type(value), *((type(each), each) for each in members)
    return None
