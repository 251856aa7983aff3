"""Every list as a workbook: what is exported is what is seen, no more, and nothing in it is a formula."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import translation

from platform_site.accounts import services as accounts
from platform_site.accounts.roles import Role
from platform_site.attachments.store import open_blob
from platform_site.audit.models import Entry
from platform_site.federations.models import Federation, Holding
from platform_site.jobs import exporting, services
from platform_site.jobs.exporting import start_export
from platform_site.jobs.models import Job
from platform_site.lists import exports
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.obligations import services as obligations
from platform_site.webhooks import services as webhooks
from platform_site.webhooks.models import Webhook
from reports import services as reports
from tests.factories import content
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db

NASTY = '=HYPERLINK("http://evil.example","x")'
CANARY = "金丝雀"


def workbook(job: Job) -> openpyxl.Workbook:
    with open_blob(job.result.sha256) as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))


def export(name, user, **filters) -> openpyxl.Workbook:
    with translation.override("zh-hans"):
        job = services.run_job(start_export(exports.find(name), filters, by=user).pk)
    assert job.state == "done", job.failed_reason
    return workbook(job)


def table(book) -> list[list]:
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=2)]


def column(book, heading) -> list:
    names = [cell.value for cell in book.worksheets[0][1]]
    return [row[names.index(heading)] for row in table(book)]


def everything(book) -> str:
    return "\n".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    )


@pytest.fixture
def world(
    submitted_report,
    guangdong_officer,
    guangdong_head,
    national_officer,
    guangdong,
    hunan,
    hunan_officer,
    draft,
    security_administrator,
    system_administrator,
):
    """Lists full of what a formula begins with, and of Hunan's, which Guangdong must not see."""
    national_officer.name = guangdong_officer.name = NASTY
    for person in (national_officer, guangdong_officer):
        person.save(update_fields=["name"])
    draft(title=f"+{CANARY}草稿")
    summary = reports.start_summary(submitted_report.notice, by=national_officer)
    reports.edit_summary(summary, by=national_officer, version=1, title="=汇总")
    for federation, name in ((guangdong, "@梁"), (hunan, f"－{CANARY}")):
        Holding.objects.create(
            federation=federation,
            post=Holding.Post.LIAISON_OFFICER,
            name=name,
            phone="13912345678",
            since=dt.date(2026, 1, 1),
        )
    for state in ("failed", "waiting"):
        Delivery.objects.create(
            key=f"x:{state}",
            address="=someone@example.org",
            subject="=1",
            message_id=f"<{state}@x>",
            state=state,
            failed_reason="=1+1" if state == "failed" else "",
        )
    call = reports.record_call(
        by=national_officer,
        federation=guangdong_officer.assignments.get().federation,
        on=dt.date(2026, 9, 14),
        outcome="=1+1",
    )
    obligations.set_action_point(
        call, by=national_officer, task="=1+1", due_on=dt.date(2026, 10, 30)
    )
    reports.draft_circular(
        by=national_officer,
        federation=submitted_report.notice.federation,
        title="=1+1",
        as_of=dt.date(2026, 9, 14),
        rounds=submitted_report.notice.request.rounds.all(),
    )
    reports.open_round(
        by=national_officer,
        title="=1+1",
        starts_on=dt.date(2026, 9, 14),
        ends_on=dt.date(2026, 9, 18),
        federations=[hunan],
    )
    reports.state_work(
        guangdong,
        by=guangdong_officer,
        subject="department",
        since=dt.date(2026, 9, 1),
        text="=部门",
        department_kind="other",
        document_number="+1",
    )
    reports.open_handover(guangdong_officer.assignments.get(), by=guangdong_officer)
    centre = national_officer.assignments.get().federation
    content.drafted(national_officer, centre, title="=稿件")
    for person in (guangdong_officer, national_officer):
        PortalNotice.objects.create(
            user=person, key="k", event="t", title="=1+1", body=f"－{person.username}"
        )
    webhook, _secret = webhooks.create_webhook(
        by=guangdong_officer, name="=1+1", url="https://8.8.8.8/", kinds=["report.returned"]
    )
    webhooks.create_webhook(
        by=hunan_officer, name=CANARY, url="https://8.8.8.8/", kinds=["report.returned"]
    )
    webhooks.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
    webhooks.spread()
    accounts.issue_token(
        guangdong_officer,
        name="=token",
        scopes=["reports:read"],
        expires_on=dt.date(2026, 12, 1),
        by=guangdong_officer,
    )
    accounts.grant(
        user_with(Role.EDITOR, hunan, name=f"=专家{CANARY}"),
        "reports.view_notice",
        submitted_report.notice,
        expires_on=dt.date(2026, 12, 1),
        reason="=1+1",
        by=national_officer,
    )
    return submitted_report


