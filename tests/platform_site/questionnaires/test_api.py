"""The forms and their questions: enough to file a report without reading the source."""

from __future__ import annotations

import json

import pytest

from tests.conftest import GOOD_ANSWERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(reference, api_for, guangdong_officer):
    return api_for(guangdong_officer)


def questions_of(form):
    return {each["code"]: each for section in form["sections"] for each in section["questions"]}


def test_the_forms_by_code_with_their_current_version(api):
    forms = {row["code"]: row for row in api.get("/api/v1/forms/").json()["results"]}
    assert {"pilot_plan", "progress_report", "information"} <= set(forms)
    assert forms["pilot_plan"]["current_version"] == 1
    found = api.get("/api/v1/forms/", {"search": forms["pilot_plan"]["name_zh"]}).json()["results"]
    assert [row["code"] for row in found] == ["pilot_plan"]


def test_a_question_tells_all_that_an_answer_must_be(api):
    questions = questions_of(api.get("/api/v1/forms/pilot_plan/").json())
    assert set(GOOD_ANSWERS) <= set(questions)
    number = questions["funds_purchased"]
    assert (number["kind"], number["required"]) == ("money", True)
    assert number["minimum"] == "0"
    choice = questions["approved_by"]
    assert "party_group" in [option["code"] for option in choice["options"]]
    assert questions["pilots_city"]["indicator"] == "pilots_city"


def test_what_the_form_tells_can_be_filed(api, draft_report):
    """Every required question answered by nothing but its kind and its bounds."""
    seen = api.get(f"/api/v1/reports/{draft_report.pk}/")
    told = seen.json()
    version = f"/api/v1/forms/{told['form']}/versions/{told['form_version']}/"
    answers = {}
    for code, question in questions_of(api.get(version).json()).items():
        if question["required"]:
            answers[code] = {
                "text": lambda each: "字" * max(each["doubt_shorter"], 1),
                "number": lambda each: each["doubt_below"] or each["minimum"] or "1",
                "money": lambda each: each["doubt_below"] or each["minimum"] or "1",
                "choice": lambda each: each["options"][0]["code"],
                "date": lambda each: "2026-09-10",
                "yes_no": lambda each: True,
            }[question["kind"]](question)
    saved = api.patch(
        f"/api/v1/reports/{draft_report.pk}/",
        json.dumps({"answers": answers}),
        content_type="application/json",
        headers={"if-match": seen["ETag"]},
    )
    assert saved.status_code == 200, saved.content
    left = api.get(f"/api/v1/reports/{draft_report.pk}/findings/").json()
    assert [each["pointer"] for each in left["blocking"]] == ["/sign_off"]


def test_the_versions_of_a_form(api):
    (version,) = api.get("/api/v1/forms/pilot_plan/versions/").json()["results"]
    assert (version["form"], version["number"]) == ("pilot_plan", 1)
    assert api.get("/api/v1/forms/pilot_plan/versions/2/").status_code == 404
    assert api.get("/api/v1/forms/nothing/versions/").status_code == 404


def test_the_indicators(api):
    found = api.get("/api/v1/indicators/", {"search": "市级试点"}).json()["results"]
    assert [(row["code"], row["adds_up"]) for row in found] == [("pilots_city", "sum")]
    assert api.get("/api/v1/indicators/pilots_city/").json()["unit_zh"] == "个"


def test_administrators_see_none_of_it(api_for, reference, system_administrator):
    api = api_for(system_administrator)
    assert api.get("/api/v1/forms/").json()["results"] == []
    assert api.get("/api/v1/indicators/").json()["results"] == []
