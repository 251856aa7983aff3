"""The national view in the REST API: its shapes and its parameters."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers as rest

from platform_site.api.pagination import MAX_SIZE
from platform_site.api.serializers import Serializer
from platform_site.problems import FieldProblem, Invalid, Unreadable

from ..forms.matrix import FIRST_YEAR, LAST_YEAR, AsOfForm, MatrixForm
from ..queries import Cell, Column, Matrix, Rate, Rates, Row, Standing, Wanted
from ..queries.matrix import SIZE
from ..serializers.rounds import PERIOD_HELP


def _one_of(name: str, choices: Any) -> OpenApiParameter:
    values = [value for value, _label in choices if value != ""]
    kind = OpenApiTypes.INT if isinstance(values[0], int) else OpenApiTypes.STR
    return OpenApiParameter(name, kind, enum=values)


#: Parameters of the view over all notices; that of one notice knows ``as_of`` alone.
PARAMETERS = ("business_line", "asks", "year", "quarter", "state", "standing", "group", "as_of")


_FORM = MatrixForm.base_fields
OVERVIEW_PARAMETERS = [
    *(
        _one_of(name, _FORM[name].choices)  # type: ignore[attr-defined]
        for name in ("business_line", "asks", "quarter", "state", "standing", "group")
    ),
    OpenApiParameter("year", {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}),
    OpenApiParameter("as_of", OpenApiTypes.DATE),
    OpenApiParameter("cursor", OpenApiTypes.STR),
    OpenApiParameter(
        "page_size", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": SIZE}
    ),
]


def day_of(params: Any) -> Any:
    """``as_of`` of a request: 400 where it cannot be read, 422 where it lies ahead."""
    return _clean(AsOfForm(params), params).get("as_of")


def wanted_of(params: Any) -> Wanted:
    """The parameters as what the view is narrowed to."""
    return Wanted(**_clean(MatrixForm(params), params))


class OverviewExport(Serializer):
    """The filters of the view; ``lines``: one line for each federation and notice instead."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    lines = rest.BooleanField(required=False)
    filters = rest.DictField(child=rest.CharField(max_length=40, allow_blank=True), required=False)

    def validate_filters(self, given: dict[str, str]) -> dict[str, str]:
        message = _("This filter is not known here. Known are: %(names)s.") % {
            "names": ", ".join(PARAMETERS)
        }
        unknown = {
            name: [rest.ErrorDetail(message, code="unknown_parameter")]
            for name in given
            if name not in PARAMETERS
        }
        if unknown:
            raise rest.ValidationError(unknown)
        return given


def filters_of(body: dict[str, Any]) -> dict[str, str]:
    """The filters of a body as the view's own parameters; 422 with a pointer to each wrong one."""
    given = {name: value for name, value in body.get("filters", {}).items() if value}
    problems = _problems(MatrixForm(given), "/filters/")
    if problems:
        message = _("A filter has a value that cannot be read.")
        raise Invalid("bad_filter", message, fields=problems)
    return given


def _problems(form: Any, at: str = "/") -> list[FieldProblem]:
    return [
        FieldProblem(f"{at}{name}", str(error.code or "invalid"), " ".join(error.messages))
        for name, errors in form.errors.as_data().items()
        for error in errors
    ]


def _clean(form: Any, params: Any) -> dict[str, Any]:
    if form.is_valid():
        return form.cleaned_data
    fields = _problems(form)
    message = _("A parameter has a value that cannot be used.")
    # A day is a day, however far ahead, and a year a year; anything else could not be read.
    if all(
        problem.code in {"out_of_range", "year_missing"}
        or (problem.pointer == "/year" and str(params.get("year")).isdigit())
        for problem in fields
    ):
        raise Invalid("as_of_wrong", message, fields=fields)
    raise Unreadable("bad_filter", message, fields=fields)


class RateSerializer(Serializer):
    """``part`` of ``whole``; ``percent`` is null where nothing is owed."""

    part = rest.IntegerField()
    whole = rest.IntegerField()
    percent = rest.IntegerField(allow_null=True)


class RatesSerializer(Serializer):
    completeness = RateSerializer()
    on_time = RateSerializer()


