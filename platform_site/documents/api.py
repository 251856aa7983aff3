"""``/api/v1/number-series/ document-numbers/ document-templates/ document-kinds/``. HTTP only."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.filters import YearFilter, YesOrNoFilter
from platform_site.api.parsers import StrictJSONParser
from platform_site.api.renderers import AsItIs
from platform_site.api.router import router
from platform_site.api.views import ActViewSet, ResourceViewSet, step
from platform_site.attachments import store
from platform_site.attachments.download import serve_bytes
from platform_site.problems import NotAllowed

from . import queries, services
from . import serializers as shapes
from .models import (
    DocumentKind,
    DocumentNumber,
    DocumentNumberQuerySet,
    DocumentTemplate,
    NumberSeries,
    NumberSeriesQuerySet,
)

DOCX = {(200, queries.MEDIA_TYPES["docx"]): OpenApiTypes.BINARY}


def _as_docx(filename: str, content: bytes) -> HttpResponse:
    return serve_bytes(content, filename=filename, media_type=queries.MEDIA_TYPES["docx"])


def _with_year(series: NumberSeriesQuerySet) -> NumberSeriesQuerySet:
    year = timezone.localdate().year
    return queries.in_year(series.select_related("federation"), year)


# --- Numbers --------------------------------------------------------------------------------------
class SeriesFilter(filters.FilterSet):
    federation = filters.CharFilter(field_name="federation__code", max_length=16, help_text="code")
    word = filters.CharFilter(max_length=20)
    active = YesOrNoFilter(help_text="numbers can be taken")


class SeriesViewSet(ResourceViewSet):
    """The series of document numbers of the own body; all for the auditor."""

    resource = gettext_noop("number-series")
    queryset = NumberSeries.objects.none()
    serializer_class = shapes.SeriesSerializer
    bodies = {"create": shapes.SeriesAdd, "partial_update": shapes.SeriesChange}
    filterset_class = SeriesFilter
    orderings = {"position": ("position", "word", "id"), "word": ("word", "id")}
    http_method_names = ("get", "head", "post", "patch")

    def get_queryset(self) -> NumberSeriesQuerySet:
        return _with_year(NumberSeries.objects.visible_to(self.request.user))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add the document word of a body."""
        made = services.add_series(by=request.user, **self.read_body())
        # It may be another body's, whose series the keeper does not list.
        return self.object_response(_with_year(queries.just_this_series(made)).get(), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what it is called, whether it is in use, and where it begins this year."""
        series, version = self.get_object(), self.version_from_request()
        kept = {name: getattr(series, name) for name in shapes.SeriesChange().fields}
        services.change_series(
            series, by=request.user, version=version, year=series.year, **kept | self.read_body()
        )
        return self.object_response(self.fresh(series))


class NumberFilter(filters.FilterSet):
    series = filters.UUIDFilter(field_name="series")
    word = filters.CharFilter(max_length=20)
    year = YearFilter()
    by_hand = YesOrNoFilter(help_text="typed, not taken from the series")


class NumberViewSet(ResourceViewSet):
    """发文登记: the numbers of the own body that are in use. A notice or a summary takes its number."""

    resource = gettext_noop("document-numbers")
    queryset = DocumentNumber.objects.none()
    serializer_class = shapes.NumberSerializer
    filterset_class = NumberFilter
    orderings = {"taken_at": ("taken_at", "id")}
    default_ordering = "-taken_at"
    http_method_names = ("get", "head")

    def get_queryset(self) -> DocumentNumberQuerySet:
        return DocumentNumber.objects.visible_to(self.request.user).select_related("taken_by")


# --- Templates ------------------------------------------------------------------------------------
class TemplateFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=DocumentKind.choices)
    in_use = YesOrNoFilter()


class TemplateViewSet(ResourceViewSet):
    """Word templates that staff put in the place of the shipped ones; earlier ones can come back."""

    resource = gettext_noop("document-templates")
    queryset = DocumentTemplate.objects.none()
    in_bulk = False
    parser_classes = (MultiPartParser,)
    bodies = {"create": shapes.TemplateUpload}
    filterset_class = TemplateFilter
    orderings = {"uploaded_at": ("uploaded_at", "id")}
    default_ordering = "-uploaded_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.TemplateRowSerializer if listed else shapes.TemplateSerializer

    def get_queryset(self) -> QuerySet[DocumentTemplate]:
        templates = DocumentTemplate.objects.visible_to(self.request.user)
        return templates.defer("content").select_related("uploaded_by")

    def before_body(self, request: Request) -> None:
        if self.action == "create":
            _check_keeper(request)
            store.refuse_announced(request.META.get("CONTENT_LENGTH"))

    @extend_schema(request={"multipart/form-data": shapes.TemplateUpload})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make documents of this kind with the file from now on, once a sample came out well."""
        with store.disk_full_in_words():
            fields = self.read_body()
        file = fields["file"]
        template = services.replace_template(
            fields["kind"], file.read(), filename=file.name or "", by=request.user
        )
        return self.object_response(self.fresh(template), status=201)

    @extend_schema(responses=DOCX)
    @action(detail=True, renderer_classes=[AsItIs])
    def content(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The file, always as a download."""
        template = self.get_object()
        return _as_docx(template.filename or f"{template}.docx", bytes(template.content))

    @step("use", parser_classes=[StrictJSONParser])
    def use(self, request: Request, template: DocumentTemplate, *, version: int) -> Any:
        """Make documents with this version again; it is tried anew first.

        A template never changes: its version is 1.
        """
        versions.require(1, version)
        return services.use_template(template, by=request.user)


class KindViewSet(ActViewSet):
    """The template in use of each kind of document, whoever put it there."""

    resource = "document-templates"
    queryset = DocumentTemplate.objects.none()
    lookup_field = "kind"
    lookup_value_regex = "|".join(DocumentKind.values)
    http_method_names = ("get", "head", "post")

    def get_queryset(self) -> QuerySet[DocumentTemplate]:
        return DocumentTemplate.objects.visible_to(self.request.user)

    @extend_schema(responses=DOCX)
    @action(detail=True, renderer_classes=[AsItIs])
    def template(self, request: Request, *args: Any, kind: Any, **kwargs: Any) -> HttpResponse:
        """The template in use as a Word file, to be changed and brought back."""
        _check_keeper(request)
        return _as_docx(*queries.current_template(kind))

    @extend_schema(responses=DOCX)
    @action(detail=True, renderer_classes=[AsItIs])
    def sample(self, request: Request, *args: Any, kind: Any, **kwargs: Any) -> HttpResponse:
        """What the template in use makes of a document with every part."""
        _check_keeper(request)
        return _as_docx(*queries.sample_of(kind))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="use-shipped")
    def use_shipped(self, request: Request, *args: Any, kind: Any, **kwargs: Any) -> Response:
        """Go back to the template that came with the platform."""
        self.read_body()
        services.use_shipped_template(kind, by=request.user)
        return Response(status=204)


def _check_keeper(request: Request) -> None:
    if not request.user.has_perm("documents.replace_template"):
        raise NotAllowed("not_yours", _("Only national officers replace templates."))


router.register("number-series", SeriesViewSet, basename="number-series")
router.register("document-numbers", NumberViewSet, basename="document-numbers")
router.register("document-templates", TemplateViewSet, basename="document-templates")
router.register("document-kinds", KindViewSet, basename="document-kinds")
