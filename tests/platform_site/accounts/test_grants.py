"""Exceptions on the pages and in the API: given on an object, listed, taken back with a reason."""

import datetime as dt
import json

import pytest
from django.urls import reverse

from platform_site.accounts import services
from platform_site.accounts.models import ObjectGrant
from platform_site.accounts.roles import Role
from platform_site.audit.models import Entry
from reports import services as reports
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db
UNTIL = dt.date(2026, 12, 1)


@pytest.fixture
def expert(hunan):
    return user_with(Role.EDITOR, hunan, name="专家", username="expert")


@pytest.fixture
def report_grant(submitted_report, expert, guangdong_head):
    """Guangdong's head lets an editor of Hunan read Guangdong's report."""
    return services.grant(
        expert,
        "reports.view_report",
        submitted_report,
        expires_on=UNTIL,
        reason="邀请评审",
        by=guangdong_head,
    )


def give(report):
    return reverse("grant-give", args=[f"reports.report:{report.pk}"])


def form(**changes):
    return {
        "username": "expert",
        "permission": "reports.view_report",
        "expires_on": UNTIL.isoformat(),
        "reason": "邀请评审",
        **changes,
    }


def post(api, path, body, **headers):
    return api.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


# --- Giving -----------------------------------------------------------------------------------
def test_from_the_page_of_a_report_to_the_reader(
    client_for, submitted_report, guangdong_head, expert
):
    page = f"/w/reports/{submitted_report.pk}/"
    reader, giver = client_for(expert), client_for(guangdong_head)
    assert reader.get(page).status_code == 404
    assert give(submitted_report) in giver.get(page).content.decode()
    assert giver.get(give(submitted_report)).status_code == 200
    done = giver.post(give(submitted_report), form(), follow=True)
    assert "已授权专家" in done.content.decode()
    assert "邀请评审" in done.content.decode()
    assert reader.get(page).status_code == 200
    assert page in reader.get("/w/grants/").content.decode()
    entry = Entry.objects.get(action="exception.grant")
    assert (entry.note, entry.subject_id) == ("邀请评审", str(submitted_report.pk))


def test_a_notice_before_its_issue(client_for, draft, national_officer, expert, the_day):
    page = f"/w/notices/{draft().pk}/"
    notice = page.split("/")[3]
    assert client_for(expert).get(page).status_code == 404
    address = reverse("grant-give", args=[f"reports.notice:{notice}"])
    assert address in client_for(national_officer).get(page).content.decode()
    given = form(permission="reports.view_notice")
    assert client_for(national_officer).post(address, given).status_code == 302
    assert client_for(expert).get(page).status_code == 200


def test_keeping_the_register_of_posts(client_for, guangdong, guangdong_head, editor):
    page = reverse("federation-appoint", args=["440000"])
    assert client_for(editor).get(page).status_code == 403
    address = reverse("grant-give", args=["federations.federation:440000"])
    assert address in client_for(guangdong_head).get("/w/federations/440000/").content.decode()
    given = form(
        username=editor.username, permission="federations.record_holding",
        expires_on=(dt.date.today() + dt.timedelta(days=9)).isoformat(),
    )  # fmt: skip
    assert client_for(guangdong_head).post(address, given).status_code == 302
    assert client_for(editor).get(page).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "nobody"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "auditor.ACFTU.孙审计"}, "username"),
        ({"username": "department_head.440000.黄粤部"}, "username"),
        ({"permission": "reports.view_notice"}, "permission"),
        ({"permission": "reports.review_report"}, "permission"),
        ({"expires_on": "2026-09-13"}, "expires_on"),
        ({"expires_on": "2028-01-01"}, "expires_on"),
        ({"expires_on": "0000-00-00"}, "expires_on"),
        ({"reason": "  "}, "reason"),
        ({"reason": "长" * 501}, "reason"),
        ({"reason": "坏\x00"}, "reason"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    client_for, api_for, submitted_report, guangdong_head, auditor, expert, changes, field
):
    page = client_for(guangdong_head).post(give(submitted_report), form(**changes))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    body = {**form(**changes), "object": f"reports.report:{submitted_report.pk}"}
    answer = post(api_for(guangdong_head), "/grants/", body)
    assert answer.status_code == (400 if "\x00" in body["reason"] else 422)
    if answer.status_code == 422:
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"/{field}"]
    assert not ObjectGrant.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "reports.report:nothing",
        "reports.report",
        "reports.report:00000000-0000-0000-0000-000000000000",
        "federations.federation:999999999999999999999999",
        "accounts.user:1",
        "no.such:1",
        ":",
        "x" * 300,
    ],
)
def test_an_object_that_is_not_there(client_for, api_for, guangdong_head, expert, name):
    assert client_for(guangdong_head).get(reverse("grant-give", args=[name])).status_code == 404
    answer = post(api_for(guangdong_head), "/grants/", {**form(), "object": name})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/object"


