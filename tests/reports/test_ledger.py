"""通知台账: from the number of a notice to the summary, a line for each federation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from platform_site.documents.models import NumberSeries
from platform_site.obligations.models import Obligation
from reports import services
from reports.queries import ledger as queries

pytestmark = pytest.mark.django_db

STEPS = ("waiting", "signed_for", "filed", "accepted", "settled", "waived", "cancelled")


@pytest.fixture
def accepted_report(submitted_report, national_officer):
    return services.accept_report(
        submitted_report, by=national_officer, version=submitted_report.version
    )


@pytest.fixture
def edition(accepted_report, national_officer):
    summary = services.start_summary(accepted_report.notice, by=national_officer)
    return services.freeze_summary(
        summary,
        by=national_officer,
        version=summary.version,
        series=NumberSeries.objects.get(word="总工办"),
    )


def lines(person, **filters) -> dict[str, Obligation]:
    found = list(queries.ledger_for(person).filter(**filters))
    queries.prepare_ledger(found, person)
    return {each.federation.code: each for each in found}


def test_a_line_tells_how_far_each_federation_has_come(edition, accepted_report, national_officer):
    found = lines(national_officer)
    guangdong, hunan = found["440000"], found["430000"]
    assert queries.step_of(guangdong) == "accepted"
    assert queries.accepted_at(guangdong) == accepted_report.accepted_at
    assert [(each.edition, each.document_number) for each in guangdong.taken] == [
        (1, "总工办〔2026〕1号")
    ]
    assert (queries.step_of(hunan), queries.accepted_at(hunan), hunan.taken) == (
        "waiting",
        None,
        [],
    )


def test_what_is_settled_by_signing_has_no_acceptance(
    the_day, draft, national_leader, national_officer, guangdong, guangdong_officer
):
    notice = draft(asks="nothing", form=None, recipients=[guangdong])
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    services.issue_notice(notice, by=national_officer, version=notice.version)
    owed = Obligation.objects.get(federation=guangdong)
    services.sign_for(
        owed, by=guangdong_officer, version=owed.version, leader_name="梁粤领", department="部门"
    )
    [line] = lines(national_officer).values()
    assert (queries.step_of(line), queries.accepted_at(line)) == ("settled", None)


def test_the_filter_agrees_with_the_line_at_every_step(
    the_day, edition, draft, national_leader, national_officer, guangdong, hunan, guangdong_officer
):
    for asks in ("nothing", "pilot_plan"):
        notice = draft(asks=asks, title=f"通知 {asks}")
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        services.issue_notice(notice, by=national_officer, version=notice.version)
        owed = Obligation.objects.get(round__request=notice.pk, federation=guangdong)
        services.sign_for(
            owed, by=guangdong_officer, version=owed.version, leader_name="梁", department="部"
        )
    free = Obligation.objects.get(round__request=notice.pk, federation=hunan)
    services.waive_obligation(free, by=national_officer, version=free.version, reason="机构改革")
    the_day.move_to(dt.datetime(2026, 11, 2, 10, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    everything = queries.ledger_for(national_officer)
    for step in STEPS:
        assert set(queries.at_step(everything, step)) == {
            each for each in everything if queries.step_of(each) == step
        }, step
    today = dt.date(2026, 11, 2)
    assert set(queries.at_step(everything, "late")) == {
        each for each in everything if each.is_late(today)
    }


def test_a_year_is_that_of_the_issue(edition, national_officer):
    everything = queries.ledger_for(national_officer)
    assert queries.in_year(everything, 2026).count() == 2
    assert queries.in_year(everything, 2025).count() == 0


def test_a_province_reads_its_own_lines_and_no_summaries(
    edition, guangdong_officer, client_for, api_for
):
    found = lines(guangdong_officer)
    assert set(found) == {"440000"}
    assert found["440000"].taken == []
    page = client_for(guangdong_officer).get(reverse("ledger")).content.decode()
    assert "湖南" not in page
    [row] = api_for(guangdong_officer).get("/api/v1/ledger/").json()["results"]
    assert (row["federation"], row["step"], row["summaries"]) == ("440000", "accepted", [])


def test_the_page_is_narrowed_by_its_address(edition, client_for, national_officer):
    client = client_for(national_officer)

    def shown(**given) -> str:
        return client.get(reverse("ledger"), given).content.decode()

    assert "总工办" not in shown()  # the number of the notice itself was never given
    assert "第1版" in shown() or "Edition 1" in shown()
    assert 'href="/w/obligations/' in shown(federation="430000", step="waiting")
    assert 'href="/w/obligations/' not in shown(federation="430000", step="accepted")
    assert 'href="/w/obligations/' not in shown(year="2025")
    assert 'href="/w/obligations/' in shown(notice=str(edition.summary.notice_id))


def test_the_number_of_queries_does_not_grow(
    edition, draft, national_leader, national_officer, client_for
):
    client = client_for(national_officer)

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            assert client.get(reverse("ledger")).status_code == 200
        return len(made)

    before = asked()
    for number in range(3):
        notice = draft(title=f"通知 {number}")
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        services.issue_notice(notice, by=national_officer, version=notice.version)
    assert asked() == before


def test_the_api_tells_the_same(edition, api_for, national_officer):
    client = api_for(national_officer)
    rows = {row["federation"]: row for row in client.get("/api/v1/ledger/").json()["results"]}
    assert rows["440000"]["summaries"] == [
        {
            "summary": str(edition.summary_id),
            "edition": 1,
            "document_number": "总工办〔2026〕1号",
        }
    ]
    waiting = client.get("/api/v1/ledger/?step=waiting").json()["results"]
    assert [row["federation"] for row in waiting] == ["430000"]
    assert client.get("/api/v1/ledger/?step=nowhere").status_code == 400
