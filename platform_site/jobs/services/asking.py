"""Asking for long work, and asking it to end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from platform_site.audit.services import record
from platform_site.notifications import bell
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from .. import kinds
from ..models import Job
from .ending import end, say

if TYPE_CHECKING:
    from platform_site.accounts.models import User

#: So many unfinished jobs a person may have: more would only keep the others waiting.
MOST_UNFINISHED = 20
TITLE_LENGTH = 300


@transaction.atomic
def start(
    kind: str,
    *,
    by: User,
    title: str,
    parameters: Mapping[str, Any],
    id: UUID | None = None,
    read_scope: str = "",
) -> Job:
    """Ask for work of this kind; a worker is told on commit, and the sweep sees to it if nobody hears.

    ``id`` comes with the form or the request: the same sent again meets the same job. ``read_scope``
    is what a token needs to be shown the result, where the kind does not say it for all. Raises
    NotAllowed where ``may_run`` refuses, StepNotOpen (409) while too much of this person's waits.
    """
    known = kinds.find(kind)
    if known is None:
        raise LookupError(f"no kind of job is named {kind!r}")
    if id is not None and (again := Job.objects.filter(pk=id).first()):
        return _same(again, kind, by)
    if not known.may_run(by, parameters):
        raise NotAllowed("not_yours", _("This is not yours to start."))
    if Job.objects.filter(by=by).unfinished().count() >= MOST_UNFINISHED:
        raise StepNotOpen(
            "too_many_jobs",
            _("%(n)s of your jobs are not finished yet. Wait for them, or cancel some.")
            % {"n": MOST_UNFINISHED},
        )
    pk = id or uuid4()
    try:
        with transaction.atomic():
            job = Job.objects.create(
                id=pk,
                kind=kind,
                title=" ".join(str(title).split())[:TITLE_LENGTH],
                parameters=dict(parameters),
                by=by,
                language=translation.get_language() or by.language or settings.LANGUAGE_CODE,
                read_scope=read_scope or known.read_scope,
                rung_at=Now(),
            )
    except IntegrityError:  # the same request at the same moment: both meet one row
        return _same(Job.objects.get(pk=pk), kind, by)
    record("jobs.job.start", job, by=by, to_state=Job.State.QUEUED, facts={"kind": kind})
    transaction.on_commit(partial(ring, job.pk), robust=True)
    job.refresh_from_db()
    return job


def _same(job: Job, kind: str, by: User) -> Job:
    if job.by_id == by.pk and job.kind == kind:
        return job
    message = _("This id belongs to something else. Load the page again.")
    raise Invalid("id_taken", message, fields=[FieldProblem("/id", "id_taken", message)])


@transaction.atomic
def cancel(job: Job, *, by: User, version: int) -> Job:
    """A waiting job ends at once, a running one as soon as it next tells how far it is."""
    row = Job.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
    if row.by_id != by.pk:
        raise NotAllowed("not_yours", _("Only who asked for a job can cancel it."))
    if row.is_over or row.cancel_asked_at:
        raise StepNotOpen(
            "step_not_open",
            _("The job cannot be cancelled any more: it is “%(state)s”.")
            % {"state": row.get_state_display() if row.is_over else _("being cancelled")},
        )
    if row.version != version:
        raise Stale(
            "stale", _("The job was changed meanwhile. Load the page again."), version=row.version
        )
    if row.state == Job.State.QUEUED:
        return end(row, state=Job.State.CANCELLED, by=by)
    Job.objects.filter(pk=row.pk).update(cancel_asked_at=Now(), version=F("version") + 1)
    record("jobs.job.cancel", row, by=by, from_state=row.state)
    say(row, _("Cancelling was asked for."))
    row.refresh_from_db()
    return row


def ring(pk: UUID) -> None:
    """Tell a worker; where no queue could be asked, the next sweep tells again."""
    if not bell.ring([pk], task="jobs.run"):
        Job.objects.filter(pk=pk, state=Job.State.QUEUED).update(rung_at=None)
