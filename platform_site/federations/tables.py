from __future__ import annotations

from typing import ClassVar

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from platform_site.lists.tables import KeysetTable

#: Orders that the list of federations offers.
ORDERINGS = {
    "position": ("position", "id"),
    "code": ("code",),
    "pinyin": ("sort_key", "id"),
}


class FederationTable(KeysetTable):
    caption = _("Federations of trade unions")
    orderings: ClassVar[dict[str, str]] = {"code": "code", "name": "pinyin"}

    code = tables.Column(verbose_name=_("Code"))
    name = tables.Column(verbose_name=_("Federation"), linkify=True)
    level = tables.Column(accessor="get_level_display", verbose_name=_("Level"))
    kind = tables.Column(accessor="get_kind_display", verbose_name=_("Kind"))
    above = tables.Column(
        accessor="parent",
        verbose_name=_("Federation above"),
        linkify=lambda record: record.parent.get_absolute_url(),
    )
