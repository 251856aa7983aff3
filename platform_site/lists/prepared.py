"""A statement that runs in every request, compiled by the ORM once for the life of the process.

The ORM takes three times as long to compile "the offices of this person" as PostgreSQL takes to answer it.
What is asked stays a query set, written once; only its translation into SQL is kept::

    _SEATS = Prepared(lambda user, day: seats_of(user, day).values_list(…), user=uuid4(), day=date.today())
    rows = _SEATS.rows(user=user.pk, day=today)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """``build(**names)`` gives a ``values_list()`` query set; ``names`` are given here by an example each.

    The examples must differ from each other and from every constant of the statement, since they are how
    its parameters are recognised. Rows come as the database gives them: no column may need a converter.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **examples: Any) -> None:
        self._build, self._examples = build, examples
        self._sql = ""
        self._order: list[tuple[str | None, Any]] = []

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        if not self._sql:
            self._compile()
        given = [values[name] if name else constant for name, constant in self._order]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, given)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _compile(self) -> None:
        sql, params = self._build(**self._examples).query.sql_with_params()
        names = {str(example): name for name, example in self._examples.items()}
        self._order = [(names.get(str(param)), param) for param in params]
        missing = set(self._examples) - {name for name, _param in self._order}
        if missing:
            raise ValueError(f"{sorted(missing)} stand nowhere in the statement")
        self._sql = sql
