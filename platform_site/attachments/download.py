"""The one file server, for pages and REST alike."""

from __future__ import annotations

import io
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseNotModified

from . import store
from .models import Attachment


def serve(attachment: Attachment, if_none_match: str = "") -> HttpResponse:
    """Whatever the bytes are, no browser opens them within the site."""
    etag = f'"{attachment.sha256}"'
    response: Any
    if etag in [part.strip().removeprefix("W/") for part in if_none_match.split(",")]:
        response = HttpResponseNotModified()
    else:
        response = FileResponse(
            store.open_blob(attachment.sha256),
            as_attachment=True,
            filename=attachment.filename,
            content_type=attachment.media_type,
        )
    response["ETag"] = etag
    return _sealed(response)


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
