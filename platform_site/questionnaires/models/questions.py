"""Questions, and the columns of those that are tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineField

from .common import EMPTY_LIST, worded
from .forms import Section
from .indicators import Indicator


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
        return worded(self.name_zh, self.name_en)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Column:
        bounds = {
            name: None if kept.get(name) is None else Decimal(str(kept[name]))
            for name in ("minimum", "maximum")
        }
        return cls(**{**kept, **bounds})

    @property
    def unit(self) -> str:
        return worded(self.unit_zh, self.unit_en)

    @property
    def is_number(self) -> bool:
        return self.kind in Question.NUMBERS

    def choices(self) -> list[tuple[str, str]]:
        return [(each["code"], worded(each["zh"], each.get("en", ""))) for each in self.options]


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
    columns = models.JSONField(default=list, blank=True, db_default=EMPTY_LIST)
    #: The fixed rows of a table, shaped as options are; none where its rows are free.
    rows = models.JSONField(default=list, blank=True, db_default=EMPTY_LIST)
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
        return worded(self.name_zh, self.name_en)

    @property
    def help(self) -> str:
        return worded(self.help_zh, self.help_en)

    @property
    def unit(self) -> str:
        return worded(self.unit_zh, self.unit_en)

    @property
    def is_number(self) -> bool:
        return self.kind in self.NUMBERS

    def choices(self) -> list[tuple[str, str]]:
        return [
            (option["code"], worded(option["zh"], option.get("en", ""))) for option in self.options
        ]

    def table_columns(self) -> list[Column]:
        return [Column.of(each) for each in self.columns]

    def table_rows(self) -> list[tuple[str, str]]:
        """Code and wording of each fixed row; empty where rows are free."""
        return [(each["code"], worded(each["zh"], each.get("en", ""))) for each in self.rows]
