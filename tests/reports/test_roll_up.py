"""下级汇总: what the lower tier files adds up into the own report, with its sources; and all of it by the API."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from platform_site.audit.models import Entry
from platform_site.problems import Invalid, NotAllowed, Stale
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Indicator
from reports import queries, services
from reports.models import PassDown, Report
from reports.queries import roll_up, trace_of
from tests.answers import GOOD_ANSWERS
from tests.cascade import (
    CITIES,
    child,
    file,
)


class TestRollingUp:
    def test_each_figure_adds_up_by_its_rule_and_blank_is_not_zero(
        self, own_report, guangdong_officer
    ):
        found = roll_up(own_report, guangdong_officer)
        assert (found.asked, found.counted) == (3, 2)
        assert [each.code for each in found.missing] == ["440600"]
        line = found.by_code()["pilots_city"]
        assert (line.shown, line.reported, line.asked, line.pending) == ("7", 2, 3, 1)
        assert found.by_code()["funds_purchased"].shown == "30.5"

    @pytest.mark.parametrize(
        ("rule", "value"),
        [("average", "4"), ("count", "2"), ("latest", "5"), ("none", "")],
    )
    def test_by_the_indicators_rule(self, own_report, guangdong_officer, rule, value):
        """2 and 5: an average of 3.5 is rounded to as many places as the question takes."""
        Indicator.objects.filter(code="pilots_city").update(adds_up=rule)
        found = roll_up(own_report, guangdong_officer)
        assert found.by_code()["pilots_city"].shown == value

    def test_a_returned_report_and_nothing_to_report_count_as_missing(
        self, own_report, two_filed, guangdong_head, guangdong_officer
    ):
        report = Report.objects.get(obligation=child(two_filed, "440300"))
        services.return_report(report, by=guangdong_head, version=report.version, note="重报")
        line = roll_up(own_report, guangdong_officer).by_code()["pilots_city"]
        assert (line.shown, line.reported) == ("2", 1)
        assert [each.code for each in line.missing] == ["440300", "440600"]

    def test_taking_over_is_an_ordinary_answer_that_keeps_its_sources(
        self, own_report, guangdong_officer
    ):
        report = services.take_over_figures(
            own_report, by=guangdong_officer, version=own_report.version, questions=["pilots_city"]
        )
        answer = sheets.answers_of(report.sheet)["pilots_city"]
        assert (answer.value, answer.changed_by) == ("7", guangdong_officer)
        taken = report.taken_figures.get()
        assert [(each["federation"], each["number"]) for each in taken.sources] == [
            ("440100", "2"),
            ("440300", "5"),
        ]
        assert Entry.objects.filter(action="reports.report.take_over").count() == 1

    def test_all_at_once(self, own_report, guangdong_officer):
        report = services.take_over_figures(
            own_report, by=guangdong_officer, version=own_report.version
        )
        answers = sheets.answers_of(report.sheet)
        assert {code: answers[code].value for code in ("pilots_city", "funds_purchased")} == {
            "pilots_city": "7",
            "funds_purchased": "30.5",
        }

    def test_what_has_no_figure_is_refused_by_name(self, own_report, guangdong_officer):
        with pytest.raises(Invalid) as refused:
            services.take_over_figures(
                own_report,
                by=guangdong_officer,
                version=own_report.version,
                questions=["pilots_city", "goals"],
            )
        assert [each.pointer for each in refused.value.fields] == ["/questions/1"]
        assert not sheets.answers_of(own_report.sheet)

    def test_an_older_version_and_other_people_are_refused(
        self, own_report, guangdong_officer, officers, guangdong_leader
    ):
        with pytest.raises(Stale):
            services.take_over_figures(
                own_report, by=guangdong_officer, version=own_report.version + 1
            )
        for other in (officers["440100"], guangdong_leader):
            with pytest.raises(NotAllowed):
                services.take_over_figures(own_report, by=other, version=own_report.version)

    def test_it_says_when_the_lower_tier_moved_on_or_a_number_was_changed_by_hand(
        self, own_report, two_filed, guangdong_officer, guangdong_head, officers
    ):
        report = services.take_over_figures(
            own_report, by=guangdong_officer, version=own_report.version, questions=["pilots_city"]
        )

        def line():
            return roll_up(report, guangdong_officer).by_code()["pilots_city"]

        assert (line().is_taken, line().has_moved_on, line().may_take) == (True, False, False)
        file(child(two_filed, "440600"), officers["440600"], pilots_city="1")
        assert (line().shown, line().has_moved_on, line().may_take) == ("8", True, True)
        report = services.save_report(
            report,
            by=guangdong_officer,
            version=report.version,
            answers={"pilots_city": "9"},
            strict=True,
        ).report
        assert (line().is_taken, line().shown_answer) == (False, "9")

    def test_the_submitted_version_keeps_the_trace_and_the_centre_reads_names_and_numbers(
        self, own_report, guangdong_officer, national_officer, client_for
    ):
        report = services.save_report(
            own_report,
            by=guangdong_officer,
            version=own_report.version,
            answers=GOOD_ANSWERS,
            strict=True,
        ).report
        report = services.take_over_figures(
            report, by=guangdong_officer, version=report.version, questions=["pilots_city"]
        )
        report = services.sign_off_report(
            report,
            by=guangdong_officer,
            version=report.version,
            name="梁粤领",
            on=dt.date(2026, 9, 14),
        )
        report = services.submit_report(report, by=guangdong_officer, version=report.version)
        kept = report.versions.get()
        for user, leads in ((guangdong_officer, True), (national_officer, False)):
            [line] = trace_of(report, user, kept.content)
            assert [(each.name, each.number) for each in line.sources] == [
                ("广州", "2"),
                ("深圳", "5"),
            ]
            assert all(bool(each.report) is leads for each in line.sources)
        page = client_for(national_officer).get(reverse("report-review", args=[report.pk]))
        text = page.content.decode()
        assert "每个数字的来源" in text
        assert "深圳" in text
        below = Report.objects.filter(obligation__parent=report.obligation_id)
        assert not any(str(each.pk) in text for each in below)

    def test_the_section_shows_it_and_takes_it_over_with_what_was_typed(
        self, own_report, guangdong_officer, client_for
    ):
        client = client_for(guangdong_officer)
        url = reverse("report-section", args=[own_report.pk, "places"])
        page = client.get(url).content.decode()
        assert "下级汇总" in page
        assert "佛山" in page
        client.post(
            url,
            {
                "version": own_report.version,
                "answer-places": "广州、深圳",
                "take_over": "pilots_city",
            },
        )
        answers = sheets.answers_of(own_report.sheet)
        assert (answers["places"].value, answers["pilots_city"].value) == ("广州、深圳", "7")

    def test_the_page_takes_all_over(self, own_report, guangdong_officer, client_for):
        client = client_for(guangdong_officer)
        url = reverse("report-roll-up", args=[own_report.pk])
        assert "尚未审核通过" in client.get(url).content.decode()
        assert client.post(url, {"version": own_report.version, "all": "1"}).status_code == 302
        assert sheets.answers_of(own_report.sheet)["pilots_city"].value == "7"
        again = client.post(url, {"version": own_report.version, "all": "1"})
        assert again.status_code == 422


class TestApi:
    def test_the_whole_way(
        self, signed_obligation, guangdong_officer, guangdong_head, officers, api_for
    ):
        api = api_for(guangdong_officer)

        def send(url, body, version=None):
            headers = {"If-Match": f'"v{version}"'} if version else {}
            return api.post(url, json.dumps(body), content_type="application/json", headers=headers)

        wrong = send(
            "/api/v1/pass-downs/",
            {
                "obligation": str(signed_obligation.pk),
                "recipients": ["440100"],
                "due_on": "2026-10-15",
            },
        )
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"] == "/due_on"
        made = send(
            "/api/v1/pass-downs/",
            {
                "obligation": str(signed_obligation.pk),
                "recipients": ["440100", "440300"],
                "due_on": "2026-10-09",
                "questions": [{"kind": "number", "name_zh": "街道工会数", "unit_zh": "个"}],
            },
        )
        assert made.status_code == 201, made.content
        assert made.json()["tally"]["asked"] == 2
        assert made.json()["questions"][0]["name_zh"] == "街道工会数"
        further = send(
            f"/api/v1/pass-downs/{signed_obligation.pk}/pass-further/",
            {"recipients": ["440600"]},
            made.json()["version"],
        )
        assert further.status_code == 200, further.content
        assert [row["federation"] for row in further.json()["lower"]] == list(CITIES)
        passed = PassDown.objects.get()
        own = queries.own_questions(passed)[0].code
        file(child(passed, "440100"), officers["440100"], pilots_city="4", **{own: "1"})
        listed = api.get(f"/api/v1/obligations/?parent={signed_obligation.pk}").json()["results"]
        assert {row["parent"] for row in listed} == {str(signed_obligation.pk)}
        back = child(passed, "440600")
        taken = send(
            f"/api/v1/obligations/{back.pk}/take-back/", {"reason": "不列入"}, back.version
        )
        assert taken.json()["state"] == "cancelled"
        report = services.start_report(signed_obligation, by=guangdong_officer)
        found = api.get(f"/api/v1/reports/{report.pk}/roll-up/").json()
        line = next(each for each in found["lines"] if each["question"] == "pilots_city")
        assert (line["value"], line["reported"], line["asked"]) == ("4", 1, 2)
        over = send(
            f"/api/v1/reports/{report.pk}/take-over/",
            {"questions": ["pilots_city"]},
            report.version,
        )
        assert over.json()["answers"]["pilots_city"] == "4"
        trace = api.get(f"/api/v1/reports/{report.pk}/sources/").json()
        assert trace["lines"][0]["sources"][0]["federation"] == "440100"

    def test_a_city_reads_the_terms_and_not_the_others(self, passed, officers, api_for):
        body = api_for(officers["440300"]).get(f"/api/v1/pass-downs/{passed.pk}/").json()
        assert body["instructions"] == "请各市如实填报。"
        assert body["lower"] is None
        assert body["tally"] is None
