"""``/api/v1/handovers/``: what passes with an office, and who confirmed it."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.filters import ObjectFilter
from platform_site.api.router import router
from platform_site.api.serializers import NoteSerializer, OptionalNote
from platform_site.api.views import ResourceViewSet, step
from platform_site.attachments.download import serve_bytes
from platform_site.documents.queries import MEDIA_TYPES
from platform_site.problems import NotAllowed

from .. import services
from ..documents import document_of_handover
from ..models import Handover
from ..queries.handovers import offices_to_hand_over
from ..serializers import handovers as shapes
from ..workflow import HandoverState
from .common import as_file


class HandoverApiFilter(ObjectFilter):
    federation = filters.CharFilter(field_name="federation__code", max_length=16)
    state = filters.ChoiceFilter(choices=HandoverState.choices)


class HandoverViewSet(ResourceViewSet):
    """Handover sheets: begun, handed over by the holder (or for one who has left), taken over."""

    resource = gettext_noop("handovers")
    queryset = Handover.objects.none()
    bodies = {"create": shapes.HandoverCreate}
    filterset_class = HandoverApiFilter
    orderings = {"opened_at": ("opened_at", "id")}
    default_ordering = "-opened_at"
    http_method_names = ("get", "head", "post")

    def get_serializer_class(self) -> Any:
        listed = self.action == "list"
        return shapes.HandoverRowSerializer if listed else shapes.HandoverSerializer

    def get_queryset(self) -> QuerySet[Handover]:
        return Handover.objects.visible_to(self.request.user).with_context()

    @extend_schema(responses={200: shapes.HandoverSerializer, 201: shapes.HandoverSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin the sheet of an office; one that runs already is answered as it is (200)."""
        if not request.user.has_perm("reports.hand_over"):
            raise NotAllowed("not_yours", _("Handovers are not part of your office."))
        body = self.read_body()
        sheets = Handover.objects.visible_to(request.user)
        running = sheets.filter(office=body["office"], state__in=["open", "given"]).first()
        if running is not None:
            return self.object_response(self.fresh(running))
        office = get_object_or_404(offices_to_hand_over(request.user), pk=body.pop("office"))
        sheet = services.open_handover(office, by=request.user, **body)
        return self.object_response(self.fresh(sheet), status=201)

    @extend_schema(responses=shapes.HandoverOfficeSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def offices(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The offices whose handover the caller can begin."""
        return Response(
            shapes.HandoverOfficeSerializer(offices_to_hand_over(request.user), many=True).data
        )

    @step("give", body=OptionalNote)
    def give(self, request: Request, sheet: Handover, *, version: int, note: str = "") -> Handover:
        """The holder hands over; the sheet is kept as it is then."""
        return services.give_handover(sheet, by=request.user, version=version, note=note)

    @step("give-for", body=NoteSerializer)
    def give_for(self, request: Request, sheet: Handover, *, version: int, note: str) -> Handover:
        """For a holder who has left: by a head or leader there, with the reason."""
        return services.give_for_holder(sheet, by=request.user, version=version, note=note)

    @step("take-over", body=OptionalNote)
    def take_over(
        self, request: Request, sheet: Handover, *, version: int, note: str = ""
    ) -> Handover:
        """Whoever holds the office now confirms what has passed."""
        return services.take_over(sheet, by=request.user, version=version, note=note)

    @step("cancel", body=NoteSerializer)
    def cancel(self, request: Request, sheet: Handover, *, version: int, note: str) -> Handover:
        """The office does not change hands after all."""
        return services.cancel_handover(sheet, by=request.user, version=version, note=note)

    @as_file("docx")
    def docx(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The sheet as a document, to be edited."""
        return _document(self.get_object(), "docx")

    @as_file("pdf")
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The sheet as a document, for the two signatures."""
        return _document(self.get_object(), "pdf")


def _document(sheet: Handover, ending: str) -> HttpResponse:
    filename, content = document_of_handover(sheet, ending)
    return serve_bytes(content, filename=filename, media_type=MEDIA_TYPES[ending])


router.register("handovers", HandoverViewSet, basename="handovers")
