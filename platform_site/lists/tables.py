"""Tables of the list pages: django-tables2 draws them, the keyset paginator cuts them."""

from __future__ import annotations

from typing import Any, ClassVar

import django_tables2 as tables

#: For dates, names and codes: a column that is as wide as what it holds.
NOWRAP = {"td": {"class": "nowrap"}}


class KeysetTable(tables.Table):
    """A table over the rows of one :class:`~platform_site.lists.keyset.Page`.

    ``orderings`` maps a column to the name of its order (``lists.ordering``); such a header is a
    link. ``ordering`` is the one in force. Sorting is the database's: the table never sorts.
    """

    caption: Any = None
    orderings: ClassVar[dict[str, str]] = {}

    class Meta:
        template_name = "components/table.html"
        orderable = False

    def __init__(self, *args: Any, ordering: str = "", caption: Any = None, **kwargs: Any) -> None:
        kwargs["orderable"] = False
        kwargs.setdefault("template_name", "components/table.html")
        super().__init__(*args, **kwargs)
        self.ordering = ordering
        if caption is not None:
            self.caption = caption

    @property
    def sorted_by(self) -> dict[str, str]:
        """The column in order, and which way, in the words of aria-sort."""
        bare = self.ordering.lstrip("-")
        way = "descending" if self.ordering.startswith("-") else "ascending"
        return {column: way for column, name in self.orderings.items() if name == bare}

    @property
    def sort_targets(self) -> dict[str, str]:
        """Where each sortable header leads: its order, or the reverse of the one in force."""
        return {
            column: f"-{name}" if name == self.ordering else name
            for column, name in self.orderings.items()
        }
