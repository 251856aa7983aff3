"""What mends by itself: bells nobody heard, workers that died, files whose time is over."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from platform_site.attachments.services import drop_made

from ..models import Job
from .asking import ring
from .ending import end, say

#: A job whose worker died so often is given up: it may be what kills them.
MOST_ATTEMPTS = 3
#: After so long a waiting job is announced again; workers that are busy hear it more than once.
RING_AGAIN = timedelta(seconds=60)
#: Jobs that one sweep looks at.
MANY = 100


def sweep() -> int:
    """Let jobs of dead workers begin again, and announce what waits unheard; how many were announced."""
    _release()
    with transaction.atomic():
        unheard = list(
            Job.objects.filter(state=Job.State.QUEUED)
            .filter(Q(rung_at__isnull=True) | Q(rung_at__lt=Now() - RING_AGAIN))
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .order_by("queued_at", "id")
            .values_list("pk", flat=True)[:MANY]
        )
        Job.objects.filter(pk__in=unheard).update(rung_at=Now())
        for pk in unheard:
            transaction.on_commit(partial(ring, pk), robust=True)
    return len(unheard)


@transaction.atomic
def _release() -> None:
    stale = (
        Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now())
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("by")
        .order_by("lease_until")[:MANY]
    )
    for job in stale:
        with translation.override(job.language):
            if job.cancel_asked_at:
                end(job, state=Job.State.CANCELLED, by=job.by)
            elif job.attempts >= MOST_ATTEMPTS:
                reason = _(
                    "The work broke off %(n)s times. Ask for less at once, or tell the system"
                    " administrator this number: %(number)s."
                ) % {"n": job.attempts, "number": str(job.pk)[:8]}
                end(job, state=Job.State.FAILED, by=None, reason=reason)
            else:
                say(job, _("The work broke off; it begins again from the start."))
                Job.objects.filter(pk=job.pk).update(
                    state=Job.State.QUEUED, claim=None, lease_until=None, rung_at=None
                )


def sweep_results() -> int:
    """Delete the files of jobs that ended JOB_RESULT_DAYS ago or earlier; the job itself stays."""
    edge = Now() - timedelta(days=settings.JOB_RESULT_DAYS)
    gone = 0
    for job in Job.objects.filter(result__isnull=False, ended_at__lt=edge).order_by("ended_at")[
        :MANY
    ]:
        with transaction.atomic():
            row = (
                Job.objects.select_for_update(of=("self",)).select_related("result").get(pk=job.pk)
            )
            if row.result is None:
                continue
            file = row.result
            # What was typed into the filters goes with the file.
            Job.objects.filter(pk=row.pk).update(result=None, result_swept_at=Now(), parameters={})
            drop_made(file)
            gone += 1
    return gone
