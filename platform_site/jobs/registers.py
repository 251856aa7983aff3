"""What this app tells the rooms below it: its files' owner, its words, its own kind of work."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from platform_site.attachments import owners
from platform_site.audit import actions

from . import exporting, queries
from .answers import require_scope
from .models import Job


def nobody_changes_files(user: Any, job: Job) -> bool:
    """A result is put there by the job and swept by the platform: people only read it."""
    return False


def may_see_result(user: Any, job: Job, attachment: Any) -> bool:
    """The job is visible to whoever asked for it; its file while they still may read that."""
    return queries.may_read(user, job)


def check_token(request: Any, job: Job) -> None:
    """The file opens no more than the token may read besides."""
    if job.read_scope:
        require_scope(request, job.read_scope)


def register() -> None:
    owners.register(
        Job,
        may_change=nobody_changes_files,
        visible=may_see_result,
        check_token=check_token,
    )
    exporting.register()
    for code, label in {
        "jobs.job.start": _("Asked for a background job"),
        "jobs.job.cancel": _("Asked a background job to end"),
        "jobs.job.done": _("A background job finished"),
        "jobs.job.failed": _("A background job could not be finished"),
        "jobs.job.cancelled": _("A background job was cancelled"),
    }.items():
        actions.register(code, label)
