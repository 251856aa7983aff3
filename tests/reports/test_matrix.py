"""The national view: who stands where, what is blank, what the rates count, and who sees which row."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from platform_site.federations.models import Federation
from platform_site.federations.tiles import INACTIVE, PLACES
from platform_site.obligations.models import Obligation
from platform_site.questionnaires.models import Form
from reports import services
from reports.queries import (
    Group,
    Rate,
    Standing,
    Wanted,
    matrix_for,
    matrix_lines_sheet,
    matrix_sheet,
)
from tests.answers import GOOD_ANSWERS
from tests.reports.test_as_of import at

pytestmark = pytest.mark.django_db
PAGE = "/w/matrix/"


def cell_of(user: Any, code: str = "440000", column: int = 0, **wanted: Any) -> Any:
    view = matrix_for(user, Wanted(**wanted))
    return next(row.cells[column] for row in view.rows if row.federation.code == code)


@pytest.fixture
def issue(draft, national_leader, national_officer):
    def make(**changes: Any) -> Any:
        notice = draft(**changes)
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        return services.issue_notice(notice, by=national_officer, version=notice.version)

    return make


class TestStandings:
    def test_each_act_moves_the_cell(
        self, obligation, national_officer, guangdong_officer, the_day
    ):
        def standing() -> str:
            return str(cell_of(national_officer).standing)

        seen = [standing()]
        owed = services.sign_for(
            obligation, by=guangdong_officer, version=1, leader_name="某", department="部"
        )
        seen.append(standing())
        report = services.start_report(owed, by=guangdong_officer, answers=GOOD_ANSWERS)
        seen.append(standing())
        assert cell_of(national_officer).report is None, "nobody reads a draft of others"
        assert cell_of(guangdong_officer).report == report.pk
        report = services.sign_off_report(
            report,
            by=guangdong_officer,
            version=report.version,
            name="某",
            on=dt.date(2026, 9, 14),
        )
        report = services.submit_report(report, by=guangdong_officer, version=report.version)
        seen.append(standing())
        assert cell_of(national_officer).report == report.pk
        report = services.return_report(
            report, by=national_officer, version=report.version, note="请改。"
        )
        seen.append(standing())
        assert seen == ["waiting", "signed_for", "drafting", "submitted", "returned"]

    def test_past_the_limit_and_not_signed_for_is_silent(
        self, issued_notice, signed_obligation, national_officer, the_day
    ):
        """Guangdong signed for it and is late; Hunan did nothing and is silent."""
        the_day.move_to(at(dt.date(2026, 10, 16), 9))
        ours, theirs = cell_of(national_officer), cell_of(national_officer, "430000")
        assert (ours.standing, ours.is_late) == (Standing.SIGNED_FOR, True)
        assert theirs.standing == Standing.SILENT
        the_day.move_to(at(dt.date(2026, 10, 15), 23, 59))
        assert cell_of(national_officer, "430000").standing == Standing.WAITING

    def test_once_closed_whoever_filed_nothing_is_silent(
        self, issued_notice, signed_obligation, national_officer
    ):
        services.close_notice(issued_notice, by=national_officer, version=issued_notice.version)
        assert cell_of(national_officer).standing == Standing.SILENT

    def test_filed_late_stays_late_when_it_is_accepted(
        self, ready_report, guangdong_officer, national_officer, the_day
    ):
        the_day.move_to(at(dt.date(2026, 10, 17), 9))
        report = services.submit_report(
            ready_report, by=guangdong_officer, version=ready_report.version
        )
        services.accept_report(report, by=national_officer, version=report.version)
        cell = cell_of(national_officer)
        assert (cell.standing, cell.is_late) == (Standing.ACCEPTED, True)
        view = matrix_for(national_officer)
        assert view.columns[0].rates.completeness == Rate(1, 2)
        assert view.columns[0].rates.on_time == Rate(0, 2), "Hunan is past the limit as well"

    def test_who_is_no_recipient_has_a_blank_cell_and_no_rate(
        self, issued_notice, national_officer
    ):
        view = matrix_for(national_officer)
        beijing = next(row for row in view.rows if row.federation.code == "110000")
        assert beijing.cells == (None,)
        assert beijing.rates.completeness.percent is None
        assert view.columns[0].rates.completeness == Rate(0, 2)
        assert view.columns[0].rates.on_time == Rate(0, 0), "nothing is decided yet"

    def test_waived_and_cancelled_ones_are_owed_by_nobody(
        self, issued_notice, obligation, national_officer
    ):
        services.waive_obligation(
            obligation, by=national_officer, version=obligation.version, reason="机构改革。"
        )
        assert cell_of(national_officer).standing == Standing.WAIVED
        assert matrix_for(national_officer).total.completeness == Rate(0, 1)
        issued_notice.refresh_from_db()
        services.withdraw_notice(
            issued_notice, by=national_officer, version=issued_notice.version, note="有误。"
        )
        assert cell_of(national_officer, "430000").standing == Standing.CANCELLED
        assert matrix_for(national_officer).total.completeness.percent is None

    def test_history_of_which_nothing_is_known_is_blank(self, acftu, national_officer, the_day):
        services.import_notice(
            by=None,
            federation=acftu,
            drafted_by=national_officer,
            title="2016年9月的通知",
            text="待查。",
            asks="pilot_plan",
            business_line="social_organisations",
            form=Form.objects.get(code="pilot_plan"),
            year=2016,
            month=9,
        )
        view = matrix_for(national_officer)
        assert not any(view.cells())
        assert view.total.completeness.percent is None
        assert len(matrix_for(national_officer, Wanted(year=2016)).columns) == 1
        assert len(matrix_for(national_officer, Wanted(year=2017)).columns) == 0

    @pytest.mark.parametrize(
        ("part", "whole", "percent"),
        [(0, 0, None), (0, 9, 0), (1, 860, 1), (859, 860, 99), (860, 860, 100), (2, 3, 67)],
    )
    def test_hundred_percent_means_all(self, part, whole, percent):
        assert Rate(part, whole).percent == percent


class TestWhoSeesWhat:
    def test_the_centre_has_all_43_rows_and_a_province_its_own(
        self, issued_notice, national_officer, national_leader, auditor, guangdong_officer
    ):
        for user in (national_officer, national_leader, auditor):
            assert len(matrix_for(user).rows) == 43
        view = matrix_for(guangdong_officer)
        assert [row.federation.code for row in view.rows] == ["440000"]
        assert view.total.completeness == Rate(0, 1)

    def test_whoever_reads_no_obligations_sees_no_row(
        self, issued_notice, casework_officer, system_administrator
    ):
        for user in (casework_officer, system_administrator):
            assert matrix_for(user).rows == ()

    def test_a_province_finds_nothing_of_another_on_the_page(
        self, issued_notice, client_for, hunan_officer
    ):
        page = client_for(hunan_officer).get(PAGE).content.decode()
        assert "湖南" in page
        for word in ("广东", "北京", "0/2", "id_group", "tilemap"):
            assert word not in page

    def test_what_was_passed_down_is_not_in_the_view(
        self, issued_notice, obligation, national_officer, federation_by_code
    ):
        before = [*matrix_for(national_officer).cells()]
        Obligation.objects.create(
            round=obligation.round,
            federation=federation_by_code("440100"),
            parent=obligation,
            issued_at=obligation.issued_at,
        )
        assert [*matrix_for(national_officer).cells()] == before


class TestNarrowing:
    def test_by_line_period_state_and_what_is_asked(self, issue, the_day, national_officer):
        issue(title="甲")
        issue(
            title="乙",
            asks="nothing",
            form=None,
            business_line="platform",
            due_on=dt.date(2027, 1, 8),
        )

        def titles(**wanted: Any) -> list[str]:
            return [
                column.notice.title
                for column in matrix_for(national_officer, Wanted(**wanted)).columns
            ]

        assert titles() == ["乙", "甲"]
        assert titles(business_line="platform") == ["乙"]
        assert titles(asks="pilot_plan") == ["甲"]
        assert titles(year=2026, quarter=4) == ["甲"]
        assert titles(year=2026, quarter=3) == []
        assert titles(year=2027) == ["乙"]
        assert titles(state="closed") == []
        assert [period.label for period in matrix_for(national_officer).periods] == [
            "2027年",
            "2027年第1季度",
            "2026年",
            "2026年第4季度",
        ]

    def test_by_group_and_standing(self, issued_notice, signed_obligation, national_officer):
        provinces = matrix_for(national_officer, Wanted(group=Group.PROVINCES))
        unions = matrix_for(national_officer, Wanted(group=Group.UNIONS))
        assert (len(provinces.rows), len(unions.rows)) == (32, 11)
        waiting = matrix_for(national_officer, Wanted(standing="waiting"))
        assert [row.federation.code for row in waiting.rows] == ["430000"]

    def test_twenty_notices_a_page(self, issue, the_day, national_officer):
        for number in range(5):
            issue(title=f"第{number}号")
        first = matrix_for(national_officer, size=2)
        second = matrix_for(national_officer, size=2, cursor=first.next)
        assert [column.notice.title for column in (*first.columns, *second.columns)] == [
            "第4号",
            "第3号",
            "第2号",
            "第1号",
        ]
        assert second.previous


class TestPage:
    def test_a_cell_opens_the_report_and_the_map_has_every_province(
        self, client_for, national_officer, submitted_report
    ):
        page = client_for(national_officer).get(PAGE).content.decode()
        assert f'href="{submitted_report.get_absolute_url()}"' in page
        assert page.count("tilemap__tile ") == 35
        assert page.count("tilemap__tile--inactive") == 3
        owed = Obligation.objects.get(federation__code="430000")
        assert f'href="{owed.get_absolute_url()}"' in page

    def test_the_map_of_one_notice(self, client_for, national_officer, submitted_report):
        notice = submitted_report.obligation.round.request_id
        page = client_for(national_officer).get(PAGE, {"show": str(notice)}).content.decode()
        tile = re.search(r"tilemap__tile--c5 tilemap__tile--r7.*?</li>", page)
        assert tile
        assert "已提交" in tile[0]
        assert "广东" in tile[0]

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"as_of": "2026-09-15"}, "as_of"),
            ({"as_of": "gestern"}, "as_of"),
            ({"as_of": "0001-01-01"}, "as_of"),
            ({"quarter": "2"}, "year"),
            ({"year": "1200"}, "year"),
            ({"standing": "asleep"}, "standing"),
        ],
    )
    def test_nonsense_is_said_beside_the_field(
        self, client_for, national_officer, issued_notice, asked, field
    ):
        answer = client_for(national_officer).get(PAGE, asked)
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {field}
        assert f'id="id_{field}_error"' in answer.content.decode()

    def test_a_past_day_says_so_and_keeps_its_day_in_the_links(
        self, client_for, national_officer, submitted_report, the_day
    ):
        the_day.move_to(at(dt.date(2026, 9, 20), 9))
        client = client_for(national_officer)
        page = client.get(PAGE, {"as_of": "2026-09-14"}).content.decode()
        assert "截至2026年9月14日的情况" in page
        link = f"{submitted_report.get_absolute_url()}?as_of=2026-09-14"
        assert link in page
        assert (
            "没有已下发且符合条件的通知"
            in client.get(PAGE, {"as_of": "2026-09-13"}).content.decode()
        )
        then = client.get(link)
        assert then.status_code == 200
        assert "已提交" in then.content.decode()
        assert client.get(link.replace("as_of=2026-09-14", "as_of=2026-09-21")).status_code == 422

    def test_a_day_before_the_report_has_nothing_to_read(
        self, client_for, national_officer, submitted_report
    ):
        page = client_for(national_officer).get(
            submitted_report.get_absolute_url(), {"as_of": "2026-09-13"}
        )
        assert page.status_code == 200
        assert "当日还没有报告" in page.content.decode()
        assert GOOD_ANSWERS["basis"] not in page.content.decode()

    def test_the_number_of_queries_does_not_grow(
        self, issue, the_day, client_for, national_officer
    ):
        client, counted = client_for(national_officer), []
        for title in ("甲", "乙", "丙"):
            issue(title=title)
            client.get(PAGE)
            with CaptureQueriesContext(_connection()) as spent:
                client.get(PAGE)
            counted.append(len(spent))
        assert counted[0] == counted[2] <= 12


def _connection() -> Any:
    from django.db import connection

    return connection


class TestApi:
    def test_one_notice(self, api_for, national_officer, submitted_report, hunan_officer):
        address = f"/api/v1/notices/{submitted_report.obligation.round.request_id}/matrix/"
        body = api_for(national_officer).get(address).json()
        assert [row["federation"] for row in body["rows"]] == ["430000", "440000"]
        ours = body["rows"][1]
        assert (ours["standing"], ours["late"], ours["report"]) == (
            "submitted",
            False,
            str(submitted_report.pk),
        )
        assert body["rows"][0]["filed_at"] is None
        assert body["rates"]["completeness"] == {"part": 1, "whole": 2, "percent": 50}
        theirs = api_for(hunan_officer).get(address).json()
        assert [row["federation"] for row in theirs["rows"]] == ["430000"]
        assert theirs["rates"]["completeness"]["whole"] == 1

    def test_all_notices(self, api_for, national_officer, submitted_report):
        body = (
            api_for(national_officer).get("/api/v1/notices/matrix/", {"group": "provinces"}).json()
        )
        assert len(body["rows"]) == 32
        assert [len(row["cells"]) for row in body["rows"]] == [1] * 32
        beijing = body["rows"][0]
        assert beijing["cells"] == [None]
        assert beijing["rates"]["completeness"]["percent"] is None
        assert body["next"] is None

    def test_a_past_day(self, api_for, national_officer, submitted_report, the_day):
        the_day.move_to(at(dt.date(2026, 9, 20), 9))
        notice = submitted_report.obligation.round.request_id
        report = services.return_report(
            submitted_report, by=national_officer, version=submitted_report.version, note="请改。"
        )
        client = api_for(national_officer)

        def standing(**params: str) -> str:
            rows = client.get(f"/api/v1/notices/{notice}/matrix/", params).json()["rows"]
            return rows[1]["standing"]

        assert (standing(), standing(as_of="2026-09-14")) == ("returned", "submitted")
        address = f"/api/v1/reports/{report.pk}/"
        then = client.get(address, {"as_of": "2026-09-14"}).json()
        assert (then["state"], then["steps"]) == ("submitted", [])
        assert then["answers"]["basis"] == GOOD_ANSWERS["basis"]
        assert client.get(address, {"as_of": "2026-09-13"}).status_code == 404
        missing = client.get(f"/api/v1/notices/{notice}/matrix/", {"as_of": "2026-09-13"})
        assert missing.status_code == 404

    @pytest.mark.parametrize(
        ("params", "status"),
        [
            ({"as_of": "2026-09-15"}, 422),
            ({"as_of": "tomorrow"}, 400),
            ({"quarter": "9"}, 400),
            ({"colour": "red"}, 400),
        ],
    )
    def test_what_it_refuses(self, api_for, national_officer, issued_notice, params, status):
        answer = api_for(national_officer).get("/api/v1/notices/matrix/", params)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(params))}"


def test_the_tile_map_has_a_place_for_each_provincial_federation_and_no_two_share_one(reference):
    codes = set(Federation.objects.default_recipients().values_list("code", flat=True))
    assert set(PLACES) == codes
    places = [*PLACES.values(), *(place for place, _zh, _en in INACTIVE)]
    assert len({(place.column, place.row) for place in places}) == len(places) == 35


def test_the_page_of_a_report_offers_its_past_days(client_for, national_officer, submitted_report):
    page = client_for(national_officer).get(reverse("report-detail", args=[submitted_report.pk]))
    assert 'name="as_of"' in page.content.decode()


class TestSheet:
    def test_typed_cells_and_blanks(self, national_officer, submitted_report):
        sheet = matrix_sheet(matrix_for(national_officer))
        rows = {row[0]: row for row in sheet.rows if row[0]}
        assert len(rows) == 43
        assert {len(row) for row in sheet.rows} == {len(sheet.header)}
        assert rows["440000"][2:] == (1, 1, Decimal(1), 1, 1, Decimal(1), "已提交")
        assert rows["430000"][2:] == (1, 0, Decimal(0), None, None, None, "待签收")
        assert rows["110000"][2:] == (None,) * 7
        assert [row[-1] for row in sheet.rows[-2:]] == [Decimal("0.5"), Decimal(1)]

    def test_a_line_each(self, national_officer, submitted_report):
        lines = matrix_lines_sheet(matrix_for(national_officer)).rows
        assert [(line[0], line[6], line[9]) for line in lines] == [
            ("430000", "待签收", None),
            ("440000", "已提交", dt.date(2026, 9, 14)),
        ]