def test_what_another_federation_gave_is_not_replaced(
    api_for, submitted_report, report_grant, national_officer, expert
):
    body = {**form(expires_on="2026-09-15"), "object": f"reports.report:{submitted_report.pk}"}
    answer = post(api_for(national_officer), "/grants/", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "given_elsewhere")
    report_grant.refresh_from_db()
    assert report_grant.expires_on == UNTIL


# --- The list -----------------------------------------------------------------------------------
def test_who_sees_an_exception_and_what_of_it(
    client_for, report_grant, submitted_report, request, expert, guangdong_head
):
    """Its holder, its giver, the federation's own leaders; all administrators of security and audit."""
    title = str(submitted_report)
    for name, sees, object_too in (
        ("guangdong_head", True, True),
        ("guangdong_leader", True, True),
        ("auditor", True, True),
        ("security_administrator", True, False),  # no business rows: the kind, never the name
        ("guangdong_officer", False, False),
        ("national_officer", False, False),
        ("system_administrator", False, False),
    ):
        html = client_for(request.getfixturevalue(name)).get("/w/grants/").content.decode()
        assert ("邀请评审" in html) is sees, name
        assert (f"/w/reports/{submitted_report.pk}/" in html) is object_too, name
        assert (title in html) is object_too, name
        assert (f"/w/grants/{report_grant.pk}/revoke/" in html) is (
            name in ("guangdong_head", "guangdong_leader")
        ), name
    assert "邀请评审" in client_for(expert).get("/w/grants/").content.decode()


def test_filters(client_for, report_grant, guangdong_head, expert):
    def rows(user, **query):
        return len(client_for(user).get("/w/grants/", query).context["page"].rows)

    assert rows(guangdong_head, q="expe") == rows(guangdong_head, q="专家") == 1
    assert rows(guangdong_head, q="nobody") == 0
    assert rows(guangdong_head, act="reports.view_report") == 1
    assert rows(guangdong_head, act="reports.view_notice") == 0
    assert rows(guangdong_head, show="given") == rows(expert, show="held") == 1
    assert rows(guangdong_head, show="held") == rows(expert, show="given") == 0
    assert rows(guangdong_head, show="nonsense") == 0


