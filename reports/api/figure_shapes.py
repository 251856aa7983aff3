"""Shapes of figures in the REST API. Numbers are decimal texts; what was not reported is null, never zero."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.questionnaires.models import Figure, Indicator, IndicatorTarget
from platform_site.questionnaires.targets import FIRST_YEAR, LAST_YEAR, stamp_of
from platform_site.questionnaires.values import plain
from platform_site.text.rest import LineSerializerField

from ..jobs import FigureView
from ..queries.figures import Amount, Axis, Head, Origin, Pivot
from ..queries.timing import Handling, Leg, Timing
from ..queries.trends import Change, Point, Progress, Ranking, Trend
from .matrix import PeriodSerializer, RatesSerializer, rates_body


@extend_schema_field({"type": "string", "format": "decimal"})
class NumberField(rest.Field):
    """A decimal without trailing zeros."""

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


# --- Stored figures -----------------------------------------------------------------------------------


class FigureSerializer(ModelSerializer):
    """One accepted number; without ``period_end`` only the day is known on which it was asked for."""

    indicator = rest.CharField(source="indicator.code")
    federation = rest.CharField(source="federation.code")
    number = NumberField()
    report = rest.UUIDField(source="sheet.report.pk")

    row_columns = {"report": "sheet__report"}

    class Meta:
        model = Figure
        fields = ("indicator", "federation", "period_start", "period_end", "number", "report")
        read_only_fields = fields


# --- The table ------------------------------------------------------------------------------------------


class FigureHeadSerializer(Serializer):
    """Heads a line or column; ``code`` is “all” for the total along its axis."""

    axis = rest.ChoiceField(choices=Axis.choices)
    code = rest.CharField()
    label = rest.CharField()
    unit = rest.CharField(help_text=_("Of an indicator; else empty."))


class AmountSerializer(Serializer):
    """A number. Of a total: of how many federations, and whose figures are missing in it."""

    number = rest.CharField(allow_null=True)
    is_part = rest.BooleanField(
        help_text=_("The figures in it are for fewer days than the period has.")
    )
    reported = rest.IntegerField(allow_null=True)
    of = rest.IntegerField(allow_null=True)
    missing = rest.ListField(child=rest.CharField())
    whose = rest.CharField(allow_null=True, help_text=_("Whose number the rule “latest” takes."))


class FigureLineSerializer(Serializer):
    head = FigureHeadSerializer()
    cells = AmountSerializer(many=True)


class PivotSerializer(Serializer):
    """A table; ``cells`` of a line are those of ``columns`` in the same order, ``held`` stands still."""

    group = rest.CharField()
    unit = rest.CharField()
    since = rest.CharField()
    until = rest.CharField()
    held = FigureHeadSerializer(allow_null=True)
    columns = FigureHeadSerializer(many=True)
    lines = FigureLineSerializer(many=True)


def amount_body(amount: Amount) -> dict[str, Any]:
    total = bool(amount.of)
    return {
        "number": _number(amount.number),
        "is_part": amount.is_part,
        "reported": amount.reported if total else None,
        "of": amount.of if total else None,
        "missing": [each.code for each in amount.missing],
        "whose": amount.whose.code if amount.whose else None,
    }


def _head(head: Head) -> dict[str, Any]:
    return {
        "axis": str(head.axis),
        "code": head.code,
        "label": head.label,
        "unit": head.unit,
    }


def nothing_body(params: Any) -> dict[str, Any]:
    """No figure was accepted yet: a table without columns and lines."""
    told = {name: params.get(name, "") for name in ("group", "unit", "since", "until")}
    return {**told, "held": None, "columns": [], "lines": []}


def pivot_body(view: Pivot) -> dict[str, Any]:
    choice = view.choice
    return {
        "group": choice.group,
        "unit": str(choice.unit),
        "since": choice.first.code,
        "until": choice.last.code,
        "held": _head(view.held),
        "columns": [_head(each) for each in view.columns],
        "lines": [
            {
                "head": _head(line.head),
                "cells": [amount_body(cell.amount) for cell in line.cells],
            }
            for line in view.lines
        ],
    }


# --- Trend and ranking ----------------------------------------------------------------------------------


class FigureChangeSerializer(Serializer):
    """Against an earlier period, over the federations that reported both times."""

    difference = rest.CharField()
    percent = rest.CharField(allow_null=True, help_text=_("To one place; null where it was zero."))
    over = rest.IntegerField(help_text=_("How many federations are in it."))


class PointSerializer(AmountSerializer):
    period = rest.CharField()
    before = FigureChangeSerializer(allow_null=True, help_text=_("Against the period before."))
    year = FigureChangeSerializer(allow_null=True, help_text=_("Against the same one a year ago."))


class TrackSerializer(Serializer):
    federation = rest.CharField(allow_null=True, help_text=_("Null: all together."))
    points = PointSerializer(many=True)


class TrendSerializer(Serializer):
    indicator = rest.CharField(allow_null=True)
    tracks = TrackSerializer(many=True)


class RankedSerializer(PointSerializer):
    rank = rest.IntegerField()
    federation = rest.CharField()
    share = rest.CharField(allow_null=True, help_text=_("Of the sum, in percent to one place."))


class RankingSerializer(Serializer):
    """Federations by an indicator in one period, the largest first; equals share a rank."""

    indicator = rest.CharField(allow_null=True)
    period = rest.CharField(allow_null=True)
    total = PointSerializer(allow_null=True)
    lines = RankedSerializer(many=True)


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "difference": plain(change.difference),
        "percent": _number(change.percent),
        "over": change.over,
    }


def _point(point: Point) -> dict[str, Any]:
    return amount_body(point.amount) | {
        "period": point.period.code,
        "before": _change(point.before),
        "year": _change(point.year),
    }


def trend_body(view: Trend) -> dict[str, Any]:
    return {
        "indicator": view.indicator.code,
        "tracks": [
            {
                "federation": track.federation.code if track.federation else None,
                "points": [_point(each) for each in track.points],
            }
            for track in view.tracks
        ],
    }


def ranking_body(view: Ranking) -> dict[str, Any]:
    return {
        "indicator": view.indicator.code,
        "period": view.period.code,
        "total": _point(view.total),
        "lines": [
            _point(line.point)
            | {
                "rank": line.rank,
                "federation": line.federation.code,
                "share": _number(line.share),
            }
            for line in view.lines
        ],
    }


# --- Targets ----------------------------------------------------------------------------------------------


class IndicatorTargetSerializer(ModelSerializer):
    """What an indicator is to reach in a year; at ``ACFTU``, in the whole country."""

    indicator = rest.CharField(source="indicator.code")
    federation = rest.CharField(source="federation.code")
    number = NumberField()

    class Meta:
        model = IndicatorTarget
        fields = ("id", "indicator", "year", "federation", "number", "version")
        read_only_fields = fields


class TargetInput(Serializer):
    federation = LineSerializerField(
        max_length=16, help_text=_("ACFTU stands for the whole country.")
    )
    number = rest.DecimalField(
        max_digits=20,
        decimal_places=4,
        allow_null=True,
        help_text=_("Above zero; null takes the target away."),
    )


class TargetsInput(Serializer):
    """The targets of one indicator for one year; who is not named keeps what is set."""

    indicator = LineSerializerField(max_length=60)
    year = rest.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    targets = TargetInput(many=True, min_length=1, max_length=100)
    seen = LineSerializerField(
        max_length=16,
        required=False,
        allow_null=True,
        help_text=_("The stamp of the last answer: 412 where somebody set others since."),
    )


class TargetsSerializer(Serializer):
    indicator = rest.CharField()
    year = rest.IntegerField()
    stamp = rest.CharField()
    targets = IndicatorTargetSerializer(many=True)


def targets_body(indicator: Indicator, year: int, now: list[IndicatorTarget]) -> dict[str, Any]:
    return {
        "indicator": indicator.code,
        "year": year,
        "stamp": stamp_of(now),
        "targets": IndicatorTargetSerializer(now, many=True).data,
    }


class ProgressLineSerializer(AmountSerializer):
    indicator = rest.CharField()
    federation = rest.CharField()
    target = rest.CharField()
    percent = rest.IntegerField(allow_null=True)
    is_reached = rest.BooleanField()
    is_behind = rest.BooleanField(
        help_text=_("Less is reached than the part of the year that has passed.")
    )


class TargetsProgressSerializer(Serializer):
    """Targets of a year and what is reached; ``elapsed`` is the part of the year that has passed."""

    year = rest.IntegerField()
    elapsed = rest.CharField()
    lines = ProgressLineSerializer(many=True)


def progress_body(year: int, elapsed: Decimal, lines: Iterable[Progress]) -> dict[str, Any]:
    return {
        "year": year,
        "elapsed": plain(elapsed),
        "lines": [
            amount_body(line.amount)
            | {
                "indicator": line.target.indicator.code,
                "federation": line.target.federation.code,
                "target": plain(line.target.number),
                "percent": line.percent,
                "is_reached": line.is_reached,
                "is_behind": line.is_behind,
            }
            for line in lines
        ],
    }


# --- Timeliness -------------------------------------------------------------------------------------------


class LegSerializer(Serializer):
    """Working days: how many there are, their median, and what nine of ten stay within."""

    count = rest.IntegerField()
    median = rest.FloatField(allow_null=True)
    ninth = rest.IntegerField(allow_null=True)


class HandlingSerializer(Serializer):
    signing = LegSerializer(help_text=_("From issue to signing for."))
    filing = LegSerializer(help_text=_("From signing for to the first submission."))
    deciding = LegSerializer(help_text=_("From the last submission to acceptance."))
    reports = rest.IntegerField()
    returns = rest.IntegerField()
    rates = RatesSerializer()


class FederationTimingSerializer(HandlingSerializer):
    federation = rest.CharField()


class NoticeTimingSerializer(HandlingSerializer):
    notice = rest.UUIDField()
    title = rest.CharField()


class TimingSerializer(Serializer):
    """How well reporting ran in a year: rates by period, legs by federation and by notice."""

    year = rest.IntegerField()
    whole = HandlingSerializer()
    periods = PeriodSerializer(many=True)
    federations = FederationTimingSerializer(many=True)
    notices = NoticeTimingSerializer(many=True)


def _leg(leg: Leg) -> dict[str, Any]:
    return {"count": leg.count, "median": leg.median, "ninth": leg.ninth}


def _handling(found: Handling, rates: Any) -> dict[str, Any]:
    return {
        "signing": _leg(found.signing),
        "filing": _leg(found.filing),
        "deciding": _leg(found.deciding),
        "reports": found.reports,
        "returns": found.returns,
        "rates": rates_body(rates),
    }


def timing_body(found: Timing) -> dict[str, Any]:
    view = found.view
    return {
        "year": found.year,
        "whole": _handling(found.whole, view.total),
        "periods": [
            {
                "year": period.year,
                "quarter": period.quarter,
                "notices": period.notices,
                "rates": rates_body(period.rates),
            }
            for period in view.periods
        ],
        "federations": [
            {"federation": each.code} | _handling(legs, rates)
            for each, rates, legs in found.federations
        ],
        "notices": [
            {"notice": each.pk, "title": each.title} | _handling(legs, rates)
            for each, rates, legs in found.notices
        ],
    }


# --- Sources and files --------------------------------------------------------------------------------------


class FigureSourceSerializer(Serializer):
    """A stored figure; ``counts`` is false where another one stands for the same days."""

    federation = rest.CharField()
    number = rest.CharField()
    period_start = rest.DateField()
    period_end = rest.DateField(allow_null=True)
    counts = rest.BooleanField()
    report = rest.UUIDField(allow_null=True)
    version = rest.IntegerField(allow_null=True)


class FigureSourcesSerializer(Serializer):
    indicator = rest.CharField()
    sources = FigureSourceSerializer(many=True)


def sources_body(indicator: Indicator, origins: Iterable[Origin]) -> dict[str, Any]:
    return {
        "indicator": indicator.code,
        "sources": [
            {
                "federation": each.source.federation.code,
                "number": plain(each.source.number),
                "period_start": each.source.start,
                "period_end": each.source.end,
                "counts": each.source.counts,
                "report": each.report.pk if each.report else None,
                "version": each.version,
            }
            for each in origins
        ],
    }


class FiguresExport(Serializer):
    """Which part of the area is wanted as a workbook, and its filters."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    view = rest.ChoiceField(choices=FigureView.choices)
    filters = rest.DictField(
        child=rest.CharField(max_length=2000, allow_blank=True), required=False
    )
