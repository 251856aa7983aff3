"""``Idempotency-Key`` on every POST: a request that is sent again is answered again, not done again.

After draft-ietf-httpapi-idempotency-key-header. Act and kept answer are one transaction: a process
that is killed leaves neither or both. A refusal wrote nothing and is not kept, so its key is free.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.problems import Invalid, NotAllowed, StepNotOpen, Unreadable

from .models import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
#: A String of RFC 9651, or the bare characters, without the quotation mark that begins a String.
_STRING = re.compile(r'"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')
_BARE = re.compile(r"[\x21\x23-\x7e]+")
_ESCAPED = re.compile(r"\\(.)")
_LONGEST = 200
#: After how many seconds a caller whose first request is still being dealt with asks again.
_ASK_AGAIN = 1


def once(handler: Callable[..., Any], view: Any) -> Callable[..., Any]:
    """``handler``, done at most once for the key of this request; as it is where none was sent."""
    given = view.request.headers.get(HEADER)
    return handler if given is None else partial(_answer_once, handler, view, key_from(given))


def key_from(given: str) -> str:
    """The key in the header: a String as the draft has it, or the same without quotation marks."""
    given = given.strip(" \t")
    if string := _STRING.fullmatch(given):
        key = _ESCAPED.sub(r"\1", string[1])
    elif _BARE.fullmatch(given):
        key = given
    else:
        key = ""
    if not 1 <= len(key) <= _LONGEST:
        raise Unreadable(
            "idempotency_key_unreadable",
            _("An Idempotency-Key is 1 to %(limit)d visible ASCII characters, best a UUID.")
            % {"limit": _LONGEST},
        )
    return key


def _answer_once(
    handler: Callable[..., Any], view: Any, key: str, request: Request, *args: Any, **kwargs: Any
) -> Any:
    # Read, and refused where it cannot be read, before the transaction opens.
    asked = _fingerprint(request)
    held = sorted(request.user.scope.held())
    secret = view.action in view.shows_secret
    with transaction.atomic():
        _claim(request.auth, key)
        kept = KeptAnswer.objects.visible_to(request.auth).filter(key=key).first()
        if kept is not None and not kept.is_over:
            return _replay(kept, asked=asked, held=held, secret=secret)
        if kept is not None:
            kept.delete()
        response = handler(request, *args, **kwargs)
        if _did_something(response):
            KeptAnswer(
                token=request.auth.id,
                key=key,
                request=asked,
                held=held,
                status=response.status_code,
                body=b"" if secret else _rendered(response, view, request).content,
                headers=dict(response.items()),
            ).save(force_insert=True)
        else:
            transaction.set_rollback(True)
    return response


def _did_something(response: Any) -> bool:
    """A refusal wrote nothing; nor did a bulk of which every item was refused."""
    if response.status_code == 207:
        return any("problem" not in answer for answer in response.data["items"])
    return 200 <= response.status_code < 300


def _claim(token: Any, key: str) -> None:
    """Nobody else deals with this key until the transaction ends; the lock dies with its process."""
    digest = hashlib.sha256(f"{token.id} {key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)",
            [int.from_bytes(digest[:8], "big", signed=True)],
        )
        if cursor.fetchone()[0]:
            return
    raise StepNotOpen(
        "idempotency_key_in_flight",
        _("The first request with this Idempotency-Key is still being dealt with."),
        retry_after=_ASK_AGAIN,
    )


def _replay(kept: KeptAnswer, *, asked: str, held: list[str], secret: bool) -> HttpResponse:
    if kept.request != asked:
        raise Invalid(
            "idempotency_key_reused",
            _("This Idempotency-Key belongs to another request. Take a new key for a new request."),
        )
    if not set(kept.held) <= set(held):
        raise NotAllowed(
            "offices_changed",
            _("This was done in an office that has ended since; its answer is not given again."),
        )
    if secret:
        raise StepNotOpen(
            "secret_shown_once",
            _(
                "This was done, and its answer held a secret that is shown once and kept nowhere. Make a"
                " new one where it was lost."
            ),
        )
    answer = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    answer[REPLAYED] = "true"
    return answer


def _rendered(response: Any, view: Any, request: Request) -> Any:
    """The answer as bytes, now: they are kept in the transaction that they tell of."""
    if isinstance(response, Response):
        response.accepted_renderer = request.accepted_renderer
        response.accepted_media_type = request.accepted_media_type
        response.renderer_context = view.get_renderer_context()
        response.render()
    return response


def _fingerprint(request: Request) -> str:
    """Method, address, version and body as they were understood: spaces in JSON and the boundaries
    of a form do not make another request; the bytes of a file do.
    """
    data, files = request.data, request.FILES
    if hasattr(data, "lists"):  # a form, in which DRF has put the files too
        data = [
            [name, [one for one in many if isinstance(one, str)]] for name, many in data.lists()
        ]
    told = [
        request.method,
        request.get_full_path(),
        request.headers.get("If-Match", ""),
        data,
        [[name, one.name, _sha256(one)] for name, many in files.lists() for one in many],
    ]
    return hashlib.sha256(_written(told)).hexdigest()


def _written(told: Any) -> bytes:
    return json.dumps(told, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _sha256(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
