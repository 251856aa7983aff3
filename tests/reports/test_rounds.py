"""A notice that asks again: its rounds open by themselves, are signed for once, and end together."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_site.audit.models import Entry
from platform_site.casework.models import CalendarDay, Duty
from platform_site.casework.queries import forget_calendar
from platform_site.federations.models import Federation
from platform_site.notifications.models import PortalNotice
from platform_site.obligations.models import Obligation, Round
from platform_site.obligations.schedules import DateRule, Plan
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import building
from platform_site.questionnaires.models import Form
from platform_site.questionnaires.structure import document_of
from reports import queries, services
from reports.models import Notice
from reports.queries import Wanted, matrix_for
from reports.queries.timing import timing

pytestmark = pytest.mark.django_db

QUARTERS = Plan("quarterly", "2026-Q3", "2027-Q1", DateRule(1, 10, "working", 0, 20))
BEIJING = dt.timezone(dt.timedelta(hours=8))


def on(day: str, hour: int = 9) -> dt.datetime:
    return dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=BEIJING)


@pytest.fixture
def quarterly(the_day, draft, national_leader, national_officer) -> Notice:
    """Issued on 14 September 2026 to Guangdong and Hunan, for three quarters from the third on."""
    return issued(
        draft(asks="progress", **PROGRESS, schedule=QUARTERS, due_on=None),
        national_leader,
        national_officer,
    )


PROGRESS = {"title": "关于按季度报送工作进展情况的通知"}


@pytest.fixture(autouse=True)
def progress_form(reference):
    PROGRESS["form"] = Form.objects.get(code="progress_report")


def issued(notice, leader, officer) -> Notice:
    notice = services.approve_notice(notice, by=leader, version=notice.version)
    notice = services.issue_notice(notice, by=officer, version=notice.version)
    return Notice.objects.with_request().get(pk=notice.pk)


def owed_by(notice, code, period) -> Obligation:
    return Obligation.objects.select_related("round").get(
        round__request=notice.pk, round__period=period, federation__code=code
    )


def sign(owed, officer, at):
    return services.sign_for(
        owed, by=officer, version=owed.version, leader_name="梁粤领", department="联络部", at=at
    )


def open_duties(notice, code="440000"):
    return sorted(
        Duty.objects.open()
        .filter(matter_id=notice.pk, federation__code=code)
        .values_list("rule_code", "title")
    )


# --- Drafting and issuing ---------------------------------------------------------------------------


def test_the_draft_has_the_dates_of_its_first_round_and_a_preview_of_all(draft, the_day):
    notice = draft(asks="progress", **PROGRESS, schedule=QUARTERS, due_on=None)
    round = notice.round
    assert (round.period, str(round.opens_on), str(round.due_on), str(round.locks_on)) == (
        "2026-Q3", "2026-10-08", "2026-10-20", "2026-11-17",
    )  # fmt: skip
    ahead = queries.rounds_to_come(notice)
    assert [
        (each.period.code, str(each.dates.due_on), each.dates.provisional) for each in ahead
    ] == [
        ("2026-Q3", "2026-10-20", False),
        ("2026-Q4", "2027-01-14", True),
        ("2027-Q1", "2027-04-14", True),
    ]


def test_issue_gives_out_the_first_round_which_is_filled_in_once_it_opens(
    quarterly, guangdong_officer
):
    owed = owed_by(quarterly, "440000", "2026-Q3")
    assert (str(owed.due_on), str(owed.locks_on)) == ("2026-10-20", "2026-11-17")
    owed = sign(owed, guangdong_officer, on("2026-09-15"))
    with pytest.raises(StepNotOpen) as refused:
        services.start_report(owed, by=guangdong_officer, at=on("2026-10-07"))
    assert refused.value.code == "not_open_yet"
    report = services.start_report(owed, by=guangdong_officer, at=on("2026-10-08"))
    assert (report.sheet.period, str(report.sheet.period_start)) == ("2026-Q3", "2026-07-01")
    assert report.title == "关于按季度报送工作进展情况的通知 · 2026年第三季度"


def test_a_first_round_whose_day_is_past_is_refused_at_its_field(draft, the_day):
    with pytest.raises(Invalid) as refused:
        draft(asks="progress", **PROGRESS, schedule=Plan("quarterly", "2026-Q1"), due_on=None)
    assert [(each.pointer, each.code) for each in refused.value.fields] == [
        ("/schedule/first_period", "in_the_past")
    ]
    assert not Notice.objects.exists()


def test_what_is_only_signed_for_does_not_recur(draft, the_day):
    with pytest.raises(Invalid) as refused:
        draft(asks="nothing", form=None, schedule=QUARTERS, due_on=None)
    assert refused.value.fields[0].code == "nothing_recurs"


def test_a_draft_changes_from_once_to_quarters_and_back(draft, the_day, national_officer):
    notice = draft(asks="progress", **PROGRESS)
    edit = {"by": national_officer}
    notice = services.edit_notice(notice, **edit, version=notice.version, schedule=QUARTERS)
    assert (notice.frequency, Round.objects.get().period) == ("quarterly", "2026-Q3")
    notice = Notice.objects.with_request().get(pk=notice.pk)
    notice = services.edit_notice(notice, **edit, version=notice.version, title="改了题目")
    assert Notice.objects.with_request().get(pk=notice.pk).frequency == "quarterly"
    notice = Notice.objects.with_request().get(pk=notice.pk)
    notice = services.edit_notice(
        notice, **edit, version=notice.version, schedule=None, due_on=dt.date(2026, 10, 15)
    )
    round = Round.objects.get()
    assert (round.period, round.opens_on, str(round.due_on)) == ("", None, "2026-10-15")
    assert Notice.objects.with_request().get(pk=notice.pk).frequency == "once"


# --- Opening by themselves --------------------------------------------------------------------------


def test_the_next_round_opens_on_its_day_with_everything_in_place(
    quarterly, guangdong_officer, hunan_officer
):
    sign(owed_by(quarterly, "440000", "2026-Q3"), guangdong_officer, on("2026-09-15"))
    assert services.open_due_rounds(at=on("2026-12-31")) == 0
    assert services.open_due_rounds(at=on("2027-01-01", 0)) == 1
    signed, waiting = (owed_by(quarterly, code, "2026-Q4") for code in ("440000", "430000"))
    assert (signed.state, waiting.state) == ("signed_for", "waiting")
    assert (signed.signed_for_by, signed.department) == (guangdong_officer, "联络部")
    assert (str(signed.due_on), str(signed.on_time_until)) == ("2027-01-14", "2027-01-14")
    title = "关于按季度报送工作进展情况的通知"
    assert open_duties(quarterly) == [
        ("reports.file_report", f"{title} · 2026年第三季度"),
        ("reports.file_report", f"{title} · 2026年第四季度"),
    ]
    assert open_duties(quarterly, "430000") == [
        ("reports.sign_for", f"{title} · 2026年第三季度"),
        ("reports.sign_for", f"{title} · 2026年第四季度"),
    ]
    told = PortalNotice.objects.filter(user=guangdong_officer, event="reports/round_opened")
    assert told.count() == 1
    assert Entry.objects.filter(action="reports.notice.open_round").count() == 1
    # Signing for either of them is signing for the notice.
    sign(owed_by(quarterly, "430000", "2026-Q4"), hunan_officer, on("2027-01-02"))
    assert owed_by(quarterly, "430000", "2026-Q3").state == "signed_for"
    assert [rule for rule, _title in open_duties(quarterly, "430000")] == [
        "reports.file_report"
    ] * 2


def test_a_second_ring_opens_nothing_again(quarterly):
    assert services.open_due_rounds(at=on("2027-01-01")) == 1
    assert services.open_due_rounds(at=on("2027-01-01", 10)) == 0
    assert Obligation.objects.filter(round__request=quarterly.pk).count() == 4


def test_after_the_last_period_nothing_opens_any_more(quarterly):
    assert services.open_due_rounds(at=on("2027-04-01")) == 2
    assert services.open_due_rounds(at=on("2028-04-01")) == 0
    quarterly.request.schedule.refresh_from_db()
    assert quarterly.request.schedule.next_period == ""
    found = [each.period for each in Notice.objects.get(pk=quarterly.pk).rounds]
    assert found == ["2027-Q1", "2026-Q4", "2026-Q3"]


def test_a_round_that_opens_late_has_all_its_dates_later(quarterly):
    """Beat was away for three working days: nobody loses time by it, and the trail says so."""
    services.open_due_rounds(at=on("2027-01-06"))
    round = Round.objects.get(period="2026-Q4")
    assert (str(round.opens_on), str(round.due_on)) == ("2027-01-06", "2027-01-19")
    entry = Entry.objects.get(action="reports.notice.open_round")
    assert entry.facts["working_days_late"] == 3


def test_a_plan_published_meanwhile_moves_what_is_ahead_and_nothing_that_is_open(quarterly):
    before = owed_by(quarterly, "440000", "2026-Q3").due_on
    for day in (1, 2, 3):
        CalendarDay.objects.create(
            date=dt.date(2027, 1, day), is_workday=False, name="元旦", source="通知"
        )
    forget_calendar()
    assert services.open_due_rounds(at=on("2027-01-03")) == 0
    assert services.open_due_rounds(at=on("2027-01-04")) == 1
    assert str(Round.objects.get(period="2026-Q4").due_on) == "2027-01-15"
    assert owed_by(quarterly, "440000", "2026-Q3").due_on == before


def test_a_waived_round_does_not_waive_the_next(quarterly, national_officer):
    owed = owed_by(quarterly, "440000", "2026-Q3")
    services.waive_obligation(owed, by=national_officer, version=owed.version, reason="灾情")
    services.open_due_rounds(at=on("2027-01-01"))
    assert owed_by(quarterly, "440000", "2026-Q4").state == "waiting"


def test_one_notice_that_fails_keeps_no_other_back(
    quarterly, draft, national_leader, national_officer
):
    other = issued(
        draft(asks="progress", **PROGRESS, schedule=QUARTERS, due_on=None),
        national_leader, national_officer,
    )  # fmt: skip
    # A row of its period that somebody opened by hand in the database stands in the way of one.
    Round.objects.create(request=other.request, period="2026-Q4", opened_at=on("2026-10-01"))
    Obligation.objects.create(
        round=Round.objects.get(request=other.request, period="2026-Q4"),
        federation=Federation.objects.get(code="440000"),
        issued_at=on("2026-10-01"),
    )
    assert services.open_due_rounds(at=on("2027-01-01")) == 1
    assert owed_by(quarterly, "440000", "2026-Q4").state == "waiting"


def test_a_round_of_32_opens_with_a_fixed_number_of_statements_for_what_is_owed(
    the_day, draft, national_leader, national_officer
):
    notice = issued(
        draft(asks="progress", **PROGRESS, schedule=QUARTERS, due_on=None, recipients=None),
        national_leader, national_officer,
    )  # fmt: skip
    with CaptureQueriesContext(
        connection,
    ) as asked:
        services.open_due_rounds(at=on("2027-01-01"))
    written = [each["sql"] for each in asked if each["sql"].startswith("INSERT INTO")]
    for table in ("obligations_obligation", "casework_duty"):
        assert sum(f'"{table}"' in sql.split("(")[0] for sql in written) == 1
    assert notice.request.rounds.get(period="2026-Q4").obligations.count() == 32


# --- The end ----------------------------------------------------------------------------------------


def test_closing_ends_all_rounds_and_opens_no_other(quarterly, national_officer, guangdong_officer):
    sign(owed_by(quarterly, "440000", "2026-Q3"), guangdong_officer, on("2026-09-15"))
    services.open_due_rounds(at=on("2027-01-01"))
    notice = Notice.objects.get(pk=quarterly.pk)
    services.close_notice(notice, by=national_officer, version=notice.version)
    assert services.open_due_rounds(at=on("2027-04-01")) == 0
    assert open_duties(quarterly) == []
    assert queries.rounds_to_come(Notice.objects.with_request().get(pk=quarterly.pk)) == []


def test_withdrawing_cancels_what_is_open_in_every_round_and_tells_each_once(
    quarterly, national_officer, guangdong_officer
):
    services.open_due_rounds(at=on("2027-01-01"))
    notice = Notice.objects.get(pk=quarterly.pk)
    services.withdraw_notice(notice, by=national_officer, version=notice.version, note="重复发文")
    states = {each.state for each in Obligation.objects.filter(round__request=notice.pk)}
    assert states == {"cancelled"}
    told = PortalNotice.objects.filter(user=guangdong_officer, event="reports/notice_withdrawn")
    assert told.count() == 1


# --- Moving one ahead -------------------------------------------------------------------------------


def test_one_round_ahead_is_moved_with_its_reason(quarterly, national_officer):
    notice = services.move_round(
        quarterly, by=national_officer, version=quarterly.version, period="2026-Q4",
        due_on=dt.date(2027, 1, 25), reason="年终总结较多",
    )  # fmt: skip
    ahead = queries.rounds_to_come(Notice.objects.with_request().get(pk=notice.pk))
    assert [(each.period.code, str(each.dates.due_on), each.moved_reason) for each in ahead] == [
        ("2026-Q4", "2027-01-25", "年终总结较多"),
        ("2027-Q1", "2027-04-14", ""),
    ]
    # What is planned is no round yet: the notice still stands at the one that is open.
    assert Notice.objects.with_due_date().get(pk=notice.pk).period == "2026-Q3"
    services.open_due_rounds(at=on("2027-01-01"))
    assert str(owed_by(quarterly, "440000", "2026-Q4").due_on) == "2027-01-25"


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"period": "2026-Q3"}, StepNotOpen, "not_ahead"),
        ({"period": "2027-Q2"}, StepNotOpen, "not_ahead"),
        ({"period": "nonsense"}, StepNotOpen, "not_ahead"),
        ({"reason": " "}, Invalid, "round_wrong"),
        ({"due_on": dt.date(2026, 12, 1)}, Invalid, "round_wrong"),
        ({"due_on": dt.date(2026, 9, 1)}, Invalid, "round_wrong"),
        ({"on_time_until": dt.date(2027, 1, 2)}, Invalid, "round_wrong"),
        ({"version": 99}, Stale, "stale"),
    ],
)
def test_a_round_is_not_moved_like_this(quarterly, national_officer, given, error, code):
    wanted = {
        "version": quarterly.version, "period": "2026-Q4",
        "due_on": dt.date(2027, 1, 25), "reason": "年终", **given,
    }  # fmt: skip
    with pytest.raises(error) as refused:
        services.move_round(quarterly, by=national_officer, **wanted)
    assert refused.value.code == code
    assert Round.objects.filter(request=quarterly.request).count() == 1


def test_only_the_centre_rules_rounds(quarterly, guangdong_officer, national_leader):
    for person in (guangdong_officer, national_leader):
        with pytest.raises(NotAllowed):
            services.move_round(
                quarterly, by=person, version=quarterly.version, period="2026-Q4",
                due_on=dt.date(2027, 1, 25), reason="x",
            )  # fmt: skip


# --- By hand ----------------------------------------------------------------------------------------


@pytest.fixture
def irregular(the_day, draft, national_leader, national_officer) -> Notice:
    return issued(
        draft(asks="progress", **PROGRESS, schedule=Plan("irregular")),
        national_leader,
        national_officer,
    )


def test_one_more_round_of_an_irregular_notice_is_opened_by_hand(
    irregular, national_officer, guangdong_officer
):
    assert irregular.round.period == "2026-09-14"
    sign(owed_by(irregular, "440000", "2026-09-14"), guangdong_officer, on("2026-09-15"))
    services.open_another_round(
        irregular, by=national_officer, version=irregular.version, period="2026-11-30",
        due_on=dt.date(2026, 12, 10), at=on("2026-12-01"),
    )  # fmt: skip
    assert owed_by(irregular, "440000", "2026-11-30").state == "signed_for"
    assert services.open_due_rounds(at=on("2027-12-01")) == 0


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"period": "2026-Q4"}, "/period"),
        ({"period": "x"}, "/period"),
        ({"period": "2026-09-14"}, "/period"),
        ({"due_on": dt.date(2026, 9, 1)}, "/due_on"),
        ({"locks_on": dt.date(2026, 12, 1)}, "/locks_on"),
    ],
)
def test_a_round_is_not_opened_by_hand_like_this(irregular, national_officer, given, pointer):
    wanted = {"period": "2026-11-30", "due_on": dt.date(2026, 12, 10), **given}
    with pytest.raises(Invalid) as refused:
        services.open_another_round(
            irregular, by=national_officer, version=irregular.version, at=on("2026-11-01"), **wanted
        )
    assert pointer in [each.pointer for each in refused.value.fields]


def test_the_rounds_of_periods_are_not_opened_by_hand(quarterly, issued_notice, national_officer):
    for notice, code in ((quarterly, "not_irregular"), (issued_notice, "asks_once")):
        with pytest.raises(StepNotOpen) as refused:
            services.open_another_round(
                notice, by=national_officer, version=notice.version, period="2026-11-30",
                due_on=dt.date(2026, 12, 10),
            )  # fmt: skip
        assert refused.value.code == code


# --- The form ---------------------------------------------------------------------------------------


def publish_next(officer) -> int:
    """Version 2 of the progress report: one question less that is required."""
    form = Form.objects.get(code="progress_report")
    building.begin_version(form, by=officer, version=form.version)
    version = form.versions.get(is_draft=True)
    document = document_of(version)
    document["sections"][0]["questions"][0]["name_zh"] = "本期工作（新）"
    version = building.save_draft(
        version, by=officer, version=version.version,
        sections=document["sections"], rules=document["rules"],
    )  # fmt: skip
    building.publish_version(version, by=officer, version=version.version)
    return version.number


def test_the_next_round_takes_the_newer_form_only_where_the_officer_says_so(
    quarterly, national_officer, guangdong_officer
):
    number = publish_next(national_officer)
    services.open_due_rounds(at=on("2027-01-01"))
    notice = Notice.objects.with_request().get(pk=quarterly.pk)
    assert [line.form_version for line in queries.round_lines(notice, national_officer)] == [1, 1]
    assert "renew-form" in queries.round_steps(notice, national_officer)
    newer = queries.newer_form(notice)
    changes = queries.form_changes(notice.form_version, newer)
    assert [(each.kind, each.label) for each in changes] == [("changed", "本期工作（新）")]
    notice = services.renew_form(notice, by=national_officer, version=notice.version)
    services.open_due_rounds(at=on("2027-04-01"))
    notice = Notice.objects.with_request().get(pk=quarterly.pk)
    lines = queries.round_lines(notice, national_officer)
    assert [(line.round.period, line.form_version) for line in lines] == [
        ("2027-Q1", number), ("2026-Q4", 1), ("2026-Q3", 1),
    ]  # fmt: skip
    # Who begins the earlier round only now still fills in its own version.
    owed = sign(owed_by(quarterly, "440000", "2026-Q4"), guangdong_officer, on("2027-04-02"))
    report = services.start_report(owed, by=guangdong_officer, at=on("2027-04-02"))
    assert report.sheet.form_version.number == 1
    with pytest.raises(StepNotOpen) as refused:
        services.renew_form(notice, by=national_officer, version=notice.version)
    assert refused.value.code == "no_newer_form"


def test_who_is_late_with_two_rounds_is_chased_once_for_the_first(
    quarterly, the_day, guangdong, guangdong_officer, national_officer
):
    sign(owed_by(quarterly, "440000", "2026-Q3"), guangdong_officer, on("2026-09-15"))
    services.open_due_rounds(at=on("2027-01-01"))
    the_day.move_to(on("2027-02-01"))
    notice = Notice.objects.with_request().get(pk=quarterly.pk)
    rows = [
        row for row in queries.late_rows(notice, national_officer) if row.federation == guangdong
    ]
    assert [row.duty.title[-9:] for row in rows] == ["2026年第三季度"]
    nudge = services.chase(notice, by=national_officer, federations=[guangdong])
    assert [target.duty.title[-9:] for target in nudge.targets.all()] == ["2026年第三季度"]


# --- What lists and the national view show ----------------------------------------------------------


def test_a_column_of_the_national_view_is_a_round(quarterly, national_officer):
    services.open_due_rounds(at=on("2027-01-01"))
    view = matrix_for(national_officer, Wanted(notice=quarterly.pk))
    assert [column.round.period for column in view.columns] == ["2026-Q4", "2026-Q3"]
    assert view.columns[0].title.endswith("2026年第四季度")
    assert [sum(cell is not None for _row, cell in view.column_cells(n)) for n in (0, 1)] == [2, 2]
    before = matrix_for(national_officer, Wanted(notice=quarterly.pk, as_of=dt.date(2026, 9, 14)))
    assert [column.round.period for column in before.columns] == ["2026-Q3"]
    one = matrix_for(national_officer, Wanted(notice=quarterly.pk, period="2026-Q3"))
    assert [column.round.period for column in one.columns] == ["2026-Q3"]


def test_a_summary_belongs_to_a_round(quarterly, national_officer):
    services.open_due_rounds(at=on("2027-01-01"))
    notice = Notice.objects.with_request().get(pk=quarterly.pk)
    newest = services.start_summary(notice, by=national_officer)
    first = services.start_summary(notice, by=national_officer, period="2026-Q3")
    assert newest.pk != first.pk
    assert first.title.endswith("2026年第三季度报送情况汇总")
    assert services.start_summary(notice, by=national_officer, period="2026-Q3").pk == first.pk
    with pytest.raises(Invalid):
        services.start_summary(notice, by=national_officer, period="2030-Q1")


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_open_a_round_once(quarterly):
    start = Barrier(2)

    def ring() -> int:
        start.wait()
        try:
            return services.open_due_rounds(at=on("2027-01-01"))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        opened = sorted(future.result() for future in [pool.submit(ring), pool.submit(ring)])
    assert opened == [0, 1]
    assert Obligation.objects.filter(round__period="2026-Q4").count() == 2
    assert Duty.objects.open().filter(title__endswith="2026年第四季度").count() == 2


def test_time_before_a_round_opens_is_nobodys_handling_time(
    quarterly, guangdong_officer, national_officer
):
    """Signed for once, in September: the rounds can be filled in from October and January on."""
    sign(owed_by(quarterly, "440000", "2026-Q3"), guangdong_officer, on("2026-09-15"))
    services.open_due_rounds(at=on("2027-01-01", 0))
    for period, filed in (("2026-Q3", "2026-10-09"), ("2026-Q4", "2027-01-05")):
        owed = owed_by(quarterly, "440000", period)
        Obligation.objects.filter(pk=owed.pk).update(filed_at=on(filed))
    first, second = (timing(national_officer, year).whole for year in (2026, 2027))
    assert (first.signing.count, first.signing.median) == (1, 1.0)
    assert (first.filing.count, first.filing.median) == (1, 1.0)
    assert (second.signing.count, second.filing.count) == (0, 1)
    assert second.filing.median == 2.0
