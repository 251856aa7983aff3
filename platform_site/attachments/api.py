"""/attachments/: POST, GET and DELETE by id; no list (files are listed in their record)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.parsers import StrictJSONParser
from platform_site.api.renderers import AsItIs, JSONRenderer
from platform_site.api.router import router
from platform_site.api.serializers import ProblemSerializer
from platform_site.api.views import ObjectViewSet
from platform_site.problems import FieldProblem, NotAllowed, Refused

from . import owners, queries, ranges, services, store
from .download import serve
from .models import Attachment, Upload
from .serializers import AnnounceBody, AttachmentSerializer, UploadBody, UploadSerializer


def _refused(*statuses: int) -> dict[Any, Any]:
    """For the schema: what is refused here beside what every resource refuses."""
    return {(status, "application/problem+json"): ProblemSerializer for status in statuses}


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)


class AttachmentViewSet(ObjectViewSet):
    """Files, by id: what they are, and their bytes. They are listed in the record they belong to."""

    resource = "attachments"
    serializer_class = AttachmentSerializer
    parser_classes = (MultiPartParser, StrictJSONParser)
    lookup_value_regex = "[0-9a-fA-F-]{36}"
    in_bulk = False

    def get_renderers(self) -> list[Any]:
        return [JSONRenderer()] if self.action == "put_content" else super().get_renderers()

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

    def before_body(self, request: Request) -> None:
        if self.action == "create":
            store.refuse_announced(request.META.get("CONTENT_LENGTH"))

    @extend_schema(
        request={"multipart/form-data": UploadBody, "application/json": AnnounceBody},
        responses={201: AttachmentSerializer, 202: UploadSerializer, **_refused(404, 507)},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep a file: of an accepted type, not larger than the limit, and what its name says.

        As JSON it is announced only (202), and its bytes come by PUT, in as many parts as it takes.
        """
        if not (request.content_type or "").startswith("multipart/"):
            return self._announce(**self.read_body(AnnounceBody))
        with store.disk_full_in_words():
            fields = self.read_body(UploadBody)
        owner = self._owner(fields.get("owner", ""))
        file, sha256 = fields["file"], fields.get("sha256", "")
        with _pointed_at("/file"):
            attachment = services.upload(
                file, by=request.user, name=file.name, owner=owner, sha256=sha256
            )
        return self.object_response(attachment, status=201)

    def _announce(self, *, filename: str, size: int, sha256: str, owner: str = "") -> Response:
        with _pointed_at("/filename", size="/size"):
            upload = services.announce(
                by=self.request.user,
                name=filename,
                size=size,
                sha256=sha256,
                owner=self._owner(owner),
            )
        return self._so_far(upload)

    def _owner(self, name: str) -> Model | None:
        return owners.find(name, self.request.user) if name else None

    def _so_far(self, upload: Upload) -> Response:
        body = UploadSerializer(upload, context=self.get_serializer_context()).data
        headers = {"Location": body["content"], "Upload-Offset": str(body["received"])}
        return Response(body, status=202, headers=headers)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the file off; one named in a submitted version is set aside, never deleted.

        One that was announced and is not whole (`"v1"`) is given up.
        """
        version = self.version_from_request()
        if upload := queries.unfinished(request.user, kwargs["pk"]):
            versions.require(1, version)
            services.abandon(upload)
        else:
            services.remove(self.get_object(), by=request.user, version=version)
        return Response(status=204)

    @extend_schema(
        parameters=[_header("Range", "`bytes=<first>-<last>`: one part of it, answered 206.")],
        responses={
            (200, "*/*"): OpenApiTypes.BINARY,
            (206, "*/*"): OpenApiTypes.BINARY,
            304: None,
            **_refused(416),
        },
    )
    @action(detail=True, renderer_classes=[AsItIs])
    def content(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The bytes, always as a download; with Range a part of them."""
        return serve(self.get_object(), request._request)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[
            _header("Content-Range", "`bytes <first>-<last>/<size>`; `bytes */<size>` only asks."),
            _header("Content-Digest", "`sha-256=:<base64>:` of this part (RFC 9530)."),
            _header("Repr-Digest", "`sha-256=:<base64>:` of the whole file."),
        ],
        responses={
            200: AttachmentSerializer,
            201: AttachmentSerializer,
            202: UploadSerializer,
            **_refused(507),
        },
    )
    @content.mapping.put
    def put_content(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bytes of an announced file: all of them, or a part. 202 says how far it has come.

        The last part makes it a file (201), or it is refused with the reason and nothing is kept.
        The same part again does no harm; a part that broke off counts as far as it came.
        """
        upload = queries.unfinished(request.user, kwargs["pk"])
        if upload is None:
            return self._whole_already()
        piece = ranges.sent(request.headers, upload.size, upload.sha256)
        done = services.receive(upload, request._request, piece, by=request.user)
        if isinstance(done, Upload):
            return self._so_far(done)
        return self.object_response(done, status=201)

    # It changes nothing that has a version: there is no If-Match to send.
    put_content.unversioned = True  # type: ignore[attr-defined]

    def _whole_already(self) -> Response:
        attachment = self.get_object()
        if attachment.uploaded_by_id != self.request.user.pk:
            raise NotAllowed("not_allowed", _("The bytes of a file never change."))
        return self.object_response(attachment)


@contextmanager
def _pointed_at(pointer: str, size: str = "") -> Iterator[None]:
    """A refusal of the file itself says which field it is about."""
    try:
        yield
    except Refused as problem:
        if problem.status in {413, 415, 422} and not problem.fields:
            at = size if size and problem.code in {"empty_file", "file_too_large"} else pointer
            problem.fields = (FieldProblem(at, problem.code, problem.message),)
        raise


router.register("attachments", AttachmentViewSet, basename="attachments")
