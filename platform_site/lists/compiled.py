"""Reading the rows of a ``values_list()`` query set, compiled into SQL once for as long as it is the same.

A dashboard asks the same list again and again, and the ORM then takes longer to write the statement than
PostgreSQL to answer it. What is kept is found again by everything the statement is made of, values
included, as the query set holds it after scope and filters were applied; nothing of a request is part of
the key, so a statement can never be another reader's. What this module does not recognise it compiles anew.
"""

from __future__ import annotations

import datetime as dt
import itertools
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

#: Statements kept in a process; when there are more, all are forgotten.
MOST = 500

_PLAIN = (str, int, bool, UUID, dt.date, dt.datetime, Decimal, type(None))
_kept: dict[Any, tuple[str, tuple[Any, ...], dict[int, Any]]] = {}


def rows(queryset: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """What ``list(queryset)`` gives, for a query set of ``values_list()``."""
    key = _key(queryset.query)
    if key is None:
        return list(queryset)
    database = queryset.db
    compiler = queryset.query.get_compiler(database)
    # Read once: another thread may empty it at any moment.
    statement = _kept.get((key, database))
    if statement is None:
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:  # a condition that nothing can meet
            return []
        # A column of JSON, for one, is text until Django reads it.
        converters = compiler.get_converters([column[0] for column in compiler.select])
        statement = sql, tuple(params), converters
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key, database] = statement
    sql, params, converters = statement
    with connections[database].cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    if converters:
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
    return query.model, query.values_select, joins, where, order, query.low_mark, query.high_mark


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
