"""How things stood on a past day: the same as what was seen on that day, whatever happened since."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from platform_site.casework.queries import forget_calendar
from platform_site.federations.models import Federation
from platform_site.obligations.models import Allowance, Obligation
from platform_site.problems import Invalid
from reports import queries, services
from reports.models import Notice, Report
from reports.queries.matrix import Wanted, matrix_for
from reports.workflow import NoticeState, ReportState
from tests.answers import GOOD_ANSWERS

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
FIRST = dt.date(2026, 9, 1)
DAYS = 24


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), CHINA)


class Life:
    """Random acts of the centre and two federations, each in its own right and at its own time."""

    def __init__(self, seed: int, cast: dict[str, Any], draft: Callable[..., Notice]) -> None:
        self.random = random.Random(seed)
        self.cast, self.draft = cast, draft
        self.done: list[str] = []

    def issue(self, day: dt.date, title: str, asks: str = "pilot_plan") -> None:
        notice = self.draft(
            title=title,
            asks=asks,
            due_on=day + dt.timedelta(days=self.random.randint(5, 9)),
            recipients=Federation.objects.filter(code__in=["440000", "430000", "IU01"]),
        )
        notice = services.approve_notice(notice, by=self.cast["leader"], version=notice.version)
        services.issue_notice(notice, by=self.cast["officer"], version=notice.version)

    def act(self, day: dt.date) -> None:
        """One act on one obligation or notice, of those that are open now."""
        # In an order that does not hang on random keys: the same life at every run.
        order = ("issued_at", "round__request__title", "federation__position")
        rows = Obligation.objects.select_related("federation", "round").order_by(*order)
        owed = self.random.choice(list(rows))
        report = Report.objects.filter(obligation=owed).first()
        notice = Notice.objects.get(pk=owed.round.request_id)
        acts = [name for name in dir(self) if name.startswith("may_")]
        for name in self.random.sample(acts, len(acts)):
            if getattr(self, name)(day, notice, owed, report):
                self.done.append(name)
                return

    def filer(self, owed: Obligation) -> Any:
        return self.cast.get(owed.federation.code)

    def may_sign_for(self, day, notice, owed, report) -> bool:
        if self.filer(owed) is None or owed.state != "waiting" or notice.state != "issued":
            return False
        services.sign_for(
            owed, by=self.filer(owed), version=owed.version, leader_name="某某", department="联络部"
        )
        return True

    def may_start(self, day, notice, owed, report) -> bool:
        if report or owed.state != "signed_for" or notice.state != "issued":
            return False
        if notice.asks == "nothing":
            return False
        services.start_report(owed, by=self.filer(owed))
        return True

    def may_submit(self, day, notice, owed, report) -> bool:
        if not report or notice.state != "issued" or owed.waived_at:
            return False
        if report.state not in (ReportState.DRAFT, ReportState.RETURNED):
            return False
        filer = self.filer(owed)
        for comment in services.reports.unanswered_comments(report):
            services.reply_to_comment(comment, by=filer, version=comment.version, text="已改。")
        answers = GOOD_ANSWERS | {
            "basis": GOOD_ANSWERS["basis"] + f"{day:%m月%d日}修订。",
            "approved_on": "2026-08-20",
        }
        report = services.save_report(
            report, by=filer, version=report.version, answers=answers
        ).report
        report = services.sign_off_report(
            report, by=filer, version=report.version, name="某某", on=day
        )
        services.submit_report(report, by=filer, version=report.version)
        return True

    def may_recall(self, day, notice, owed, report) -> bool:
        if not report or report.state != ReportState.SUBMITTED or report.looked_at_at:
            return False
        if self.random.random() < 0.5:
            return False
        services.recall_report(report, by=self.filer(owed), version=report.version)
        return True

    def may_return(self, day, notice, owed, report) -> bool:
        if (
            not report
            or report.state != ReportState.SUBMITTED
            or owed.waived_at
            or owed.cancelled_at
        ):
            return False
        officer = self.cast["officer"]
        services.add_comment(report, by=officer, question="goals", text="请写具体。")
        report.refresh_from_db()
        services.return_report(report, by=officer, version=report.version, note="请改。")
        return True

    def may_accept(self, day, notice, owed, report) -> bool:
        if (
            not report
            or report.state != ReportState.SUBMITTED
            or owed.waived_at
            or owed.cancelled_at
        ):
            return False
        if self.random.random() < 0.5:
            return False
        services.accept_report(report, by=self.cast["officer"], version=report.version)
        return True

    def may_extend(self, day, notice, owed, report) -> bool:
        settled = owed.filed_at or owed.settled_at or owed.waived_at or owed.cancelled_at
        if settled or notice.state != "issued" or self.random.random() < 0.5:
            return False
        due_on = max(owed.due_on, day) + dt.timedelta(days=self.random.randint(1, 3))
        services.extend_obligation(
            owed,
            by=self.cast["officer"],
            version=owed.version,
            due_on=due_on,
            on_time_until=self.random.choice([None, due_on + dt.timedelta(days=2)]),
            reason="汛期。",
        )
        return True

    def may_waive(self, day, notice, owed, report) -> bool:
        settled = owed.settled_at or owed.waived_at or owed.cancelled_at
        if settled or notice.state != "issued" or self.random.random() < 0.9:
            return False
        services.waive_obligation(
            owed, by=self.cast["officer"], version=owed.version, reason="机构改革。"
        )
        return True

    def may_end(self, day, notice, owed, report) -> bool:
        """Closing or withdrawing a whole notice, in the last days."""
        if notice.state != NoticeState.ISSUED or day < FIRST + dt.timedelta(days=16):
            return False
        if self.random.random() < 0.85:
            return False
        officer = self.cast["officer"]
        if self.random.random() < 0.7:
            services.close_notice(notice, by=officer, version=notice.version)
        else:
            services.withdraw_notice(notice, by=officer, version=notice.version, note="有误。")
        return True


def seen(user: Any, day: dt.date | None = None) -> Any:
    """What the view says, without the objects it says it of."""
    view = matrix_for(user, Wanted(as_of=day))
    columns = [(column.pk, column.state, column.due_on, column.rates) for column in view.columns]
    rows = [(row.federation.code, row.cells, row.rates) for row in view.rows]
    return columns, rows, view.total, view.periods, view.tally


def read(user: Any, day: dt.date) -> dict[Any, Any]:
    """What this reader finds of each report, that day's last version and comments."""
    found = {}
    for report in Report.objects.visible_to(user):
        then = queries.report_then(report, user, day)
        found[report.pk] = then and (
            then.state,
            then.is_late,
            then.kept and then.kept.number,
            sorted((str(each.pk), each.reply) for each in then.comments),
        )
    return {pk: each for pk, each in found.items() if each}


