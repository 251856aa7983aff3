"""What long work there is. A room registers its kinds where it registers everything else::

    kinds.register(Kind("reports.chase", _("Chasing"), run=chase, may_run=may_chase))

``run(work)`` may be begun again after a worker died, so what it does must be harmless when it is done
twice: it makes a file, or calls a service with an id taken from ``work.job.pk``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from platform_site.accounts.models import User

    from .models import Job

Text = str | Promise


class Cancelled(Exception):
    """Somebody asked this job to end; raised by :meth:`Work.progress`, and not to be caught."""


class ClaimLost(Exception):
    """The job was taken from this worker, whose lease had run out: nothing more may be written."""


@dataclass(frozen=True)
class Result:
    """What came of the work: a file, the address of what was done, and a sentence about it.

    ``file`` is a path below ``work.folder``, or bytes; ``name`` is what the file is called. ``facts``
    go into the trail, so they hold no personal value.
    """

    file: Path | bytes | None = None
    name: str = ""
    url: str = ""
    summary: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Work:
    """The job as it is done: who asked for it, with what, and how to tell how far it is."""

    def __init__(
        self,
        job: Job,
        by: User,
        folder: Path,
        *,
        beat: Callable[[int, int], None],
        tell: Callable[[str], None],
    ) -> None:
        self.job = job
        #: The initiator as they are now, not as they were when they asked.
        self.by = by
        #: Empty, and gone with all that is in it when the work has ended.
        self.folder = folder
        self._beat, self._tell = beat, tell

    @property
    def parameters(self) -> dict[str, Any]:
        return self.job.parameters

    def progress(self, done: int, total: int) -> None:
        """So many of so many are done. Call it often, outside of a transaction: it costs a write a
        second at most. Raises :class:`Cancelled`, or :class:`ClaimLost`."""
        self._beat(done, total)

    def say(self, text: Text) -> None:
        """Add a line to the log that the initiator reads."""
        self._tell(str(text))


Right = Callable[[Any, Mapping[str, Any]], bool]


def _anybody(user: Any, parameters: Mapping[str, Any]) -> bool:
    return True


def _as_run(user: Any, parameters: Mapping[str, Any]) -> bool:
    """Stands for ``may_run`` of the same kind."""
    raise NotImplementedError


@dataclass(frozen=True)
class Kind:
    """``may_run(user, parameters)`` is asked again by the worker, before the work begins;
    ``may_read``, by default the same, whenever the result is shown or served.

    ``read_scope`` is what a token needs besides to be shown the result; whoever starts the job may
    name another (``services.start``).
    """

    code: str
    label: Text
    run: Callable[[Work], Result]
    may_run: Right = _anybody
    may_read: Right = _as_run
    read_scope: str = ""

    def __post_init__(self) -> None:
        if self.may_read is _as_run:
            object.__setattr__(self, "may_read", self.may_run)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    if kind.code in _kinds:
        raise ValueError(f"two kinds of job are named {kind.code}")
    _kinds[kind.code] = kind


def unregister(code: str) -> None:
    _kinds.pop(code, None)


def find(code: str) -> Kind | None:
    return _kinds.get(code)


def choices() -> list[tuple[str, Text]]:
    return [(code, _kinds[code].label) for code in sorted(_kinds)]
