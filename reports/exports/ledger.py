"""The ledger of notices: what it holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection
from platform_site.text.words import listed

from .. import queries
from ..filters import LedgerFilter
from ..menu import reads_obligations
from ..queries.ledger import ORDER as LEDGER_ORDER
from ..queries.ledger import accepted_at, ledger_for, prepare_ledger, step_of


def select_ledger(user: Any, parameters: QueryDict) -> Selection:
    narrowed = LedgerFilter(parameters, queryset=ledger_for(user), user=user)
    return Selection(narrowed.qs, LEDGER_ORDER, narrowed.form)


def taken_words(owed: Any) -> str:
    """The editions into which its report went, each with its document number."""
    edition = _now("Edition %(number)s")
    return listed(
        f"{edition % {'number': each.edition}} {each.document_number}".strip()
        for each in owed.taken
    )


def _ledger_columns(user: Any) -> Sequence[Column]:
    columns = [
        Column(_("Document number"), lambda owed: owed.round.request.notice.number, 22),
        Column(_("Notice"), lambda owed: str(owed.round), 50),
        Column(_("Period"), lambda owed: owed.round.period_label, 14),
        Column(_("Issued on"), _ledger_issued_on, 14),
        Column(_("Code"), lambda owed: owed.federation.code, 12),
        Column(_("Federation"), lambda owed: owed.federation.name, 30),
        Column(_("State"), lambda owed: step_of(owed).label, 20),
        Column(_("Due date"), lambda owed: owed.due_on, 14),
        Column(_("Signed for"), lambda owed: queries.day_of(owed.signed_for_at), 14),
        Column(_("Filed"), lambda owed: queries.day_of(owed.filed_at), 14),
        Column(_("late"), lambda owed: owed.is_late(today()), 10),
        Column(_("Accepted"), lambda owed: queries.day_of(accepted_at(owed)), 14),
    ]
    if queries.follows_all(user):
        columns.append(Column(_("In which summary"), taken_words, 40))
    return columns


def _ledger_issued_on(owed: Any) -> Any:
    notice = owed.round.request.notice
    return notice.dated if notice.month_year else queries.day_of(owed.issued_at)


exports.register(
    Export(
        "ledger",
        _("Notice ledger"),
        select=select_ledger,
        columns=_ledger_columns,
        prepare=prepare_ledger,
        may=reads_obligations,
        parameters=frozenset({"search", "notice", "year", "business_line", "federation", "step"}),
        private=frozenset({"search"}),
        resource="obligations",
    )
)
