"""``/api/v1/accounts/``, ``offices/`` and ``grants/``: who may sign in, in which office, and what was
given by name; ``me/``: what a token is, whose, and how much of its limits is left. HTTP only.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import limits
from platform_site.api.filters import YesOrNoFilter
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer
from platform_site.api.views import ObjectViewSet, ResourceViewSet, step
from platform_site.problems import FieldProblem, Invalid, NotAllowed

from . import permissions, queries, services
from . import serializers as shapes
from .models import ObjectGrant, RoleAssignment, User
from .roles import Role


# --- /accounts/ -------------------------------------------------------------------------------------
class AccountFilter(filters.FilterSet):
    search = filters.CharFilter(max_length=64, help_text="part of the name or of the user name")
    role = filters.ChoiceFilter(choices=Role.choices, help_text="held today")
    federation = filters.CharFilter(max_length=16, help_text="code; with role, that role there")
    state = filters.ChoiceFilter(choices=User.State.choices)

    def filter_queryset(self, queryset: Any) -> Any:
        wanted = dict(self.form.cleaned_data)
        return queries.narrowed(queryset, words=wanted.pop("search"), **wanted)


class AccountViewSet(ResourceViewSet):
    """Who may sign in: all accounts for the three administrators, those of the own federation for a
    department head, none for anybody else.
    """

    resource = gettext_noop("accounts")
    reads_instances = True
    queryset = User.objects.none()
    bodies = {"create": shapes.Invitation}
    filterset_class = AccountFilter
    orderings = {"name": ("name", "id")}
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return shapes.AccountRowSerializer if self.action == "list" else shapes.AccountSerializer

    def get_queryset(self) -> QuerySet[User]:
        user = self.request.user
        return queries.with_offices_today(User.objects.visible_to(user), user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Invite somebody: an account with its first office; the link to choose a password goes to its
        owner by e-mail. Invited before under this id: answered as it is (200).
        """
        if not request.user.has_perm("accounts.invite_account"):
            raise NotAllowed("not_allowed", _("Inviting people is not yours to do."))
        body = self.read_body()
        made = self.get_queryset().filter(pk=body["id"]).first() if "id" in body else None
        if made is not None:
            return self.object_response(made)
        account = services.invite(**body, by=request.user)
        return self.object_response(self.fresh(account), status=201)

    @step("disable", body=NoteSerializer)
    def disable(self, request: Request, account: User, *, version: int, note: str) -> User:
        """Shut the account at once: its sessions and its tokens end."""
        return services.disable(account, by=request.user, version=version, note=note)

    @step("enable", body=NoteSerializer)
    def enable(self, request: Request, account: User, *, version: int, note: str) -> User:
        """Open a disabled account again; its old sessions and tokens stay ended."""
        return services.enable(account, by=request.user, version=version, note=note)

    @step("send-invitation")
    def send_invitation(self, request: Request, account: User, *, version: int) -> User:
        """Send its owner the link to choose a password once more."""
        return services.send_invitation(account, by=request.user, version=version)


# --- /offices/ --------------------------------------------------------------------------------------
class OfficeFilter(filters.FilterSet):
    account = filters.UUIDFilter(field_name="user")
    role = filters.ChoiceFilter(choices=Role.choices)
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    in_force = YesOrNoFilter(method="filter_in_force", help_text="held today")

    def filter_in_force(self, queryset: Any, name: str, value: bool) -> Any:
        return queries.in_force_today(queryset, value)


