"""The directory and the register of posts: what each list holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports, ordering
from platform_site.lists.exports import Column, Export, Selection

from . import queries
from .forms import FederationFilterForm
from .models import Federation, Holding
from .tables import ORDERINGS


def select_federations(user: Any, parameters: QueryDict) -> Selection:
    federations = Federation.objects.visible_to(user).current().select_related("parent")
    # Without a search the tree is entered from the top: 44 rows, not three thousand.
    form = FederationFilterForm(parameters or None)
    words, level = "", None
    if form.is_valid():
        words, level = form.cleaned_data["q"], form.cleaned_data["level"]
    if words:
        federations = federations.matching(words)
    if level:
        federations = federations.filter(level=level)
    elif not words:
        federations = federations.filter(level__lte=Federation.Level.FIRST_TIER)
    requested = parameters.get("ordering") or "position"
    order = (
        ("level", "position", "id")
        if requested == "position"
        else ordering.resolve(requested, ORDERINGS, "position")
    )
    return Selection(federations, order, form)


FEDERATION_COLUMNS = (
    Column(_("Code"), lambda federation: federation.code, 12),
    Column(_("Chinese name"), lambda federation: federation.name_zh, 34),
    Column(_("English name"), lambda federation: federation.name_en, 44),
    Column(_("Level"), lambda federation: federation.get_level_display(), 12),
    Column(_("Kind"), lambda federation: federation.get_kind_display(), 22),
    Column(
        _("Federation above"), lambda federation: federation.parent and federation.parent.name, 34
    ),
)


def select_holdings(user: Any, parameters: QueryDict) -> Selection:
    """The posts of the federation that ``federation`` names by its code."""
    visible = Federation.objects.visible_to(user)
    federation = visible.filter(code=parameters.get("federation", "")).first()
    if federation is None or not queries.may_see_posts(federation, user):
        raise Http404
    held = Holding.objects.visible_to(user).filter(federation=federation)
    return Selection(
        held.select_related("federation"),
        ("post", "-since", "id"),
        about=((_("Federation"), federation.name),),
    )


def holding_columns(user: Any) -> Sequence[Column]:
    """As on the page: the telephone number whole or masked, as this reader may see it."""
    today = timezone.localdate()
    return (
        Column(_("Federation"), lambda holding: holding.federation.name, 30),
        Column(_("Post"), lambda holding: holding.get_post_display(), 24),
        Column(_("Full name"), lambda holding: holding.name, 14),
        Column(_("Post title"), lambda holding: holding.title, 24),
        Column(_("Department"), lambda holding: holding.department, 24),
        Column(_("Telephone"), lambda holding: queries.phone_for(user, holding)),
        Column(_("Since"), lambda holding: holding.since, 14),
        Column(_("Until"), lambda holding: holding.until, 14),
        Column(
            _("In the post today"),
            lambda holding: (
                holding.since <= today and (holding.until is None or holding.until > today)
            ),
            14,
        ),
    )


exports.register(
    Export(
        "federations",
        _("Federations"),
        select=select_federations,
        columns=FEDERATION_COLUMNS,
        parameters=frozenset({"q", "level", "ordering"}),
        private=frozenset({"q"}),
        resource="federations",
    )
)
exports.register(
    Export(
        "holdings",
        _("Posts and who holds them"),
        select=select_holdings,
        columns=holding_columns,
        parameters=frozenset({"federation"}),
        resource="holdings",
    )
)