def test_what_has_run_out_is_gone(client_for, report_grant, expert, submitted_report, the_day):
    the_day.move_to(dt.datetime(2026, 12, 2, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    assert "邀请评审" not in client_for(expert).get("/w/grants/").content.decode()
    assert client_for(expert).get(f"/w/reports/{submitted_report.pk}/").status_code == 404


def test_the_lists_need_the_same_number_of_queries_with_1_and_3_rows(
    client_for, api_for, report_grant, submitted_report, guangdong_head, hunan,
    django_assert_max_num_queries,
):  # fmt: skip
    page, api = client_for(guangdong_head), api_for(guangdong_head)
    counts = []
    for more in (0, 2):
        for _number in range(more):
            services.grant(
                user_with(Role.EDITOR, hunan),
                "reports.view_report",
                submitted_report,
                expires_on=UNTIL,
                reason="同上",
                by=guangdong_head,
            )
        for client, address in ((page, "/w/grants/"), (api, "/api/v1/grants/")):
            client.get(address)
            with django_assert_max_num_queries(16) as counted:
                client.get(address)
            counts.append(len(counted))
    assert counts[:2] == counts[2:]


# --- Taking back ----------------------------------------------------------------------------------
def test_taken_back_with_a_reason(client_for, report_grant, guangdong_head, expert):
    address = reverse("grant-revoke", args=[report_grant.pk])
    client = client_for(guangdong_head)
    assert "专家" in client.get(address).content.decode()
    assert client.post(address, {"note": " "}).context["form"].errors["note"]
    done = client.post(address, {"note": "评审结束", "version": 1}, follow=True)
    assert "已收回特别授权" in done.content.decode()
    report = report_grant.object_pk
    assert client_for(expert).get(f"/w/reports/{report}/").status_code == 404
    assert client.post(address, {"note": "再次"}).status_code == 404
    assert Entry.objects.get(action="exception.revoke").note == "评审结束"


def test_a_reader_by_name_does_not_read_the_reviewers_notes(
    client_for, api_for, report_grant, submitted_report, national_officer, expert
):
    """As the filer: comments are there once the report is decided. No link leads out of sight."""
    comment = reports.add_comment(
        submitted_report, by=national_officer, question="goals", text="待议，先不告知。"
    )
    page, api = client_for(expert), api_for(expert)
    address = f"/w/reports/{submitted_report.pk}/"
    comments = f"/api/v1/reports/{submitted_report.pk}/comments/"
    assert "待议" not in page.get(f"{address}?tab=comments").content.decode()
    assert api.get(comments).json()["results"] == []
    assert (
        f"/w/obligations/{submitted_report.obligation_id}/"
        not in page.get(address).content.decode()
    )
    submitted_report.refresh_from_db()
    reports.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note="请补充。"
    )
    assert [row["id"] for row in api.get(comments).json()["results"]] == [str(comment.pk)]


# --- The API --------------------------------------------------------------------------------------
def test_the_same_in_the_api(api_for, submitted_report, guangdong_head, expert, auditor):
    api, body = (
        api_for(guangdong_head),
        {
            **form(),
            "object": f"reports.report:{submitted_report.pk}",
        },
    )
    given = post(api, "/grants/", body)
    assert given.status_code == 201, given.content
    told = given.json()
    assert {
        name: told[name] for name in ("username", "permission", "object", "kind", "reason")
    } == {
        "username": "expert",
        "permission": "reports.view_report",
        "object": f"reports.report:{submitted_report.pk}",
        "kind": "reports.report",
        "reason": "邀请评审",
    }
    assert (told["federation"], told["given_by"], told["steps"]) == ("440000", "黄粤部", ["revoke"])
    reader = api_for(expert)
    assert reader.get(f"/api/v1/reports/{submitted_report.pk}/").status_code == 200
    [row] = reader.get("/api/v1/grants/?permission=reports.view_report").json()["results"]
    assert row["id"] == told["id"]
    assert reader.get("/api/v1/grants/?permission=fly").status_code == 400
    assert reader.get("/api/v1/grants/?username=nobody").json()["results"] == []
    path = f"/grants/{told['id']}/"
    assert api_for(auditor).get(f"/api/v1{path}").json()["steps"] == []
    # Prolonged by the same federation: the version that was seen before is old.
    again = post(api, "/grants/", {**body, "expires_on": "2026-12-24"})
    assert (again.json()["id"], again.json()["expires_on"]) == (told["id"], "2026-12-24")
    revoke = f"{path}revoke/"
    assert post(api, revoke, {"note": "结束"}, if_match=given["ETag"]).status_code == 412
    assert post(api, revoke, {}, if_match=again["ETag"]).status_code == 422
    done = post(api, revoke, {"note": "结束"}, if_match=again["ETag"])
    assert (done.status_code, done.content) == (204, b"")
    assert reader.get(f"/api/v1/reports/{submitted_report.pk}/").status_code == 404
    assert api.get(f"/api/v1{path}").status_code == 404


def test_the_security_administrator_reads_them_without_the_object(
    api_for, report_grant, security_administrator
):
    [row] = api_for(security_administrator).get("/api/v1/grants/").json()["results"]
    assert (row["kind"], row["object"], row["reason"]) == ("reports.report", "", "邀请评审")
