"""Pages of accounts. Whoever may not see an account gets the answer of a missing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from platform_site.lists import keyset
from platform_site.problems import Invalid
from platform_site.web.forms import problems_to_form
from platform_site.web.templatetags.platform import zh_date

from . import exports, queries, services
from .forms import (
    GiveRoleForm,
    GrantForm,
    InvitationForm,
    NoteForm,
    RotateTokenForm,
    SettingsForm,
    SubstituteForm,
    TokenForm,
)
from .models import ApiToken, ObjectGrant, RoleAssignment, User
from .tables import AccountTable, GrantTable, TokenTable, state_tag

PAGE_SIZE = 50


# --- Accounts -----------------------------------------------------------------------------------
@require_GET
def list_accounts(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("accounts.read_accounts"):
        raise Http404
    chosen = exports.select_accounts(request.user, request.GET)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    table = AccountTable(page.rows, masked=not queries.sees_email_of_others(request.user))
    return render(
        request,
        "accounts/account_list.html",
        {
            "page": page,
            "table": table,
            "filter_form": chosen.form,
            "may_invite": request.user.has_perm("accounts.invite_account"),
        },
    )


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    _require(request, "accounts.invite_account")
    form = InvitationForm(request.POST or None, by=request.user)
    if form.is_valid():
        fields = form.cleaned_data
        made = User.objects.visible_to(request.user).filter(pk=fields["id"]).first()
        if made is not None:  # the same form sent twice
            return redirect(made)
        account = _done(form, lambda: services.invite(**fields, by=request.user))
        if account is not None:
            messages.success(
                request,
                _("%(name)s was invited; the link went to %(email)s.")
                % {"name": account.name, "email": account.email},
            )
            return redirect(account)
    return render(request, "accounts/account_invite.html", {"form": form})


@require_GET
def account_detail(request: HttpRequest, pk: Any) -> HttpResponse:
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    offices = list(
        RoleAssignment.objects.visible_to(request.user)
        .filter(user=account)
        .select_related("federation", "substitutes__user", "assigned_by")
        .order_by("-since", "-assigned_at")
    )
    for office in offices:
        office.current = office.in_force()
        office.may_end = queries.may_end(request.user, office)
    steps = queries.account_steps(request.user, account)
    return render(
        request,
        "accounts/account_detail.html",
        {
            "account": account,
            "state": state_tag(account),
            "email": queries.email_for(request.user, account),
            "offices": offices,
            "steps": steps,
            "may_give": account.pk != request.user.pk
            and account.is_active
            and request.user.has_perm("accounts.assign_role"),
        },
    )


@require_http_methods(["GET", "POST"])
def disable(request: HttpRequest, pk: Any) -> HttpResponse:
    return _with_note(
        request,
        _account_to_administer(request, pk),
        services.disable,
        "accounts/account_disable.html",
        _("The account was disabled. Its sessions and tokens have ended."),
    )


@require_http_methods(["GET", "POST"])
def enable(request: HttpRequest, pk: Any) -> HttpResponse:
    return _with_note(
        request,
        _account_to_administer(request, pk),
        services.enable,
        "accounts/account_enable.html",
        _("The account was enabled."),
    )


@require_POST
def send_invitation(request: HttpRequest, pk: Any) -> HttpResponse:
    account = _account_to_administer(request, pk)
    services.send_invitation(account, by=request.user)
    messages.success(
        request, _("The invitation was sent again to %(email)s.") % {"email": account.email}
    )
    return redirect(account)


# --- Offices ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def give_role(request: HttpRequest, pk: Any) -> HttpResponse:
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    _require(request, "accounts.assign_role")
    form = GiveRoleForm(request.POST or None, by=request.user)
    if form.is_valid():
        office = _done(
            form, lambda: services.give_role(account, **form.cleaned_data, by=request.user)
        )
        if office is not None:
            messages.success(
                request,
                _("%(name)s now holds the office %(office)s.")
                % {"name": account.name, "office": str(office)},
            )
            return redirect(account)
    return render(request, "accounts/office_give.html", {"form": form, "account": account})


@require_http_methods(["GET", "POST"])
def end_role(request: HttpRequest, pk: Any) -> HttpResponse:
    office = _office_to_give(request, pk)
    form = NoteForm(request.POST or None)
    if form.is_valid():
        ended = _done(
            form,
            lambda: services.end_role(office, note=form.cleaned_data["note"], by=request.user),
        )
        if ended is not None:
            messages.success(
                request, _("The office %(office)s was ended.") % {"office": str(office)}
            )
            return redirect(office.user)
    return render(
        request,
        "accounts/office_end.html",
        {"form": form, "office": office, "account": office.user},
    )


@require_http_methods(["GET", "POST"])
def substitute(request: HttpRequest, pk: Any) -> HttpResponse:
    office = _office_to_give(request, pk)
    form = SubstituteForm(request.POST or None, by=request.user)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        account = fields.pop("username")
        made = _done(
            form,
            lambda: services.substitute(account, assignment=office, **fields, by=request.user),
        )
        if made is not None:
            messages.success(
                request,
                _("%(name)s fills in for %(holder)s.")
                % {"name": account.name, "holder": office.user.name},
            )
            return redirect(office.user)
    return render(
        request,
        "accounts/office_substitute.html",
        {"form": form, "office": office, "account": office.user},
    )


# --- One's own tokens and settings ----------------------------------------------------------------
@require_GET
def list_tokens(request: HttpRequest) -> HttpResponse:
    chosen = exports.select_tokens(request.user, request.GET)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    table = TokenTable(page.rows)
    return render(request, "accounts/token_list.html", {"page": page, "table": table})


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def issue_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if form.is_valid():
        if _shown_before(request, form):
            return redirect("token-list")
        issued = _done(
            form,
            lambda: services.issue_token(request.user, **form.cleaned_data, by=request.user),
        )
        if issued is not None:
            return _show_token(request, *issued)
    return render(request, "accounts/token_create.html", {"form": form})


@never_cache
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def rotate_token(request: HttpRequest, pk: Any) -> HttpResponse:
    form = RotateTokenForm(request.POST or None)
    if form.is_valid() and _shown_before(request, form):
        return redirect("token-list")
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), id=pk)
    if form.is_valid():
        issued = _done(
            form, lambda: services.rotate_token(token, **form.cleaned_data, by=request.user)
        )
        if issued is not None:
            return _show_token(request, *issued)
    return render(request, "accounts/token_rotate.html", {"form": form, "token": token})


def _shown_before(request: HttpRequest, form: Any) -> bool:
    """Was the same form sent already? What came of it is shown once only."""
    made = ApiToken.objects.visible_to(request.user).filter(id=form.cleaned_data["id"]).exists()
    if made:
        messages.info(request, _("This token was already made, and its text is shown only once."))
    return made


def _show_token(request: HttpRequest, token: ApiToken, cleartext: str) -> HttpResponse:
    return render(
        request,
        "accounts/token_issued.html",
        {"token": token, "cleartext": cleartext, "curl": _curl(token, cleartext)},
    )


def _curl(token: ApiToken, cleartext: str) -> str:
    """A line that can be pasted into a terminal and answers with the first rows."""
    readable = [scope.partition(":")[0] for scope in token.scopes if scope.endswith(":read")]
    address = f"{settings.SITE_URL.rstrip('/')}/api/v1/"
    if readable:
        address += f"{readable[0]}/"
    return f'curl -H "Authorization: Bearer {cleartext}" \\\n  {address}'


@require_http_methods(["GET", "POST"])
def revoke_token(request: HttpRequest, pk: Any) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), id=pk)
    if request.method == "POST":
        services.revoke_token(token, by=request.user)
        messages.success(request, _("The token %(name)s was withdrawn.") % {"name": token.name})
        return redirect("token-list")
    return render(request, "accounts/token_revoke.html", {"token": token})


@require_http_methods(["GET", "POST"])
def change_settings(request: HttpRequest) -> HttpResponse:
    person = request.user
    form = SettingsForm(
        request.POST or None, initial={"name": person.name, "language": person.language}
    )
    if form.is_valid() and _done(
        form, lambda: services.change_settings(person, **form.cleaned_data, by=person)
    ):
        messages.success(request, _("Your settings were saved."))
        return redirect("settings")
    return render(request, "accounts/settings.html", {"form": form})


# --- Exceptions -----------------------------------------------------------------------------------
@require_GET
def list_grants(request: HttpRequest) -> HttpResponse:
    chosen = exports.select_grants(request.user, request.GET)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    table = GrantTable(_to_show(page.rows, request.user))
    context = {"page": page, "table": table, "filter_form": chosen.form}
    return render(request, "accounts/grant_list.html", context)


@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, on: str) -> HttpResponse:
    """Give an exception on one object; it is begun on the object's own page."""
    obj = queries.find_object(on, request.user)
    if obj is None:
        raise Http404
    acts = queries.acts_to_give(request.user, obj)
    if not acts:
        raise PermissionDenied
    form = GrantForm(
        request.POST if request.method == "POST" else None,
        acts=acts,
        initial={"permission": acts[0].code},
    )
    if form.is_valid():
        fields = dict(form.cleaned_data)
        person, act = fields.pop("username"), fields.pop("permission")
        given = _done(form, lambda: services.grant(person, act, obj, **fields, by=request.user))
        if given is not None:
            messages.success(
                request,
                _("%(name)s may do this until %(day)s.")
                % {"name": person.name, "day": zh_date(given.expires_on)},
            )
            return redirect("grant-give", on=on)
    held = list(queries.grants_on(obj))
    context = {
        "form": form,
        "object": obj,
        "table": GrantTable(_to_show(held, request.user), exclude=("about",)) if held else None,
    }
    return render(request, "accounts/grant_give.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: Any) -> HttpResponse:
    visible = ObjectGrant.objects.visible_to(request.user).in_force().with_names()
    row = get_object_or_404(visible, pk=pk)
    if not queries.may_revoke(request.user, row):
        raise PermissionDenied
    queries.with_objects([row], request.user)
    form = NoteForm(request.POST or None, initial={"version": row.version})
    if form.is_valid() and _done(
        form, lambda: services.revoke(row, **form.cleaned_data, by=request.user) or True
    ):
        messages.success(request, _("The exception was taken back."))
        return redirect("grant-list")
    return render(request, "accounts/grant_revoke.html", {"form": form, "grant": row})


def _to_show(rows: list[ObjectGrant], user: User) -> list[ObjectGrant]:
    """Each with its object, as far as the reader sees it, and whether the reader may take it back."""
    queries.with_objects(rows, user)
    for row in rows:
        row.may_revoke = queries.may_revoke(user, row)
    return rows


# --- What the pages share -------------------------------------------------------------------------
def _require(request: HttpRequest, permission: str) -> None:
    """404 to whoever sees no account at all, 403 to whoever reads them but may not do this."""
    if not request.user.has_perm(permission):
        if request.user.has_perm("accounts.read_accounts"):
            raise PermissionDenied
        raise Http404


def _account_to_administer(request: HttpRequest, pk: Any) -> User:
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    if not queries.may_disable(request.user, account):
        raise PermissionDenied
    return account


def _office_to_give(request: HttpRequest, pk: Any) -> RoleAssignment:
    office = get_object_or_404(
        RoleAssignment.objects.visible_to(request.user).select_related("federation", "user"), pk=pk
    )
    if not queries.may_give(request.user, office.role, office.federation_id):
        raise PermissionDenied
    return office


def _with_note(
    request: HttpRequest,
    account: User,
    service: Callable[..., User],
    template: str,
    message: str,
) -> HttpResponse:
    form = NoteForm(request.POST or None, initial={"version": account.version})
    if form.is_valid():
        done = _done(form, lambda: service(account, **form.cleaned_data, by=request.user))
        if done is not None:
            messages.success(request, message)
            return redirect(account)
    return render(request, template, {"form": form, "account": account})


def _done(form: Any, act: Callable[[], Any]) -> Any:
    """Run the service; what it finds wrong with a field stands beside the field."""
    try:
        return act()
    except Invalid as refused:
        problems_to_form(form, refused)
        return None
