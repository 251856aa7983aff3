"""Who one is (``SignInBackend``) and what one may do (``ScopeBackend``), kept apart."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.apps import apps
from django.contrib.auth.backends import BaseBackend

from . import permissions


class SignInBackend(AuthenticationBackend):
    """Password by user name or e-mail. Answers no question about permissions: groups, Django's
    permission tables and the superuser flag open nothing on this platform.
    """

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class ScopeBackend(BaseBackend):
    """The office held at the object's own federation, or an exception that has not run out.

    Without an object the question is "does this person hold that permission anywhere", which
    draws menus and opens create pages; the service asks again with the object.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not _is_declared(perm):
            return False
        if not getattr(user_obj, "is_active", False) or getattr(user_obj, "is_anonymous", True):
            return False
        permission = permissions.get(perm)
        scope = user_obj.scope
        if obj is None:
            return bool(permission.roles) and scope.holds(*permission.roles)
        places = scope.at(*permission.roles) if permission.roles else frozenset()
        if places and (permission.at is None or permission.federation_of(obj) in places):
            return True
        return permission.app_label == obj._meta.app_label and scope.has_grant(
            obj, permission.codename
        )

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(
            self.has_perm(user_obj, permission.code)
            for permission in permissions.all_permissions()
            if permission.app_label == app_label
        )

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {
            permission.code
            for permission in permissions.all_permissions()
            if self.has_perm(user_obj, permission.code, obj)
        }


def _is_declared(code: str) -> bool:
    """False for the permissions of libraries, which nobody holds; LookupError for one that looks
    like ours and is declared nowhere, so that a slip of the pen does not pass for a refusal.
    """
    if permissions.is_declared(code):
        return True
    label = code.partition(".")[0]
    try:
        module = apps.get_app_config(label).name
    except LookupError:
        module = ""
    ours = module.startswith("platform_site.") or any(
        permission.app_label == label for permission in permissions.all_permissions()
    )
    if ours:
        permissions.get(code)  # raises, and names it
    return False
