"""Indicators: the figures that are followed over time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platform_site.text.fields import LineField

from .common import ReadableQuerySet, worded


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

    objects = ReadableQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return worded(self.name_zh, self.name_en)

    @property
    def unit(self) -> str:
        return worded(self.unit_zh, self.unit_en)
