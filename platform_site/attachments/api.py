"""/attachments/: POST, GET and DELETE by id; no list (files are listed in their record)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api.renderers import AsItIs
from platform_site.api.router import router
from platform_site.api.views import ObjectViewSet
from platform_site.problems import FieldProblem, Refused

from . import owners, queries, services, store
from .download import serve
from .models import Attachment
from .serializers import AttachmentSerializer, UploadBody


class AttachmentViewSet(ObjectViewSet):
    """Files, by id: what they are, and their bytes. They are listed in the record they belong to."""

    resource = "attachments"
    serializer_class = AttachmentSerializer
    parser_classes = (MultiPartParser,)
    bodies = {"create": UploadBody}
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> QuerySet[Attachment]:
        if getattr(self, "swagger_fake_view", False):
            return Attachment.objects.none()
        return Attachment.objects.visible_to(self.request.user)

    def get_object(self) -> Attachment:
        attachment = queries.get_visible(self.request.user, self.kwargs["pk"])
        owner: Any = attachment.owner
        if owner is not None:
            owners.check_token(self.request, owner)
        return attachment

    @extend_schema(request={"multipart/form-data": UploadBody})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep a file: of an accepted type, not larger than the limit, and what its name says."""
        store.refuse_announced(request.META.get("CONTENT_LENGTH"))
        with store.disk_full_in_words():
            fields = self.read_body()
        name = fields.get("owner", "")
        owner = owners.find(name, request.user) if name else None
        file = fields["file"]
        try:
            attachment = services.upload(file, by=request.user, name=file.name, owner=owner)
        except Refused as problem:
            if problem.status in {413, 415, 422} and not problem.fields:
                problem.fields = (FieldProblem("/file", problem.code, problem.message),)
            raise
        return self.object_response(attachment, status=201)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the file off; one named in a submitted version is set aside, never deleted."""
        version = self.version_from_request()
        services.remove(self.get_object(), by=request.user, version=version)
        return Response(status=204)

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AsItIs])
    def content(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The bytes, always as a download."""
        return serve(self.get_object(), request.headers.get("If-None-Match", ""))


router.register("attachments", AttachmentViewSet, basename="attachments")
