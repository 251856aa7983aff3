"""The work system, federation by federation: what it holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from ..forms.work_system import WorkForm
from ..models import WORK_COLUMNS, WorkSubject
from ..queries.work_system import (
    chosen_federations,
    follows_work_system,
    reads_work_system,
    set_work,
)


def select_work_system(user: Any, parameters: QueryDict) -> Selection:
    form = WorkForm(parameters or None, followed=follows_work_system(user))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    federations = chosen_federations(
        user, **{name: wanted[name] for name in wanted if wanted[name]}
    )
    return Selection(federations, ("level", "position", "id"), form)


def _prepare_work(federations: Sequence[Any], user: Any) -> None:
    set_work(user, federations)


def _work_column(subject: WorkSubject) -> list[Column]:
    def cell(federation: Any) -> Any:
        return federation.work.cell(subject)

    return [
        Column(subject.label, lambda each: cell(each).state.label, 16),
        Column(
            format_lazy(_("{subject}: what there is"), subject=subject.label),
            lambda each: cell(each).words,
            34,
        ),
        Column(
            format_lazy(_("{subject}: since"), subject=subject.label),
            lambda each: cell(each).since,
            14,
        ),
        Column(
            format_lazy(_("{subject}: document number"), subject=subject.label),
            lambda each: cell(each).document_number,
            22,
        ),
    ]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else str(_("Yes") if value else _("No"))


WORK_SYSTEM_COLUMNS = (
    Column(_("Federation"), lambda federation: federation.name, 30),
    Column(_("As of the end of"), lambda federation: federation.as_of, 14),
    Column(_("Gaps"), lambda federation: len(federation.work.gaps), 8),
    *(column for subject in WORK_COLUMNS for column in _work_column(subject)),
    Column(_("Leadership group"), lambda each: _yes_no(each.work.leading_group), 10),
    Column(_("In the union reform plan"), lambda each: _yes_no(each.work.reform_plan), 10),
    Column(_("Last confirmed"), lambda federation: federation.work.confirmed_on, 14),
)


exports.register(
    Export(
        "work-system",
        _("Work system"),
        select=select_work_system,
        columns=WORK_SYSTEM_COLUMNS,
        prepare=_prepare_work,
        may=reads_work_system,
        parameters=frozenset({"as_of", "subject", "state", "group", "under"}),
        resource="work-system",
    )
)
