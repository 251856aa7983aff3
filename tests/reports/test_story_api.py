"""The main job through the REST API, with tokens: what a provincial system and the centre's do."""

from __future__ import annotations

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.answers import GOOD_ANSWERS

pytestmark = pytest.mark.django_db

API = "/api/v1"


class Caller:
    """A machine with a token: sends JSON, keeps the ETag of what it read."""

    def __init__(self, client) -> None:
        self.client = client

    def get(self, path, **params):
        return self.client.get(f"{API}{path}", params)

    def send(self, method, path, body=None, etag=None):
        headers = {"if-match": etag} if etag else {}
        return getattr(self.client, method)(
            f"{API}{path}",
            json.dumps(body) if body is not None else "{}",
            content_type="application/json",
            headers=headers,
        )

    def take(self, path, step, body=None):
        """Read the object, then take a step of it with its ETag."""
        seen = self.get(path)
        assert seen.status_code == 200, seen.content
        return self.send("post", f"{path}{step}/", body, seen["ETag"])


@pytest.fixture
def caller(api_for):
    return lambda user, *scopes: Caller(api_for(user, *scopes))


def codes(answer):
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_the_story(
    the_day, caller, national_officer, national_leader, guangdong_officer, hunan_officer
):
    officer, leader = caller(national_officer), caller(national_leader)
    province, outsider = caller(guangdong_officer), caller(hunan_officer)

    # A notice to two provinces, approved by another person, issued.
    mine = str(uuid.uuid4())
    draft = {
        "id": mine,
        "title": "关于报送试点方案的通知",
        "text": "请按时报送。",
        "asks": "pilot_plan",
        "form": "pilot_plan",
        "business_line": "social_organisations",
        "due_on": "2026-10-15",
        "recipients": ["440000", "430000"],
    }
    made = officer.send("post", "/notices/", draft)
    assert made.status_code == 201, made.content
    assert made.json()["recipients"] == ["430000", "440000"]
    assert made.json()["steps"] == []
    again = officer.send("post", "/notices/", draft)
    assert again.json()["id"] == mine
    assert len(officer.get("/notices/").json()["results"]) == 1

    notice = f"/notices/{mine}/"
    assert officer.take(notice, "approve").status_code == 403
    assert province.get(notice).status_code == 404
    assert leader.take(notice, "approve").status_code == 200
    issued = officer.take(notice, "issue")
    assert (issued.status_code, issued.json()["state"]) == (200, "issued")
    assert officer.take(notice, "issue").status_code == 409

    # The province sees its own row alone, signs for it, and opens the report.
    assert province.get(notice).json()["recipients"] == ["440000"]
    [owed] = province.get("/obligations/", request=mine).json()["results"]
    assert (owed["federation"], owed["state"]) == ("440000", "waiting")
    obligation = f"/obligations/{owed['id']}/"
    assert province.get(obligation).json()["steps"] == ["sign-for"]
    assert outsider.get(obligation).status_code == 404
    empty = province.take(obligation, "sign-for", {"leader_name": "", "department": " "})
    assert empty.status_code == 422
    assert {pointer for pointer, _code in codes(empty)} == {"/leader_name", "/department"}
    signed = province.take(
        obligation, "sign-for", {"leader_name": "梁粤领", "department": "社会联络部"}
    )
    assert (signed.status_code, signed.json()["standing"]) == (200, "signed_for")

    opened = province.send("post", "/reports/", {"obligation": owed["id"], "answers": {}})
    assert opened.status_code == 201
    report = f"/reports/{opened.json()['id']}/"
    assert province.send("post", "/reports/", {"obligation": owed["id"]}).status_code == 200
    assert outsider.get(report).status_code == 404
    assert officer.get(report).status_code == 404  # nothing is submitted yet

    # Everything missing is said at once; a missing or stale version is refused.
    early = province.take(report, "submit")
    assert early.status_code == 422
    assert early["Content-Type"].startswith("application/problem+json")
    assert {("/answers/goals", "required"), ("/sign_off", "required")} <= set(codes(early))
    assert province.send("patch", report, {"answers": {"basis": "依据"}}).status_code == 428
    old = province.get(report)["ETag"]
    filled = province.send("patch", report, {"answers": GOOD_ANSWERS}, old)
    assert filled.status_code == 200, filled.content
    assert filled.json()["answers"]["leading_group"] is True
    stale = province.send("patch", report, {"answers": {"basis": "别的"}}, old)
    assert stale.status_code == 412
    assert "/answers/basis" in [each["pointer"] for each in stale.json()["changed"]]
    unknown = province.send("patch", report, {"answers": {"no_such": 1}}, filled["ETag"])
    assert (unknown.status_code, codes(unknown)) == (
        422,
        [("/answers/no_such", "unknown_question")],
    )

    signed_off = province.take(
        report, "sign-off", {"name": "梁粤领", "title": "副主席", "on": "2026-09-14"}
    )
    assert signed_off.status_code == 200
    filed = province.take(report, "submit")
    assert (filed.status_code, filed.json()["state"]) == (200, "submitted")
    assert filed.json()["versions"][0]["receipt_number"].startswith("2026-")
    assert filed.json()["steps"] == ["recall"]

    # The centre comments and returns; the province replies, changes, submits again.
    assert officer.get(report).json()["answers"]["goals"] == GOOD_ANSWERS["goals"]
    comment = officer.send(
        "post", f"{report}comments/", {"question": "tasks", "text": "请写明时限。"}
    )
    assert comment.status_code == 201
    assert province.get(f"{report}comments/").json()["results"] == []
    assert officer.take(report, "return", {}).status_code == 422
    returned = officer.take(report, "return", {"note": "请按意见修改。"})
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")

    province.take(report, "sign-off", {"name": "梁粤领", "on": "2026-09-14"})
    unanswered = province.take(report, "submit")
    assert unanswered.status_code == 422
    assert [code for _pointer, code in codes(unanswered)] == ["reply_missing"]
    [pinned] = province.get(f"{report}comments/").json()["results"]
    replied = province.take(
        f"{report}comments/{pinned['id']}/", "reply", {"text": "已写明，年底前完成。"}
    )
    assert replied.status_code == 200
    assert province.take(report, "submit").status_code == 200

    accepted = officer.take(report, "accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert accepted.json()["steps"] == []
    versions = officer.get(f"{report}versions/").json()["results"]
    assert [version["number"] for version in versions] == [1, 2]
    whole = officer.get(f"{report}versions/1/").json()
    assert whole["answers"]["goals"] == GOOD_ANSWERS["goals"]
    [settled] = province.get("/obligations/", request=mine).json()["results"]
    assert (settled["state"], settled["standing"], settled["late"]) == (
        "settled",
        "accepted",
        False,
    )


def test_a_token_never_opens_more_than_its_scopes(the_day, draft, caller, national_officer):
    draft()
    reader = caller(national_officer, "notices:read")
    assert reader.get("/notices/").status_code == 200
    assert reader.get("/reports/").status_code == 403
    refused = reader.send("post", "/notices/", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_unchanged_is_304(the_day, draft, caller, national_officer):
    notice = draft()
    machine = caller(national_officer)
    first = machine.get(f"/notices/{notice.pk}/")
    again = machine.client.get(
        f"{API}/notices/{notice.pk}/", headers={"if-none-match": first["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_pages_without_loss(the_day, draft, caller, national_officer):
    made = {str(draft(title=f"通知{number}").pk) for number in range(7)}
    machine, seen = caller(national_officer), []
    page = machine.get("/notices/", page_size=3).json()
    while True:
        seen += [row["id"] for row in page["results"]]
        if not page["next"]:
            break
        page = machine.client.get(page["next"]).json()
    assert len(seen) == 7
    assert set(seen) == made


def test_an_unknown_parameter_is_refused_by_name(the_day, caller, national_officer):
    refused = caller(national_officer).get("/notices/", stat="draft")
    assert refused.status_code == 400
    assert codes(refused) == [("/stat", "unknown_parameter")]


def test_without_a_token_it_is_401(client):
    refused = client.get(f"{API}/reports/")
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_a_step_wants_the_version_that_was_seen(
    caller, submitted_report, national_officer, second_national_officer
):
    officer, colleague = caller(national_officer), caller(second_national_officer)
    report = f"/reports/{submitted_report.pk}/"
    missing = officer.send("post", f"{report}accept/")
    assert (missing.status_code, missing.json()["code"]) == (428, "version_missing")
    seen = officer.get(report)["ETag"]
    assert colleague.take(report, "return", {"note": "请补充。"}).status_code == 200
    late = officer.send("post", f"{report}accept/", {}, seen)
    assert (late.status_code, late["Content-Type"].split(";")[0]) == (
        409,
        "application/problem+json",
    )
    for etag in ('"v999"', '"x"', 'W/"x"', "*"):
        assert officer.send("post", f"{report}accept/", {}, etag).status_code in (409, 412, 428)
    assert officer.get(report).json()["state"] == "returned"


def test_a_stale_change_is_told_what_changed_and_by_whom(
    caller, draft_report, guangdong_officer, guangdong_head
):
    officer, head = caller(guangdong_officer), caller(guangdong_head)
    report = f"/reports/{draft_report.pk}/"
    seen = officer.get(report)["ETag"]
    assert head.send("patch", report, {"answers": {"goals": "处长的"}}, seen).status_code == 200
    stale = officer.send("patch", report, {"answers": {"goals": "联络员的"}}, seen)
    assert stale.status_code == 412
    [changed] = stale.json()["changed"]
    assert (changed["pointer"], changed["value"], changed["by"]) == (
        "/answers/goals",
        "处长的",
        guangdong_head.name,
    )
    assert officer.get(report).json()["answers"] == {"goals": "处长的"}


def test_the_tag_of_an_older_body_is_good_while_the_version_is_the_same(
    the_day, caller, draft_report, guangdong_officer
):
    """Days left change the body without the version; only the part before the dash is compared."""
    province = caller(guangdong_officer)
    report = f"/reports/{draft_report.pk}/"
    version, _dash, body = province.get(report)["ETag"].strip('"').partition("-")
    saved = province.send(
        "patch", report, {"answers": {"basis": "依据"}}, f'"{version}-{"0" * len(body)}"'
    )
    assert saved.status_code == 200


def test_a_replay_meets_the_same_object(
    caller, submitted_report, signed_obligation, national_officer, guangdong_officer
):
    officer, province = caller(national_officer), caller(guangdong_officer)
    again = province.send("post", "/reports/", {"obligation": str(signed_obligation.pk)})
    assert (again.status_code, again.json()["id"]) == (200, str(submitted_report.pk))
    comment = {"id": str(uuid.uuid4()), "question": "goals", "text": "请写明。"}
    comments = f"/reports/{submitted_report.pk}/comments/"
    made = [officer.send("post", comments, comment) for _ in range(2)]
    assert [each.json()["id"] for each in made] == [comment["id"]] * 2
    assert len(officer.get(comments).json()["results"]) == 1


def test_across_federations_everything_is_404(
    caller, submitted_report, signed_obligation, national_officer, hunan_officer
):
    officer, sibling = caller(national_officer), caller(hunan_officer)
    report = f"/reports/{submitted_report.pk}/"
    comment = officer.send("post", f"{report}comments/", {"question": "goals", "text": "待议"})
    theirs = f"{report}comments/{comment.json()['id']}/"
    refused = [
        sibling.get(report),
        sibling.get(f"{report}comments/"),
        sibling.get(f"{report}versions/"),
        sibling.get(f"{report}versions/1/"),
        sibling.get(theirs),
        sibling.get(f"/obligations/{signed_obligation.pk}/"),
        sibling.send("patch", report, {"answers": {}}, '"v1-x"'),
        sibling.send("delete", theirs, etag='"v1-x"'),
        sibling.send("post", f"{theirs}reply/", {"text": "x"}, '"v1-x"'),
        sibling.send("post", "/reports/", {"obligation": str(signed_obligation.pk)}),
    ]
    steps = ("submit", "recall", "return", "accept", "sign-off")
    refused += [sibling.send("post", f"{report}{step}/", {}, '"v1-x"') for step in steps]
    assert {each.status_code for each in refused} == {404}
    kinds = {each["Content-Type"].split(";")[0] for each in refused}
    assert kinds == {"application/problem+json"}


def test_a_record_with_a_file_is_read(caller, draft_report, guangdong_officer):
    province = caller(guangdong_officer)
    sent = province.client.post(
        f"{API}/attachments/",
        {
            "file": SimpleUploadedFile("附件.txt", "摘要".encode()),
            "owner": f"reports.report:{draft_report.pk}",
        },
    )
    assert sent.status_code == 201
    [file] = province.get(f"/reports/{draft_report.pk}/").json()["attachments"]
    assert (file["id"], file["content"]) == (sent.json()["id"], sent.json()["content"])
