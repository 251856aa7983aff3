"""Targets of indicators: set as a whole, read by those they are for, and what is reached of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from platform_site.audit.models import Entry
from platform_site.federations.models import Federation
from platform_site.problems import Invalid, NotAllowed, Stale
from platform_site.questionnaires.models import Figure, Form, Indicator, IndicatorTarget
from platform_site.questionnaires.services import open_sheet
from platform_site.questionnaires.targets import set_targets, stamp_of, targets_of
from reports.queries.trends import elapsed_share, progress

pytestmark = pytest.mark.django_db
D = Decimal
PAGE = "/w/figures/targets/"


@pytest.fixture
def trainings(reference) -> Indicator:
    return Indicator.objects.get(code="trainings")


@pytest.fixture
def targets(trainings, national_officer, the_day):
    return set_targets(
        trainings,
        by=national_officer,
        year=2026,
        targets={"ACFTU": D(1000), "440000": D(100), "430000": D(50)},
    )


def numbers(indicator, year=2026):
    return {each.federation.code: each.number for each in targets_of(indicator, year)}


class TestSetting:
    def test_the_trail_tells_what_was_set(self, trainings, targets, national_officer):
        assert numbers(trainings) == {"ACFTU": 1000, "440000": 100, "430000": 50}
        set_targets(
            trainings, by=national_officer, year=2026, targets={"440000": D(120), "430000": None}
        )
        assert numbers(trainings) == {"ACFTU": 1000, "440000": 120}
        entry = Entry.objects.filter(action="questionnaires.indicator.set_targets").latest("id")
        assert entry.facts["targets"] == {"440000": ["100", "120"], "430000": ["50", None]}

    def test_the_same_again_changes_nothing(self, trainings, targets, national_officer):
        before = Entry.objects.count()
        set_targets(trainings, by=national_officer, year=2026, targets={"440000": D(100)})
        assert Entry.objects.count() == before

    def test_who_saw_other_targets_is_told(self, trainings, targets, national_officer):
        seen = stamp_of(targets)
        set_targets(trainings, by=national_officer, year=2026, targets={"440000": D(1)}, seen=seen)
        with pytest.raises(Stale):
            set_targets(
                trainings, by=national_officer, year=2026, targets={"440000": D(2)}, seen=seen
            )
        assert numbers(trainings)["440000"] == 1

    @pytest.mark.parametrize(
        ("year", "given"),
        [
            (2026, {"440100": D(1)}),
            (2026, {"nowhere": D(1)}),
            (2026, {"440000": D(0)}),
            (2026, {"440000": D(-3)}),
            (2026, {"440000": D(10) ** 16}),
            (1999, {"440000": D(1)}),
        ],
    )
    def test_all_or_nothing(self, trainings, national_officer, year, given):
        with pytest.raises(Invalid):
            set_targets(
                trainings, by=national_officer, year=year, targets={"430000": D(5), **given}
            )
        assert not IndicatorTarget.objects.exists()

    def test_the_country_has_no_number_of_what_is_not_combined(self, trainings, national_officer):
        Indicator.objects.filter(pk=trainings.pk).update(adds_up="none")
        with pytest.raises(Invalid):
            set_targets(trainings, by=national_officer, year=2026, targets={"ACFTU": D(5)})

    @pytest.mark.parametrize("name", ["guangdong_head", "auditor", "national_leader"])
    def test_only_national_officers_set_them(self, trainings, name, request):
        with pytest.raises(NotAllowed):
            set_targets(
                trainings, by=request.getfixturevalue(name), year=2026, targets={"440000": D(5)}
            )

    def test_the_database_holds_one_for_each(self, trainings, targets, guangdong):
        with pytest.raises(IntegrityError), transaction.atomic():
            IndicatorTarget.objects.create(
                indicator=trainings, year=2026, federation=guangdong, number=1
            )


class TestPage:
    def paste(self, client, trainings, text, **changes):
        given = {
            "indicator": "trainings",
            "year": "2026",
            "targets": text,
            "seen": stamp_of(targets_of(trainings, 2026)),
        }
        return client.post(PAGE, {**given, **changes})

    def test_lines_as_they_are_pasted(self, trainings, national_officer, client_for, the_day):
        text = "全国\t12,000\n广东 1200\n\n湖南省总工会，300.5\nIU01：7\n"
        answer = self.paste(client_for(national_officer), trainings, text)
        assert answer.status_code == 302
        assert numbers(trainings) == {
            "ACFTU": 12000,
            "440000": 1200,
            "430000": D("300.5"),
            "IU01": 7,
        }

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_what_the_page_offers_can_be_sent_back(
        self, trainings, targets, national_officer, client_for, language
    ):
        client = client_for(national_officer)
        client.cookies["django_language"] = language
        page = client.get(PAGE + "?indicator=trainings&year=2026").content.decode()
        offered = page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
        assert self.paste(client, trainings, offered).status_code == 302
        assert numbers(trainings) == {"ACFTU": 1000, "440000": 100, "430000": 50}

    def test_a_dash_takes_one_away(self, trainings, targets, national_officer, client_for):
        self.paste(client_for(national_officer), trainings, "广东 -")
        assert set(numbers(trainings)) == {"ACFTU", "430000"}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("广东 多", "第1行"),
            ("湖南 5\n火星 3", "第2行"),
            ("广东", "第1行"),
            ("广东 0", "第1行"),
            ("广东 1.23456", "第1行"),
            ("广东 5\n440000 6", "第2行"),
            (", " * 4000, "第1行"),
            ("", "至少"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_named_and_nothing_is_kept(
        self, trainings, national_officer, client_for, the_day, text, told
    ):
        answer = self.paste(client_for(national_officer), trainings, text)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert told in page
        assert text.strip()[:10] in page, "what was typed is kept"
        assert not IndicatorTarget.objects.exists()

    def test_somebody_else_was_faster(self, trainings, targets, national_officer, client_for):
        answer = self.paste(client_for(national_officer), trainings, "广东 9", seen="0" * 16)
        assert answer.status_code == 422
        assert "广东 9" in answer.content.decode()
        assert numbers(trainings)["440000"] == 100

    @pytest.mark.parametrize("given", [{"year": "1066"}, {"indicator": "none"}, {"year": "x"}])
    def test_what_is_not_offered(self, trainings, national_officer, client_for, the_day, given):
        answer = self.paste(client_for(national_officer), trainings, "广东 9", **given)
        assert answer.status_code == 422


class TestApi:
    def post(self, client, **changes):
        body = {
            "indicator": "trainings",
            "year": 2026,
            "targets": [{"federation": "440000", "number": "120.5"}],
        }
        return client.post(
            "/api/v1/indicator-targets/", {**body, **changes}, content_type="application/json"
        )

    def test_set_and_read(self, trainings, the_day, national_officer, guangdong_officer, api_for):
        answer = self.post(api_for(national_officer))
        assert answer.status_code == 200, answer.content
        assert answer.json()["targets"][0]["number"] == "120.5"
        [line] = api_for(guangdong_officer).get("/api/v1/indicator-targets/").json()["results"]
        assert (line["federation"], line["number"]) == ("440000", "120.5")

    def test_a_table_of_them(self, targets, national_officer, api_for):
        answer = api_for(national_officer).get("/api/v1/indicator-targets/?format=csv")
        text = b"".join(answer.streaming_content).decode()
        assert "trainings,2026,440000,100.0000" in text

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"indicator": "no_such"}, "/indicator"),
            ({"year": 1066}, "/year"),
            ({"targets": []}, "/targets"),
            ({"targets": [{"federation": "440100", "number": "1"}]}, "/targets/0/federation"),
            ({"targets": [{"federation": "440000", "number": "-1"}]}, "/targets/0/number"),
            (
                {"targets": [{"federation": "440000", "number": "1"}] * 2},
                "/targets/1/federation",
            ),
        ],
    )
    def test_each_fault_by_its_pointer(
        self, trainings, the_day, national_officer, api_for, changes, pointer
    ):
        answer = self.post(api_for(national_officer), **changes)
        assert answer.status_code == 422
        assert pointer in [each["pointer"] for each in answer.json()["errors"]]

    def test_what_others_are_to_reach_is_not_shown(self, targets, hunan_officer, api_for):
        rows = api_for(hunan_officer).get("/api/v1/indicator-targets/").json()["results"]
        assert {each["federation"] for each in rows} == {"ACFTU", "430000"}


class TestProgress:
    def put(self, code, number):
        federation = Federation.objects.get(code=code)
        version = Form.objects.get(code="progress_report").current()
        Figure.objects.create(
            sheet=open_sheet(version, federation=federation),
            federation=federation,
            indicator=Indicator.objects.get(code="trainings"),
            period_start=dt.date(2026, 4, 1),
            period_end=dt.date(2026, 6, 30),
            number=number,
        )

    def test_against_the_part_of_the_year_that_has_passed(self, targets, national_officer):
        """On 14 September 70 % of the year have passed."""
        self.put("440000", 69)
        self.put("430000", 51)
        lines = {each.target.federation.code: each for each in progress(national_officer, 2026)}
        assert (lines["440000"].percent, lines["440000"].is_behind) == (69, True)
        assert (lines["430000"].percent, lines["430000"].is_reached) == (102, True)
        country = lines["ACFTU"]
        assert (country.amount.number, country.amount.reported, country.percent) == (120, 2, 12)

    def test_nothing_reported_is_no_zero(self, targets, national_officer):
        lines = {each.target.federation.code: each for each in progress(national_officer, 2026)}
        assert lines["440000"].percent is None
        assert not lines["440000"].is_behind

    def test_a_province_reads_its_own_and_what_the_country_is_to_reach(
        self, targets, guangdong_officer
    ):
        self.put("440000", 10)
        self.put("430000", 20)
        lines = {each.target.federation.code: each for each in progress(guangdong_officer, 2026)}
        assert set(lines) == {"ACFTU", "440000"}
        assert lines["440000"].amount.number == 10
        assert lines["ACFTU"].amount.number is None

    def test_what_a_prefecture_does_not_know_is_not_called_missing(
        self, targets, guangzhou_officer, client_for
    ):
        self.put("440000", 10)
        lines = progress(guangzhou_officer, 2026)
        assert [(each.target.federation.code, each.is_seen) for each in lines] == [
            ("ACFTU", False),
            ("440000", False),
        ]
        page = client_for(guangzhou_officer).get("/w/figures/progress/?year=2026")
        assert "未报" not in page.content.decode().split("pivot-wrap")[1]

    @pytest.mark.parametrize(
        ("year", "share"), [(2025, "1"), (2026, "0.704"), (2027, "0"), (2024, "1")]
    )
    def test_the_share_of_the_year(self, year, share):
        assert elapsed_share(year, dt.date(2026, 9, 14)) == D(share)
