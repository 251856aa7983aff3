"""A sibling federation, its officers, lists, counts and files: what is not theirs is not there."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.attachments.services import attach, upload
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Notice, Report

pytestmark = pytest.mark.django_db

CANARY = "只有广东才知道的内容"


@pytest.fixture
def told(draft_report, guangdong_officer):
    """Guangdong's draft holds the canary in an answer and in a file's name."""
    file = upload(
        SimpleUploadedFile(f"{CANARY}.txt", CANARY.encode()),
        by=guangdong_officer,
        name=f"{CANARY}.txt",
    )
    attach(file, draft_report, by=guangdong_officer)
    services.save_report(
        draft_report,
        by=guangdong_officer,
        version=draft_report.version,
        answers={"basis": CANARY},
    )
    draft_report.refresh_from_db()
    return draft_report


PAGES = (
    "/w/",
    "/w/todo/",
    "/w/notices/",
    "/w/reports/",
    "/w/notices/{notice}/",
    "/w/reports/{report}/",
    "/w/reports/{report}/fill/goals/",
    "/w/reports/{report}/answers/",
    "/w/obligations/{obligation}/",
    "/w/federations/440000/",
    "/api/v1/reports/",
    "/api/v1/reports/{report}/",
    "/api/v1/reports/?federation=440000",
    "/api/v1/obligations/?federation=440000",
    "/api/v1/obligations/{obligation}/",
    "/api/v1/notices/{notice}/",
)


def test_a_sibling_finds_no_trace(told, hunan_officer, client_for, api_for):
    page, machine = client_for(hunan_officer), api_for(hunan_officer)
    names = {"notice": told.notice.pk, "report": told.pk, "obligation": told.obligation_id}
    for template in PAGES:
        address = template.format(**names)
        client = machine if address.startswith("/api/") else page
        body = client.get(address).content.decode()
        assert CANARY not in body, address
        assert "梁粤领" not in body, address


def test_a_missing_page_and_a_hidden_one_look_the_same(told, hunan_officer, client_for):
    client = client_for(hunan_officer)
    hidden = client.get(f"/w/reports/{told.pk}/")
    missing = client.get("/w/reports/00000000-0000-4000-8000-000000000000/")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert len(hidden.content) == len(missing.content)


def test_nobody_else_sees_a_draft_before_it_is_submitted(
    told, guangdong_officer, guangdong_leader, national_officer, auditor, guangzhou_officer
):
    people = (guangdong_officer, guangdong_leader, national_officer, auditor, guangzhou_officer)
    seen = [Report.objects.visible_to(user).exists() for user in people]
    assert seen == [True, True, False, False, False]


def test_while_it_is_changed_again_others_see_what_was_submitted(
    submitted_report, guangdong_officer, national_officer, api_for
):
    report = services.recall_report(
        submitted_report, by=guangdong_officer, version=submitted_report.version
    )
    services.save_report(
        report, by=guangdong_officer, version=report.version, answers={"basis": CANARY}
    )
    address = f"/api/v1/reports/{report.pk}/"
    assert api_for(guangdong_officer).get(address).json()["answers"]["basis"] == CANARY
    assert CANARY not in api_for(national_officer).get(address).content.decode()


def test_a_province_sees_its_own_row_of_a_notice_alone(
    issued_notice, guangdong_officer, client_for
):
    owed = Obligation.objects.visible_to(guangdong_officer).filter(round__request=issued_notice.pk)
    assert [each.federation.code for each in owed] == ["440000"]
    html = client_for(guangdong_officer).get(f"/w/notices/{issued_notice.pk}/").content.decode()
    assert "待签收" in html
    assert html.count("obligation") >= 1
    assert "430000" not in html


def test_a_draft_notice_is_the_centres_alone(
    the_day, draft, national_officer, national_leader, guangdong_officer, auditor
):
    notice = draft()
    seen = [
        Notice.objects.visible_to(user).filter(pk=notice.pk).exists()
        for user in (national_officer, national_leader, guangdong_officer, auditor)
    ]
    assert seen == [True, True, False, False]


def test_a_county_below_reads_the_notice_and_not_the_provinces_report(
    submitted_report, guangzhou_officer
):
    assert Notice.objects.visible_to(guangzhou_officer).count() == 1
    assert Report.objects.visible_to(guangzhou_officer).count() == 0
    assert Obligation.objects.visible_to(guangzhou_officer).count() == 0


def test_a_file_of_a_draft_is_the_own_federations(
    told, hunan_officer, national_officer, client_for
):
    from platform_site.attachments.models import Attachment

    file = Attachment.objects.of(told).get()
    for outsider in (hunan_officer, national_officer):
        assert client_for(outsider).get(f"/w/attachments/{file.pk}/").status_code == 404
