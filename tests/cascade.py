"""A cascade as tests begin with it: Guangdong passes the notice down to Guangzhou, Shenzhen and Foshan."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Report
from tests.answers import GOOD_ANSWERS

CHINA = ZoneInfo("Asia/Shanghai")
DUE = dt.date(2026, 10, 9)
CITIES = ("440100", "440300", "440600")


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=CHINA)


def federations(*codes):
    return list(Federation.objects.filter(code__in=codes).order_by("code"))


def pass_down(owed, by, **changes):
    given = {"recipients": federations(*CITIES), "due_on": DUE, "instructions": "请各市如实填报。"}
    return services.pass_down(owed, by=by, **{**given, **changes})


def child(passed, code) -> Obligation:
    return Obligation.objects.get(parent=passed.pk, federation__code=code)


def begin(owed, officer) -> Report:
    if owed.signed_for_at is None:
        owed = services.sign_for(
            owed, by=officer, version=owed.version, leader_name="某某", department="联络部"
        )
    return services.start_report(owed, by=officer)


def file(owed, officer, **answers) -> Report:
    report = begin(owed, officer)
    report = services.save_report(
        report,
        by=officer,
        version=report.version,
        answers={**GOOD_ANSWERS, **answers},
        strict=True,
    ).report
    report = services.sign_off_report(
        report, by=officer, version=report.version, name="某某", on=dt.date(2026, 9, 14)
    )
    return services.submit_report(report, by=officer, version=report.version)
