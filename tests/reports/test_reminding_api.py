"""Dates, the rules of reminding, chasing, punctuality, allowances and stories, for machines."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_site.attachments.models import Attachment
from platform_site.casework.models import Ladder, Nudge
from platform_site.jobs.services import run_job
from platform_site.obligations.models import Allowance, Obligation
from reports import services

pytestmark = pytest.mark.django_db

LATE_DAY = dt.datetime(2026, 10, 20, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def send(api, method, path, body, etag=None):
    headers = {"if-match": etag} if etag else {}
    return getattr(api, method)(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def codes(answer):
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.fixture
def officer(api_for, national_officer):
    return api_for(national_officer)


@pytest.fixture
def filer(api_for, guangdong_officer):
    return api_for(guangdong_officer)


@pytest.fixture
def late_notice(issued_notice, the_day):
    """Issued on 14 September, due on 15 October; nobody signed for it until 20 October."""
    the_day.move_to(LATE_DAY)
    return issued_notice


class TestDuePreview:
    def test_the_working_days_and_the_days_off_between(self, the_day, officer):
        told = officer.get("/api/v1/notices/due-preview/", {"due_on": "2026-10-09"}).json()
        assert told["working_days_left"] == 14  # 14 September to 9 October 2026
        assert "国庆节" in " ".join(day["name"] for day in told["between"])
        assert not told["late"]

    @pytest.mark.parametrize("given", [{}, {"due_on": "soon"}, {"due_on": ""}, {"day": "1"}])
    def test_what_is_no_day_is_refused(self, officer, reference, given):
        assert officer.get("/api/v1/notices/due-preview/", given).status_code == 400

    def test_a_day_that_nothing_reckons_with(self, officer, reference):
        answer = officer.get("/api/v1/notices/due-preview/", {"due_on": "9999-12-31"})
        assert (answer.status_code, codes(answer)) == (422, [("/due_on", "out_of_range")])


RULE = {
    "duty_rule": "reports.file_report",
    "days": -5,
    "rung": "officer",
    "channels": ["portal"],
    "text_zh": "{federation}：请抓紧报送《{title}》。",
}


class TestRules:
    @pytest.fixture
    def path(self, issued_notice):
        return f"/notices/{issued_notice.pk}/reminders/"

    def test_the_default_then_the_own_ones(self, path, officer):
        seen = officer.get(f"/api/v1{path}", {"federation": "440000"})
        assert not seen.json()["own"]
        assert seen.json()["version"] == 0
        assert seen.json()["preview"]["federation"] == "440000"
        kept = send(officer, "put", path, {"rules": [RULE]}, seen["ETag"])
        assert kept.status_code == 200, kept.content
        assert (kept.json()["own"], kept.json()["version"]) == (True, 1)
        (rule,) = kept.json()["rules"]
        assert (rule["days"], rule["rung"], rule["channels"]) == (-5, "officer", ["portal"])
        # What was read can be sent back as it is.
        again = send(officer, "put", path, {"rules": kept.json()["rules"]}, kept["ETag"])
        assert again.status_code == 200
        assert send(officer, "put", path, {"rules": [RULE]}, seen["ETag"]).status_code == 412
        assert send(officer, "put", path, {"rules": [RULE]}).status_code == 428

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"text_zh": "{nobody}请报送"}, "/rules/0/text_zh"),
            ({"text_zh": "{"}, "/rules/0/text_zh"),
            ({"duty_rule": "reports.nothing"}, "/rules/0/duty_rule"),
            ({"days": 61}, "/rules/0/days"),
            ({"every": 2}, "/rules/0/every"),
            ({"rung": "king"}, "/rules/0/rung"),
            ({"channels": ["pigeon"]}, "/rules/0/channels/0"),
            ({"colour": "red"}, "/rules/0/colour"),
        ],
    )
    @pytest.mark.parametrize("tried", [True, False])
    def test_each_problem_beside_its_field(self, path, officer, changes, pointer, tried):
        body = {"rules": [{**RULE, **changes}]}
        if tried:
            answer = send(officer, "post", f"{path}preview/", body)
        else:
            answer = send(officer, "put", path, body, '"v0"')
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert not Ladder.objects.exclude(matter_id=None).exists()

    def test_tried_out_with_a_recipient(self, path, officer):
        body = {"rules": [RULE], "federation": "430000"}
        told = send(officer, "post", f"{path}preview/", body).json()
        (line,) = told["lines"]
        assert line["text"].startswith("湖南省总工会：请抓紧报送")
        assert not Ladder.objects.exclude(matter_id=None).exists()


class TestChase:
    @pytest.fixture
    def path(self, late_notice):
        return f"/notices/{late_notice.pk}/chase/"

    def test_who_is_late_is_chased_in_one_act(self, path, officer, guangdong_officer):
        late = officer.get(f"/api/v1{path}").json()["late"]
        assert [(each["federation"], each["nudges"]) for each in late] == [
            ("430000", 0),
            ("440000", 0),
        ]
        body = {
            "id": str(uuid.uuid4()),
            "federations": [each["federation"] for each in late],
            "up_to": "head",
            "sentence": "请于本周五前报送。",
        }
        answer = send(officer, "post", path, body)
        assert answer.status_code == 202, answer.content
        assert send(officer, "post", path, body)["Location"] == answer["Location"]
        run_job(uuid.UUID(body["id"]))
        assert officer.get(answer["Location"]).json()["state"] == "done"
        (nudge,) = officer.get(f"/api/v1{path}").json()["nudges"]
        outcomes = {each["federation"]: each["outcome"] for each in nudge["targets"]}
        assert outcomes == {"440000": "reminded", "430000": "nobody"}

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"federations": ["440000", "110000"]}, "/federations/1"),
            ({"federations": []}, "/federations"),
            ({}, "/federations"),
            ({"federations": ["440000"], "up_to": "king"}, "/up_to"),
            ({"federations": ["440000"], "sentence": "字" * 301}, "/sentence"),
        ],
    )
    def test_what_is_wrong_is_named_and_nobody_reminded(self, path, officer, body, pointer):
        answer = send(officer, "post", path, body)
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert not Nudge.objects.exists()

    def test_the_step_is_offered_to_whoever_may_take_it(self, late_notice, officer, filer):
        path = f"/api/v1/notices/{late_notice.pk}/"
        assert "chase" in officer.get(path).json()["steps"]
        assert filer.get(path).json()["steps"] == []


class TestPunctuality:
    def test_the_lists_of_a_circular(self, late_notice, officer, guangdong_officer):
        owed = Obligation.objects.get(round__request=late_notice.pk, federation__code="430000")
        services.waive_obligation(
            owed, by=late_notice.drafted_by, version=owed.version, reason="机构改革"
        )
        told = officer.get(f"/api/v1/notices/{late_notice.pk}/punctuality/").json()
        groups = {group["code"]: group for group in told["groups"]}
        assert set(groups) == {"silent", "waived"}
        assert groups["silent"]["names"] == "广东"
        assert groups["waived"]["federations"][0]["federation"] == "430000"


class TestAllowances:
    def test_granted_with_its_papers_and_read_by_both_sides(
        self, obligation, officer, filer, api_for, hunan_officer
    ):
        file = SimpleUploadedFile("批复.txt", "同意延期".encode())
        paper = officer.post("/api/v1/attachments/", {"file": file}).json()
        path = f"/obligations/{obligation.pk}/"
        seen = officer.get(f"/api/v1{path}")
        body = {"due_on": "2026-10-30", "reason": "台风", "attachments": [paper["id"]]}
        answer = send(officer, "post", f"{path}extend/", body, seen["ETag"])
        assert answer.status_code == 200, answer.content
        (row,) = filer.get("/api/v1/allowances/", {"obligation": str(obligation.pk)}).json()[
            "results"
        ]
        assert (row["kind"], row["from_due_on"], row["to_due_on"]) == (
            "extension",
            "2026-10-15",
            "2026-10-30",
        )
        whole = filer.get(f"/api/v1/allowances/{row['id']}/").json()
        assert [each["filename"] for each in whole["attachments"]] == ["批复.txt"]
        assert Attachment.objects.get(pk=paper["id"]).frozen
        other = api_for(hunan_officer)
        assert other.get("/api/v1/allowances/").json()["results"] == []
        assert other.get(f"/api/v1/allowances/{row['id']}/").status_code == 404

    def test_somebody_elses_paper_is_no_paper(self, obligation, officer, guangdong_officer):
        body = {"reason": "机构改革", "attachments": [str(uuid.uuid4())]}
        answer = send(officer, "post", f"/obligations/{obligation.pk}/waive/", body, '"v1"')
        assert answer.status_code == 404
        assert not Allowance.objects.exists()


class TestStories:
    def test_outside_of_the_centre_only_that_it_was_issued(self, issued_notice, officer, filer):
        def acts(api):
            rows = api.get(f"/api/v1/notices/{issued_notice.pk}/history/").json()["results"]
            return [row["action"].rpartition(".")[2] for row in rows]

        assert acts(officer) == ["draft", "approve", "issue"]
        assert acts(filer) == ["issue"]

    def test_of_a_report_with_the_reason(self, submitted_report, officer, filer, national_officer):
        services.return_report(
            submitted_report,
            by=national_officer,
            version=submitted_report.version,
            note="请补充。",
        )
        rows = filer.get(
            f"/api/v1/reports/{submitted_report.pk}/history/", {"ordering": "-at"}
        ).json()["results"]
        assert (rows[0]["action"], rows[0]["note"]) == ("reports.report.return", "请补充。")
        assert rows[0]["actor_name"] == "林国章"

    def test_what_a_federation_was_told(self, late_notice, officer, filer, guangdong):
        services.chase(late_notice, by=late_notice.drafted_by, federations=[guangdong])
        owed = Obligation.objects.get(round__request=late_notice.pk, federation=guangdong)
        for api in (officer, filer):
            rows = api.get(f"/api/v1/obligations/{owed.pk}/reminders/").json()["results"]
            assert {row["channel"] for row in rows} <= {"portal", "email"}
            assert rows[0]["nudged_by"] == "林国章"
            assert rows[0]["to"] == "陈粤联"


def test_the_overview_as_a_workbook(issued_notice, officer, national_officer):
    body = {"id": str(uuid.uuid4()), "lines": True, "filters": {"year": "2026", "quarter": "4"}}
    answer = send(officer, "post", "/notices/matrix/export/", body)
    assert answer.status_code == 202, answer.content
    run_job(uuid.UUID(body["id"]))
    told = officer.get(answer["Location"]).json()
    assert told["state"] == "done"
    content = officer.get(told["result"]["content"])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(content.streaming_content)))
    assert book.worksheets[0].max_row == 3  # the head, Hunan, Guangdong


@pytest.mark.parametrize(
    ("filters", "pointer"),
    [
        ({"quarter": "1"}, "/filters/year"),
        ({"state": "lost"}, "/filters/state"),
        ({"colour": "red"}, "/filters/colour"),
        ({"as_of": "2999-01-01"}, "/filters/as_of"),
    ],
)
def test_a_wrong_filter_of_the_workbook_is_named(officer, reference, filters, pointer):
    answer = send(officer, "post", "/notices/matrix/export/", {"filters": filters})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("name", ["obligations", "reports", "summaries"])
def test_found_by_title(name, submitted_report, officer, national_officer):
    services.start_summary(submitted_report.notice, by=national_officer)
    found = officer.get(f"/api/v1/{name}/", {"search": "劳动关系领域"}).json()["results"]
    assert found
    assert officer.get(f"/api/v1/{name}/", {"search": "没有这个"}).json()["results"] == []


def test_as_many_queries_for_three_comments_as_for_one(submitted_report, officer, national_officer):
    counts = []
    path = f"/api/v1/reports/{submitted_report.pk}/comments/"
    officer.get(path)
    for number in (1, 2, 3):
        submitted_report.refresh_from_db()
        services.add_comment(
            submitted_report, by=national_officer, question="goals", text=f"第{number}条。"
        )
        with CaptureQueriesContext(connection) as queries:
            officer.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[2]