class OfficeViewSet(ResourceViewSet):
    """Offices of the accounts that the caller may read: held, ended and to come."""

    resource = gettext_noop("offices")
    queryset = RoleAssignment.objects.none()
    bodies = {"create": shapes.OfficeGiven}
    filterset_class = OfficeFilter
    orderings = {"since": ("since", "id")}
    default_ordering = "-since"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return shapes.OfficeRowSerializer if self.action == "list" else shapes.OfficeSerializer

    def get_queryset(self) -> QuerySet[RoleAssignment]:
        return RoleAssignment.objects.visible_to(self.request.user).select_related(
            "user", "federation", "assigned_by"
        )

    def _account(self, pk: UUID) -> User:
        return get_object_or_404(User.objects.visible_to(self.request.user), pk=pk)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give a person an office at a federation, from a day to a day."""
        if not request.user.has_perm("accounts.assign_role"):
            raise NotAllowed("not_allowed", _("Giving offices is not yours to do."))
        body = self.read_body()
        account = self._account(body.pop("account"))
        office = services.give_role(account, **body, by=request.user)
        return self.object_response(self.fresh(office), status=201)

    @step("end", body=NoteSerializer)
    def end(
        self, request: Request, office: RoleAssignment, *, version: int, note: str
    ) -> RoleAssignment:
        """End it from this moment, and the substitutions for it."""
        return services.end_role(office, by=request.user, version=version, note=note)

    @step("substitute", body=shapes.OfficeSubstitute)
    def substitute(
        self, request: Request, office: RoleAssignment, *, version: int, account: UUID, **body: Any
    ) -> RoleAssignment:
        """Let another person fill in for its holder; answers the office of the substitute."""
        return services.substitute(
            self._account(account), assignment=office, version=version, by=request.user, **body
        )


# --- /grants/ ---------------------------------------------------------------------------------------
class GrantFilter(filters.FilterSet):
    username = filters.CharFilter(field_name="user__username", lookup_expr="iexact", max_length=64)
    given_by = filters.CharFilter(
        field_name="granted_by__username",
        lookup_expr="iexact",
        max_length=64,
        help_text="user name",
    )
    permission = filters.ChoiceFilter(method="filter_permission")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["permission"].extra["choices"] = [
            (each.code, each.code) for each in permissions.given_by_name()
        ]

    def filter_permission(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.of_act(value)


class GrantViewSet(ResourceViewSet):
    """Exceptions in force: one's own, those one gave, those of the federation at which one may give
    them too; all for the security administrator and the auditor.
    """

    resource = gettext_noop("grants")
    reads_instances = True
    queryset = ObjectGrant.objects.none()
    bodies = {"create": shapes.GrantGiven}
    filterset_class = GrantFilter
    orderings = {"expires_on": ("expires_on", "id"), "given_at": ("granted_at", "id")}
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return shapes.GrantRowSerializer if self.action == "list" else shapes.GrantSerializer

    def get_queryset(self) -> QuerySet[ObjectGrant]:
        return ObjectGrant.objects.visible_to(self.request.user).in_force().with_names()

    def prepared(self, rows: list[Any]) -> list[Any]:
        return queries.with_objects(rows, self.request.user)

    def get_object(self) -> ObjectGrant:
        return queries.with_objects([super().get_object()], self.request.user)[0]

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let one person do one act on one object until a day, for a reason. Given before by the same
        federation: the first is replaced.
        """
        if not request.user.scope.holds(*permissions.givers()):
            raise NotAllowed("not_allowed", _("Giving exceptions is not yours to do."))
        body = self.read_body()
        obj = queries.find_object(body.pop("object"), request.user)
        if obj is None:
            raise _wrong("object", "unknown", _("There is no such object that you can see."))
        permission = body.pop("permission")
        if permission not in [
            each.code for each in permissions.given_by_name(obj._meta.label_lower)
        ]:
            raise _wrong("permission", "not_an_option", _("This is no act on such an object."))
        person = queries.person_named(body.pop("username"))
        if person is None:
            raise _wrong("username", "unknown", _("There is no such account in use."))
        row = services.grant(person, permission, obj, by=request.user, **body)
        [row] = queries.with_objects([self.get_queryset().get(pk=row.pk)], request.user)
        return self.object_response(row, status=201)

    @extend_schema(responses={204: None})
    @step("revoke", body=NoteSerializer)
    def revoke(self, request: Request, row: ObjectGrant, *, version: int, note: str) -> None:
        """Take it back: it ends with the next request of its holder."""
        services.revoke(row, by=request.user, version=version, note=note)


def _wrong(field: str, code: str, message: str) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem(f"/{field}", code, message)])


# --- /me/ -------------------------------------------------------------------------------------------
class MeViewSet(ObjectViewSet):
    resource = ""  # every token may ask what it is
    serializer_class = shapes.MeSerializer
    http_method_names = ("get", "head")
    is_single = True

    def get_object(self) -> Any:
        token: Any = self.request.auth
        return {
            "owner": self.request.user,
            "offices": queries.offices_today(self.request.user),
            "token": token,
            "limits": limits.look(["read", *token.scopes], str(token.id)),
        }

    @extend_schema(
        tags=["me"],
        description="The token, its owner with the offices held today, and what is left of its limits."
        "\n\nNo scope is needed.",
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)


router.register("me", MeViewSet, basename="me")
router.register("accounts", AccountViewSet, basename="accounts")
router.register("offices", OfficeViewSet, basename="offices")
router.register("grants", GrantViewSet, basename="grants")
