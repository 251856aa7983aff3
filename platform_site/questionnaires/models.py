"""Forms, questions, answers, indicators and figures: once for reports, censuses and tasks.

Forms are data. A version of a form is frozen when it is first used, so that a round that runs keeps
the questions it was issued with.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import BUSINESS_ROLES, Role
from platform_site.federations.models import Federation, Scoped
from platform_site.text.fields import LineField, ProseField

#: An empty list, where the database itself fills a column in.
_NONE = models.Value([], output_field=models.JSONField())


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
    rules = models.JSONField(default=list, blank=True, db_default=_NONE)
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


@dataclass(frozen=True)
class Column:
    """A column of a table question. It is read as a question of its kind; ``minimum`` and ``maximum`` are
    hard. ``required``: in every line that has anything in it. ``indicator``: the figure that its total
    becomes, by code."""

    code: str
    kind: str
    name_zh: str
    name_en: str = ""
    required: bool = False
    unit_zh: str = ""
    unit_en: str = ""
    decimals: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    options: list[dict[str, str]] = field(default_factory=list)
    indicator: str | None = None
    #: Characters of a text.
    max_length: int = 200

    def __str__(self) -> str:
        return _worded(self.name_zh, self.name_en)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Column:
        bounds = {
            name: None if kept.get(name) is None else Decimal(str(kept[name]))
            for name in ("minimum", "maximum")
        }
        return cls(**{**kept, **bounds})

    @property
    def unit(self) -> str:
        return _worded(self.unit_zh, self.unit_en)

    @property
    def is_number(self) -> bool:
        return self.kind in Question.NUMBERS

    def choices(self) -> list[tuple[str, str]]:
        return [(each["code"], _worded(each["zh"], each.get("en", ""))) for each in self.options]


class Question(models.Model):
    """A question; its ``code`` stays the same across versions, so that answers can be compared.

    Bounds: ``minimum`` and ``maximum`` are hard; outside ``doubt_below``/``doubt_above`` an answer is
    doubtful and needs an explanation, and so does one that differs by more than ``doubt_change`` per
    cent from the figure of the last period. It is asked where the earlier question
    ``shown_if_question`` has the answer ``shown_if_answer``, else always.

    A table has ``columns`` (:class:`Column`) and either fixed ``rows`` or free ones, from ``min_rows`` to
    ``max_rows`` of them. Money is a number in 元 or 万元.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        MONEY = "money", _("money")
        CHOICE = "choice", _("choice")
        CHOICES = "choices", _("several choices")
        DATE = "date", _("date")
        YES_NO = "yes_no", _("yes or no")
        TABLE = "table", _("table")
        FILE = "file", _("files")

    #: Kinds whose value is a number: they feed indicators, and rules reckon with them.
    NUMBERS = frozenset({"number", "money"})

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
    #: [{"code": …, "zh": …, "en": …}] of a choice, or of several.
    options = models.JSONField(default=list, blank=True)
    #: Of a table: :class:`Column` by its fields, bounds as decimal strings.
    columns = models.JSONField(default=list, blank=True, db_default=_NONE)
    #: The fixed rows of a table, shaped as options are; none where its rows are free.
    rows = models.JSONField(default=list, blank=True, db_default=_NONE)
    min_rows = models.PositiveSmallIntegerField(default=0, db_default=0)
    max_rows = models.PositiveSmallIntegerField(default=0, db_default=0)
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
                condition=Q(indicator=None) | Q(kind__in=["number", "money"]),
                name="question_figure_is_a_number",
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

    @property
    def is_number(self) -> bool:
        return self.kind in self.NUMBERS

    def choices(self) -> list[tuple[str, str]]:
        return [
            (option["code"], _worded(option["zh"], option.get("en", ""))) for option in self.options
        ]

    def table_columns(self) -> list[Column]:
        return [Column.of(each) for each in self.columns]

    def table_rows(self) -> list[tuple[str, str]]:
        """Code and wording of each fixed row; empty where rows are free."""
        return [(each["code"], _worded(each["zh"], each.get("en", ""))) for each in self.rows]


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
    """What stands in a sheet for one question. None is "not answered", never zero.

    ``value`` as JSON, by the kind of the question:

    ========  ==============================================================================
    text      text of several lines, as typed
    number    a decimal string without trailing zeros, ``"12.5"``
    money     the same, in the question's unit (元 or 万元)
    choice    the code of an option
    choices   codes of options, in the order of the form: ``["a", "c"]``
    date      an ISO day, ``"2026-09-14"``
    yes_no    true or false
    table     free rows: a list of rows, ``[{"name": "…", "persons": "12"}]``; fixed rows: an
              object by row code, ``{"east": {"persons": "12"}}``. A cell has the shape of its
              column's kind; blank cells and blank rows are left out
    file      the files, ``[{"id": …, "filename": …, "size": …, "sha256": …}]``; each hangs on
              the record that the sheet belongs to
    ========  ==============================================================================

    ``typed`` keeps what was typed where it cannot be read as a value, so that nothing is lost; of a table
    all of its cells, as JSON text in the same shape.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField(null=True)
    typed = ProseField(max_length=200_000, blank=True)
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


class FigureQuerySet(models.QuerySet["Figure"]):
    #: Whoever reads reports reads the figures of those that were accepted.
    READERS = (
        Role.NATIONAL_OFFICER,
        Role.NATIONAL_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.DEPARTMENT_HEAD,
        Role.LIAISON_OFFICER,
        Role.AUDITOR,
    )

    def visible_to(self, user: Any) -> Self:
        """The own federation's and its subtree's; for the centre those of the first tier alone.

        What a federation gathered from below is in its own figure already: the centre never reads both.
        """
        if not (user.is_authenticated and user.is_active):
            return self.none()
        inside = user.scope.q(*self.READERS)
        if inside is None:
            return self.none()
        if user.scope.national(*self.READERS):
            return self.first_tier()
        return self.filter(inside)

    def first_tier(self) -> Self:
        """In the words of the partial index ``figure_national``, which the planner then walks."""
        return self.filter(federation=F("first_tier"))


class Figure(Scoped):
    """One accepted number, the only source of totals, charts and counters.

    ``period_start`` to ``period_end`` are the days that it is for; without an end nothing is known but
    the day on which it was asked for.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="figures")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField(null=True)
    number = models.DecimalField(max_digits=20, decimal_places=4)

    objects = FigureQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "indicator"], name="figure_once"),
            models.CheckConstraint(
                condition=Q(period_end=None) | Q(period_end__gte=F("period_start")),
                name="figure_period_in_order",
            ),
        ]
        indexes = [
            # The national tables read nothing but this: it does not grow with what lies below.
            models.Index(
                fields=["indicator", "period_start", "federation"],
                include=["period_end", "number", "id"],
                condition=Q(federation=F("first_tier")),
                name="figure_national",
            ),
            models.Index(
                fields=["federation", "indicator", "period_start"],
                include=["period_end", "number", "id"],
                name="figure_of_federation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.number}"


class IndicatorTargetQuerySet(models.QuerySet["IndicatorTarget"]):
    def visible_to(self, user: Any) -> Self:
        """The country's for every reader of figures; those of federations as their figures are."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        inside = user.scope.q(*FigureQuerySet.READERS)
        if inside is None:
            return self.none()
        if not inside:  # the centre; an empty condition is lost in an alternative
            return self.all()
        above = Q(federation_id__in=user.scope.lineage(*FigureQuerySet.READERS))
        return self.filter(inside | above | Q(federation__level=Federation.Level.NATIONAL))


class IndicatorTarget(Scoped):
    """What an indicator is to reach in a year: in the whole country (at the national federation) or at
    one federation of the first tier."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    year = models.PositiveSmallIntegerField()
    number = models.DecimalField(max_digits=20, decimal_places=4)
    version = models.PositiveIntegerField(default=1)

    objects = IndicatorTargetQuerySet.as_manager()

    class Meta(Scoped.Meta):
        verbose_name = _("target of an indicator")
        verbose_name_plural = _("targets of indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year", "federation"], name="indicator_target_once"
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="indicator_target_is_something"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}: {self.federation}"
