"""Forms, their versions and the sections of one.

Forms are data. A version of a form is frozen when it is first used, so that a round that runs keeps
the questions it was issued with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineField

from .common import EMPTY_LIST, ReadableQuerySet, sees_drafts, worded


class FormQuerySet(ReadableQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A form that was never published shows to the national staff alone; one that extends another, for
        one cascade, is in no list."""
        seen = super().visible_to(user).filter(extends=None)
        if not user.is_authenticated or sees_drafts(user):
            return seen
        return seen.filter(Exists(_published(OuterRef("pk"))))

    def published(self) -> Self:
        """Those that a notice can ask with."""
        return self.filter(Exists(_published(OuterRef("pk"))), extends=None)

    def with_current(self) -> Self:
        """Each row with the numbers of its newest published version and of its draft."""
        return self.annotate(
            current_version=models.Max("versions__number", filter=Q(versions__is_draft=False)),
            draft_version=models.Max("versions__number", filter=Q(versions__is_draft=True)),
        )


def _published(form: Any) -> models.QuerySet[FormVersion]:
    return FormVersion.objects.filter(form=form, is_draft=False)


class Form(models.Model):
    """A set of questions, by a code that stays while its versions come and go."""

    code = models.SlugField(max_length=60, unique=True)
    name_zh = LineField(max_length=80)
    name_en = LineField(max_length=120, blank=True)
    purpose = models.CharField(max_length=20)
    #: The version that this one repeats, with questions of one's own behind it; null for every form that is
    #: built in the workbench.
    extends = models.ForeignKey(
        "FormVersion", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = FormQuerySet.as_manager()

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        ordering = ["code"]

    def __str__(self) -> str:
        return worded(self.name_zh, self.name_en)

    def get_absolute_url(self) -> str:
        return reverse("form-detail", args=[self.code])

    def current(self) -> FormVersion | None:
        """The newest published version: what a new round is issued with."""
        return self.versions.filter(is_draft=False).order_by("-number").first()


@dataclass(frozen=True)
class Rule:
    """What the numbers of a version must do together, such as parts that add up to their total.

    ``left`` and ``right`` are sums such as ``2 * cities + counties - 5``, by codes of number questions.
    Where a hard rule does not hold the report is not submitted; a soft one asks for an explanation.
    """

    class Comparison(models.TextChoices):
        EQUAL = "eq", "="
        AT_MOST = "le", "≤"
        AT_LEAST = "ge", "≥"
        LESS = "lt", "<"
        MORE = "gt", ">"

    class Level(models.TextChoices):
        HARD = "hard", _("must hold")
        SOFT = "soft", _("asks for an explanation")

    left: str
    comparison: str
    right: str
    level: str
    message_zh: str
    message_en: str = ""

    @property
    def message(self) -> str:
        return worded(self.message_zh, self.message_en)


class FormVersionQuerySet(models.QuerySet["FormVersion"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the forms that the reader sees; drafts for the national staff alone."""
        seen = self.filter(form__in=Form.objects.visible_to(user))
        return seen if user.is_authenticated and sees_drafts(user) else seen.filter(is_draft=False)


class FormVersion(models.Model):
    """A draft is built; published, it is never changed: the next version is begun as its copy.

    ``frozen_at`` is its first use by a round. Its ``version`` counts the savings of the draft.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    is_draft = models.BooleanField(default=False, db_default=False)
    frozen_at = models.DateTimeField(null=True)
    #: :class:`Rule` by its fields, in order.
    rules = models.JSONField(default=list, blank=True, db_default=EMPTY_LIST)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = FormVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a form")
        verbose_name_plural = _("versions of a form")
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_once"),
            models.UniqueConstraint(
                fields=["form"], condition=Q(is_draft=True), name="form_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(is_draft=False) | Q(frozen_at=None), name="form_draft_is_not_used"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("form-version", args=[self.form.code, self.number])


class Section(models.Model):
    version = models.ForeignKey(FormVersion, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveIntegerField()
    code = models.SlugField(max_length=60)
    name_zh = LineField(max_length=80)
    name_en = LineField(max_length=120, blank=True)
    help_zh = LineField(max_length=300, blank=True)
    help_en = LineField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="section_code_once")
        ]

    def __str__(self) -> str:
        return worded(self.name_zh, self.name_en)

    @property
    def help(self) -> str:
        return worded(self.help_zh, self.help_en)
