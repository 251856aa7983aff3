"""Reading reports: versions, who sees which page, the list, and how much a page asks the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import Comment, Report
from tests.answers import GOOD_ANSWERS

from .conftest import comment_on, fresh, url

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def test_versions_are_kept_and_compared(client_for, national_officer, second_version):
    client = client_for(national_officer)
    first = client.get(url("report-version", second_version, 1)).content.decode()
    assert GOOD_ANSWERS["goals"] in first
    assert "覆盖全部地级市" not in first
    page = client.get(url("report-compare", second_version) + "?from=1&to=2&only=changed")
    assert page.context["changed"] == 1
    assert client.get(url("report-version", second_version, 3)).status_code == 404
    for query in ("from=0", "to=x", "from=99999999999999999999", "to=-1"):
        assert client.get(url("report-compare", second_version) + f"?{query}").status_code == 404


def test_others_see_the_version_submitted_last_while_it_is_changed(
    client_for, guangdong_officer, national_officer, returned_report
):
    services.save_report(
        returned_report,
        by=guangdong_officer,
        version=returned_report.version,
        answers={"goals": "还没写完的新目标"},
    )
    for person, seen in ((guangdong_officer, True), (national_officer, False)):
        page = client_for(person).get(returned_report.get_absolute_url()).content.decode()
        assert ("还没写完的新目标" in page) is seen


PAGES = {
    "report-detail": (),
    "report-fill": (),
    "report-section": ("goals",),
    "report-sign-off": (),
    "report-submit": (),
    "report-submitted": (),
    "report-recall": (),
    "report-review": (),
    "report-return": (),
    "report-accept": (),
    "report-compare": (),
    "report-version": (1,),
}
POSTS = {
    "report-section": ("goals",),
    "report-answers": (),
    "report-sign-off": (),
    "report-submit": (),
    "report-recall": (),
    "report-return": (),
    "report-accept": (),
    "comment-add": (),
}


def test_every_page_is_missing_for_an_outsider(
    client_for,
    hunan_officer,
    guangzhou_officer,
    casework_officer,
    system_administrator,
    national_officer,
    second_version,
):
    comment = Comment.objects.get()
    for person in (hunan_officer, guangzhou_officer, casework_officer, system_administrator):
        client = client_for(person)
        for name, more in PAGES.items():
            assert client.get(url(name, second_version, *more)).status_code == 404, name
        for name, more in POSTS.items():
            answer = client.post(
                url(name, second_version, *more), {"version": second_version.version}
            )
            assert answer.status_code == 404, name
        for name in ("comment-edit", "comment-remove", "comment-reply"):
            answer = client.post(reverse(name, args=[comment.pk]), {"version": 1, "text": "x"})
            assert answer.status_code == 404, name
        start = reverse("report-start", args=[second_version.obligation_id])
        assert client.post(start).status_code == 404
        assert not client.get(reverse("report-list")).context["page"].rows


def test_a_draft_is_missing_for_everybody_else(
    client_for, national_officer, auditor, hunan_officer, draft_report
):
    for person in (national_officer, auditor, hunan_officer):
        assert client_for(person).get(draft_report.get_absolute_url()).status_code == 404


def test_auditor_reads_and_changes_nothing(client_for, auditor, second_version):
    client = client_for(auditor)
    for name, more in {"report-detail": (), "report-version": (1,), "report-compare": ()}.items():
        assert client.get(url(name, second_version, *more)).status_code == 200
    for name, more in POSTS.items():
        answer = client.post(url(name, second_version, *more), {"version": second_version.version})
        assert answer.status_code in {400, 403}, name
    comment = Comment.objects.get()
    for name in ("comment-edit", "comment-remove", "comment-reply"):
        answer = client.post(reverse(name, args=[comment.pk]), {"version": 2, "text": "x"})
        assert answer.status_code in {403, 409}, name
    assert fresh(second_version).version == second_version.version


def test_list_is_narrowed_by_state_kind_federation_and_words(
    client_for, national_officer, guangdong_officer, submitted_report
):
    client = client_for(national_officer)
    address = reverse("report-list")
    for query, found in (
        ("", 1),
        ("?state=submitted", 1),
        ("?state=accepted", 0),
        ("?kind=pilot_plan", 1),
        ("?federation=440000", 1),
        ("?federation=430000", 0),
        ("?search=广东", 1),
        ("?search=没有这样的", 0),
        ("?federation=nowhere", 0),
    ):
        page = client.get(address + query)
        assert page.status_code == 200
        assert len(page.context["page"].rows) == found, query
    assert client.get(address + "?ordering=nonsense").status_code == 400
    assert client.get(address + "?cursor=broken").status_code == 400
    assert "federation" not in client_for(guangdong_officer).get(address).context["form"].fields


@pytest.fixture
def more_comments(national_officer):
    def make(report: Report, many: int) -> None:
        for number in range(many):
            comment_on(report, national_officer, "basis", f"批注{number}")

    return make


@pytest.mark.parametrize("many", [1, 3])
def test_pages_ask_no_more_than_twelve_times(
    client_for,
    guangdong_officer,
    guangdong_leader,
    national_officer,
    second_version,
    more_comments,
    django_assert_max_num_queries,
    many,
):
    report = second_version
    more_comments(report, many)

    def look(person: Any, *names: str) -> None:
        client = client_for(person)
        for name in names:
            client.get(url(name.partition("?")[0], report, *PAGES[name.partition("?")[0]]))
            with django_assert_max_num_queries(MOST_QUERIES):
                query = name.partition("?")[2]
                page = client.get(
                    url(name.partition("?")[0], report, *PAGES[name.partition("?")[0]])
                    + (f"?{query}" if query else "")
                )
            assert page.status_code == 200, name

    tabs = [f"report-detail?tab={tab}" for tab in ("overview", "files", "comments", "history")]
    look(
        national_officer,
        "report-review",
        "report-version",
        "report-compare",
        "report-return",
        *tabs,
    )
    look(guangdong_officer, "report-submitted", "report-recall", *tabs)
    report = services.return_report(
        report, by=national_officer, version=report.version, note="再改"
    )
    look(
        guangdong_officer,
        "report-fill",
        "report-section",
        "report-sign-off",
        "report-submit",
        *tabs,
    )
    look(guangdong_leader, "report-sign-off", *tabs)


@pytest.mark.parametrize("many", [1, 3])
def test_list_asks_no_more_than_twelve_times(
    client_for,
    issued_notice,
    draft,
    national_officer,
    national_leader,
    guangdong_officer,
    django_assert_max_num_queries,
    many,
):
    for number in range(many):
        notice = draft(title=f"通知{number}", recipients=Federation.objects.filter(code="440000"))
        notice = services.approve_notice(notice, by=national_leader, version=notice.version)
        notice = services.issue_notice(notice, by=national_officer, version=notice.version)
        owed = Obligation.objects.get(round__request=notice.pk)
        services.sign_for(
            owed, by=guangdong_officer, version=1, leader_name="梁粤领", department="社会联络部"
        )
        services.start_report(owed, by=guangdong_officer)
    client = client_for(guangdong_officer)
    client.get(reverse("report-list"))
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(reverse("report-list"))
    assert len(page.context["page"].rows) == many
