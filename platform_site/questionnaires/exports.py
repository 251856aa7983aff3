"""Forms and indicators: what each list holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from . import purposes, uses
from .forms import FilterForm
from .models import Form, FormVersion, Indicator, sees_drafts


def select_forms(user: Any, parameters: QueryDict) -> Selection:
    return Selection(Form.objects.visible_to(user).with_current(), ("code", "id"))


def with_uses(rows: Sequence[Any], user: Any) -> None:
    """Set on each form the versions that the reader sees, the newest first, and what uses any of them."""
    versions = FormVersion.objects.visible_to(user).filter(form__in=[row.pk for row in rows])
    by_form: dict[int, list[FormVersion]] = {}
    for version in versions.order_by("-number"):
        by_form.setdefault(version.form_id, []).append(version)
    used = uses.uses_of([each.pk for found in by_form.values() for each in found], user)
    for row in rows:
        row.seen_versions = by_form.get(row.pk, [])
        row.uses = [use for each in row.seen_versions for use in used.get(each.pk, [])]


FORM_COLUMNS = (
    Column(_("Form"), lambda form: str(form), 30),
    Column(_("Code"), lambda form: form.code, 22),
    Column(_("Filled in as"), lambda form: purposes.label(form.purpose), 16),
    Column(_("Published version"), lambda form: form.current_version, 12),
    Column(_("Draft"), lambda form: form.draft_version, 12),
    Column(_("Used by"), lambda form: "\n".join(use.title for use in form.uses), 50),
)


def select_indicators(user: Any, parameters: QueryDict) -> Selection:
    form = FilterForm(parameters)
    found = Indicator.objects.visible_to(user)
    if not form.is_valid():
        return Selection(found.none(), ("code", "id"), form)
    if words := form.cleaned_data["q"]:
        found = found.filter(
            Q(name_zh__icontains=words) | Q(name_en__icontains=words) | Q(code__icontains=words)
        )
    if measure := form.cleaned_data["measure"]:
        found = found.filter(measure=measure)
    return Selection(found, ("code", "id"), form)


INDICATOR_COLUMNS = (
    Column(_("Indicator"), lambda row: str(row), 30),
    Column(_("Code"), lambda row: row.code, 24),
    Column(_("Unit"), lambda row: row.unit, 12),
    Column(_("Measured"), lambda row: row.get_measure_display(), 14),
    Column(_("Combined as"), lambda row: row.get_adds_up_display(), 14),
)

exports.register(
    Export(
        "forms",
        _("Forms"),
        select=select_forms,
        columns=FORM_COLUMNS,
        may=sees_drafts,
        resource="forms",
        prepare=with_uses,
    )
)
exports.register(
    Export(
        "indicators",
        _("Indicators"),
        select=select_indicators,
        columns=INDICATOR_COLUMNS,
        may=sees_drafts,
        parameters=frozenset({"q", "measure"}),
        private=frozenset({"q"}),
        resource="indicators",
    )
)
