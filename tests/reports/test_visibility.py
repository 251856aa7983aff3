"""A sibling federation, its officers, lists, counts and files: what is not theirs is not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import attach, upload
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Comment, Notice, Report
from tests.answers import GOOD_ANSWERS
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db

CANARY = "只有广东才知道的内容"


@pytest.fixture
def told(hunan_officer, draft_report, guangdong_officer):
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


TABS = ("", "?tab=files", "?tab=comments", "?tab=history")


def everywhere(report: Report) -> list[str]:
    """Every address at which a sibling might find something: pages, fragments, lists, the API."""
    notice, obligation = report.obligation.round.request_id, report.obligation_id
    pages = ["", "todo/", "done/", "started/", "notices/", "reports/", "notifications/"]
    pages += ["federations/", "federations/440000/", "accounts/", "deliveries/", "audit/"]
    pages += [f"notices/{notice}/", f"notices/{notice}/?standing=accepted"]
    pages += ["matrix/", "matrix/?as_of=2026-09-14", f"matrix/?show={notice}&standing=drafting"]
    pages += [f"obligations/{obligation}/", f"obligations/{obligation}/sign-for/"]
    steps = [
        *TABS,
        "?as_of=2026-09-14",
        "fill/",
        "fill/goals/",
        "answers/",
        "sign-off/",
        "submit/",
        "submitted/",
    ]
    steps += ["recall/", "review/", "return/", "accept/", "compare/", "versions/1/", "comments/"]
    pages += [f"reports/{report.pk}/{step}" for step in steps]
    pages += [f"comments/{each.pk}/edit/" for each in Comment.objects.all()]
    pages += [f"comments/{each.pk}/reply/" for each in Comment.objects.all()]
    pages += [f"attachments/{each.pk}/" for each in Attachment.objects.all()]
    pages += [f"{each}?search={CANARY}" for each in ("notices/", "reports/")]
    pages += ["reports/?federation=440000", "reports/?state=submitted"]
    api = ["", "notices/", "reports/", "obligations/", "federations/440000/"]
    api += ["notices/matrix/", f"notices/{notice}/matrix/", "notices/matrix/?as_of=2026-09-14"]
    api += [f"reports/{report.pk}/?as_of=2026-09-14"]
    api += [f"notices/{notice}/", f"obligations/{obligation}/", f"obligations/?request={notice}"]
    api += [f"{each}?federation=440000" for each in ("reports/", "obligations/")]
    api += [f"reports/?notice={notice}", f"reports/?obligation={obligation}"]
    api += [f"reports/{report.pk}/{each}" for each in ("", "comments/", "versions/", "versions/1/")]
    api += [f"reports/{report.pk}/comments/{each.pk}/" for each in Comment.objects.all()]
    for file in Attachment.objects.all():
        api += [f"attachments/{file.pk}/", f"attachments/{file.pk}/content/"]
    return [f"/w/{each}" for each in pages] + [f"/api/v1/{each}" for each in api]


def traces(client: Client, addresses: Iterable[str], words: Iterable[str], **headers: str) -> list:
    """Which of the words stand where, in bodies and headers; and every fault of the server."""
    found = []
    for address in addresses:
        answer = client.get(address, headers=headers)
        body = b"".join(answer) if answer.streaming else answer.content
        told = f"{body.decode(errors='replace')} {sorted(answer.headers.items())}"
        # What was searched for stands in its own field again.
        told = told.replace(
            address.rpartition("?search=")[2] if "?search=" in address else "\0", ""
        )
        found += [(address, word) for word in words if word in told]
        if answer.status_code >= 500:
            found.append((address, str(answer.status_code)))
    return found


SECRETS = (CANARY, quote(CANARY), "粤领密", "粤部密", "粤评密", "粤退密", "粤回密", "陈粤联")


@pytest.fixture
def reviewed(told, guangdong_officer, national_officer) -> Report:
    """The canary in every corner: answers, file, leader, department, comment, reason and reply."""
    saved = services.save_report(
        told,
        by=guangdong_officer,
        version=told.version,
        answers=GOOD_ANSWERS | {"goals": f"{CANARY}。{GOOD_ANSWERS['goals']}"},
    )
    signed = services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="粤领密",
        title="粤部密",
        on=dt.date(2026, 9, 14),
    )
    filed = services.submit_report(
        signed, by=guangdong_officer, version=signed.version, explanation=CANARY
    )
    comment = services.add_comment(filed, by=national_officer, question="goals", text="粤评密")
    filed.refresh_from_db()
    returned = services.return_report(
        filed, by=national_officer, version=filed.version, note="粤退密"
    )
    services.reply_to_comment(comment, by=guangdong_officer, version=comment.version, text="粤回密")
    returned.refresh_from_db()
    return returned


@pytest.mark.parametrize("who", ["hunan_officer", "editor_of_hunan"])
def test_a_sibling_finds_no_trace(who, request, reviewed, client_for, api_for, hunan):
    if who == "editor_of_hunan":
        person = user_with(Role.EDITOR, hunan, name="湘编", username="hunan-editor")
    else:
        person = request.getfixturevalue(who)
    page, machine = client_for(person), api_for(person)
    addresses = everywhere(reviewed)
    pages = [each for each in addresses if each.startswith("/w/")]
    assert traces(page, pages, SECRETS) == []
    assert traces(page, pages, SECRETS, **{"hx-request": "true"}) == []
    assert traces(machine, set(addresses) - set(pages), SECRETS) == []


def test_the_centre_finds_what_was_submitted(reviewed, national_officer, auditor, client_for):
    """The same words are found by those entitled: the search above looks in the right places."""
    addresses = [f"/w/reports/{reviewed.pk}/{each}" for each in (*TABS, "versions/1/")]
    for person in (national_officer, auditor):
        found = {word for _address, word in traces(client_for(person), addresses, SECRETS)}
        assert found == set(SECRETS) - {quote(CANARY)}


def test_counts_are_of_ones_own(reviewed, hunan_officer, national_officer, client_for, api_for):
    def count(person: User, path: str) -> int:
        return len(api_for(person).get(f"/api/v1/{path}").json()["results"])

    notice = reviewed.notice.pk
    assert [count(hunan_officer, each) for each in ("reports/", "obligations/")] == [0, 1]
    assert [count(national_officer, each) for each in ("reports/", "obligations/")] == [1, 2]
    assert api_for(hunan_officer).get(f"/api/v1/notices/{notice}/").json()["recipients"] == [
        "430000"
    ]
    page = client_for(hunan_officer).get("/w/notices/").content.decode()
    assert "/ 2" not in page


def test_no_message_to_a_sibling_tells_of_it(reviewed, hunan_officer):
    told = [
        f"{each.title} {each.body} {each.url}"
        for each in PortalNotice.objects.filter(user=hunan_officer)
    ]
    told += [f"{each.subject} {each.body}" for each in Delivery.objects.filter(user=hunan_officer)]
    assert told  # of the notice itself
    assert [(text, word) for text in told for word in SECRETS if word in text] == []


def test_the_trail_of_a_sibling_is_not_there(reviewed, hunan_officer):
    seen = Report.objects.visible_to(hunan_officer), Obligation.objects.visible_to(hunan_officer)
    assert [rows.filter(federation__code="440000").count() for rows in seen] == [0, 0]


def test_while_recalled_others_read_the_files_that_were_submitted(
    submitted_report, guangdong_officer, national_officer, client_for, api_for
):
    report = services.recall_report(
        submitted_report, by=guangdong_officer, version=submitted_report.version
    )
    file = upload(
        SimpleUploadedFile("新.txt", CANARY.encode()),
        by=guangdong_officer,
        name="新.txt",
        owner=report,
    )
    address = f"/w/attachments/{file.pk}/"
    assert client_for(guangdong_officer).get(address).status_code == 200
    assert client_for(national_officer).get(address).status_code == 404
    # Nor does the report name what they may not read.
    for person, names in ((guangdong_officer, ["新.txt"]), (national_officer, [])):
        told = api_for(person).get(f"/api/v1/reports/{report.pk}/").json()
        assert [file["filename"] for file in told["attachments"]] == names


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
    file = Attachment.objects.of(told).get()
    for outsider in (hunan_officer, national_officer):
        assert client_for(outsider).get(f"/w/attachments/{file.pk}/").status_code == 404
