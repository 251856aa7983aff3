"""``/api/v1/figures/`` and ``/indicator-targets/``: accepted numbers, what they come to, and what they are to."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.router import router
from platform_site.api.views import ListViewSet
from platform_site.casework.queries import today
from platform_site.jobs.answers import accepted, require_scope
from platform_site.jobs.serializers import JobSerializer
from platform_site.obligations.periods import REGULAR
from platform_site.problems import FieldProblem, Invalid
from platform_site.questionnaires.models import Figure, Indicator, IndicatorTarget
from platform_site.questionnaires.targets import (
    FIRST_YEAR,
    LAST_YEAR,
    check_sets_targets,
    set_targets,
)

from ..forms.figures import PARAMETERS, FiguresForm, SourcesForm, YearForm
from ..jobs import FigureView, start_export_figures
from ..queries import figures as queries
from ..queries.figures import Among, Axis, Choice
from ..queries.timing import timing
from ..queries.trends import elapsed_share, progress, ranking, trend
from . import figure_shapes as shapes

_INDICATORS = OpenApiParameter(
    "indicator",
    {"type": "string", "maxLength": 2000},
    description=gettext_lazy("Codes of indicators, with commas between them."),
)
_GROUP = OpenApiParameter(
    "group",
    OpenApiTypes.STR,
    enum=Among.values,
    description=gettext_lazy("Whose figures are shown."),
)
_UNIT = OpenApiParameter(
    "unit",
    OpenApiTypes.STR,
    enum=[each.value for each in REGULAR],
    description=gettext_lazy("How long the periods are."),
)
_YEAR = {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
_YEARS = [
    OpenApiParameter("since", _YEAR, description=gettext_lazy("The first year.")),
    OpenApiParameter("until", _YEAR, description=gettext_lazy("The last year.")),
]
_CODE = {"type": "string", "maxLength": 20}
_PERIOD = OpenApiParameter(
    "period",
    _CODE,
    description=gettext_lazy(
        "One of the periods shown, such as 2026-Q3; “all” for all together, the newest with figures"
        " where it is left out."
    ),
)
_FEDERATION = OpenApiParameter(
    "federation",
    {"type": "string", "maxLength": 16},
    description=gettext_lazy(
        "The code of one federation of the group; all together where it is left out."
    ),
)
_AXES = [
    OpenApiParameter(
        "rows", OpenApiTypes.STR, enum=Axis.values, description=gettext_lazy("The lines.")
    ),
    OpenApiParameter(
        "columns", OpenApiTypes.STR, enum=Axis.values, description=gettext_lazy("The columns.")
    ),
]
_OF_YEAR = OpenApiParameter("year", _YEAR, description=gettext_lazy("By default the current one."))
_COMMON = [_INDICATORS, _GROUP, _UNIT, *_YEARS]

#: What each read knows besides: the parameters of its page.
KNOWN = {
    "table": set(PARAMETERS),
    "trend": {"indicator", "group", "unit", "since", "until", "federation"},
    "ranking": {"indicator", "group", "unit", "since", "until", "period"},
    "progress": {"year", "indicator"},
    "timing": {"year"},
    "sources": {"indicator", "group", "federation", "since", "until"},
}


def _problems(form: Any, at: str = "/") -> list[FieldProblem]:
    return [
        FieldProblem(f"{at}{name}", str(error.code or "invalid"), " ".join(error.messages))
        for name, errors in form.errors.as_data().items()
        for error in errors
    ]


def _cleaned(form: Any) -> dict[str, Any]:
    """422 with a pointer to each parameter that cannot be used: by itself, or beside the others."""
    if form.is_valid():
        return form.cleaned_data
    message = _("A parameter has a value that cannot be used.")
    raise Invalid("bad_filter", message, fields=_problems(form))


def _given(params: Any) -> dict[str, Any]:
    """The parameters of a request or of a body, with the indicators apart."""
    given = {name: params[name] for name in params}
    if "indicator" in given:
        given["indicator"] = [each.strip() for each in given["indicator"].split(",")]
    return given


def _choice(request: Request) -> Choice | None:
    form = FiguresForm(_given(request.query_params), user=request.user, strict=True)
    _cleaned(form)
    return form.choice()


class FigureFilter(filters.FilterSet):
    indicator = filters.CharFilter(field_name="indicator__code", max_length=60)
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    period_start__gte = filters.DateFilter(field_name="period_start", lookup_expr="gte")
    period_start__lte = filters.DateFilter(field_name="period_start", lookup_expr="lte")


class FigureViewSet(ListViewSet):
    """Accepted numbers, the newest first; tables, trends and rankings of them at the addresses below."""

    resource = gettext_noop("figures")
    queryset = Figure.objects.none()
    serializer_class = shapes.FigureSerializer
    filterset_class = FigureFilter
    orderings = {"id": ("id",)}
    default_ordering = "-id"
    bodies = {"export": shapes.FiguresExport}
    http_method_names = ("get", "head", "post")

    def get_queryset(self) -> QuerySet[Figure]:
        return Figure.objects.visible_to(self.request.user)

    def known_parameters(self) -> set[str]:
        return KNOWN.get(self.action) or super().known_parameters()

    def _answer(self, body: dict[str, Any]) -> Response:
        return Response(body, headers={"ETag": versions.etag(None, body)})

    @extend_schema(
        parameters=[*_COMMON, *_AXES, _PERIOD, _FEDERATION], responses=shapes.PivotSerializer
    )
    @action(detail=False, methods=["get"])
    def table(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Indicators × federations × periods, two of them as lines and columns, the third held.

        Figures of a period add up over time, of a cumulative indicator the latest stands; federations
        combine by the indicator's rule. Every total says of how many it is, and who is missing.
        """
        choice = _choice(request)
        if choice is None:
            return self._answer(shapes.nothing_body(request.query_params))
        return self._answer(shapes.pivot_body(queries.pivot(request.user, choice)))

    @extend_schema(parameters=[*_COMMON, _FEDERATION], responses=shapes.TrendSerializer)
    @action(detail=False, methods=["get"])
    def trend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """An indicator over the periods, all together and one federation, with its changes."""
        choice = _choice(request)
        if choice is None:
            return self._answer({"indicator": None, "tracks": []})
        return self._answer(shapes.trend_body(trend(request.user, choice)))

    @extend_schema(parameters=[*_COMMON, _PERIOD], responses=shapes.RankingSerializer)
    @action(detail=False, methods=["get"])
    def ranking(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Federations by an indicator in one period; the newest with figures where none is named."""
        choice = _choice(request)
        if choice is None:
            return self._answer({"indicator": None, "period": None, "total": None, "lines": []})
        return self._answer(shapes.ranking_body(ranking(request.user, choice)))

    @extend_schema(
        parameters=[
            _OF_YEAR,
            OpenApiParameter(
                "indicator",
                {"type": "string", "maxLength": 60},
                description=gettext_lazy("The code of one indicator; all where it is left out."),
            ),
        ],
        responses=shapes.TargetsProgressSerializer,
    )
    @action(detail=False, methods=["get"])
    def progress(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Targets of a year and what is reached of them, beside the part of the year that has passed."""
        catalogue = {each.code: each for each in Indicator.objects.visible_to(request.user)}
        form = YearForm(request.query_params, catalogue=list(catalogue.values()))
        asked = _cleaned(form)
        year, one = asked["year"], catalogue.get(asked["indicator"])
        lines = progress(request.user, year, one)
        return self._answer(shapes.progress_body(year, elapsed_share(year, today()), lines))

    @extend_schema(parameters=[_OF_YEAR], responses=shapes.TimingSerializer)
    @action(detail=False, methods=["get"])
    def timing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Completeness and on-time rate by period, and working days of each leg, for a year's notices."""
        year = _cleaned(YearForm(request.query_params))["year"]
        return self._answer(shapes.timing_body(timing(request.user, year)))

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "indicator",
                {"type": "string", "maxLength": 60},
                required=True,
                description=gettext_lazy("The code of the indicator."),
            ),
            _GROUP,
            _FEDERATION,
            OpenApiParameter(
                "since",
                _CODE,
                required=True,
                description=gettext_lazy("The first period, by its code."),
            ),
            OpenApiParameter(
                "until", _CODE, description=gettext_lazy("The last period, of the same length.")
            ),
        ],
        responses=shapes.FigureSourcesSerializer,
    )
    @action(detail=False, methods=["get"])
    def sources(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The accepted reports that a number comes from; `since` and `until` are codes of periods."""
        asked = _cleaned(SourcesForm(request.query_params, user=request.user))
        found = queries.figure_sources(request.user, asked["entry"], asked["among"], asked["shown"])
        origins = queries.origins_of(request.user, found)
        return self._answer(shapes.sources_body(asked["entry"], origins))

    @extend_schema(responses={202: JobSerializer})
    @action(detail=False, methods=["post"])
    def export(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for a part of this area as an Excel file: 202, and in Location the job.

        The token also needs `figures:read`.
        """
        require_scope(request, "figures:read")
        body = self.read_body()
        given = {name: value for name, value in body.get("filters", {}).items() if value}
        view = FigureView(body["view"])
        _check_filters(view, given, request.user)
        job = start_export_figures(
            by=request.user, view=view, given=_given(given), id=body.get("id")
        )
        return accepted(request, job)


def _check_filters(view: FigureView, given: dict[str, str], user: Any) -> None:
    """422 with a pointer to each filter that is not known or cannot be used."""
    known = KNOWN[view.value]
    message = _("This filter is not known here. Known are: %(names)s.") % {
        "names": ", ".join(sorted(known))
    }
    fields = [
        FieldProblem(f"/filters/{name}", "unknown_parameter", message)
        for name in given
        if name not in known
    ]
    if not fields:
        form: Any
        if view in (FigureView.PROGRESS, FigureView.TIMING):
            form = YearForm(given)
        else:
            form = FiguresForm(_given(given), user=user, strict=True)
        fields = _problems(form, "/filters/")
    if fields:
        message = _("A filter has a value that cannot be read.")
        raise Invalid("bad_filter", message, fields=fields)


class IndicatorTargetFilter(filters.FilterSet):
    indicator = filters.CharFilter(field_name="indicator__code", max_length=60)
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    year = filters.NumberFilter(field_name="year", min_value=FIRST_YEAR, max_value=LAST_YEAR)


class IndicatorTargetViewSet(ListViewSet):
    """What indicators are to reach in a year: in the whole country, and at federations."""

    resource = gettext_noop("indicator-targets")
    queryset = IndicatorTarget.objects.none()
    serializer_class = shapes.IndicatorTargetSerializer
    filterset_class = IndicatorTargetFilter
    orderings = {"year": ("year", "id")}
    default_ordering = "-year"
    bodies = {"create": shapes.TargetsInput}
    stamped = ("create",)
    http_method_names = ("get", "head", "post")

    def get_queryset(self) -> QuerySet[IndicatorTarget]:
        return IndicatorTarget.objects.visible_to(self.request.user)

    @extend_schema(request=shapes.TargetsInput, responses={200: shapes.TargetsSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set the targets of an indicator for a year: all that are named, or none."""
        check_sets_targets(request.user)
        body = self.read_body()
        code = body["indicator"]
        indicator = Indicator.objects.visible_to(request.user).filter(code=code).first()
        fields = []
        if indicator is None:
            message = _("There is no indicator with this code.")
            fields.append(FieldProblem("/indicator", "unknown", message))
        numbers = {}
        for place, each in enumerate(body["targets"]):
            if each["federation"] in numbers:
                message = _("This federation is named twice.")
                fields.append(FieldProblem(f"/targets/{place}/federation", "repeated", message))
            numbers[each["federation"]] = each["number"]
        if fields or indicator is None:
            raise Invalid("targets_invalid", _("The targets cannot be kept."), fields=fields)
        now = set_targets(
            indicator,
            by=request.user,
            year=body["year"],
            targets=numbers,
            seen=body.get("seen") or None,
        )
        return Response(shapes.targets_body(indicator, body["year"], now))


router.register("figures", FigureViewSet, basename="figures")
router.register("indicator-targets", IndicatorTargetViewSet, basename="indicator-targets")