#: list -> who exports it, and by which filters
LISTS = {
    "notices": ("national_officer", {}),
    "reports": ("national_officer", {}),
    "recipients": ("national_officer", {"notice": "notice"}),
    "lower-tier": ("guangdong_officer", {"obligation": "obligation"}),
    "summaries": ("national_officer", {}),
    "circulars": ("national_officer", {}),
    "ledger": ("national_officer", {}),
    "supervision": ("national_officer", {}),
    "contacts": ("national_officer", {}),
    "phone-rounds": ("national_officer", {}),
    "work-system": ("national_officer", {}),
    "content": ("national_officer", {}),
    "handovers": ("guangdong_officer", {}),
    "action-points": ("guangdong_officer", {}),
    "federations": ("national_officer", {}),
    "holdings": ("national_officer", {"federation": "440000"}),
    "accounts": ("security_administrator", {}),
    "tokens": ("guangdong_officer", {}),
    "grants": ("auditor", {}),
    "forms": ("national_officer", {}),
    "indicators": ("national_officer", {}),
    "deliveries": ("system_administrator", {}),
    "messages": ("guangdong_officer", {}),
    "trail": ("auditor", {}),
    "webhooks": ("guangdong_officer", {}),
    "webhook-deliveries": ("guangdong_officer", {"webhook": "webhook"}),
    "todo": ("national_officer", {}),
    "done": ("guangdong_officer", {}),
    "started": ("national_officer", {}),
}


def test_every_list_is_tried_here():
    assert set(LISTS) == {each.name for each in exports.all_exports()}


@pytest.mark.parametrize("name", LISTS)
def test_no_cell_is_a_formula_and_no_list_is_empty(name, world, request):
    person, filters = LISTS[name]
    if "notice" in filters:
        filters = {"notice": world.notice.pk}
    if "obligation" in filters:
        passed = reports.pass_down(
            world.obligation,
            by=request.getfixturevalue(person),
            recipients=Federation.objects.filter(code="440100"),
            due_on=dt.date(2026, 10, 9),
            questions=[{"kind": "text", "name_zh": "=1+1", "required": False}],
        )
        filters = {"obligation": passed.pk}
    if "webhook" in filters:
        filters = {"webhook": Webhook.objects.get(name="=1+1").pk}
    book = export(name, request.getfixturevalue(person), **filters)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert [cell.value for cell in cells if cell.hyperlink] == []
    assert table(book) != []
    assert book.worksheets[0].freeze_panes == "A2"


@pytest.mark.parametrize(
    "name",
    [
        "notices",
        "reports",
        "todo",
        "done",
        "started",
        "messages",
        "tokens",
        "federations",
        "webhooks",
    ],
)
def test_nothing_of_a_sibling_is_in_it(name, world, hunan_officer, guangdong_officer):
    """Row 15: the canaries are Hunan's and the centre's."""
    assert CANARY not in everything(export(name, guangdong_officer))


def test_what_is_exported_is_what_is_seen(
    world, draft, national_officer, guangdong_officer, client_for
):
    """By the page's own filters, in its own order."""
    assert column(export("notices", national_officer), "标题")[0] == f"+{CANARY}草稿"
    assert column(export("notices", national_officer, state="draft"), "标题") == [f"+{CANARY}草稿"]
    page = client_for(guangdong_officer).get("/w/notices/")
    shown = [notice.title for notice in page.context["page"].rows]
    assert column(export("notices", guangdong_officer), "标题") == shown
    assert column(export("federations", guangdong_officer, q="gz", level="3"), "代码") == [
        each.code
        for each in Federation.objects.current().matching("gz").filter(level=3).order_by("position")
    ]
    assert column(export("messages", guangdong_officer, show="unread"), "阅读时间").count(None) > 0


def test_recipients_as_far_as_the_reader_sees_them(
    world, national_officer, guangdong_officer, guangzhou_officer
):
    notice = {"notice": world.notice.pk}
    assert column(export("recipients", national_officer, **notice), "代码") == ["430000", "440000"]
    assert column(export("recipients", guangdong_officer, **notice), "代码") == ["440000"]
    filed = export("recipients", national_officer, standing="submitted", **notice)
    assert column(filed, "代码") == ["440000"]
    assert "状态" in everything(filed)


def test_personal_data_is_as_masked_as_on_the_page(
    world, national_officer, guangdong_officer, auditor, guangzhou_officer
):
    def phones(person, code="440000"):
        return [
            each for each in column(export("holdings", person, federation=code), "联系电话") if each
        ]

    assert phones(guangdong_officer) == phones(national_officer) == ["13912345678"]
    assert phones(auditor) != ["13912345678"]
    assert phones(guangzhou_officer) != ["13912345678"]
    emails = column(export("accounts", auditor), "电子邮箱")
    assert all("***" in email for email in emails if email)


def test_it_tells_what_it_is(world, national_officer):
    told = export("notices", national_officer, state="issued").worksheets[-1]
    lines = {row[0].value: row[1].value for row in told.iter_rows()}
    assert lines["状态"] == "已下发"
    assert NASTY in lines["导出人"]
    assert lines["行数"] == 1
    assert isinstance(lines["导出时间"], dt.datetime)


