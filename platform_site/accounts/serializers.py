"""Shapes of accounts, offices, exceptions and one's own token in the REST API; the rules are in services."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.validators import ASCIIUsernameValidator
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from . import permissions, queries
from .models import ApiToken, ObjectGrant, RoleAssignment, User
from .roles import Role


def _user(serializer: serializers.BaseSerializer) -> Any:
    return serializer.context["request"].user


# --- Accounts -------------------------------------------------------------------------------------
class HeldOfficeSerializer(ModelSerializer):
    """An office in force, beside the name of its holder."""

    federation = serializers.CharField(source="federation.code")

    class Meta:
        model = RoleAssignment
        fields = ("id", "role", "federation", "since", "until")
        read_only_fields = fields


class AccountRowSerializer(ModelSerializer):
    """An account with the offices held today, as far as the caller may see them."""

    email = serializers.SerializerMethodField(help_text="masked for the auditor")
    state = serializers.ChoiceField(choices=User.State.choices, read_only=True)
    invited_at = serializers.DateTimeField(source="date_joined", read_only=True)
    offices = HeldOfficeSerializer(source="offices_today", many=True, read_only=True)

    class Meta:
        model = User
        fields = (
            *("id", "username", "name", "email", "language", "state"),
            *("invited_at", "last_login", "offices", "version"),
        )
        read_only_fields = fields

    def get_email(self, account: User) -> str:
        return queries.email_for(_user(self), account)


class AccountSerializer(AccountRowSerializer):
    steps = serializers.SerializerMethodField(help_text="what the caller may do now")

    class Meta(AccountRowSerializer.Meta):
        fields = (*AccountRowSerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, account: User) -> list[str]:
        return queries.account_steps(_user(self), account)


class Invitation(Serializer):
    """A new account with its first office. The link goes to its owner by e-mail and to nobody else."""

    id = serializers.UUIDField(required=False, help_text="your own: the same again invites nobody")
    name = LineSerializerField(max_length=64)
    username = LineSerializerField(max_length=64, validators=[ASCIIUsernameValidator()])
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices)
    federation = FederationCode()
    until = serializers.DateField(
        required=False, allow_null=True, help_text="the last day; without it no end"
    )
    language = serializers.ChoiceField(choices=User.Language.choices, required=False)


# --- Offices --------------------------------------------------------------------------------------
class OfficeRowSerializer(ModelSerializer):
    """An office: who held it where, from which day to which (both included)."""

    account = serializers.UUIDField(source="user_id", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    federation = serializers.CharField(source="federation.code", read_only=True)
    substitutes = serializers.UUIDField(
        source="substitutes_id",
        read_only=True,
        allow_null=True,
        help_text="the office that is filled in for",
    )
    given_by = serializers.CharField(source="assigned_by.name", read_only=True, allow_null=True)
    given_at = serializers.DateTimeField(source="assigned_at", read_only=True)

    class Meta:
        model = RoleAssignment
        fields = (
            *("id", "account", "username", "name", "role", "federation", "since", "until"),
            *("substitutes", "given_by", "given_at", "ended_at", "version"),
        )
        read_only_fields = fields
        extra_kwargs = {"ended_at": {"help_text": "when it was ended by hand"}}

    version = serializers.IntegerField(
        source="user.version", read_only=True, help_text="of the account"
    )


class OfficeSerializer(OfficeRowSerializer):
    steps = serializers.SerializerMethodField(help_text="what the caller may do now")

    class Meta(OfficeRowSerializer.Meta):
        fields = (*OfficeRowSerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, office: RoleAssignment) -> list[str]:
        return ["end", "substitute"] if queries.may_end(_user(self), office) else []


class OfficeGiven(Serializer):
    account = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Role.choices)
    federation = FederationCode()
    since = serializers.DateField(required=False, help_text="today, where it is left out")
    until = serializers.DateField(
        required=False, allow_null=True, help_text="the last day; without it no end"
    )
    note = ProseSerializerField(max_length=500, required=False, allow_blank=True)


class OfficeSubstitute(Serializer):
    """Who fills in for its holder, under the own name, from a day to a day."""

    account = serializers.UUIDField()
    since = serializers.DateField()
    until = serializers.DateField(help_text="the last day, within a year")
    note = ProseSerializerField(max_length=500, required=False, allow_blank=True)


# --- Exceptions -----------------------------------------------------------------------------------
class GrantRowSerializer(ModelSerializer):
    """An exception in force: one person may do one act on one object until a day."""

    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    permission = serializers.CharField(source="code", read_only=True)
    kind = serializers.CharField(
        source="object_label", read_only=True, help_text="of what kind the object is"
    )
    object = serializers.CharField(
        source="object_name",
        read_only=True,
        help_text="such as reports.report:<id>; empty where the caller may not see it",
    )
    given_by = serializers.CharField(source="granted_by.name", read_only=True, allow_null=True)
    given_at = serializers.DateTimeField(source="granted_at", read_only=True)
    federation = serializers.CharField(
        source="federation.code", read_only=True, allow_null=True, help_text="that gave it"
    )

    class Meta:
        model = ObjectGrant
        fields = (
            *("id", "username", "name", "permission", "kind", "object", "expires_on", "reason"),
            *("given_by", "given_at", "federation", "version"),
        )
        read_only_fields = fields


class GrantSerializer(GrantRowSerializer):
    steps = serializers.SerializerMethodField(help_text="what the caller may do now")

    class Meta(GrantRowSerializer.Meta):
        fields = (*GrantRowSerializer.Meta.fields, "steps")
        read_only_fields = fields

    def get_steps(self, row: ObjectGrant) -> list[str]:
        return ["revoke"] if queries.may_revoke(_user(self), row) else []


class GrantGiven(Serializer):
    """A second one of the same person, act and object replaces the first."""

    username = LineSerializerField(max_length=64)
    permission = serializers.ChoiceField(choices=[])
    object = LineSerializerField(max_length=100, help_text="reports.report:<id>")
    expires_on = serializers.DateField(help_text="the last day, within a year")
    reason = ProseSerializerField(max_length=500)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        # Every app has declared its acts by the time somebody asks.
        fields["permission"].choices = [
            (each.code, each.given.label)  # type: ignore[union-attr]
            for each in permissions.given_by_name()
        ]
        return fields


# --- One's own token --------------------------------------------------------------------------------
class OwnerSerializer(Serializer):
    id = serializers.UUIDField()
    username = serializers.CharField()
    name = serializers.CharField()
    language = serializers.ChoiceField(choices=User.Language.choices)


class OwnOfficeSerializer(Serializer):
    """An office held today."""

    role = serializers.ChoiceField(choices=Role.choices)
    role_name = serializers.CharField(source="get_role_display")
    federation = serializers.CharField(source="federation.code")
    federation_name = serializers.CharField(source="federation.name")
    until = serializers.DateField(allow_null=True)


class OwnTokenSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ApiToken.Kind.choices)
    system = serializers.CharField(help_text="Of a machine token; else empty.")
    prefix = serializers.CharField(source="token_key")
    scopes = serializers.ListField(child=serializers.CharField())
    networks = serializers.ListField(
        child=serializers.CharField(), help_text="From which it may be used; empty: from anywhere."
    )
    expires_at = serializers.DateTimeField(source="expiry")
    last_day = serializers.DateField()


class LimitSerializer(Serializer):
    """``quota`` requests at once, and so many again in each ``window`` of seconds."""

    policy = serializers.CharField(help_text="A scope of the token, or `read` for what needs none.")
    quota = serializers.IntegerField(source="rate.quota")
    window = serializers.IntegerField(source="rate.window")
    remaining = serializers.IntegerField()


@extend_schema_serializer(many=False)
class MeSerializer(Serializer):
    owner = OwnerSerializer()
    offices = OwnOfficeSerializer(many=True)
    token = OwnTokenSerializer()
    limits = LimitSerializer(many=True)
