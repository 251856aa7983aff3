"""Who may sign in, and which office they hold where and until when."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin, _user_has_module_perms, _user_has_perm
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from platform_site.audit.history import track_fields
from platform_site.text.fields import LineField

from ..roles import Role, RoleClass, class_of
from ..scope import Scope, resolve


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> UserQuerySet:
        """The accounts ``user`` may read: all for the three administrators, the accounts with an
        office at the own federation for a department head, none for anybody else.
        """
        if not getattr(user, "is_active", False):
            return self.none()
        scope: Scope = user.scope
        if scope.holds(Role.SECURITY_ADMINISTRATOR, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR):
            return self
        if federations := scope.at(Role.DEPARTMENT_HEAD):
            held = RoleAssignment.objects.filter(
                user=models.OuterRef("pk"), federation_id__in=federations
            )
            return self.filter(models.Exists(held))
        return self.none()

    def in_state(self, state: str) -> UserQuerySet:
        """Those whose :attr:`User.state` this is."""
        if state == User.State.DISABLED:
            return self.filter(is_active=False)
        no_password = models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.filter(
            no_password if state == User.State.INVITED else ~no_password, is_active=True
        )

    def matching(self, words: str) -> UserQuerySet:
        """By part of the name or of the user name."""
        return self.filter(models.Q(name__icontains=words) | models.Q(username__icontains=words))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)

    def create_user(
        self, username: str, email: str = "", password: str | None = None, **fields: Any
    ) -> User:
        """Store an account without any office; services record who made it and why."""
        user = self.model(
            username=self.model.normalize_username(username).strip(),
            email=self.normalize_email(email),
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *args: Any, **fields: Any) -> User:
        # The flag opens nothing here (see User.has_perm); it is kept because libraries ask for it.
        return self.create_user(*args, **{**fields, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do comes from their offices alone: never from
    ``is_superuser``, groups or Django's permission tables.
    """

    class Language(models.TextChoices):
        CHINESE = "zh-hans", _("Simplified Chinese")
        ENGLISH = "en", _("English")

    class State(models.TextChoices):
        ACTIVE = "active", _("In use")
        INVITED = "invited", _("Invited")
        DISABLED = "disabled", _("Disabled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = LineField(
        _("user name"),
        max_length=64,
        unique=True,
        validators=[ASCIIUsernameValidator()],
        error_messages={"unique": _("This user name is taken.")},
    )
    email = models.EmailField(_("e-mail"), blank=True)
    name = LineField(_("name"), max_length=64)
    language = models.CharField(
        _("language"), max_length=8, choices=Language.choices, default=Language.CHINESE
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("invited at"), default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    #: Part of the session key: adding one ends every session of this account at once.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "email"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_username_any_case",
                violation_error_message=_("This user name is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_email_any_case",
                condition=~models.Q(email=""),
                violation_error_message=_("Another account uses this e-mail address."),
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="accounts_user_by_name")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("account-detail", args=[self.pk])

    # --- What they may do --------------------------------------------------------------------
    @property
    def scope(self) -> Scope:
        """The offices and exceptions in force today, read once for this instance (a request)."""
        known: Scope | None = self.__dict__.get("_scope")
        if known is None or known.on != timezone.localdate():
            known = self.__dict__["_scope"] = resolve(self)
        return known

    def forget_scope(self) -> None:
        """Read the offices again at the next question; services call it after changing them."""
        self.__dict__.pop("_scope", None)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.forget_scope()
        super().refresh_from_db(*args, **kwargs)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        # No short-cut for superusers: deciding is a duty of an office, not of a flag.
        return _user_has_perm(self, perm, obj)

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        if isinstance(perm_list, str):
            raise ValueError("perm_list must be an iterable of permissions")
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return _user_has_module_perms(self, app_label)

    async def ahas_perm(self, perm: str, obj: Any = None) -> bool:
        return await sync_to_async(self.has_perm)(perm, obj)

    async def ahas_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return await sync_to_async(self.has_perms)(perm_list, obj)

    async def ahas_module_perms(self, app_label: str) -> bool:
        return await sync_to_async(self.has_module_perms)(app_label)

    # --- How they are shown --------------------------------------------------------------------
    @property
    def office_label(self) -> str:
        """What stands beside the name: "联络员 · 广东省总工会"; several offices are joined."""
        labels = [f"{seat.role.label} · {seat.federation_name}" for seat in self.scope.seats]
        return "；".join(dict.fromkeys(labels))

    @property
    def masked_email(self) -> str:
        """First character and domain: enough to recognise, too little to write to."""
        local, at, domain = self.email.partition("@")
        return f"{local[:1]}***{at}{domain}" if self.email else ""

    @property
    def state(self) -> User.State:
        """Worked out, never stored: an invited account is one whose owner chose no password yet."""
        if not self.is_active:
            return self.State.DISABLED
        return self.State.ACTIVE if self.has_usable_password() else self.State.INVITED

    # --- Sessions ------------------------------------------------------------------------------
    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "platform_site.accounts.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


track_fields(
    personal=("username", "name", "email"), exclude=("password", "last_login", "session_epoch")
)(User)


class DateRange(models.Func):
    """The days from ``since`` to ``until``, both included; an open end is NULL."""

    function = "DATERANGE"
    output_field = DateRangeField()


def _days() -> DateRange:
    return DateRange("since", "until", models.Value("[]"))


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def in_force(self, on: datetime.date | None = None) -> RoleAssignmentQuerySet:
        """The offices held on a day (today, when none is given)."""
        on = on or timezone.localdate()
        return self.filter(
            models.Q(until__isnull=True) | models.Q(until__gte=on),
            since__lte=on,
            ended_at__isnull=True,
        )

    def visible_to(self, user: Any) -> RoleAssignmentQuerySet:
        """Offices of the accounts ``user`` may read; a department head reads those held at the
        own federation only.
        """
        visible = self.filter(user__in=User.objects.visible_to(user))
        if not getattr(user, "is_active", False):
            return visible
        scope: Scope = user.scope
        if scope.holds(Role.SECURITY_ADMINISTRATOR, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR):
            return visible
        return visible.filter(federation_id__in=scope.at(Role.DEPARTMENT_HEAD))


class RoleAssignment(models.Model):
    """An office that a person holds at a federation, from a day to a day (both included)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="assignments", verbose_name=_("account")
    )
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    role_class = models.CharField(max_length=16, choices=RoleClass.choices, editable=False)
    federation = models.ForeignKey(
        "federations.Federation", models.PROTECT, related_name="+", verbose_name=_("federation")
    )
    since = models.DateField(_("from"), default=timezone.localdate)
    until = models.DateField(_("until"), null=True, blank=True)
    #: The entry in the register of posts that this office stands for, where there is one.
    holding = models.ForeignKey(
        "federations.Holding", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The office that is filled in for; a substitution always has both dates.
    substitutes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="substitutions"
    )
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now)
    #: Set when the office was ended by hand, which holds from that moment, not from midnight.
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="accounts_office_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    *(models.Q(role=role, role_class=class_of(role)) for role in Role),
                    _connector=models.Q.OR,
                ),
                name="accounts_office_in_its_class",
            ),
            models.CheckConstraint(
                condition=models.Q(substitutes__isnull=True) | models.Q(until__isnull=False),
                name="accounts_substitution_has_an_end",
            ),
            # The three administrators exclude each other and every business office.
            ExclusionConstraint(
                name="accounts_classes_exclude_each_other",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role_class", RangeOperators.NOT_EQUAL),
                    (_days(), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(ended_at__isnull=True),
            ),
            ExclusionConstraint(
                name="accounts_office_held_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("federation", RangeOperators.EQUAL),
                    (_days(), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["federation", "role", "user"], name="accounts_office_holders")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.federation}"

    def in_force(self, on: datetime.date | None = None) -> bool:
        on = on or timezone.localdate()
        return (
            self.ended_at is None and self.since <= on and (self.until is None or self.until >= on)
        )

    @property
    def version(self) -> int:
        """Its holder's: each change of an office is a change of the account (and waits for it)."""
        return self.user.version

    def has_ended(self) -> bool:
        return self.ended_at is not None or (
            self.until is not None and self.until < timezone.localdate()
        )


track_fields()(RoleAssignment)
