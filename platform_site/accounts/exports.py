"""Accounts and one's own tokens: what each list holds, for its page and for its export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from . import queries
from .forms import FilterForm
from .models import ApiToken, RoleAssignment, User
from .tables import state_of


def select_accounts(user: Any, parameters: QueryDict) -> Selection:
    form = FilterForm(parameters)
    accounts = User.objects.visible_to(user)
    accounts = _filtered(accounts, form) if form.is_valid() else accounts.none()
    offices = RoleAssignment.objects.visible_to(user).in_force().select_related("federation")
    return Selection(
        accounts.prefetch_related(Prefetch("assignments", offices, to_attr="offices_today")),
        ("name", "id"),
        form,
    )


def _filtered(accounts: QuerySet[User], form: FilterForm) -> QuerySet[User]:
    wanted = form.cleaned_data
    if wanted["q"]:
        accounts = accounts.filter(
            Q(name__icontains=wanted["q"]) | Q(username__icontains=wanted["q"])
        )
    if wanted["role"] or wanted["federation"]:
        accounts = queries.holding(accounts, role=wanted["role"], code=wanted["federation"])
    if wanted["state"]:
        accounts = accounts.filter(is_active=wanted["state"] != "disabled")
        if wanted["state"] == "invited":
            accounts = accounts.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        elif wanted["state"] == "active":
            accounts = accounts.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return accounts


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
        Column(_("State"), lambda account: state_of(account)[1], 12),
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

exports.register(
    Export(
        "accounts",
        _("Accounts"),
        select=select_accounts,
        columns=account_columns,
        may=reads_accounts,
        parameters=frozenset({"q", "role", "federation", "state"}),
        private=frozenset({"q"}),
    )
)
exports.register(Export("tokens", _("API tokens"), select=select_tokens, columns=TOKEN_COLUMNS))
