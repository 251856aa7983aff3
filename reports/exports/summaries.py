"""The list of summaries: what it holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from .. import queries
from ..models import Summary


def select_summaries(user: Any, parameters: QueryDict) -> Selection:
    summaries = Summary.objects.visible_to(user).with_notice().with_last_edition()
    return Selection(summaries, ("-changed_at", "-id"))


SUMMARY_COLUMNS = (
    Column(_("Title"), lambda summary: summary.title, 50),
    Column(_("Notice"), lambda summary: summary.notice.title, 50),
    Column(_("Period"), lambda summary: summary.round.period_label or None, 16),
    Column(_("Newest edition"), lambda summary: summary.last_edition, 12),
    Column(_("Frozen"), lambda summary: summary.last_frozen_at),
    Column(_("Last changed"), lambda summary: summary.changed_at),
)


exports.register(
    Export(
        "summaries",
        _("Summaries"),
        select=select_summaries,
        columns=SUMMARY_COLUMNS,
        may=queries.follows_all,
        resource="summaries",
    )
)
