"""Forms, questions, answers, indicators and figures: once for reports, censuses and tasks.

Forms are data. A version of a form is frozen when it is first used, so that a round that runs keeps
the questions it was issued with.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import BUSINESS_ROLES, Role
from platform_site.federations.models import Scoped
from platform_site.text.fields import LineField, ProseField


def _worded(chinese: str, english: str) -> str:
    """The wording in the reader's language; Chinese where no English was given."""
    return chinese if (get_language() or "zh-hans").startswith("zh") or not english else english


class _ReadableQuerySet(models.QuerySet[Any]):
    #: Whoever files or reads reports, or will be asked to; administrators see nothing of business.
    READERS = (*BUSINESS_ROLES, Role.AUDITOR)

    def visible_to(self, user: Any) -> Self:
        if user.is_authenticated and user.is_active and user.scope.holds(*self.READERS):
            return self.all()
        return self.none()


def sees_drafts(user: Any) -> bool:
    """The national staff and the auditor read what is being built; others what was published."""
    return bool(user.scope.national(Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, Role.AUDITOR))


class Indicator(models.Model):
    """A figure that is followed over time. Persons (人) and attendances (人次) are two units, never
    added together; ``adds_up`` says how federations' figures combine."""

    class Measure(models.TextChoices):
        PERIOD = "period", _("in the period")
        CUMULATIVE = "cumulative", _("cumulative")

    class AddsUp(models.TextChoices):
        SUM = "sum", _("sum")
        COUNT = "count", _("count")
        AVERAGE = "average", _("average")
        LATEST = "latest", _("latest")
        NONE = "none", _("not combined")

    code = models.SlugField(max_length=60, unique=True)
    name_zh = LineField(max_length=80)
    name_en = LineField(max_length=120)
    unit_zh = LineField(max_length=20)
    unit_en = LineField(max_length=30)
    measure = models.CharField(max_length=12, choices=Measure)
    adds_up = models.CharField(max_length=8, choices=AddsUp)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = _ReadableQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return _worded(self.name_zh, self.name_en)

    @property
    def unit(self) -> str:
        return _worded(self.unit_zh, self.unit_en)


class FormQuerySet(_ReadableQuerySet):
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
        return _worded(self.name_zh, self.name_en)

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
        return _worded(self.message_zh, self.message_en)


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
    rules = models.JSONField(
        default=list, blank=True, db_default=models.Value([], output_field=models.JSONField())
    )
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
        return _worded(self.name_zh, self.name_en)

    @property
    def help(self) -> str:
        return _worded(self.help_zh, self.help_en)


class Question(models.Model):
    """A question; its ``code`` stays the same across versions, so that answers can be compared.

    Bounds: ``minimum`` and ``maximum`` are hard; outside ``doubt_below``/``doubt_above`` an answer is
    doubtful and needs an explanation, and so does one that differs by more than ``doubt_change`` per
    cent from the figure of the last period. It is asked where the earlier question
    ``shown_if_question`` has the answer ``shown_if_answer``, else always.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        CHOICE = "choice", _("choice")
        DATE = "date", _("date")
        YES_NO = "yes_no", _("yes or no")

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveIntegerField()
    code = models.SlugField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    name_zh = LineField(max_length=120)
    name_en = LineField(max_length=160, blank=True)
    help_zh = LineField(max_length=300, blank=True)
    help_en = LineField(max_length=400, blank=True)
    required = models.BooleanField(default=True)
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="questions"
    )
    unit_zh = LineField(max_length=20, blank=True)
    unit_en = LineField(max_length=30, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0)
    minimum = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    maximum = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    doubt_below = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    doubt_above = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    max_length = models.PositiveIntegerField(default=5000)
    doubt_shorter = models.PositiveIntegerField(default=0)
    #: [{"code": …, "zh": …, "en": …}] of a choice.
    options = models.JSONField(default=list, blank=True)
    doubt_change = models.PositiveSmallIntegerField(null=True, blank=True)
    #: The code of an earlier choice or yes-no question, and an option's code, "yes" or "no".
    shown_if_question = models.CharField(max_length=60, blank=True, default="", db_default="")
    shown_if_answer = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["section__position", "position"]
        constraints = [
            models.UniqueConstraint(fields=["section", "code"], name="question_code_once"),
            models.CheckConstraint(
                condition=Q(indicator=None) | Q(kind="number"), name="question_figure_is_a_number"
            ),
            models.CheckConstraint(
                condition=Q(shown_if_question="", shown_if_answer="")
                | (~Q(shown_if_question="") & ~Q(shown_if_answer="")),
                name="question_condition_whole",
            ),
            models.CheckConstraint(
                condition=Q(doubt_change=None) | Q(indicator__isnull=False),
                name="question_change_of_a_figure",
            ),
        ]

    def __str__(self) -> str:
        return _worded(self.name_zh, self.name_en)

    @property
    def help(self) -> str:
        return _worded(self.help_zh, self.help_en)

    @property
    def unit(self) -> str:
        return _worded(self.unit_zh, self.unit_en)

    def choices(self) -> list[tuple[str, str]]:
        return [
            (option["code"], _worded(option["zh"], option.get("en", ""))) for option in self.options
        ]


class Sheet(Scoped):
    """The answers of one federation to one version of a form, while they are filled in.

    Its ``version`` counts the savings; each answer carries the version that last changed it, so that
    two people who answer different questions merge and two who answer the same one are told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=20, blank=True)
    period_start = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")

    def __str__(self) -> str:
        return f"{self.federation}: {self.form_version}"


class Answer(models.Model):
    """``value`` as JSON: text, number as a decimal string, option code, ISO date, true or false.

    ``typed`` keeps what was typed where it cannot be read as a value, so that nothing is lost.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField(null=True)
    typed = ProseField(max_length=200, blank=True)
    version = models.PositiveIntegerField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["sheet", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.question}: {self.value}"


class Figure(Scoped):
    """One accepted number, the only source of totals, charts and counters."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="figures")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    number = models.DecimalField(max_digits=20, decimal_places=4)

    class Meta(Scoped.Meta):
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [models.UniqueConstraint(fields=["sheet", "indicator"], name="figure_once")]
        indexes = [
            models.Index(
                fields=["indicator", "period_start", "first_tier"],
                include=["number"],
                name="figure_totals",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.number}"
