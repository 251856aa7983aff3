"""One job, run by one worker: claimed, asked again whether it may be done, done, ended by its claim."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.problems import NotAllowed, Refused

from .. import kinds
from ..kinds import Cancelled, ClaimLost, Work
from ..models import Job
from ..queries import seats_of
from .ending import end, say

logger = logging.getLogger(__name__)

#: How often, at the most, progress is written down (seconds).
WRITE_EVERY = 1.0


def lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def run_job(pk: UUID | str) -> Job | None:
    """Do this job, if it waits and nobody else took it; None when there was nothing to do.

    A fault of the work ends it as failed, with a sentence for people; the traceback goes to the log.
    Where the database was away nothing can be written: the lease runs out, and the sweep goes on.
    """
    job = claim(pk)
    if job is None:
        return None
    with (
        translation.override(job.language),
        tempfile.TemporaryDirectory(prefix="job-") as folder,
        _heart(job),
    ):
        try:
            return _work(job, Path(folder))
        except ClaimLost:
            logger.warning("Job %s was taken over; what this worker made of it is dropped.", job.pk)
        except (OperationalError, InterfaceError) as fault:
            logger.warning("Job %s broken off: %s", job.pk, type(fault).__name__, exc_info=True)
    return None


@transaction.atomic
def claim(pk: UUID | str) -> Job | None:
    """Take the job; the claim is committed on return. The attempt is counted here: a job that kills
    its worker each time must come to an end too."""
    row = (
        Job.objects.filter(pk=pk, state=Job.State.QUEUED)
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if row is None:
        return None
    Job.objects.filter(pk=row.pk).update(
        state=Job.State.RUNNING,
        claim=uuid.uuid4(),
        lease_until=Now() + lease(),
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", Now()),
        done=0,
        total=0,
    )
    row.refresh_from_db()
    return row


def _work(job: Job, folder: Path) -> Job:
    # Read anew: what somebody may do is asked when it is done, not when it was asked for.
    by = User.objects.get(pk=job.by_id)
    kind = kinds.find(job.kind)
    try:
        if kind is None:
            raise LookupError(f"no kind of job is named {job.kind!r}")
        if not by.is_active or not kind.may_run(by, job.parameters):
            raise NotAllowed("not_yours", _("You may not do this any more, so it was not done."))
        Job.objects.filter(pk=job.pk, claim=job.claim).update(seats=seats_of(by))
        result = kind.run(Work(job, by, folder, beat=_Beat(job), tell=_teller(job)))
        return end(job, state=Job.State.DONE, by=by, result=result)
    except Cancelled:
        return end(job, state=Job.State.CANCELLED, by=by)
    except Refused as refused:
        return _failed(job, by, _words_of(refused), refused=isinstance(refused, NotAllowed))
    except Http404:
        return _failed(
            job, by, _("What this was about is not there any more, or no longer yours to see.")
        )
    except (ClaimLost, OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Job %s (%s) failed.", job.pk, job.kind)
        return _failed(
            job,
            by,
            _(
                "Something went wrong on our side; it has been noted. Try again later, and if it"
                " fails again tell the system administrator this number: %(number)s."
            )
            % {"number": str(job.pk)[:8]},
        )


def _failed(job: Job, by: User, reason: str, *, refused: bool = False) -> Job:
    return end(job, state=Job.State.FAILED, by=by, reason=reason, refused=refused)


def _words_of(refused: Refused) -> str:
    """The refusal and what it says of each field, each sentence once."""
    said = [str(refused.message), *(str(field.message) for field in refused.fields)]
    return " ".join(dict.fromkeys(said))


class _Beat:
    """Writes down how far the work is and renews the lease; hears whether it shall end."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.written_at = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.written_at < WRITE_EVERY and done < total:
            return
        self.written_at = now
        if not renew(self.job, done=done, total=total):
            raise ClaimLost
        if Job.objects.filter(pk=self.job.pk, cancel_asked_at__isnull=False).exists():
            raise Cancelled


def _teller(job: Job) -> Any:
    def tell(text: str) -> None:
        if not renew(job):
            raise ClaimLost
        say(job, text)

    return tell


def renew(job: Job, **progress: int) -> bool:
    """Hold the claim for another lease; False when it is not this worker's any more."""
    held = Job.objects.filter(pk=job.pk, claim=job.claim, state=Job.State.RUNNING)
    return bool(held.update(lease_until=Now() + lease(), **progress))


@contextmanager
def _heart(job: Job) -> Iterator[None]:
    """Renews the lease beside the work, for one long step must not look like a dead worker."""
    stop = threading.Event()
    pause = settings.JOB_LEASE_SECONDS / 4

    def beat() -> None:
        while not stop.wait(pause):
            try:
                renew(job)
            except Error as fault:
                logger.warning("Lease of job %s not renewed: %s", job.pk, type(fault).__name__)
            finally:
                connection.close()  # this thread's own

    thread = threading.Thread(target=beat, name=f"job-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
