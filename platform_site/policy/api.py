"""``/api/v1/policies/`` as readers find them, ``/api/v1/policy-drafts/`` as they are written."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_noop
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ObjectFilter
from platform_site.api.renderers import AsItIs
from platform_site.api.router import router
from platform_site.api.views import ObjectViewSet, ResourceViewSet
from platform_site.attachments.download import serve_bytes
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.editorial.models import Piece
from platform_site.editorial.services import TEXTS
from platform_site.federations.lines import BusinessLine

from . import queries, services
from . import serializers as shapes
from .documents import document_of_policy
from .models import Level, PolicyDocument, PolicyKind, Validity


class PolicyApiFilter(ObjectFilter):
    search = filters.CharFilter(method="with_words", max_length=100)
    kind = filters.ChoiceFilter(choices=PolicyKind.choices)
    level = filters.ChoiceFilter(choices=Level.choices)
    line = filters.ChoiceFilter(choices=BusinessLine.choices)
    validity = filters.ChoiceFilter(choices=Validity.choices)
    dated__gte = filters.DateFilter(field_name="dated", lookup_expr="gte")
    dated__lte = filters.DateFilter(field_name="dated", lookup_expr="lte")

    def with_words(self, documents: Any, _name: str, words: str) -> Any:
        found = Q(title__icontains=words) | Q(number__icontains=words) | Q(summary__icontains=words)
        return documents.filter(found)


class PolicyViewSet(ResourceViewSet):
    """Published policy documents, with what holds and what does not."""

    resource = gettext_noop("policies")
    queryset = PolicyDocument.objects.none()
    filterset_class = PolicyApiFilter
    orderings = {"dated": ("dated", "piece")}
    default_ordering = "-dated"
    http_method_names = ("get", "head")

    def get_serializer_class(self) -> Any:
        return shapes.PolicyRowSerializer if self.action == "list" else shapes.PolicySerializer

    def get_queryset(self) -> QuerySet[PolicyDocument]:
        documents = PolicyDocument.objects.visible_to(self.request.user)
        return documents.with_validity().select_related("piece__published")

    @extend_schema(responses={(200, MEDIA_TYPES["docx"]): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AsItIs])
    def docx(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The published text as a Word document."""
        return _document(self.get_object(), "docx")

    @extend_schema(responses={(200, MEDIA_TYPES["pdf"]): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AsItIs])
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The published text as PDF."""
        return _document(self.get_object(), "pdf")


def _document(document: PolicyDocument, ending: str) -> HttpResponse:
    filename, content = document_of_policy(document.piece, ending)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


class PolicyDraftViewSet(ObjectViewSet):
    """Writing policy documents; their steps are those of `/content/`."""

    resource = gettext_noop("content")
    queryset = Piece.objects.none()
    serializer_class = shapes.PolicyDraftSerializer
    bodies = {"create": shapes.PolicyCreate, "partial_update": shapes.PolicyChange}
    http_method_names = ("get", "head", "post", "patch")

    def get_queryset(self) -> QuerySet[Piece]:
        pieces = Piece.objects.visible_to(self.request.user).filter(kind=services.KIND)
        return pieces.with_context().select_related("policy_draft")

    @extend_schema(responses={200: shapes.PolicyDraftSerializer, 201: shapes.PolicyDraftSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin a draft at the federation whose content one writes; sent again, it answers as it is (200)."""
        home = queries.home_of(request.user)
        body = self.read_body()
        given = body.pop("id", None)
        existed = given is not None and self.get_queryset().filter(pk=given).exists()
        texts, facts = _parted(body)
        piece = services.draft_document(
            by=request.user, federation=home, texts=texts, facts=facts, id=given
        )
        return self.object_response(self.fresh(piece), status=200 if existed else 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a draft."""
        piece, version = self.get_object(), self.version_from_request()
        texts, facts = _parted(self.read_body())
        services.edit_document(piece, by=request.user, version=version, texts=texts, facts=facts)
        return self.object_response(self.fresh(piece))


def _parted(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The text of every kind of content, and what a policy document says beside it."""
    texts = {name: value for name, value in body.items() if name in TEXTS}
    return texts, {name: value for name, value in body.items() if name not in TEXTS}


router.register("policies", PolicyViewSet, basename="policies")
router.register("policy-drafts", PolicyDraftViewSet, basename="policy-drafts")
