"""A world to walk about in: an object of each kind, all of them Guangdong's or about Guangdong."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.accounts.services import grant
from platform_site.attachments.models import Attachment
from platform_site.attachments.services import upload
from platform_site.audit.models import Entry
from platform_site.documents.docx import shipped_template
from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.documents.services import replace_template, take_number
from platform_site.federations.models import Holding
from platform_site.jobs.exporting import start_export
from platform_site.lists import exports
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.obligations.models import Allowance, Obligation
from platform_site.questionnaires import building
from platform_site.questionnaires.models import Form, Indicator
from platform_site.webhooks import services as webhooks
from reports import services
from reports.models import Notice, Report
from reports.queries.papers import code_of
from tests.conftest import CAST
from tests.factories import content
from tests.papers import scan


def a_file(by: Any, owner: Any = None) -> Attachment:
    file = SimpleUploadedFile("附件.txt", "摘要".encode())
    return upload(file, by=by, name="附件.txt", owner=owner)


def a_scan(by: Any, report: Report) -> Attachment:
    file = scan(code_of(report.versions.get()).text, kind="png")
    return upload(file, by=by, name=file.name)


@pytest.fixture
def world(draft, submitted_report, guangdong_officer, national_officer, guangdong, acftu, request):
    """The objects that the addresses name, all of them Guangdong's or about Guangdong."""
    people = {name: request.getfixturevalue(name) for name in CAST}

    def issue(notice: Notice) -> Notice:
        notice = services.approve_notice(
            notice, by=people["national_leader"], version=notice.version
        )
        return services.issue_notice(notice, by=national_officer, version=notice.version)

    def begin(title: str) -> Report:
        notice = issue(draft(title=title, recipients=[guangdong]))
        owed = Obligation.objects.get(round__request=notice.pk)
        who = {"leader_name": "梁粤领", "department": "联络部"}
        owed = services.sign_for(owed, by=guangdong_officer, version=owed.version, **who)
        return services.start_report(owed, by=guangdong_officer)

    comment = services.add_comment(
        submitted_report, by=national_officer, question="goals", text="待议。"
    )
    submitted_report.refresh_from_db()

    with_file = draft(title="带附件的通知")
    notice_file = a_file(national_officer, with_file)
    issue(with_file)
    written = begin("正在填报")
    filed = begin("已经上报")
    filed_file = a_file(guangdong_officer, filed)
    granted = begin("已经延期").obligation
    services.extend_obligation(
        granted,
        by=national_officer,
        version=granted.version,
        due_on=dt.date(2026, 10, 30),
        reason="台风",
    )
    filed = services.save_report(
        filed,
        by=guangdong_officer,
        version=filed.version,
        nothing_to_report=True,
        nothing_reason="没有",
    ).report
    filed = services.sign_off_report(
        filed, by=guangdong_officer, version=filed.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )
    services.submit_report(filed, by=guangdong_officer, version=filed.version)
    filed.refresh_from_db()
    services.accept_report(filed, by=national_officer, version=filed.version)
    summary = services.start_summary(filed.notice, by=national_officer)
    for _edition in range(2):
        services.freeze_summary(summary, by=national_officer, version=summary.version)
        summary.refresh_from_db()
    for file in (notice_file, filed_file):
        file.refresh_from_db()
    passed_report = begin("已经下发")
    passed = services.pass_down(
        passed_report.obligation,
        by=guangdong_officer,
        recipients=[people["guangzhou_officer"].assignments.get().federation],
        due_on=dt.date(2026, 10, 9),
    )
    record = request.getfixturevalue("accepted_visit")
    draft_visit = services.plan_visit(
        by=national_officer,
        federation=guangdong,
        kind="stay",
        on=dt.date(2026, 9, 15),
        plan="蹲点一周，了解县级工会工作。",
    )

    draft_circular = request.getfixturevalue("circular")
    issued_circular = services.draft_circular(
        by=national_officer,
        federation=draft_circular.federation,
        title="关于报送情况的通报",
        as_of=dt.date(2026, 9, 14),
        rounds=draft_circular.rounds.all(),
    )
    issued_circular = services.approve_circular(
        issued_circular, by=people["national_leader"], version=issued_circular.version
    )
    issued_circular = services.issue_circular(
        issued_circular, by=national_officer, version=issued_circular.version
    )

    webhook, _secret = webhooks.create_webhook(
        by=guangdong_officer,
        name="数据平台",
        url="https://8.8.8.8/hooks",
        kinds=["report.submitted"],
    )
    webhook = webhooks.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
    webhooks.spread()
    letters = Delivery.objects.exclude(channel=Delivery.Channel.WEBHOOK)
    delivery = letters.filter(user=guangdong_officer).first() or letters.first()
    series = NumberSeries.objects.get(word="总工办发")
    take_number(series, by=national_officer, subject="某事", on=dt.date(2026, 9, 14))
    # The casework officer reads that notice anyway: the exception opens nothing that another row tests.
    exception = grant(
        people["casework_officer"],
        "reports.view_notice",
        submitted_report.notice,
        expires_on=dt.date(2026, 12, 1),
        reason="协助办理",
        by=national_officer,
    )
    survey = building.make_form(
        by=national_officer, code="survey", name_zh="摸底表", purpose="progress"
    )
    draft_version = building.save_draft(
        survey.versions.get(), by=national_officer, version=1, **SURVEY
    )
    bell = PortalNotice.objects.create(
        user=guangdong_officer, key="t", event="t", title="t", body="t", url="/w/"
    )
    return {
        "people": people,
        "notice": submitted_report.notice,
        "draft_notice": draft(title="还没有发出的通知"),
        "obligation": submitted_report.obligation,
        "report": submitted_report,
        "summary": summary,
        "circular": issued_circular,
        "draft_circular": draft_circular,
        "record": record,
        "draft_visit": draft_visit,
        "round": request.getfixturevalue("phone_round"),
        "scan": services.receive_scan(
            a_scan(guangdong_officer, submitted_report), by=guangdong_officer
        ).scan,
        "statement": request.getfixturevalue("statement"),
        "work_request": request.getfixturevalue("work_request"),
        "handover": request.getfixturevalue("handover"),
        "action": request.getfixturevalue("action_point"),
        "passed": passed,
        "passed_report": passed_report,
        "child": Obligation.objects.get(parent=passed.pk),
        "draft": begin("还没有上报"),
        "comment": comment,
        "attachment": a_file(guangdong_officer),
        "draft_file": a_file(guangdong_officer, written),
        "filed_file": filed_file,
        "notice_file": notice_file,
        "delivery": delivery,
        "bell": bell,
        "job": start_export(exports.find("federations"), {}, by=guangdong_officer),
        "account": people["guangdong_officer"],
        "office": people["guangdong_officer"].assignments.get(),
        "holding": Holding.objects.filter(federation=guangdong).first(),
        "federation": guangdong,
        "series": series,
        "number": DocumentNumber.objects.get(series=series),
        "entry": Entry.objects.first(),
        "grant": exception,
        "template": replace_template(
            "notice", shipped_template("notice"), filename="模板.docx", by=national_officer
        ),
        "webhook": webhook,
        "webhook_delivery": webhook.deliveries.get(),
        "kind": None,
        "allowance": Allowance.objects.get(obligation=granted),
        "form": Form.objects.get(code="pilot_plan"),
        "draft_version": draft_version,
        "indicator": Indicator.objects.get(code="pilots_city"),
        "piece": request.getfixturevalue("piece"),
        "policy": request.getfixturevalue("publish")(
            content.drafted(request.getfixturevalue("centre_editor"), acftu, title="已发布的意见")
        ),
    }


#: A form that is being built.
SURVEY: dict[str, Any] = {
    "sections": [
        {
            "code": "figures",
            "name_zh": "数据",
            "questions": [
                {"code": "has", "kind": "yes_no", "name_zh": "是否开展"},
                {"code": "total", "kind": "number", "name_zh": "合计", "unit_zh": "人"},
                {
                    "code": "part",
                    "kind": "number",
                    "name_zh": "其中：女职工",
                    "unit_zh": "人",
                    "shown_if_question": "has",
                    "shown_if_answer": "yes",
                },
            ],
        }
    ],
    "rules": [
        {
            "left": "part",
            "comparison": "le",
            "right": "total",
            "level": "hard",
            "message_zh": "分项不应大于合计。",
        }
    ],
}
