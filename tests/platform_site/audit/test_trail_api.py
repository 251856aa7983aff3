"""``/api/v1/audit-entries/`` and the story of one object: read by whom the page shows it to."""

import pytest

from platform_site.audit.models import Entry
from reports import services

pytestmark = pytest.mark.django_db


def test_the_auditor_reads_and_narrows_the_trail(api_for, submitted_report, auditor):
    api = api_for(auditor)

    def found(**query):
        return [row["action"] for row in api.get("/api/v1/audit-entries/", query).json()["results"]]

    assert len(found()) == Entry.objects.count()
    assert found(action="reports.report.submit") == ["reports.report.submit"]
    assert set(found(person="高领")) == {"reports.notice.approve"}
    assert "reports.report.submit" in found(subject=str(submitted_report.pk))
    assert found(result="refused") == []
    assert found(until="2026-09-13") == []
    assert found(since="2026-09-14", until="2026-09-14")
    assert api.get("/api/v1/audit-entries/?since=0001-01-01").status_code == 400
    assert api.get("/api/v1/audit-entries/?result=maybe").status_code == 400
    first = api.get("/api/v1/audit-entries/?page_size=1").json()
    one = first["results"][0]
    assert first["next"]
    assert api.get(f"/api/v1/audit-entries/{one['id']}/").json()["action"] == one["action"]
    assert one["title"] != one["action"]


def test_nobody_else_finds_an_entry(api_for, submitted_report, request):
    entry = Entry.objects.first()
    for name in ("national_officer", "system_administrator", "security_administrator"):
        api = api_for(request.getfixturevalue(name))
        assert api.get("/api/v1/audit-entries/").json()["results"] == []
        assert api.get(f"/api/v1/audit-entries/{entry.pk}/").status_code == 404
        assert api.get("/api/v1/audit-entries/99999999999999999999/").status_code == 404


def test_the_story_of_an_object(
    api_for, submitted_report, national_officer, guangdong_officer, hunan_officer
):
    services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="请补充。"
    )
    api = api_for(guangdong_officer)
    told = api.get(f"/api/v1/reports/{submitted_report.pk}/history/").json()["results"]
    assert [row["action"].rpartition(".")[2] for row in told] == [
        "start",
        "sign_off",
        "submit",
        "return",
    ]
    assert (told[-1]["from_state"], told[-1]["to_state"], told[-1]["note"]) == (
        "submitted",
        "returned",
        "请补充。",
    )
    assert not {"address", "request_id", "facts"} & set(told[0])
    hidden = api_for(hunan_officer).get(f"/api/v1/reports/{submitted_report.pk}/history/")
    assert hidden.status_code == 404
    assert api.get(f"/api/v1/obligations/{submitted_report.obligation_id}/history/").json()[
        "results"
    ]


def test_outside_the_centre_a_notice_tells_only_that_it_went_out(
    api_for, issued_notice, national_officer, guangdong_officer
):
    def acts(person):
        answer = api_for(person).get(f"/api/v1/notices/{issued_notice.pk}/history/").json()
        return [row["action"] for row in answer["results"]]

    assert acts(guangdong_officer) == ["reports.notice.issue"]
    assert acts(national_officer) == [
        "reports.notice.draft",
        "reports.notice.approve",
        "reports.notice.issue",
    ]


def test_a_key_that_is_none_is_missing(api_for, national_officer):
    answer = api_for(national_officer).get(f"/api/v1/reports/{'-' * 36}/history/")
    assert answer.status_code == 404
