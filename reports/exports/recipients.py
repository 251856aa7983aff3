"""The recipients of a notice and where each of them stands, for the export."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection
from platform_site.obligations.models import Obligation

from .. import queries
from ..menu import reads_obligations
from ..models import Notice


def select_recipients(user: Any, parameters: QueryDict) -> Selection:
    """What the federations owe to the notice that ``notice`` names, as far as the reader sees it."""
    try:
        pk = uuid.UUID(parameters.get("notice", ""))
    except ValueError:
        raise Http404 from None
    notice = Notice.objects.visible_to(user).with_request().filter(pk=pk).first()
    if notice is None:
        raise Http404
    wanted = parameters.get("standing", "")
    # A round that is not there has no rows; the page never asks for one.
    round = queries.round_of(notice, parameters.get("round", ""))
    rows = queries.standing_at(queries.recipient_rows(notice, user, round), wanted)
    owed = (
        Obligation.objects.visible_to(user)
        .filter(pk__in=[row.obligation.pk for row in rows])
        .select_related("federation", "leader", "report")
    )
    about: list[tuple[Any, Any]] = [(_("Notice"), notice.title)]
    if round is not None and round.period:
        about.append((_("Period"), round.period_label))
    if wanted == "late":
        about.append((_("State"), _now("late")))
    elif wanted in queries.MISSING:
        about.append((_("State"), queries.MISSING[wanted]))
    elif wanted in queries.Standing.values:
        about.append((_("State"), queries.Standing(wanted).label))
    return Selection(owed, ("federation__position", "id"), about=tuple(about))


def _standing(owed: Obligation) -> Any:
    report = getattr(owed, "report", None)
    return queries.standing_of(owed, report.state if report else None).label


RECIPIENT_COLUMNS = (
    Column(_("Code"), lambda owed: owed.federation.code, 12),
    Column(_("Federation"), lambda owed: owed.federation.name, 30),
    Column(_("State"), _standing, 12),
    Column(_("Signed for"), lambda owed: queries.day_of(owed.signed_for_at), 14),
    Column(_("Leader in charge"), lambda owed: owed.leader.name if owed.leader else None, 14),
    Column(_("Post title"), lambda owed: owed.leader.title if owed.leader else None),
    Column(_("Department"), lambda owed: owed.department, 24),
    Column(_("Due date"), lambda owed: owed.due_on, 14),
    Column(_("Filed"), lambda owed: queries.day_of(owed.filed_at), 14),
    Column(_("late"), lambda owed: owed.is_late(today()), 10),
)


exports.register(
    Export(
        "recipients",
        _("Where the recipients stand"),
        select=select_recipients,
        columns=RECIPIENT_COLUMNS,
        may=reads_obligations,
        parameters=frozenset({"notice", "standing", "round"}),
        resource="obligations",
    )
)
