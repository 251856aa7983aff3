"""What workers and beat call; each is one call into the services."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task(name="jobs.run")
def run(ids: list[str]) -> None:
    """The bell rang for these jobs."""
    for pk in ids:
        services.run_job(pk)


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Jobs whose bell nobody heard, and those whose worker died (every 15 s)."""
    services.sweep()


@shared_task(name="jobs.sweep_results")
def sweep_results() -> None:
    """Files whose time is over (hourly)."""
    services.sweep_results()
