"""The list of handover sheets: what it holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from ..models import Handover
from ..queries.handovers import reads_handovers


def select_handovers(user: Any, parameters: QueryDict) -> Selection:
    sheets = Handover.objects.visible_to(user).with_context()
    return Selection(sheets, ("-opened_at", "-id"))


HANDOVER_COLUMNS = (
    Column(_("Federation"), lambda sheet: sheet.federation.name, 30),
    Column(_("Office"), lambda sheet: sheet.office.get_role_display(), 20),
    Column(_("Holder"), lambda sheet: sheet.office.user.name, 16),
    Column(_("State"), lambda sheet: sheet.get_state_display(), 12),
    Column(_("Begun"), lambda sheet: sheet.opened_at, 18),
    Column(_("Handed over"), lambda sheet: sheet.given_at, 18),
    Column(_("Taken over by"), lambda sheet: sheet.taken_by_name, 16),
    Column(_("Taken over"), lambda sheet: sheet.taken_at, 18),
)


exports.register(
    Export(
        "handovers",
        _("Handover sheets"),
        select=select_handovers,
        columns=HANDOVER_COLUMNS,
        may=reads_handovers,
        resource="handovers",
    )
)
