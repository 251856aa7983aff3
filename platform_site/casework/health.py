"""What the operator's check (``manage.py doctor``) asks of this room."""

from __future__ import annotations

from django.utils.translation import gettext as _

from platform_site.web import health


def look_at_calendar() -> health.Finding:
    """Working-day terms that cross New Year need next year's plan from December on."""
    from .queries import forget_calendar, today, work_calendar

    forget_calendar()
    now, calendar = today(), work_calendar()
    wanted = {now.year} | ({now.year + 1} if now.month == 12 else set())
    missing = sorted(wanted - calendar.years)
    if not missing:
        return health.Finding(True, _("The working-day calendar is complete"))
    label = _("The working-day calendar has no plan for %(years)s") % {
        "years": ", ".join(map(str, missing))
    }
    return health.Finding(
        False, label, _("Run: python manage.py load_holidays FILE (once the plan is published)")
    )


def register() -> None:
    health.DOCTOR.append(look_at_calendar)
