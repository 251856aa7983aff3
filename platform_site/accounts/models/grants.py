"""What was granted by hand: exceptions with a reason and an end."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionAbstract

from platform_site.text.fields import ProseField

from .. import permissions
from ..roles import Role
from ..scope import Scope
from .people import User


class ObjectGrantQuerySet(models.QuerySet["ObjectGrant"]):
    def visible_to(self, user: Any) -> ObjectGrantQuerySet:
        """One's own, those one gave, and those given by the federation at which one may give too; all
        for the security administrator and the auditor, who read them.
        """
        if not getattr(user, "is_active", False):
            return self.none()
        scope: Scope = user.scope
        if scope.holds(Role.SECURITY_ADMINISTRATOR, Role.AUDITOR):
            return self
        return self.filter(
            models.Q(user=user)
            | models.Q(granted_by=user)
            | models.Q(federation_id__in=scope.at(*permissions.givers()))
        )

    def in_force(self) -> ObjectGrantQuerySet:
        return self.filter(expires_on__gte=timezone.localdate())

    def with_names(self) -> ObjectGrantQuerySet:
        return self.select_related("user", "permission", "content_type", "granted_by", "federation")

    def of_person(self, words: str) -> ObjectGrantQuerySet:
        """By part of the holder's name or user name."""
        return self.filter(
            models.Q(user__name__icontains=words) | models.Q(user__username__icontains=words)
        )

    def of_act(self, code: str) -> ObjectGrantQuerySet:
        app_label, _dot, codename = code.partition(".")
        return self.filter(content_type__app_label=app_label, permission__codename=codename)


class ObjectGrantManager(
    UserObjectPermissionManager.from_queryset(ObjectGrantQuerySet)  # type: ignore[misc]
):
    """Guardian's own manager; the query set says whose they are."""


class ObjectGrant(UserObjectPermissionAbstract):
    """A named exception: one person, one act, one object, until a day, for a stated reason.

    Django-guardian keeps the row; ``Scope`` alone asks it what somebody may do, because guardian's own
    list helper forgets that an account is inactive and that a grant has run out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    expires_on = models.DateField(_("until"))
    reason = ProseField(_("reason"), max_length=500)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    #: Where its giver held the office that gave it: whoever may give there may take it back. Null: an
    #: operator at the machine gave it.
    federation = models.ForeignKey(
        "federations.Federation", models.PROTECT, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ObjectGrantManager()

    class Meta(UserObjectPermissionAbstract.Meta):
        abstract = False
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        indexes = [
            models.Index(fields=["user", "expires_on"], name="accounts_grants_of_user"),
            models.Index(fields=["content_type", "object_pk"], name="accounts_grants_on_object"),
        ]

    #: The object and how a client names it, as far as a reader may see it (``queries.with_objects``).
    about: Any = None
    object_name: str = ""
    #: May the reader take it back? Set for a page.
    may_revoke: bool = False

    @property
    def code(self) -> str:
        return f"{self.content_type.app_label}.{self.permission.codename}"

    @property
    def object_label(self) -> str:
        """Of which model the object is: ``reports.report``."""
        return f"{self.content_type.app_label}.{self.content_type.model}"

    @property
    def kind(self) -> str:
        """What kind of object it is, which also those read who may not see the object."""
        model = self.content_type.model_class()
        return str(model._meta.verbose_name) if model else self.object_label

    @property
    def declared(self) -> permissions.Permission | None:
        """The act in the register; None where no app declares it any more."""
        return permissions.get(self.code) if permissions.is_declared(self.code) else None

    @property
    def act(self) -> str:
        """What may be done, in the reader's words."""
        declared = self.declared
        if declared is None or declared.given is None:
            return str(self.permission.codename)
        return str(declared.given.label)
