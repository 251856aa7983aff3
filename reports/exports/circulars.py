"""The list of circulars: what it holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from .. import queries
from ..filters import CircularFilter
from ..menu import reads_circulars
from ..models import Circular


def select_circulars(user: Any, parameters: QueryDict) -> Selection:
    visible = Circular.objects.visible_to(user).defer("content")
    narrowed = CircularFilter(parameters, queryset=visible)
    # Drafts, which have no day of issue yet, come first.
    return Selection(narrowed.qs, ("-issued_at", "-id"), narrowed.form)


CIRCULAR_COLUMNS = (
    Column(_("Title"), lambda circular: circular.title, 50),
    Column(_("Document number"), lambda circular: circular.number, 22),
    Column(_("As of"), lambda circular: circular.as_of, 14),
    Column(_("Issued on"), lambda circular: queries.day_of(circular.issued_at), 14),
    Column(_("State"), lambda circular: circular.get_state_display(), 12),
)


exports.register(
    Export(
        "circulars",
        _("Circulars"),
        select=select_circulars,
        columns=CIRCULAR_COLUMNS,
        may=reads_circulars,
        parameters=frozenset({"search", "state"}),
        private=frozenset({"search"}),
        resource="circulars",
    )
)
