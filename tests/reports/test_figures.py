"""Tables of figures: what adds up and what does not, who is missing, who sees what, and where numbers come from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from platform_site.attachments.store import path_of
from platform_site.federations.models import Federation
from platform_site.jobs import services as jobs
from platform_site.jobs.models import Job
from platform_site.obligations import periods
from platform_site.questionnaires.models import Figure, Form, Indicator
from platform_site.questionnaires.services import open_sheet
from reports import services
from reports.jobs import FigureView, start_export_figures
from reports.queries.figures import Amount, Stored, across, days_of, over_time

pytestmark = pytest.mark.django_db
D = Decimal


def period(code):
    return periods.parse(code)


def indicator(measure="period", adds_up="sum"):
    return Indicator(code="tried", measure=measure, adds_up=adds_up)


def stored(code, number, id=1):
    """A figure for a period, or for a day where nothing more is known."""
    if len(code) == 10:
        return Stored(dt.date.fromisoformat(code), None, D(number), id)
    of = period(code)
    return Stored(of.start, of.end, D(number), id)


class TestOverTime:
    def number(self, figures, code, **rules):
        return over_time(indicator(**rules), figures, period(code)).number

    def test_figures_of_a_period_add_up(self):
        quarters = [stored("2026-Q1", 1), stored("2026-Q2", 2), stored("2026-Q3", 4)]
        assert self.number(quarters, "2026") == 7
        assert self.number(quarters, "2026-H1") == 3
        assert self.number(quarters, "2026-Q3") == 4

    def test_a_part_of_the_period_says_so(self):
        quarters = [stored("2026-Q1", 1), stored("2026-Q2", 2)]
        assert over_time(indicator(), quarters, period("2026")).is_part
        assert not over_time(indicator(), quarters, period("2026-H1")).is_part

    def test_nothing_reported_is_no_zero(self):
        assert self.number([], "2026") is None
        assert self.number([stored("2026-Q1", 0)], "2026-Q1") == 0

    def test_the_same_days_never_add_up(self):
        """A report of the year, those of its quarters, and what was asked once in between."""
        figures = [
            stored("2026", 100, 1),
            stored("2026-Q1", 30, 2),
            stored("2026-Q2", 40, 3),
            stored("2026-05-20", 5, 4),
        ]
        assert self.number(figures, "2026") == 100
        assert self.number(figures, "2026-H1") == 70
        assert self.number(figures[3:], "2026-H1") == 5

    def test_of_two_reports_for_one_period_the_one_accepted_last_stands(self):
        assert self.number([stored("2026-Q1", 3, 7), stored("2026-Q1", 9, 8)], "2026-Q1") == 9

    def test_what_is_for_longer_is_no_part_of_a_shorter_period(self):
        assert self.number([stored("2026", 100)], "2026-Q1") is None
        assert self.number([stored("2026", 100)], "2026-Q4") is None

    def test_of_a_stock_the_latest_stands(self):
        figures = [stored("2026-Q1", 10, 5), stored("2026-Q3", 30, 6), stored("2026-Q2", 20, 7)]
        assert self.number(figures, "2026", measure="cumulative") == 30
        assert self.number(figures, "2026-H1", measure="cumulative") == 20
        assert self.number([stored("2026", 9)], "2026-Q4", measure="cumulative") == 9

    def test_averages_are_averaged(self):
        months = [stored("2026-01", 1), stored("2026-02", 2), stored("2026-03", 6)]
        assert self.number(months, "2026-Q1", adds_up="average") == 3


class TestAcross:
    def amounts(self, **given):
        return {
            Federation(pk=n, code=code): Amount() if number is None else Amount(D(number), (n,))
            for n, (code, number) in enumerate(given.items(), 1)
        }

    @pytest.mark.parametrize(
        ("rule", "number"), [("sum", 5), ("average", 2.5), ("count", 1), ("none", None)]
    )
    def test_by_the_rule_of_the_indicator(self, rule, number):
        found = across(indicator(adds_up=rule), self.amounts(a=5, b=0, c=None))
        assert found.number == (None if number is None else D(str(number)))
        assert (found.reported, found.of) == (2, 3)
        assert [each.code for each in found.missing] == ["c"]

    def test_the_latest_is_named(self):
        given = {
            Federation(pk=1, code="a"): Amount(D(1), (1,), on=(dt.date(2026, 3, 31), 1)),
            Federation(pk=2, code="b"): Amount(D(2), (2,), on=(dt.date(2026, 6, 30), 2)),
        }
        found = across(indicator(adds_up="latest"), given)
        assert (found.number, found.whose.code) == (2, "b")

    def test_nobody_reported(self):
        found = across(indicator(), self.amounts(a=None))
        assert (found.number, found.reported, found.of) == (None, 0, 1)


# --- On the pages and in the API --------------------------------------------------------------------


@pytest.fixture
def put(reference):
    """Store an accepted figure of a federation, as accepting a report does."""

    def act(code, name, of, number):
        federation = Federation.objects.get(code=code)
        form_version = Form.objects.get(code="progress_report").current()
        at = period(of)
        return Figure.objects.create(
            sheet=open_sheet(form_version, federation=federation, period=of),
            federation=federation,
            indicator=Indicator.objects.get(code=name),
            period_start=at.start,
            period_end=at.end,
            number=D(number),
        )

    return act


@pytest.fixture
def year(put, the_day):
    """Two provinces and one prefecture, in three quarters."""
    for code, base in (("440000", 100), ("430000", 10), ("440100", 7)):
        for quarter in (1, 2, 3):
            put(code, "trainings", f"2026-Q{quarter}", base * quarter)
            put(code, "unions_founded", f"2026-Q{quarter}", base + quarter)
    put("110000", "trainings", "2026-Q3", 1)
    put("440000", "trainings", "2025-Q3", 200)


def table_of(client, **asked):
    answer = client.get("/api/v1/figures/table/", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def cell_of(table, row, column):
    [place] = [n for n, head in enumerate(table["columns"]) if head["code"] == column]
    [line] = [each for each in table["lines"] if each["head"]["code"] == row]
    return line["cells"][place]


@pytest.mark.usefixtures("year")
class TestTable:
    def test_federations_by_periods(self, api_for, national_officer):
        table = table_of(api_for(national_officer), indicator="trainings", since=2026, until=2026)
        assert [head["code"] for head in table["columns"]] == [
            "2026-Q1",
            "2026-Q2",
            "2026-Q3",
            "all",
        ]
        assert len(table["lines"]) == 32 + 1
        assert cell_of(table, "440000", "2026-Q2")["number"] == "200"
        assert cell_of(table, "440000", "all")["number"] == "600"
        assert cell_of(table, "120000", "2026-Q2")["number"] is None
        total = cell_of(table, "all", "2026-Q2")
        assert (total["number"], total["reported"], total["of"]) == ("220", 2, 32)
        assert "110000" in total["missing"]
        assert "440000" not in total["missing"]
        assert cell_of(table, "all", "all")["number"] == "661"

    def test_what_was_passed_down_is_not_counted_twice(self, api_for, national_officer, auditor):
        for person in (national_officer, auditor):
            table = table_of(api_for(person), indicator="trainings", since=2026, until=2026)
            assert cell_of(table, "all", "2026-Q1")["number"] == "110"
            assert "440100" not in {line["head"]["code"] for line in table["lines"]}

    def test_a_stock_over_all_periods_is_the_latest(self, api_for, national_officer):
        table = table_of(
            api_for(national_officer), indicator="unions_founded", since=2026, until=2026
        )
        assert cell_of(table, "440000", "all")["number"] == "103"
        assert cell_of(table, "all", "all")["number"] == "116"

    def test_several_indicators_stand_beside_each_other_and_never_add_up(
        self, api_for, national_officer
    ):
        table = table_of(
            api_for(national_officer), indicator="trainings,unions_founded", since=2026
        )
        assert table["held"]["code"] == "2026-Q3"
        assert [head["code"] for head in table["columns"]] == ["trainings", "unions_founded"]
        assert cell_of(table, "all", "trainings")["number"] == "331"

    def test_indicators_by_periods_for_all_and_for_one(self, api_for, national_officer):
        client = api_for(national_officer)
        asked = {"indicator": "trainings", "rows": "indicator", "columns": "period", "since": 2026}
        table = table_of(client, **asked)
        assert (table["held"]["code"], cell_of(table, "trainings", "2026-Q1")["of"]) == ("all", 32)
        one = table_of(client, **asked, federation="430000")
        assert one["held"]["code"] == "430000"
        assert cell_of(one, "trainings", "2026-Q1")["number"] == "10"

    def test_by_years_and_all_periods_held(self, api_for, national_officer):
        client = api_for(national_officer)
        table = table_of(client, indicator="trainings", unit="yearly", since=2025)
        assert cell_of(table, "440000", "2025")["number"] == "200"
        assert cell_of(table, "440000", "2025")["is_part"]
        asked = {"rows": "indicator", "columns": "federation", "period": "all", "since": 2026}
        held = table_of(client, indicator="trainings", **asked)
        assert cell_of(held, "trainings", "440000")["number"] == "600"

    def test_a_province_sees_its_own_and_what_lies_below(
        self, api_for, guangdong_officer, hunan_officer
    ):
        own = table_of(api_for(guangdong_officer), indicator="trainings", since=2026)
        assert [line["head"]["code"] for line in own["lines"]] == ["440000"]
        below = table_of(
            api_for(guangdong_officer), indicator="trainings", since=2026, group="below"
        )
        codes = [line["head"]["code"] for line in below["lines"]]
        assert codes[:2] == ["all", "440100"], "the total stands above its parts"
        assert len(codes) == 21 + 1
        assert cell_of(below, "all", "2026-Q1")["number"] == "7", "its own figure is not in it"
        answer = api_for(hunan_officer).get("/api/v1/figures/table/", {"group": "provinces"})
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        ("asked", "status", "pointer"),
        [
            ({"indicator": "no_such"}, 422, "/indicator"),
            ({"unit": "weekly"}, 422, "/unit"),
            ({"period": "2026-Q7"}, 422, "/period"),
            ({"period": "2020-Q1"}, 422, "/period"),
            ({"since": "2026", "until": "2025"}, 422, "/until"),
            ({"since": "2016", "unit": "monthly"}, 422, "/since"),
            ({"since": "2080"}, 422, "/since"),
            ({"rows": "period", "columns": "period"}, 422, "/columns"),
            ({"federation": "440100"}, 422, "/federation"),
            ({"colour": "red"}, 400, "/colour"),
        ],
    )
    def test_what_cannot_be_shown_is_said(self, api_for, national_officer, asked, status, pointer):
        answer = api_for(national_officer).get("/api/v1/figures/table/", asked)
        assert answer.status_code == status
        assert pointer in [each["pointer"] for each in answer.json()["errors"]]


@pytest.mark.usefixtures("year")
class TestTrendAndRanking:
    def test_changes_are_like_for_like(self, api_for, national_officer):
        """Beijing reported in the third quarter alone: it is in the number, not in the change."""
        answer = api_for(national_officer).get(
            "/api/v1/figures/trend/",
            {"indicator": "trainings", "since": 2026, "federation": "440000"},
        )
        together, guangdong = answer.json()["tracks"]
        point = together["points"][2]
        assert (point["period"], point["number"], point["reported"]) == ("2026-Q3", "331", 3)
        assert point["before"] == {"difference": "110", "percent": "50", "over": 2}
        assert point["year"] == {"difference": "100", "percent": "50", "over": 1}
        assert guangdong["points"][0]["before"] is None

    def test_equals_share_a_rank_and_who_is_missing_has_none(self, put, api_for, national_officer):
        put("120000", "trainings", "2026-Q3", 30)
        found = (
            api_for(national_officer)
            .get("/api/v1/figures/ranking/", {"indicator": "trainings", "since": 2026})
            .json()
        )
        assert [(each["rank"], each["federation"]) for each in found["lines"]] == [
            (1, "440000"),
            (2, "120000"),
            (2, "430000"),
            (4, "110000"),
        ]
        assert found["lines"][0]["share"] == "83.1"
        assert len(found["total"]["missing"]) == 28


@pytest.mark.usefixtures("year")
class TestPages:
    ADDRESSES = ("figures", "figure-trend", "figure-ranking", "figure-progress", "figure-timing")

    def test_the_missing_are_named_and_a_number_leads_to_its_report(
        self, client_for, national_officer
    ):
        client = client_for(national_officer)
        page = client.get("/w/figures/?indicator=trainings&since=2026").content.decode()
        assert "已报3/32" in page
        assert "缺报单位" in page
        assert "天津" in page.split("缺报单位")[1]
        address = (
            "/w/figures/sources/?indicator=trainings&amp;group=provinces&amp;federation=440000"
        )
        assert address in page

    def test_what_is_left_over_from_another_choice_does_no_harm(self, client_for, national_officer):
        client = client_for(national_officer)
        answer = client.get("/w/figures/?unit=yearly&period=2026-Q3&federation=IU01&since=2026")
        assert answer.status_code == 200

    @pytest.mark.parametrize("query", ["?unit=weekly", "?since=2026&until=2025", "?rows=sideways"])
    def test_a_wrong_choice_is_said_beside_its_field(self, client_for, national_officer, query):
        parts = ("figures", "figure-trend", "figure-ranking")
        for name in parts[:1] if "rows" in query else parts:
            answer = client_for(national_officer).get(reverse(name) + query)
            assert answer.status_code == 422
            assert "field--error" in answer.content.decode()

    @pytest.mark.parametrize("query", ["", "?indicator=trainings", "?indicator=trainings&since=x"])
    def test_sources_need_a_number_to_trace(self, client_for, national_officer, query):
        answer = client_for(national_officer).get(reverse("figure-sources") + query)
        assert answer.status_code == 400

    def test_nobody_reads_more_than_the_own_figures(self, client_for, hunan_officer):
        client = client_for(hunan_officer)
        page = client.get("/w/figures/?indicator=trainings&since=2026").content.decode()
        assert "广东" not in page.split('id="pivot"')[1]
        sources = client.get(
            "/w/figures/sources/?indicator=trainings&federation=440000&since=2026-Q1"
        )
        assert sources.status_code == 200
        assert "没有" in sources.content.decode()

    @pytest.mark.parametrize("name", ADDRESSES)
    def test_the_number_of_queries_does_not_grow(self, put, client_for, national_officer, name):
        client = client_for(national_officer)
        address = reverse(name)
        client.get(address)
        with CaptureQueriesContext(connection) as few:
            assert client.get(address).status_code == 200
        for code in ("130000", "140000", "210000"):
            put(code, "trainings", "2026-Q2", 5)
        with CaptureQueriesContext(connection) as more:
            assert client.get(address).status_code == 200
        assert len(few) == len(more)
        assert len(more) <= 14


def workbook(by, view, **given):
    job = jobs.run_job(start_export_figures(by=by, view=view, given=given).pk)
    assert job.state == Job.State.DONE, job.failed_reason
    return load_workbook(BytesIO(path_of(job.result.sha256).read_bytes()))


@pytest.mark.usefixtures("year")
class TestWorkbooks:
    def test_the_table_with_who_is_missing(self, national_officer):
        book = workbook(national_officer, FigureView.TABLE, indicator=["trainings"], since=["2026"])
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        guangdong = next(row for row in rows if row[0] == "440000")
        assert guangdong[2:5] == (100, 200, 300)
        tianjin = next(row for row in rows if row[0] == "120000")
        assert set(tianjin[2:]) == {None}
        assert any("天津" in str(cell) for row in rows for cell in row[2:])

    @pytest.mark.parametrize("view", FigureView)
    def test_every_part_is_a_workbook(self, national_officer, view):
        rows = list(workbook(national_officer, view).worksheets[0].iter_rows(values_only=True))
        assert len({len(row) for row in rows}) == 1

    def test_bad_filters_lead_back_to_the_page_that_names_them(self, client_for, national_officer):
        client = client_for(national_officer)
        answer = client.post(reverse("figure-export") + "?unit=weekly", {"view": "trend"})
        assert answer["Location"] == reverse("figure-trend") + "?unit=weekly"
        assert client.post(reverse("figure-export"), {"view": "nothing"}).status_code == 400
        assert not Job.objects.exists()

    def test_a_filter_that_the_api_does_not_know(self, api_for, national_officer):
        answer = api_for(national_officer).post(
            "/api/v1/figures/export/",
            {"view": "timing", "filters": {"unit": "monthly"}},
            content_type="application/json",
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/filters/unit"


# --- From a report to a number and back ---------------------------------------------------------------


def accepted(report, officer):
    return services.accept_report(report, by=officer, version=report.version)


class TestSources:
    def test_a_number_leads_to_the_report_it_was_accepted_in(
        self, submitted_report, national_officer, api_for
    ):
        report = accepted(submitted_report, national_officer)
        answer = api_for(national_officer).get(
            "/api/v1/figures/sources/", {"indicator": "pilots_city", "since": "2026-Q3"}
        )
        [source] = answer.json()["sources"]
        assert (source["report"], source["version"]) == (str(report.pk), 1)
        assert source["counts"]
        assert source["period_end"] is None, "it was asked once"

    def test_what_stands_for_the_same_days_is_told(self, put, national_officer, api_for):
        put("440000", "trainings", "2026-Q3", 3)
        put("440000", "trainings", "2026-09", 1)
        answer = api_for(national_officer).get(
            "/api/v1/figures/sources/", {"indicator": "trainings", "since": "2026-Q3"}
        )
        assert [(each["number"], each["counts"]) for each in answer.json()["sources"]] == [
            ("3", True),
            ("1", False),
        ]

    def test_a_withdrawn_report_never_came_to_count(self, submitted_report, national_officer):
        assert not Figure.objects.exists()
        notice = submitted_report.notice
        services.withdraw_notice(
            notice, by=national_officer, version=notice.version, note="不再需要。"
        )
        assert not Figure.objects.exists()

    def test_the_days_of_a_sheet(self, reference, the_day, guangdong):
        version = Form.objects.get(code="progress_report").current()

        def days(code, start=None):
            return days_of(
                open_sheet(version, federation=guangdong, period=code, period_start=start)
            )

        assert days("2026-Q3") == (dt.date(2026, 7, 1), dt.date(2026, 9, 30))
        assert days("2026-09-10") == (dt.date(2026, 9, 10), None)
        assert days("", dt.date(2026, 8, 3)) == (dt.date(2026, 8, 3), None)
        assert days("autumn", dt.date(2026, 8, 3)) == (dt.date(2026, 8, 3), None)
        assert days("") == (dt.date(2026, 9, 14), None)

    def test_a_figure_does_not_end_before_it_begins(self, put):
        figure = put("440000", "trainings", "2026-Q3", 3)
        with pytest.raises(IntegrityError), transaction.atomic():
            Figure.objects.filter(pk=figure.pk).update(period_end=dt.date(2026, 1, 1))


class TestTiming:
    def test_working_days_of_each_leg(
        self, submitted_report, national_officer, guangdong_officer, api_for, the_day
    ):
        """Returned on Friday, sent again on Monday, accepted on Wednesday: two working days."""
        the_day.move_to(dt.datetime(2026, 9, 18, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))))
        report = services.return_report(
            submitted_report, by=national_officer, version=submitted_report.version, note="请改。"
        )
        the_day.move_to(dt.datetime(2026, 9, 21, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))))
        report = services.sign_off_report(
            report,
            by=guangdong_officer,
            version=report.version,
            name="梁粤领",
            on=dt.date(2026, 9, 21),
        )
        report = services.submit_report(report, by=guangdong_officer, version=report.version)
        the_day.move_to(dt.datetime(2026, 9, 23, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))))
        accepted(report, national_officer)
        found = api_for(national_officer).get("/api/v1/figures/timing/", {"year": 2026}).json()
        [guangdong] = [each for each in found["federations"] if each["federation"] == "440000"]
        assert guangdong["deciding"] == {"count": 1, "median": 2.0, "ninth": 2}
        assert guangdong["signing"] == {"count": 1, "median": 0.0, "ninth": 0}
        assert (guangdong["reports"], guangdong["returns"]) == (1, 1)
        assert guangdong["rates"]["completeness"] == {"part": 1, "whole": 1, "percent": 100}
        assert found["notices"][0]["rates"]["completeness"]["whole"] == 2

    def test_a_province_reads_its_own(self, submitted_report, hunan_officer, api_for):
        found = api_for(hunan_officer).get("/api/v1/figures/timing/", {"year": 2026}).json()
        assert [each["federation"] for each in found["federations"]] == ["430000"]

    def test_median_and_nine_of_ten(self):
        from reports.queries.timing import leg_of

        assert leg_of([3, 1, 2, None, 10]).median == 2.5
        assert leg_of(range(1, 11)).ninth == 9
        assert leg_of([5]).ninth == 5
        assert leg_of([None]).median is None
