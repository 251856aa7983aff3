"""The list of the desk."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from platform_site.lists.tables import NOWRAP, KeysetTable
from platform_site.web.templatetags.platform import status_tag, table_date


class PieceTable(KeysetTable):
    """Rows come ``with_context()``."""

    caption = _("Content")

    title = tables.Column(verbose_name=_("Title"), linkify=True, attrs={"td": {"class": "wide"}})
    kind = tables.Column(accessor="get_kind_display", verbose_name=_("Kind"), attrs=NOWRAP)
    federation = tables.Column(
        accessor="federation__short_name", verbose_name=_("Federation"), attrs=NOWRAP
    )
    author = tables.Column(accessor="author__name", verbose_name=_("Writer"), attrs=NOWRAP)
    changed_at = tables.Column(verbose_name=_("Changed"), attrs=NOWRAP)
    published_at = tables.Column(verbose_name=_("Published"), empty_values=(), attrs=NOWRAP)
    state = tables.Column(verbose_name=_("State"))

    def render_changed_at(self, value: Any) -> str:
        return table_date(value)

    def render_published_at(self, record: Any, value: Any) -> str:
        return table_date(value) if record.is_out else "—"

    def render_state(self, record: Any) -> str:
        return status_tag(record)
