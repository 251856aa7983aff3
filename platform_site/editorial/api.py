"""``/api/v1/content/``: what is written for readers, its reviews and steps, whatever its kind."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ObjectFilter
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer, OptionalNote
from platform_site.api.views import ResourceViewSet, step
from platform_site.problems import FieldProblem, Unreadable

from . import queries, services
from . import serializers as shapes
from .models import Piece
from .workflow import PieceState

_NUMBER = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
NUMBERS = [
    OpenApiParameter("from", _NUMBER, description="A revision; left out, the one that is out."),
    OpenApiParameter("to", _NUMBER, description="A revision; left out, what the draft says now."),
]


class PieceApiFilter(ObjectFilter):
    title = filters.CharFilter(lookup_expr="icontains", max_length=200)
    kind = filters.CharFilter(max_length=24)
    state = filters.ChoiceFilter(choices=PieceState.choices)
    federation = filters.CharFilter(field_name="federation__code", max_length=16)


class PieceViewSet(ResourceViewSet):
    """Content: drafted by its room (`/policy-drafts/`), reviewed by three people, published, withdrawn."""

    resource = gettext_noop("content")
    queryset = Piece.objects.none()
    filterset_class = PieceApiFilter
    orderings = {"changed_at": ("changed_at", "id")}
    default_ordering = "-changed_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        return (
            shapes.ContentPieceRowSerializer
            if self.action == "list"
            else shapes.ContentPieceSerializer
        )

    def get_queryset(self) -> QuerySet[Piece]:
        return Piece.objects.visible_to(self.request.user).with_context()

    def known_parameters(self) -> set[str]:
        return {"from", "to"} if self.action == "compare" else super().known_parameters()

    @extend_schema(parameters=NUMBERS, responses=shapes.DifferenceSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def compare(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What differs between two revisions, or between a revision and the draft."""
        piece: Piece = self.get_object()
        out = piece.published.content if piece.published else queries.content_of(piece)
        old = _content(piece, request, "from", out)
        new = _content(piece, request, "to", queries.content_of(piece))
        found = queries.differences(old, new)
        return Response(shapes.DifferenceSerializer(found, many=True).data)

    @step("submit")
    def submit(self, request: Request, piece: Piece, *, version: int) -> Piece:
        """Send the draft to the first review; 422 with what is missing."""
        return services.submit_piece(piece, by=request.user, version=version)

    @step("recall")
    def recall(self, request: Request, piece: Piece, *, version: int) -> Piece:
        """Take it back from review: by who wrote it."""
        return services.recall_piece(piece, by=request.user, version=version)

    @step("pass-first", body=OptionalNote)
    def pass_first(self, request: Request, piece: Piece, *, version: int, note: str = "") -> Piece:
        """初审: facts, names, numbers and words are right."""
        return services.pass_first_review(piece, by=request.user, version=version, note=note)

    @step("pass-second", body=OptionalNote)
    def pass_second(self, request: Request, piece: Piece, *, version: int, note: str = "") -> Piece:
        """复审: policy and tone are right."""
        return services.pass_second_review(piece, by=request.user, version=version, note=note)

    @step("approve", body=OptionalNote)
    def approve(self, request: Request, piece: Piece, *, version: int, note: str = "") -> Piece:
        """终审: it comes out at once, or at the time set."""
        return services.approve_piece(piece, by=request.user, version=version, note=note)

    @step("return", body=NoteSerializer)
    def return_piece(self, request: Request, piece: Piece, *, version: int, note: str) -> Piece:
        """Back to the writer, with the reason."""
        return services.return_piece(piece, by=request.user, version=version, note=note)

    @step("publish")
    def publish(self, request: Request, piece: Piece, *, version: int) -> Piece:
        """What was approved comes out now, whatever time was set."""
        return services.publish_piece(piece, by=request.user, version=version)

    @step("stop", body=NoteSerializer)
    def stop(self, request: Request, piece: Piece, *, version: int, note: str) -> Piece:
        """What was approved does not come out."""
        return services.stop_piece(piece, by=request.user, version=version, note=note)

    @step("revise")
    def revise(self, request: Request, piece: Piece, *, version: int) -> Piece:
        """Begin a new version; readers keep seeing the one that is out."""
        return services.revise_piece(piece, by=request.user, version=version)

    @step("discard")
    def discard(self, request: Request, piece: Piece, *, version: int) -> Piece:
        """Give up what was written since the last publication."""
        return services.discard_changes(piece, by=request.user, version=version)

    @step("withdraw", body=NoteSerializer)
    def withdraw(self, request: Request, piece: Piece, *, version: int, note: str) -> Piece:
        """Take it off the site; its address then says so."""
        return services.withdraw_piece(piece, by=request.user, version=version, note=note)

    @step("drop", body=NoteSerializer)
    def drop(self, request: Request, piece: Piece, *, version: int, note: str) -> Piece:
        """Give up a draft that never came out."""
        return services.drop_piece(piece, by=request.user, version=version, note=note)


def _content(
    piece: Piece, request: Request, name: str, default: queries.Content
) -> queries.Content:
    """The content of the revision named; 400 for what is no number, 404 for one that is not there."""
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        message = _("This is no number of a revision.")
        fields = [FieldProblem(f"/{name}", "invalid", message)]
        raise Unreadable("bad_filter", message, fields=fields)
    found = queries.revision_of(piece, int(given))
    if found is None:
        raise Http404
    content: queries.Content = found.content
    return content


router.register("content", PieceViewSet, basename="content")
