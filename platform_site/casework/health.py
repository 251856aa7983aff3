"""What the operator's check (``manage.py doctor``) asks of this room."""

from __future__ import annotations

from django.utils.translation import gettext as _

from platform_site.web import health


def calendar_is_published() -> str | None:
    """Working-day terms that cross New Year need next year's plan from November on."""
    from .queries import forget_calendar, today, work_calendar

    forget_calendar()
    now, calendar = today(), work_calendar()
    wanted = {now.year} | ({now.year + 1} if now.month == 12 else set())
    missing = sorted(wanted - calendar.years)
    if not missing:
        return None
    return _(
        "The working-day calendar has no plan for %(years)s: run manage.py load_holidays FILE"
    ) % {"years": ", ".join(map(str, missing))}


def register() -> None:
    health.DOCTOR["calendar"] = calendar_is_published