class CellSerializer(Serializer):
    """Where one federation stands; what did not happen is null."""

    obligation = rest.UUIDField()
    standing = rest.ChoiceField(choices=Standing.choices)
    late = rest.BooleanField(source="is_late")
    due_on = rest.DateField(allow_null=True)
    on_time_until = rest.DateField(allow_null=True)
    signed_for_at = rest.DateTimeField(allow_null=True)
    filed_at = rest.DateTimeField(allow_null=True)
    settled_at = rest.DateTimeField(allow_null=True)
    report = rest.UUIDField(allow_null=True, help_text=_("Once the caller may read it."))


class NoticeColumnSerializer(Serializer):
    notice = rest.UUIDField(source="pk")
    title = rest.CharField(source="notice.title")
    period = rest.CharField(source="round.period", help_text=PERIOD_HELP)
    state = rest.CharField()
    due_on = rest.DateField(allow_null=True)
    on_time_until = rest.DateField(allow_null=True)
    rates = RatesSerializer()


class NoticeLineSerializer(CellSerializer):
    federation = rest.CharField()
    name = rest.CharField()


class NoticeMatrixSerializer(NoticeColumnSerializer):
    """One notice: a line for each recipient that the caller may see, in the official order."""

    as_of = rest.DateField(allow_null=True)
    rows = NoticeLineSerializer(many=True)


class MatrixRowSerializer(Serializer):
    """A federation; ``cells`` are those of ``notices`` in the same order, null for no recipient."""

    federation = rest.CharField(source="federation.code")
    name = rest.CharField(source="federation.name")
    rates = RatesSerializer()
    cells = rest.ListField(child=CellSerializer(allow_null=True))


class PeriodSerializer(Serializer):
    year = rest.IntegerField()
    quarter = rest.IntegerField(allow_null=True)
    notices = rest.IntegerField()
    rates = RatesSerializer()


class MatrixSerializer(Serializer):
    """The view over a page of rounds of notices, newest first; ``next`` and ``previous`` lead to the others."""

    next = rest.URLField(allow_null=True)
    previous = rest.URLField(allow_null=True)
    as_of = rest.DateField(allow_null=True)
    notices = NoticeColumnSerializer(many=True)
    rows = MatrixRowSerializer(many=True)
    rates = RatesSerializer()
    periods = PeriodSerializer(many=True)


def rate_body(rate: Rate) -> dict[str, Any]:
    return {"part": rate.part, "whole": rate.whole, "percent": rate.percent}


def rates_body(rates: Rates) -> dict[str, Any]:
    return {"completeness": rate_body(rates.completeness), "on_time": rate_body(rates.on_time)}


def cell_body(cell: Cell | None) -> dict[str, Any] | None:
    """Written out rather than by the serializer, which is there for the schema: 860 cells a page."""
    if cell is None:
        return None
    return {
        "obligation": cell.obligation,
        "standing": str(cell.standing),
        "late": cell.is_late,
        "due_on": cell.due_on,
        "on_time_until": cell.on_time_until,
        "signed_for_at": cell.signed_for_at,
        "filed_at": cell.filed_at,
        "settled_at": cell.settled_at,
        "report": cell.report,
    }


def column_body(column: Column) -> dict[str, Any]:
    return {
        "notice": column.pk,
        "title": column.notice.title,
        "period": column.round.period,
        "state": str(column.state),
        "due_on": column.due_on,
        "on_time_until": column.on_time_until,
        "rates": rates_body(column.rates),
    }


def notice_body(view: Matrix) -> dict[str, Any]:
    """The body of one notice; raises IndexError where it was not there on the day."""
    return column_body(view.columns[0]) | {
        "as_of": view.as_of,
        "rows": [
            {"federation": row.federation.code, "name": row.federation.name}
            | (cell_body(cell) or {})
            for row, cell in view.column_cells(0)
            if cell is not None
        ],
    }


def row_body(row: Row) -> dict[str, Any]:
    return {
        "federation": row.federation.code,
        "name": row.federation.name,
        "rates": rates_body(row.rates),
        "cells": [cell_body(cell) for cell in row.cells],
    }


def matrix_body(view: Matrix, links: dict[str, str | None]) -> dict[str, Any]:
    return links | {
        "as_of": view.as_of,
        "notices": [column_body(column) for column in view.columns],
        "rows": [row_body(row) for row in view.rows],
        "rates": rates_body(view.total),
        "periods": [
            {
                "year": period.year,
                "quarter": period.quarter,
                "notices": period.notices,
                "rates": rates_body(period.rates),
            }
            for period in view.periods
        ],
    }
