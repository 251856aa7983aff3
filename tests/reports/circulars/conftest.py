"""A notice that five federations met each in their own way, and circulars (通报) about it."""

from __future__ import annotations

import datetime as dt

import pytest

from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.questionnaires.models import Form
from reports import services
from reports.documents import official_of_circular
from reports.models import Circular
from reports.queries import circulars as queries
from tests.factories.accounts import user_with

BEIJING = dt.timezone(dt.timedelta(hours=8))
ON_TIME, LATE, SILENT, EXTENDED, WAIVED = "110000", "120000", "130000", "430000", "440000"


def september(day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2026, 9, day, hour, tzinfo=BEIJING)


@pytest.fixture
def at(the_day):
    """Go to a day of September 2026; the 14th is a Monday."""
    return lambda day, hour=10: the_day.move_to(september(day, hour))


@pytest.fixture
def notice(at, draft, national_leader, national_officer):
    """Issued on Monday the 14th to five federations, due on Wednesday the 16th."""
    at(14)
    notice = draft(
        title="关于报送进展情况的通知",
        asks="progress",
        form=Form.objects.get(code="progress_report"),
        due_on=dt.date(2026, 9, 16),
        recipients=[
            Federation.objects.get(code=code) for code in (ON_TIME, LATE, SILENT, EXTENDED, WAIVED)
        ],
    )
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    return services.issue_notice(notice, by=national_officer, version=notice.version)


@pytest.fixture
def owed(notice):
    return lambda code: Obligation.objects.select_related("round__request").get(
        round__request=notice.pk, federation__code=code
    )


@pytest.fixture
def submit(owed):
    """Let one federation file that it has nothing to report, or send its report again."""
    officers = {}

    def act(code: str):
        it = owed(code)
        officer = officers.get(code) or officers.setdefault(
            code, user_with(Role.LIAISON_OFFICER, it.federation, username=f"filer.{code}")
        )
        if it.signed_for_at is None:
            it = services.sign_for(
                it, by=officer, version=it.version, leader_name="领导", department="部门"
            )
        report = getattr(it, "report", None) or services.start_report(it, by=officer)
        report = services.save_report(
            report,
            by=officer,
            version=report.version,
            nothing_to_report=True,
            nothing_reason="本月没有新情况",
        ).report
        report = services.sign_off_report(
            report, by=officer, version=report.version, name="领导", on=dt.date(2026, 9, 14)
        )
        return services.submit_report(report, by=officer, version=report.version)

    return act


@pytest.fixture
def played(at, owed, submit, notice, national_officer):
    """One on time and returned once, one late, one silent, one extended, one waived; it is the 28th."""
    at(15)
    report = submit(ON_TIME)
    later = owed(EXTENDED)
    services.extend_obligation(
        later,
        by=national_officer,
        version=later.version,
        due_on=dt.date(2026, 9, 25),
        reason="台风",
    )
    at(16)
    services.return_report(report, by=national_officer, version=report.version, note="请补充")
    at(17)
    free = owed(WAIVED)
    services.waive_obligation(free, by=national_officer, version=free.version, reason="机构改革")
    at(18)
    submit(LATE)
    at(21)
    report = submit(ON_TIME)
    services.accept_report(report, by=national_officer, version=report.version)
    at(22)
    submit(EXTENDED)
    at(28)
    return notice


@pytest.fixture
def about(played, national_officer, acftu):
    def draft(**changes) -> Circular:
        given = {
            "by": national_officer,
            "federation": acftu,
            "title": "关于进展情况报送情况的通报",
            "as_of": dt.date(2026, 9, 28),
            "rounds": [played.round],
        }
        return services.draft_circular(**{**given, **changes})

    return draft


@pytest.fixture
def approved(about, national_leader):
    def make(**changes) -> Circular:
        circular = about(**changes)
        return services.approve_circular(circular, by=national_leader, version=circular.version)

    return make


@pytest.fixture
def issued(approved, national_officer):
    def make(**changes) -> Circular:
        circular = approved(**changes)
        return services.issue_circular(circular, by=national_officer, version=circular.version)

    return make


def groups(circular: Circular) -> dict[str, str]:
    [part] = queries.shown_content(circular)["parts"]
    return {line["federation"]: line["group"] for line in part["lines"]}


def line(circular: Circular, code: str):
    [part] = queries.shown_content(circular)["parts"]
    return next(each for each in part["lines"] if each["federation"] == code)


def text_of(circular: Circular) -> str:
    official = official_of_circular(circular, queries.shown_content(circular))
    return "\n".join(getattr(block, "text", "") for block in official.body)


def pointers(refused) -> list[str]:
    return [problem.pointer for problem in refused.value.fields]
