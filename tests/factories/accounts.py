"""Accounts with their offices, made directly: for the state before the act under test."""

from __future__ import annotations

import datetime
from typing import Any

import factory
from django.utils import timezone

from platform_site.accounts.models import ApiToken, RoleAssignment, User
from platform_site.accounts.roles import class_of

PASSWORD = "Harbour-lamp-2016"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"测试人员{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password(PASSWORD)


def office(user: User, role: str, federation: Any, **fields: Any) -> RoleAssignment:
    """An office in force since the beginning of 2020, unless told otherwise."""
    fields.setdefault("since", datetime.date(2020, 1, 1))
    assignment = RoleAssignment.objects.create(
        user=user, role=role, role_class=class_of(role), federation=federation, **fields
    )
    user.forget_scope()
    return assignment


def user_with(role: str, federation: Any, **fields: Any) -> User:
    """A person who holds one office."""
    user = UserFactory(**fields)
    office(user, role, federation)
    return user


def token_for(user: User, *scopes: str, days: int = 30) -> tuple[ApiToken, str]:
    """A token and its cleartext, as ``services.issue_token`` would make it."""
    return ApiToken.objects.create(
        user, expiry=datetime.timedelta(days=days), name="test", scopes=sorted(scopes)
    )


def today() -> datetime.date:
    return timezone.localdate()
