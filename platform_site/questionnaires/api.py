"""``/api/v1/forms/`` and ``/api/v1/indicators/``: what is asked, for whoever files it or builds it."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.router import router
from platform_site.api.serializers import Nothing
from platform_site.api.views import ResourceViewSet, step

from . import building
from .models import Form, FormVersion, Indicator
from .serializers import (
    DraftInput,
    FormChange,
    FormCreate,
    FormDetailSerializer,
    FormSerializer,
    FormVersionDetailSerializer,
    FormVersionSerializer,
    IndicatorChange,
    IndicatorCreate,
    IndicatorSerializer,
)

CODE = "[-A-Za-z0-9_]{1,60}"


class _NamedFilter(filters.FilterSet):
    search = filters.CharFilter(method="filter_search", max_length=120)

    def filter_search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(name_zh__icontains=value) | Q(name_en__icontains=value))


class FormFilter(_NamedFilter):
    purpose = filters.CharFilter(max_length=20)


class FormViewSet(ResourceViewSet):
    """Forms and their questions: codes, wordings, kinds, options and bounds."""

    resource = gettext_noop("forms")
    queryset = Form.objects.none()
    filterset_class = FormFilter
    lookup_field = "code"
    lookup_value_regex = CODE
    orderings = {"code": ("code", "id")}
    bodies = {"create": FormCreate, "partial_update": FormChange}
    http_method_names = ("get", "head", "post", "patch")

    def get_serializer_class(self) -> Any:
        return FormSerializer if self.action == "list" else FormDetailSerializer

    def get_queryset(self) -> QuerySet[Form]:
        return Form.objects.visible_to(self.request.user).with_current()

    @extend_schema(responses={201: FormDetailSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a form: it begins with an empty draft of version 1."""
        form = building.make_form(by=request.user, **self.read_body())
        return self.object_response(self.fresh(form), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what the form is called."""
        form, version = self.get_object(), self.version_from_request()
        building.change_form(form, by=request.user, version=version, **self.read_body())
        return self.object_response(self.fresh(form))

    @step("begin-version", body=Nothing)
    def begin_version(self, request: Request, form: Form, *, version: int) -> Form:
        """Begin the next version as a copy of the newest; `draft_version` is its number."""
        return building.begin_version(form, by=request.user, version=version)


class FormVersionViewSet(ResourceViewSet):
    """The versions of a form: what was issued with one is filed by it. Only a draft is changed."""

    resource = "forms"
    queryset = FormVersion.objects.none()
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,6}"
    orderings = {"number": ("number", "id")}
    default_ordering = "-number"
    bodies = {"update": DraftInput}
    http_method_names = ("get", "head", "post", "put", "delete")

    def get_serializer_class(self) -> Any:
        return FormVersionSerializer if self.action == "list" else FormVersionDetailSerializer

    def get_queryset(self) -> QuerySet[FormVersion]:
        if getattr(self, "swagger_fake_view", False):
            return FormVersion.objects.none()
        form = get_object_or_404(
            Form.objects.visible_to(self.request.user), code=self.kwargs["form_code"]
        )
        versions = FormVersion.objects.visible_to(self.request.user)
        return versions.filter(form=form).select_related("form")

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace the content of a draft: sections with their questions, and rules, whole."""
        draft, version = self.get_object(), self.version_from_request()
        building.save_draft(draft, by=request.user, version=version, **self.read_body())
        return self.object_response(self.fresh(draft))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Discard a draft; what was published stays for good."""
        draft, version = self.get_object(), self.version_from_request()
        building.discard_version(draft, by=request.user, version=version)
        return Response(status=204)

    @step("publish", body=Nothing)
    def publish(self, request: Request, draft: FormVersion, *, version: int) -> FormVersion:
        """Publish the draft: notices ask with it, and nobody changes it any more."""
        return building.publish_version(draft, by=request.user, version=version)


class IndicatorFilter(_NamedFilter):
    measure = filters.ChoiceFilter(choices=Indicator.Measure.choices)
    adds_up = filters.ChoiceFilter(choices=Indicator.AddsUp.choices)


class IndicatorViewSet(ResourceViewSet):
    """The numbers that are followed over time, by the codes that summaries name."""

    resource = gettext_noop("indicators")
    queryset = Indicator.objects.none()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilter
    lookup_field = "code"
    lookup_value_regex = CODE
    orderings = {"code": ("code", "id")}
    bodies = {"create": IndicatorCreate, "partial_update": IndicatorChange}
    http_method_names = ("get", "head", "post", "patch")

    def get_queryset(self) -> QuerySet[Indicator]:
        return Indicator.objects.visible_to(self.request.user)

    @extend_schema(responses={201: IndicatorSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add an indicator to the catalogue."""
        indicator = building.add_indicator(by=request.user, **self.read_body())
        return self.object_response(indicator, status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change names and unit; what is measured and how it combines only while no figure uses it."""
        indicator, version = self.get_object(), self.version_from_request()
        building.change_indicator(indicator, by=request.user, version=version, **self.read_body())
        return self.object_response(self.fresh(indicator))


router.register("forms", FormViewSet, basename="forms")
router.register(
    rf"forms/(?P<form_code>{CODE})/versions", FormVersionViewSet, basename="form-versions"
)
router.register("indicators", IndicatorViewSet, basename="indicators")