def read_now(user: Any, day: dt.date) -> dict[Any, Any]:
    found = {}
    for report in Report.objects.visible_to(user):
        kept = queries.latest_version(report)
        comments = queries.comments_for(report, user)
        found[report.pk] = (
            report.state,
            report.obligation.is_late(day),
            kept and kept.number,
            sorted((str(each.pk), each.reply) for each in comments),
        )
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_past_day_is_as_it_was_seen_on_that_day(
    seed, draft, national_officer, national_leader, guangdong_officer, hunan_officer, auditor
):
    cast = {"officer": national_officer, "leader": national_leader}
    cast |= {"440000": guangdong_officer, "430000": hunan_officer}
    readers = [national_officer, guangdong_officer, hunan_officer, auditor]
    life = Life(seed, cast, draft)
    snapshots: dict[dt.date, Any] = {}
    for number in range(DAYS):
        day = FIRST + dt.timedelta(days=number)
        with time_machine.travel(at(day, 9), tick=True) as clock:
            forget_calendar()
            if number in (0, 6, 11):
                life.issue(day, f"第{number}日的通知", "nothing" if number == 11 else "pilot_plan")
            for turn in range(life.random.randint(2, 6)):
                # The last act of a day may come a minute before midnight, the first just after it.
                clock.move_to(at(day, *((10 + turn, 0) if turn < 4 else (23, 55 + turn - 4))))
                life.act(day)
            clock.move_to(at(day, 23, 59))
            snapshots[day] = [(seen(user), read_now(user, day)) for user in readers]
    assert len(set(life.done)) >= 7, life.done
    with time_machine.travel(at(FIRST + dt.timedelta(days=DAYS + 30), 9)):
        forget_calendar()
        for day, views in snapshots.items():
            for user, (view, reports) in zip(readers, views, strict=True):
                assert seen(user, day) == view, (day, user)
                assert read(user, day) == reports, (day, user)
        before = FIRST - dt.timedelta(days=1)
        columns, rows, _total, periods, tally = seen(national_officer, before)
        assert (columns, periods) == ([], ())
        assert {len(cells) for _code, cells, _rates in rows} == {0}
        assert tally == {"late": 0}
    forget_calendar()


def test_an_extension_counts_from_the_day_it_was_granted(obligation, national_officer, the_day):
    """Late on the day, not late once extended: each day keeps its own truth."""
    later = {"by": national_officer, "reason": "汛期。", "due_on": dt.date(2026, 11, 2)}
    the_day.move_to(at(dt.date(2026, 10, 20), 9))
    services.extend_obligation(
        obligation,
        version=obligation.version,
        on_time_until=dt.date(2026, 11, 5),
        **later,
    )
    the_day.move_to(at(dt.date(2026, 11, 20), 9))

    def cell(day: dt.date) -> Any:
        view = matrix_for(national_officer, Wanted(as_of=day))
        return next(row.cells[0] for row in view.rows if row.federation.code == "440000")

    assert (cell(dt.date(2026, 10, 19)).due_on, cell(dt.date(2026, 10, 19)).is_late) == (
        dt.date(2026, 10, 15),
        True,
    )
    assert cell(dt.date(2026, 10, 20)).is_late is False
    assert cell(dt.date(2026, 11, 5)).is_late is False
    assert cell(dt.date(2026, 11, 6)).is_late is True
    assert Allowance.objects.get().to_on_time_until == dt.date(2026, 11, 5)


@pytest.mark.parametrize("day", [dt.date(2026, 9, 15), dt.date(1999, 12, 31)])
def test_no_day_ahead_and_none_before_all_records(the_day, day):
    with pytest.raises(Invalid) as refused:
        queries.check_day(day)
    assert [each.pointer for each in refused.value.fields] == ["/as_of"]
