"""The one family of exceptions for what the platform refuses to do.

Services raise them; the page layer (``web.middleware``) and the REST layer (``api.problems``) turn
them into answers. Each carries a stable ``code``, a message in the user's language that says what
to do, and, where a field is at fault, one :class:`FieldProblem` for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field: ``pointer`` is a JSON pointer such as ``/answers/goals``."""

    pointer: str
    code: str
    message: Text


class Refused(Exception):
    """The act was refused and nothing was written. ``status`` is the HTTP status (RFC 9110)."""

    status = 409

    def __init__(
        self,
        code: str,
        message: Text,
        *,
        fields: Iterable[FieldProblem] = (),
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        #: After how many seconds the same request may be let through (the header Retry-After).
        self.retry_after = retry_after
        #: Members that RFC 9457 calls extensions, for example the answers changed since.
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Unreadable(Refused):
    """The input cannot be parsed, or is hostile (NUL bytes, lone surrogates)."""

    status = 400


class NotAllowed(Refused):
    """The object is visible to the caller, but this step is not theirs to take."""

    status = 403


class StepNotOpen(Refused):
    """The object's state does not allow this step (any more)."""

    status = 409


class Stale(Refused):
    """Somebody changed the object since the caller read it."""

    status = 412


class TooLarge(Refused):
    status = 413


class WrongType(Refused):
    """The file is not of a type the platform keeps, or not what its name says."""

    status = 415


class Invalid(Refused):
    """Fields are missing or wrong; ``fields`` names each."""

    status = 422


class VersionMissing(Refused):
    """A change must say which version it was made on."""

    status = 428


class TooMany(Refused):
    """More requests in a time than the caller may make; ``retry_after`` says when again."""

    status = 429
