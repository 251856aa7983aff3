"""The lower tier of what was passed down: where each federation stands, and what it answered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection
from platform_site.obligations.models import Obligation
from platform_site.questionnaires.models import Question

from .. import queries
from ..menu import reads_obligations
from .recipients import RECIPIENT_COLUMNS


def select_lower_tier(user: Any, parameters: QueryDict) -> Selection:
    """Whom the obligation that ``obligation`` names was passed down to, as far as the reader sees it."""
    owed = _passed_down(user, parameters)
    children = (
        Obligation.objects.visible_to(user)
        .filter(parent=owed, cancelled_at=None)
        .select_related("federation", "leader", "report")
    )
    about: tuple[tuple[Any, Any], ...] = (
        (_("Notice"), owed.round.request.title),
        (_("Passed down by"), owed.federation.name),
    )
    return Selection(children, ("federation__position", "id"), about=about)


def _passed_down(user: Any, parameters: QueryDict) -> Obligation:
    try:
        pk = uuid.UUID(parameters.get("obligation", ""))
    except ValueError:
        raise Http404 from None
    visible = Obligation.objects.visible_to(user).select_related("federation", "round__request")
    owed = visible.filter(pk=pk, pass_down__isnull=False).first()
    if owed is None:
        raise Http404
    return owed


def _prepare_lower_tier(rows: Sequence[Any], user: Any) -> None:
    answers = queries.answers_below(rows)
    for owed in rows:
        owed.answered = answers.get(owed.pk, {})


def _answer_columns(user: Any, parameters: QueryDict) -> Sequence[Column]:
    """A column for each figure and each question that was added; what nobody reported is blank."""
    return [
        Column(
            f"{question} ({question.unit})" if question.unit else str(question),
            partial(_answer_below, question.code),
        )
        for question in queries.table_questions(_passed_down(user, parameters))
    ]


def _answer_below(code: str, owed: Any) -> Any:
    answered = owed.answered.get(code)
    if answered is None or answered["value"] is None:
        return None
    if answered["kind"] in Question.NUMBERS:
        return Decimal(answered["value"])
    return queries.shown_value(answered)


exports.register(
    Export(
        "lower-tier",
        _("Where the lower tier stands"),
        select=select_lower_tier,
        columns=RECIPIENT_COLUMNS,
        more=_answer_columns,
        prepare=_prepare_lower_tier,
        may=reads_obligations,
        parameters=frozenset({"obligation"}),
        resource="obligations",
    )
)
