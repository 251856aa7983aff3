"""``/api/v1/forms/`` and ``/api/v1/indicators/``: what is asked, so that a client knows what to file."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop

from platform_site.api.router import router
from platform_site.api.views import ResourceViewSet

from .models import Form, FormVersion, Indicator
from .serializers import (
    FormDetailSerializer,
    FormSerializer,
    FormVersionDetailSerializer,
    FormVersionSerializer,
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
    http_method_names = ("get", "head")

    def get_serializer_class(self) -> Any:
        return FormSerializer if self.action == "list" else FormDetailSerializer

    def get_queryset(self) -> QuerySet[Form]:
        return Form.objects.visible_to(self.request.user).with_current()


class FormVersionViewSet(ResourceViewSet):
    """The versions of a form: what was issued with one is filed by it."""

    resource = "forms"
    queryset = FormVersion.objects.none()
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,6}"
    orderings = {"number": ("number", "id")}
    default_ordering = "-number"
    http_method_names = ("get", "head")

    def get_serializer_class(self) -> Any:
        return FormVersionSerializer if self.action == "list" else FormVersionDetailSerializer

    def get_queryset(self) -> QuerySet[FormVersion]:
        if getattr(self, "swagger_fake_view", False):
            return FormVersion.objects.none()
        form = get_object_or_404(
            Form.objects.visible_to(self.request.user), code=self.kwargs["form_code"]
        )
        return form.versions.select_related("form")


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
    http_method_names = ("get", "head")

    def get_queryset(self) -> QuerySet[Indicator]:
        return Indicator.objects.visible_to(self.request.user)


router.register("forms", FormViewSet, basename="forms")
router.register(
    rf"forms/(?P<form_code>{CODE})/versions", FormVersionViewSet, basename="form-versions"
)
router.register("indicators", IndicatorViewSet, basename="indicators")
