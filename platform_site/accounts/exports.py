"""Accounts and one's own tokens: what each list holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from . import queries
from .forms import FilterForm, GrantFilterForm
from .models import ApiToken, ObjectGrant, User


def select_accounts(user: Any, parameters: QueryDict) -> Selection:
    form = FilterForm(parameters)
    accounts = User.objects.visible_to(user)
    if form.is_valid():
        wanted = dict(form.cleaned_data)
        accounts = queries.narrowed(accounts, words=wanted.pop("q"), **wanted)
    else:
        accounts = accounts.none()
    return Selection(queries.with_offices_today(accounts, user), ("name", "id"), form)


def reads_accounts(user: Any) -> bool:
    return bool(user.has_perm("accounts.read_accounts"))


def account_columns(user: Any) -> Sequence[Column]:
    """As on the page: the auditor reads the e-mail masked."""
    whole = queries.sees_email_of_others(user)
    return (
        Column(_("Full name"), lambda account: account.name, 14),
        Column(_("User name"), lambda account: account.username, 22),
        Column(_("Offices"), _offices, 50),
        Column(_("E-mail"), lambda one: one.email if whole else one.masked_email, 30),
        Column(_("State"), lambda account: account.state.label, 12),
        Column(_("Last sign-in"), lambda account: account.last_login),
    )


def _offices(account: Any) -> str:
    return "\n".join(
        f"{office.get_role_display()} · {office.federation}" for office in account.offices_today
    )


def select_tokens(user: Any, parameters: QueryDict) -> Selection:
    return Selection(ApiToken.objects.visible_to(user), ("-created", "id"))


TOKEN_COLUMNS = (
    Column(_("Name"), lambda token: token.name, 24),
    Column(_("Kind"), lambda token: token.get_kind_display(), 10),
    Column(_("System"), lambda token: token.system, 20),
    Column(_("Begins with"), lambda token: token.token_key, 18),
    Column(_("What the token may do"), lambda token: "\n".join(token.scopes), 30),
    Column(_("Used from"), lambda token: "\n".join(token.networks) or _("Anywhere"), 22),
    Column(_("Made on"), lambda token: token.created),
    Column(_("Valid until"), lambda token: token.last_day, 14),
    Column(_("Last used"), lambda token: token.last_used_at),
    Column(_("Last used from"), lambda token: token.last_used_from or "", 18),
)


def select_grants(user: Any, parameters: QueryDict) -> Selection:
    """The exceptions in force, the next to end first."""
    form = GrantFilterForm(parameters)
    grants = ObjectGrant.objects.visible_to(user).in_force().with_names()
    if not form.is_valid():
        return Selection(grants.none(), ("expires_on", "id"), form)
    wanted = form.cleaned_data
    if wanted["q"]:
        grants = grants.of_person(wanted["q"])
    if wanted["act"]:
        grants = grants.of_act(wanted["act"])
    if wanted["show"]:
        grants = grants.filter(**{"user" if wanted["show"] == "held" else "granted_by": user})
    return Selection(grants, ("expires_on", "id"), form)


GRANT_COLUMNS = (
    Column(_("Full name"), lambda grant: grant.user.name, 14),
    Column(_("User name"), lambda grant: grant.user.username, 22),
    Column(_("What may be done"), lambda grant: grant.act, 22),
    Column(_("Kind of object"), lambda grant: grant.kind, 14),
    Column(_("Object"), lambda grant: str(grant.about or ""), 44),
    Column(_("Until"), lambda grant: grant.expires_on, 14),
    Column(_("Reason"), lambda grant: grant.reason, 40),
    Column(_("Given by"), lambda grant: grant.granted_by.name if grant.granted_by else "", 14),
    Column(_("Given at"), lambda grant: grant.granted_at),
)

exports.register(
    Export(
        "grants",
        _("Exceptions"),
        select=select_grants,
        columns=GRANT_COLUMNS,
        parameters=frozenset({"q", "act", "show"}),
        private=frozenset({"q"}),
        resource="grants",
        prepare=queries.with_objects,
    )
)
exports.register(
    Export(
        "accounts",
        _("Accounts"),
        select=select_accounts,
        columns=account_columns,
        may=reads_accounts,
        parameters=frozenset({"q", "role", "federation", "state"}),
        private=frozenset({"q"}),
        resource="accounts",
    )
)
exports.register(Export("tokens", _("API tokens"), select=select_tokens, columns=TOKEN_COLUMNS))
