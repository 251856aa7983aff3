"""The one file server, for pages and REST alike."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext_lazy as _

from platform_site.api.problems import problem

from . import ranges, store
from .models import Attachment


class _Stretch:
    """So many bytes of an open file, from where it stands."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self.source, self.left = source, length

    def read(self, size: int) -> bytes:
        data = self.source.read(min(size, self.left))
        self.left -= len(data)
        return data

    def close(self) -> None:
        self.source.close()


def serve(attachment: Attachment, request: HttpRequest) -> HttpResponse:
    """Whatever the bytes are, no browser opens them within the site. A part is given on request."""
    etag = f'"{attachment.sha256}"'
    held = request.headers.get("If-None-Match", "")
    if etag in [tag.strip().removeprefix("W/") for tag in held.split(",")]:
        response: Any = HttpResponseNotModified()
    elif (piece := _wanted(request, etag, attachment.size)) is None:
        response = _file(attachment, store.open_blob(attachment.sha256))
    elif piece.start == piece.stop:
        detail = _("The file is not that long: it has %(size)d bytes.") % {"size": attachment.size}
        response = problem(request, 416, "range_not_there", detail)
        response["Content-Range"] = f"bytes */{attachment.size}"
    else:
        source = store.open_blob(attachment.sha256)
        source.seek(piece.start)
        response = _file(attachment, _Stretch(source, piece.stop - piece.start))
        response.status_code = 206
        response["Content-Length"] = piece.stop - piece.start
        response["Content-Range"] = f"bytes {piece.start}-{piece.stop - 1}/{attachment.size}"
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return _sealed(response)


def _wanted(request: HttpRequest, etag: str, size: int) -> ranges.Piece | None:
    """The piece that is asked for; the whole file where another one was begun (If-Range)."""
    same = request.headers.get("If-Range", etag).strip() == etag
    header = request.headers.get("Range", "")
    return ranges.wanted(header, size) if same and request.method == "GET" else None


def _file(attachment: Attachment, source: Any) -> FileResponse:
    response = FileResponse(
        source,
        as_attachment=True,
        filename=attachment.filename,
        content_type=attachment.media_type,
    )
    response["Repr-Digest"] = ranges.as_digest(attachment.sha256)
    return response


def serve_bytes(content: bytes, *, filename: str, media_type: str) -> HttpResponse:
    """A file that was made for this answer and is kept nowhere."""
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=filename, content_type=media_type
    )
    return _sealed(response)


def _sealed(response: Any) -> HttpResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    # Replaces the site's policy for this answer alone: no script, no frame, an origin of its own.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
