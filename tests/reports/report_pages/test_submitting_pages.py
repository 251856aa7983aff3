"""Signing a report off, checking it, submitting it and taking it back, without JavaScript."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.attachments.models import Attachment
from reports import services
from reports.workflow import ReportState
from tests.answers import GOOD_ANSWERS

from .conftest import comment_on, fresh, url

pytestmark = pytest.mark.django_db


def test_sign_off_is_prefilled_and_recorded_with_its_scan(
    client_for, guangdong_officer, draft_report, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client = client_for(guangdong_officer)
    address = url("report-sign-off", draft_report)
    form = client.get(address).context["form"]
    assert (form["name"].value(), form["title"].value()) == ("梁粤领", "副主席")
    scan = SimpleUploadedFile("签批单.pdf", PDF, "application/pdf")
    posted = {"version": 1, "name": "梁粤领", "title": "副主席", "on": "2026-09-14", "scan": scan}
    assert client.post(address, posted).url == url("report-fill", draft_report)
    report = fresh(draft_report)
    assert report.signed_off_scan.owner == report
    assert report.signed_off_holding == report.obligation.leader
    # In the submitted version it stands once, among the files.
    saved = services.save_report(
        report, by=guangdong_officer, version=report.version, answers=GOOD_ANSWERS
    ).report
    assert saved.signed_off_scan is None
    scan.seek(0)
    client.post(address, {**posted, "version": saved.version, "scan": scan})
    report = fresh(report)
    services.submit_report(report, by=guangdong_officer, version=report.version)
    files = report.versions.get().content["attachments"]
    assert [file["filename"] for file in files] == ["签批单.pdf"] * 2


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
    b"endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n"
    b"0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n158\n%%EOF\n"
)


@pytest.mark.parametrize("on", ["", "0000-01-01", "9999-12-31", "1999-01-01", "2026-09-15", "昨天"])
def test_sign_off_on_an_impossible_day_is_said_beside_the_field(
    client_for, guangdong_officer, draft_report, on
):
    page = client_for(guangdong_officer).post(
        url("report-sign-off", draft_report), {"version": 1, "name": "梁粤领", "on": on}
    )
    assert page.status_code == 200
    assert page.context["form"].errors["on"]
    assert not fresh(draft_report).is_signed_off
    assert not on or on in page.content.decode()


def test_refused_sign_off_leaves_no_scan_behind(
    client_for, guangdong_officer, draft_report, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client = client_for(guangdong_officer)
    scan = SimpleUploadedFile("签批单.pdf", PDF, "application/pdf")
    stale = {"version": 0, "name": "梁粤领", "on": "2026-09-14", "scan": scan}
    page = client.post(url("report-sign-off", draft_report), stale)
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert not Attachment.objects.exists()
    wrong = SimpleUploadedFile("签批单.pdf", b"not a pdf", "application/pdf")
    page = client.post(url("report-sign-off", draft_report), {**stale, "version": 1, "scan": wrong})
    assert page.context["form"].errors["scan"]


def test_leader_signs_off_with_one_button(client_for, guangdong_leader, draft_report):
    client = client_for(guangdong_leader)
    assert client.get(url("report-sign-off", draft_report)).status_code == 200
    client.post(url("report-sign-off", draft_report), {"version": 1})
    report = fresh(draft_report)
    assert report.signed_off_by == guangdong_leader
    assert report.signed_off_title == "副主席"
    assert client.get(url("report-fill", draft_report)).status_code == 403


def test_check_page_says_everything_at_once_with_links(client_for, guangdong_officer, draft_report):
    client = client_for(guangdong_officer)
    page = client.post(url("report-submit", draft_report), {"version": 1})
    assert page.status_code == 200
    targets = [line["target"] for line in page.context["problems"]]
    assert url("report-section", draft_report, "goals") + "#id_answer-goals_field" in targets
    assert url("report-sign-off", draft_report) in targets
    assert len(targets) == 18  # seventeen questions and the sign-off
    assert re.search(r"<title>\s*(错误|Error)", page.content.decode())
    assert fresh(draft_report).state == ReportState.DRAFT


def test_doubt_wants_an_explanation_which_the_reviewer_reads_first(
    client_for, guangdong_officer, national_officer, ready_report
):
    client = client_for(guangdong_officer)
    assert not client.get(url("report-submit", ready_report)).context["wants_explanation"]
    saved = services.save_report(
        ready_report,
        by=guangdong_officer,
        version=ready_report.version,
        answers={"funds_purchased": "20001"},
    )
    services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        on=dt.date(2026, 9, 14),
    )
    report = fresh(ready_report)
    page = client.post(url("report-submit", report), {"version": report.version, "explanation": ""})
    assert page.context["wants_explanation"]
    assert [line["target"] for line in page.context["problems"]] == ["#id_explanation"]
    done = client.post(
        url("report-submit", report), {"version": report.version, "explanation": "含专项资金。"}
    )
    assert done.url == url("report-submitted", report)
    text = client_for(national_officer).get(url("report-review", report)).content.decode()
    assert text.index("含专项资金。") < text.index(GOOD_ANSWERS["basis"])


def test_submit_twice_files_once_and_both_land_on_the_receipt(
    client_for, guangdong_officer, ready_report
):
    client = client_for(guangdong_officer)
    posted = {"version": ready_report.version}
    first = client.post(url("report-submit", ready_report), posted)
    second = client.post(url("report-submit", ready_report), posted)
    assert first.url == second.url == url("report-submitted", ready_report)
    assert ready_report.versions.count() == 1
    page = client.get(first.url)
    assert page.context["kept"].receipt_number in page.content.decode()


def test_submit_of_a_changed_report_shows_the_newest_and_keeps_the_explanation(
    client_for, guangdong_officer, ready_report
):
    page = client_for(guangdong_officer).post(
        url("report-submit", ready_report), {"version": 1, "explanation": "说明文字"}
    )
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert page.context["version"] == ready_report.version


def test_hostile_explanation_is_said_beside_the_field(client_for, guangdong_officer, ready_report):
    page = client_for(guangdong_officer).post(
        url("report-submit", ready_report),
        {"version": ready_report.version, "explanation": "说\x00明"},
    )
    assert page.status_code == 200
    assert page.context["form"].errors["explanation"]


def test_nothing_to_report_needs_a_reason_and_is_an_answer(
    client_for, guangdong_officer, draft_report, national_officer
):
    client = client_for(guangdong_officer)
    address = url("report-submit", draft_report)
    bare = {"nothing": "1", "version": 1, "nothing_to_report": "yes", "nothing_reason": ""}
    assert client.post(address, bare).context["nothing_form"].errors["nothing_reason"]
    client.post(address, {**bare, "nothing_reason": "本省尚无试点任务。"})
    report = fresh(draft_report)
    assert report.nothing_to_report
    services.sign_off_report(
        report, by=guangdong_officer, version=report.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )
    client.post(address, {"version": fresh(report).version})
    assert fresh(report).state == ReportState.SUBMITTED
    page = client_for(national_officer).get(url("report-review", report))
    assert "本省尚无试点任务。" in page.content.decode()


def test_recall_until_a_reviewer_acts(
    client_for, guangdong_officer, national_officer, submitted_report
):
    client = client_for(guangdong_officer)
    address = url("report-recall", submitted_report)
    assert client.get(address).status_code == 200
    client.post(address, {"version": submitted_report.version, "note": "补充材料"})
    report = fresh(submitted_report)
    assert report.state == ReportState.DRAFT
    report = services.submit_report(report, by=guangdong_officer, version=report.version)
    comment_on(report, national_officer)
    assert client.get(address).context["refused"]
    assert client.post(address, {"version": report.version}).status_code == 409
