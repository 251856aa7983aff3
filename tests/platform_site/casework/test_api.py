"""To-do lists, reminder settings and the overview, for machines."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_site.casework.models import ReminderPreference
from reports import services

pytestmark = pytest.mark.django_db

SETTINGS = "/api/v1/reminder-settings/"


def rows(api, name, **params):
    return api.get(f"/api/v1/{name}/", params).json()["results"]


class TestDuties:
    def test_what_waits_then_what_was_done(self, api_for, obligation, guangdong_officer):
        api = api_for(guangdong_officer)
        (duty,) = rows(api, "todo")
        assert duty["rule"] == "reports.sign_for"
        assert (duty["subject_type"], duty["subject"]) == ("obligation", str(obligation.pk))
        assert duty["matter"] == str(obligation.round.request_id)
        assert (duty["due_on"], duty["working_days_left"]) == ("2026-09-15", 1)
        who = {"leader_name": "梁粤领", "department": "联络部"}
        services.sign_for(obligation, by=guangdong_officer, version=obligation.version, **who)
        assert [each["rule"] for each in rows(api, "todo")] == ["reports.file_report"]
        (done,) = rows(api, "done")
        assert (done["id"], done["outcome"]) == (duty["id"], "done")
        assert done["working_days_left"] is None

    def test_what_i_gave_others_to_do(self, api_for, issued_notice, national_officer):
        started = rows(api_for(national_officer), "started", rule="reports.sign_for")
        assert {each["federation"] for each in started} == {"440000", "430000"}
        assert rows(api_for(national_officer), "started", search="没有这个") == []

    def test_it_is_nobody_elses(self, api_for, obligation, hunan_officer, guangdong_leader):
        assert {each["federation"] for each in rows(api_for(hunan_officer), "todo")} == {"430000"}
        assert rows(api_for(guangdong_leader), "todo") == []

    def test_as_many_queries_for_three_rows_as_for_one(
        self, the_day, api_for, draft, national_leader
    ):
        api, counts = api_for(national_leader), []
        rows(api, "todo")
        for number in (1, 2, 3):
            draft(title=f"第{number}号")
            with CaptureQueriesContext(connection) as queries:
                assert len(rows(api, "todo")) == number
            counts.append(len(queries))
        assert counts[0] == counts[2]


class TestSettings:
    def patch(self, api, body, etag):
        headers = {"if-match": etag} if etag else {}
        return api.patch(
            SETTINGS, json.dumps(body), content_type="application/json", headers=headers
        )

    def test_chosen_with_the_version_that_was_seen(self, api_for, guangdong_officer):
        api = api_for(guangdong_officer)
        seen = api.get(SETTINGS)
        assert seen.json() == {"by_mail": True, "chat_address": "", "version": 1}
        answer = self.patch(api, {"by_mail": False}, seen["ETag"])
        assert (answer.status_code, answer.json()["by_mail"]) == (200, False)
        assert not ReminderPreference.objects.get(user=guangdong_officer).by_mail
        assert self.patch(api, {"by_mail": True}, seen["ETag"]).status_code == 412
        assert self.patch(api, {"by_mail": True}, None).status_code == 428
        assert api.get(SETTINGS, headers={"if-none-match": answer["ETag"]}).status_code == 304

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"by_mail": "perhaps"}, "/by_mail"),
            ({"chat_address": "wecombot://key"}, "/chat_address"),  # switched off here
            ({"colour": "red"}, "/colour"),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_kept(
        self, api_for, guangdong_officer, body, pointer
    ):
        answer = self.patch(api_for(guangdong_officer), body, '"v1"')
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert not ReminderPreference.objects.exclude(version=1).exists()


class TestOverview:
    def test_the_figures_of_the_page(self, api_for, issued_notice, national_leader):
        told = api_for(national_leader).get("/api/v1/overview/").json()
        line = next(each for each in told["lines"] if each["code"] == "social_organisations")
        assert (line["used"], line["late"], line["changed"]) == (True, 0, 1)
        unused = [each for each in told["lines"] if not each["used"]]
        assert unused
        assert all(each["due"] is each["late"] is each["changed"] is None for each in unused)
        (change,) = told["changes"]
        assert change["title"] == issued_notice.title
        charts = {chart["code"]: chart for chart in told["charts"]}
        assert set(charts) == {"rounds", "filings"}
        assert all(
            len(bar["values"]) == len(chart["series"])
            for chart in told["charts"]
            for bar in chart["bars"]
        )

    def test_in_the_language_asked_for(self, api_for, issued_notice, national_leader):
        api = api_for(national_leader)
        for language, title in (("zh-Hans", "每周上报份数"), ("en", "Reports filed by week")):
            answer = api.get("/api/v1/overview/", headers={"accept-language": language})
            titles = [chart["title"] for chart in answer.json()["charts"]]
            assert title in titles, titles
