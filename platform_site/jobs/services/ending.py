"""How every job ends: once, with its result, its entry in the trail, and a word to who asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from platform_site.attachments.models import Attachment
from platform_site.attachments.services import keep_made
from platform_site.audit.models import Entry
from platform_site.audit.services import record
from platform_site.notifications.services import notify

from ..kinds import ClaimLost, Result
from ..models import Job, JobLine

#: Lines a log keeps; whatever is told after them is not written down.
MOST_LINES = 500
LINE_LENGTH, SUMMARY_LENGTH = 500, 1000
NOTHING = Result()


@transaction.atomic
def end(
    job: Job,
    *,
    state: str,
    by: Any,
    reason: str = "",
    result: Result = NOTHING,
    refused: bool = False,
) -> Job:
    """End the job, if it still is as ``job`` was read: the same claim, or none.

    The lock is the fence: a worker that comes back after its lease was taken finds another claim
    and writes nothing (ClaimLost). File, state, trail and notice are one transaction.
    """
    row = (
        Job.objects.select_for_update(no_key=True, of=("self",))
        .select_related("by")
        .filter(pk=job.pk, claim=job.claim)
        .unfinished()
        .first()
    )
    if row is None:
        raise ClaimLost
    before = row.state
    kept = _keep(row, result) if result.file is not None else None
    Job.objects.filter(pk=row.pk).update(
        state=state,
        claim=None,
        lease_until=None,
        done=F("total") if state == Job.State.DONE else F("done"),
        result=kept,
        result_url=result.url,
        summary=result.summary[:SUMMARY_LENGTH],
        failed_reason=reason[:SUMMARY_LENGTH],
        ended_at=Now(),
        version=F("version") + 1,
    )
    row.refresh_from_db()
    record(
        f"jobs.job.{state}",
        row,
        by=by,
        from_state=before,
        to_state=state,
        note=reason,
        facts={"kind": row.kind, **result.facts},
        result=Entry.Result.REFUSED if refused else Entry.Result.DONE,
    )
    if state != Job.State.CANCELLED:  # who cancelled it knows
        notify(
            [row.by],
            f"jobs/job_{state}",
            subject=row,
            context={"job": row},
            key=f"job:{row.pk}:ended",
            by=row.by,
            include_actor=True,
            by_mail=False,
        )
    return row


def say(job: Job, text: str) -> None:
    """A line of the log, cut to what a line may hold."""
    if JobLine.objects.filter(job=job).count() < MOST_LINES:
        JobLine.objects.create(job=job, text=text[:LINE_LENGTH])


def _keep(job: Job, result: Result) -> Attachment:
    file: File[bytes]
    if isinstance(result.file, Path):
        with result.file.open("rb") as opened:
            file = File(opened, name=result.name)
            return keep_made(file, by=job.by, name=result.name, owner=job)
    file = ContentFile(result.file or b"", name=result.name)
    return keep_made(file, by=job.by, name=result.name, owner=job)
