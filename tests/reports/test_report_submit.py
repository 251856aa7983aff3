"""Submitting: everything at once, kept whole, once."""

import pytest

from platform_site.problems import Invalid, StepNotOpen
from reports import services

pytestmark = pytest.mark.django_db


def test_a_complete_report_is_submitted_and_kept_whole(submitted_report):
    version = submitted_report.versions.get()
    assert submitted_report.state == "submitted"
    assert version.number == 1
    goals = version.content["sections"][0]["questions"][1]
    assert goals["zh"] == "试点目标"
    assert goals["value"].startswith("用一年时间")


def test_an_empty_report_names_all_that_is_missing_at_once(draft_report, guangdong_officer):
    with pytest.raises(Invalid) as refused:
        services.submit_report(draft_report, by=guangdong_officer, version=draft_report.version)
    pointers = {problem.pointer for problem in refused.value.fields}
    assert {"/answers/basis", "/answers/tasks", "/answers/approved_on", "/sign_off"} <= pointers
    draft_report.refresh_from_db()
    assert draft_report.state == "draft"
    assert draft_report.versions.count() == 0


def test_a_second_click_files_nothing(submitted_report, guangdong_officer):
    with pytest.raises(StepNotOpen):
        services.submit_report(
            submitted_report, by=guangdong_officer, version=submitted_report.version
        )
    assert submitted_report.versions.count() == 1
