"""What is done again and again in the demo: a notice goes out, a report is signed off and submitted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from platform_site.accounts.models import User
from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation
from platform_site.questionnaires.models import Form

from .. import services
from ..models import BusinessLine, Notice, Report
from .people import Cast, at_hour, working_day


def issue(
    cast: Cast,
    centre: Federation,
    *,
    title: str,
    text: str,
    asks: str,
    form: str,
    issued_on: dt.date,
    due_on: dt.date,
    recipients: Any,
    line: str = BusinessLine.SOCIAL_ORGANISATIONS,
    number_series: NumberSeries | None = None,
) -> Notice:
    notice = services.draft_notice(
        by=cast.officer,
        federation=centre,
        title=title,
        text=text,
        asks=asks,
        business_line=line,
        form=Form.objects.get(code=form) if form else None,
        due_on=due_on,
        recipients=recipients,
        number_series=number_series,
        contact_name=cast.officer.name,
        contact_phone="010-00000000",
        at=at_hour(issued_on, 9),
    )
    notice = services.approve_notice(
        notice, by=cast.leader, version=notice.version, at=at_hour(issued_on, 10)
    )
    return services.issue_notice(
        notice, by=cast.officer, version=notice.version, at=at_hour(issued_on, 10, 30)
    )


def submit(report: Report, officer: User, leader: User, *, day: int) -> Report:
    on = working_day(day)
    report = services.sign_off_report(report, by=leader, version=report.version, at=at_hour(on, 15))
    return services.submit_report(report, by=officer, version=report.version, at=at_hour(on, 16))
