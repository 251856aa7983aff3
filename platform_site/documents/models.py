"""Series of document numbers, the register of the numbers taken, and the templates staff put in place."""

from __future__ import annotations

import uuid
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.audit.history import track_fields
from platform_site.federations.models import Federation
from platform_site.text.fields import LineField

from .numbers import WORD_LENGTH, Number

#: Whose numbers one may look up: those of the own body.
KEEPING = (
    Role.NATIONAL_OFFICER,
    Role.NATIONAL_LEADER,
    Role.DEPARTMENT_HEAD,
    Role.LIAISON_OFFICER,
)


class DocumentKind(models.TextChoices):
    """The layouts of GB/T 9704-2012 that the builder knows; values as in ``content.KINDS``."""

    NOTICE = "notice", _("notice (document format)")
    LETTER = "letter", _("letter (letter format)")
    SUMMARY = "summary", _("summary (without red head)")
    CIRCULAR = "circular", _("circular (document format)")


#: A series of numbers stands on documents that go out.
LAYOUTS = [
    choice
    for choice in DocumentKind.choices
    if choice[0] in (DocumentKind.NOTICE, DocumentKind.LETTER)
]


class NumberSeriesQuerySet(models.QuerySet["NumberSeries"]):
    def visible_to(self, user: Any) -> Self:
        """The own body's series; the auditor sees all."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.scope.national(Role.AUDITOR):
            return self.all()
        return self.filter(federation__in=user.scope.at(*KEEPING))

    def active(self) -> Self:
        return self.filter(active=True)


@track_fields()
class NumberSeries(models.Model):
    """机关代字 of one body: 总工办发 counts by itself, from 1 each year.

    ``issuer`` is how the body signs and what its red head says; ``layout`` is document or letter
    format. A word belongs to one body.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, on_delete=models.PROTECT, related_name="+")
    word = LineField(_("document word"), max_length=WORD_LENGTH, unique=True)
    issuer = LineField(_("issuer"), max_length=60)
    label = LineField(_("used for"), max_length=60, blank=True)
    #: 印发机关 of the imprint; without one there is no imprint.
    printed_by = LineField(_("printed by"), max_length=60, blank=True)
    layout = models.CharField(
        _("format"), max_length=10, choices=DocumentKind, default=DocumentKind.NOTICE
    )
    active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(default=100)
    version = models.PositiveIntegerField(default=1)

    objects = NumberSeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of document numbers")
        verbose_name_plural = _("series of document numbers")
        ordering = ["position", "word"]

    def __str__(self) -> str:
        return self.word


class NumberYear(models.Model):
    """One series in one year: the row that takers lock. ``first`` is where the platform begins.

    A body that used numbers 1 to 31 on paper before it came here begins with 32.
    """

    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    first = models.PositiveIntegerField(_("first serial"), default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="number_year_once"),
            models.CheckConstraint(condition=Q(first__gte=1), name="number_year_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.series}〔{self.year}〕"


class DocumentNumberQuerySet(models.QuerySet["DocumentNumber"]):
    def visible_to(self, user: Any) -> Self:
        """Numbers of the own body's series; those of no series are seen by who took them."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if user.scope.national(Role.AUDITOR):
            return self.all()
        return self.filter(
            Q(series__federation__in=user.scope.at(*KEEPING)) | Q(series=None, taken_by=user)
        )


class DocumentNumber(models.Model):
    """发文登记: a number that is in use, once and for good. One typed by hand stands here too.

    What a series gave is never deleted (a trigger refuses it); what was typed into a draft is given
    up when the draft drops it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    series = models.ForeignKey(
        NumberSeries, null=True, blank=True, on_delete=models.PROTECT, related_name="numbers"
    )
    word = LineField(_("document word"), max_length=WORD_LENGTH)
    year = models.PositiveSmallIntegerField(_("year"))
    no = models.PositiveIntegerField(_("serial"))
    subject = LineField(_("subject"), max_length=200)
    by_hand = models.BooleanField(_("typed by hand"), default=False)
    of_type = models.ForeignKey(
        ContentType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    of_id = models.UUIDField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(_("taken at"))

    objects = DocumentNumberQuerySet.as_manager()

    class Meta:
        verbose_name = _("document number")
        verbose_name_plural = _("document numbers")
        constraints = [
            models.UniqueConstraint(fields=["word", "year", "no"], name="document_number_once"),
            models.CheckConstraint(condition=Q(no__gte=1), name="document_number_from_one"),
            models.CheckConstraint(
                condition=Q(of_type=None, of_id=None)
                | Q(of_type__isnull=False, of_id__isnull=False),
                name="document_number_of_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["of_type", "of_id"], name="document_number_of"),
            models.Index(fields=["-taken_at", "-id"], name="document_number_newest"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="given_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__by_hand=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def number(self) -> Number:
        return Number(self.word, self.year, self.no)


class DocumentTemplateQuerySet(models.QuerySet["DocumentTemplate"]):
    def visible_to(self, user: Any) -> Self:
        """Who keeps the templates, and the auditor."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        keeps = user.scope.national(Role.NATIONAL_OFFICER, Role.AUDITOR)
        return self.all() if keeps else self.none()


class DocumentTemplate(models.Model):
    """A template staff put in the place of the shipped one; earlier ones stay and can come back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=DocumentKind)
    number = models.PositiveIntegerField(_("version"))
    filename = LineField(_("file name"), max_length=200)
    content = models.BinaryField()
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    in_use = models.BooleanField(_("in use"), default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded"))

    objects = DocumentTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("document template")
        verbose_name_plural = _("document templates")
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="document_template_version"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(in_use=True), name="document_template_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
