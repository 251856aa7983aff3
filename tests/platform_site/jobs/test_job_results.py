"""A result is read while the right to it lasts: on the pages, through the API, and its file itself."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.urls import reverse

from platform_site.accounts.api_scopes import known
from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.roles import Role
from platform_site.jobs import kinds, services
from platform_site.jobs.exporting import start_export
from platform_site.jobs.kinds import Kind, Result
from platform_site.jobs.models import Job
from platform_site.lists import exports
from reports import services as reports
from reports.jobs import start_build, start_export_matrix
from tests.factories.accounts import office

from .conftest import a_file

pytestmark = pytest.mark.django_db

ENDED = "所任职务已经终止"


@pytest.fixture
def right():
    """``right["may"]`` says whether the results of this test's kinds may be read."""
    return {"may": True}


@pytest.fixture
def done(begin, right):
    def make(run=a_file, **options) -> Job:
        options.setdefault("may_read", lambda user, parameters: right["may"])
        return services.run_job(begin(run, **options).pk)

    return make


def page(client, job) -> str:
    answer = client.get(job.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def told(api, job) -> dict:
    return api.get(f"/api/v1/jobs/{job.pk}/").json()


# --- The right -------------------------------------------------------------------------------------


def test_a_result_may_be_read_by_whoever_may_run_it_unless_the_kind_says_otherwise():
    def never(user, parameters):
        return False

    def ever(user, parameters):
        return True

    assert not Kind("x", "x", run=a_file, may_run=never).may_read(None, {})
    assert Kind("x", "x", run=a_file, may_run=never, may_read=ever).may_read(None, {})
    assert Kind("x", "x", run=a_file).may_read(None, {})


def test_on_the_page_a_sentence_stands_for_the_result(done, right, client_for, guangdong_officer):
    client, job = client_for(guangdong_officer), done()
    assert ENDED not in page(client, job)
    right["may"] = False
    shown = page(client, job)
    assert ENDED in shown
    for withheld in (job.result.get_absolute_url(), "汇总.txt", "共1行。"):
        assert withheld not in shown
    assert "汇总.txt" not in client.get(reverse("job-list")).content.decode()
    right["may"] = True
    assert "汇总.txt" in page(client, job), "the right came back"


def test_the_page_of_what_was_done_is_not_named_either(done, right, client_for, guangdong_officer):
    job = done(lambda work: Result(url="/w/notices/?from=job", summary="已催办3家。"))
    right["may"] = False
    shown = page(client_for(guangdong_officer), job)
    assert "/w/notices/?from=job" not in shown
    assert "已催办3家。" not in shown


def test_the_file_is_missing(done, right, client_for, api_for, guangdong_officer):
    job = done()
    client, api = client_for(guangdong_officer), api_for(guangdong_officer)
    addresses = [
        (client, job.result.get_absolute_url()),
        (api, f"/api/v1/attachments/{job.result_id}/"),
        (api, f"/api/v1/attachments/{job.result_id}/content/"),
    ]
    assert [each.get(address).status_code for each, address in addresses] == [200] * 3
    right["may"] = False
    assert [each.get(address).status_code for each, address in addresses] == [404] * 3


def test_the_api_names_no_result(done, right, api_for, guangdong_officer):
    api, job = api_for(guangdong_officer), done()
    tag = api.get(f"/api/v1/jobs/{job.pk}/")["ETag"]
    right["may"] = False
    row = told(api, job)
    assert (row["state"], row["result"], row["summary"]) == ("done", None, "")
    [listed] = api.get("/api/v1/jobs/").json()["results"]
    assert not {"result", "result_url", "summary"} & set(listed)
    again = api.get(f"/api/v1/jobs/{job.pk}/", headers={"if-none-match": tag})
    assert again.status_code == 200, "what the client kept is not confirmed"


def test_a_kind_that_is_gone_shows_nothing(done, client_for, guangdong_officer):
    job = done()
    kinds.unregister(job.kind)
    client = client_for(guangdong_officer)
    assert "汇总.txt" not in page(client, job)
    assert client.get(job.result.get_absolute_url()).status_code == 404


def test_a_file_whose_time_is_over_is_told_of_as_before(
    done, right, client_for, guangdong_officer, settings
):
    """What the right hung on went with the file, and there is nothing left to withhold."""
    job = done()
    settings.JOB_RESULT_DAYS = -1
    assert services.sweep_results() == 1
    right["may"] = False
    shown = page(client_for(guangdong_officer), job)
    assert ENDED not in shown
    assert "文件已过保留期" in shown


def test_a_failure_and_its_reason_are_shown_as_before(done, right, client_for, guangdong_officer):
    def work(task):
        raise RuntimeError("boom")

    job = done(work)
    right["may"] = False
    shown = page(client_for(guangdong_officer), job)
    assert "未能完成" in shown
    assert ENDED not in shown


@pytest.fixture
def summary(submitted_report, national_officer):
    reports.accept_report(submitted_report, by=national_officer, version=submitted_report.version)
    return reports.start_summary(submitted_report.notice, by=national_officer)


def move(person, role, federation) -> None:
    RoleAssignment.objects.filter(user=person).update(until="2026-09-01")
    office(person, role, federation, since=dt.date(2026, 9, 10))


def test_a_summary_is_not_taken_along_to_another_office(
    summary, national_officer, guangdong, client_for, api_for
):
    job = services.run_job(start_build(summary, by=national_officer, form="xlsx").pk)
    assert job.state == "done", job.failed_reason
    client, api = client_for(national_officer), api_for(national_officer)
    assert client.get(job.result.get_absolute_url()).status_code == 200
    assert told(api, job)["result"]["id"] == str(job.result_id)
    move(national_officer, Role.LIAISON_OFFICER, guangdong)
    assert client.get(summary.get_absolute_url()).status_code == 404
    assert ENDED in page(client, job)
    assert client.get(job.result.get_absolute_url()).status_code == 404
    assert told(api, job)["result"] is None
    assert api.get(f"/api/v1/attachments/{job.result_id}/content/").status_code == 404


def test_an_export_is_read_while_its_list_is(security_administrator, guangdong, client_for):
    job = services.run_job(start_export(exports.find("accounts"), {}, by=security_administrator).pk)
    client = client_for(security_administrator)
    assert client.get(job.result.get_absolute_url()).status_code == 200
    move(security_administrator, Role.LIAISON_OFFICER, guangdong)
    assert client.get(job.result.get_absolute_url()).status_code == 404
    assert ENDED in page(client, job)


# --- Tokens ----------------------------------------------------------------------------------------


def test_the_scope_that_was_needed_stays_with_the_job(
    begin, kind, guangdong_officer, security_administrator, national_officer, summary
):
    def needed(name, by):
        return start_export(exports.find(name), {}, by=by).read_scope

    assert begin(a_file).read_scope == ""
    assert begin(a_file, read_scope="notices:read").read_scope == "notices:read"
    assert needed("notices", guangdong_officer) == "notices:read"
    assert start_build(summary, by=national_officer, form="xlsx").read_scope == "summaries:read"
    alone = needed("tokens", security_administrator)
    assert alone not in known(), "exported from its page alone: no token opens it"


def test_a_token_is_told_of_no_result_that_it_may_not_read(
    summary, national_officer, api_for, client_for
):
    job = services.run_job(start_build(summary, by=national_officer, form="xlsx").pk)
    narrow = api_for(national_officer, "jobs:read", "attachments:read")
    row = told(narrow, job)
    assert (row["state"], row["result"], row["summary"]) == ("done", None, "")
    wide = api_for(national_officer, "jobs:read", "attachments:read", "summaries:read")
    assert told(wide, job)["result"]["id"] == str(job.result_id)
    assert "xlsx" in page(client_for(national_officer), job), "a session has no scopes"
    assert client_for(national_officer).get(job.result.get_absolute_url()).status_code == 200


def test_the_file_itself_is_refused_to_a_token_without_the_scope(
    summary, national_officer, api_for
):
    job = services.run_job(start_build(summary, by=national_officer, form="xlsx").pk)
    narrow = api_for(national_officer, "jobs:read", "attachments:read")
    wide = api_for(national_officer, "attachments:read", "summaries:read")
    for address in (
        f"/api/v1/attachments/{job.result_id}/",
        f"/api/v1/attachments/{job.result_id}/content/",
    ):
        refused = narrow.get(address)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
        assert refused.json()["scope"] == "summaries:read"
        assert wide.get(address).status_code == 200


def test_of_an_export_too(guangdong_officer, api_for):
    wide = api_for(guangdong_officer, "exports:write", "federations:read")
    answer = wide.post(
        "/api/v1/exports/", json.dumps({"list": "federations"}), content_type="application/json"
    )
    assert answer.status_code == 202
    job = services.run_job(answer.json()["id"])
    narrow = api_for(guangdong_officer, "jobs:read", "attachments:read", "notices:read")
    assert told(narrow, job)["result"] is None
    wide = api_for(guangdong_officer, "jobs:read", "federations:read")
    assert told(wide, job)["result"]["filename"] == job.result.filename


# --- With whose eyes it was made ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["reports", "recipients", "matrix"])
def test_what_was_made_as_the_centre_is_gone_for_a_liaison_officer(
    name, submitted_report, national_officer, guangdong, client_for
):
    """They may still make such a list, of their own federation: the old one shows all of them."""
    if name == "matrix":
        asked = start_export_matrix(by=national_officer, given={}, lines=True)
    else:
        filters = {"notice": submitted_report.notice.pk} if name == "recipients" else {}
        asked = start_export(exports.find(name), filters, by=national_officer)
    job = services.run_job(asked.pk)
    client = client_for(national_officer)
    assert client.get(job.result.get_absolute_url()).status_code == 200
    RoleAssignment.objects.filter(user=national_officer).delete()
    office(national_officer, Role.LIAISON_OFFICER, guangdong)
    assert client.get(job.result.get_absolute_url()).status_code == 404
    assert ENDED in page(client, job)


def test_a_further_office_takes_nothing_away(done, guangdong, client_for, guangdong_officer):
    job = done()
    office(guangdong_officer, Role.EDITOR, guangdong)
    assert client_for(guangdong_officer).get(job.result.get_absolute_url()).status_code == 200