def test_the_trail_holds_list_filters_and_rows_but_not_what_was_typed(
    world, auditor, national_officer
):
    export("notices", national_officer, search="试点", state="issued")
    entry = Entry.objects.filter(action="jobs.job.done").latest("id")
    assert entry.facts["list"] == "notices"
    assert entry.facts["rows"] == 1
    assert entry.facts["filters"] == {"search": "*", "state": "issued"}
    assert entry.actor_id == national_officer.pk


def test_rights_are_asked_when_it_runs(world, guangdong_head, security_administrator):
    job = start_export(exports.find("accounts"), {}, by=guangdong_head)
    accounts.end_role(guangdong_head.assignments.get(), by=security_administrator, note="调离")
    job = services.run_job(job.pk)
    assert (job.state, job.result) == ("failed", None)


def test_a_notice_out_of_sight_when_it_runs(world, national_officer, draft):
    notice = draft(title="以后看不见")
    job = start_export(exports.find("recipients"), {"notice": notice.pk}, by=national_officer)
    Job.objects.filter(pk=job.pk).update(
        parameters={"list": "recipients", "query": "notice=00000000-0000-4000-8000-000000000000"}
    )
    assert services.run_job(job.pk).state == "failed"


def test_more_rows_than_a_chunk_come_once_each(reference, national_officer):
    codes = column(export("federations", national_officer, level="4"), "代码")
    assert len(codes) == len(set(codes)) == Federation.objects.current().filter(level=4).count()
    assert len(codes) > 2_000


def test_more_rows_than_a_file_holds(reference, national_officer, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 40)
    job = services.run_job(start_export(exports.find("federations"), {}, by=national_officer).pk)
    assert (job.state, job.result) == ("failed", None)
    assert "44" in job.failed_reason


class TestButton:
    PAGES = {
        "notice-list": "national_officer",
        "report-list": "national_officer",
        "federation-list": "national_officer",
        "account-list": "security_administrator",
        "token-list": "guangdong_officer",
        "grant-list": "auditor",
        "form-list": "national_officer",
        "indicator-list": "national_officer",
        "webhook-list": "guangdong_officer",
        "delivery-list": "system_administrator",
        "notification-list": "guangdong_officer",
        "audit-list": "auditor",
        "todo": "national_officer",
        "done": "guangdong_officer",
        "started": "national_officer",
    }

    @pytest.mark.parametrize("page", PAGES)
    def test_every_list_has_it(self, page, world, request, client_for):
        client = client_for(request.getfixturevalue(self.PAGES[page]))
        html = client.get(reverse(page)).content.decode()
        assert "导出 Excel" in html
        assert "/w/exports/" in html

    def test_on_the_pages_of_one_record(self, world, client_for, national_officer):
        client = client_for(national_officer)
        for address, more in (
            (f"/w/notices/{world.notice.pk}/?standing=late", f"notice={world.notice.pk}"),
            ("/w/federations/440000/", "federation=440000"),
        ):
            html = client.get(address).content.decode()
            if "standing" in address:
                html = client.get(address.partition("?")[0]).content.decode()
            assert more in html

    def test_on_the_page_of_a_webhook(self, world, client_for, guangdong_officer):
        webhook = Webhook.objects.get(owner=guangdong_officer)
        html = client_for(guangdong_officer).get(webhook.get_absolute_url()).content.decode()
        assert f"/w/exports/webhook-deliveries/?webhook={webhook.pk}" in html

    def test_pressed_it_leads_to_the_job_with_the_filters(
        self, world, client_for, national_officer
    ):
        client = client_for(national_officer)
        page = client.get("/w/notices/?state=issued&cursor=")
        html = page.content.decode()
        start = html.index('action="/w/exports/notices/') + len('action="')
        address = html[start : html.index('"', start)].replace("&amp;", "&")
        mine = html[html.index('name="id" value="', start) + 17 :][:36]
        for _time in range(2):  # a double click
            answer = client.post(address, {"id": mine})
        job = Job.objects.get()
        assert answer.url == job.get_absolute_url()
        assert job.parameters == {"list": "notices", "query": "state=issued"}
        assert "导出：通知" in client.get(answer.url).content.decode()

    def test_what_is_not_ones_own_to_see(self, world, client_for, guangdong_officer):
        client = client_for(guangdong_officer)
        for name in ("accounts", "trail", "deliveries", "nothing"):
            assert client.post(reverse("export-start", args=[name])).status_code == 404
        assert client.post(reverse("export-start", args=["recipients"])).status_code == 404
        assert client.get(reverse("export-start", args=["notices"])).status_code == 405
        assert not Job.objects.exists()

    def test_a_filter_that_cannot_be_read_is_refused(self, world, client_for, national_officer):
        client = client_for(national_officer)
        answer = client.post(reverse("export-start", args=["notices"]) + "?state=lost")
        assert answer.status_code == 422
        assert not Job.objects.exists()
