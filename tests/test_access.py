"""Every route × every person, against ``tests/access.csv``, which is written by hand.

A cell says how far the person gets at the object, which is Guangdong's:

``+``      gets in: a page, a redirect inside, or a word about what was sent (400, 409, 412, 422, …)
``403``    sees it, but it is not theirs to do
``404``    there is no such thing, as far as they can tell
``in``     must sign in first (redirect), or send a token (401)

Objects that begin with ``draft`` are not filed or issued yet. A route or a method that the table
does not name fails the tests; so does a row whose route is gone.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from platform_site.accounts.api_scopes import known, resources
from platform_site.accounts.queries import name_of as object_name
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
from platform_site.obligations.models import ActionPoint, Allowance, Obligation
from platform_site.questionnaires import building
from platform_site.questionnaires.models import Answer, Form, Indicator
from platform_site.webhooks import services as webhooks
from reports import services
from reports.models import (
    Circular,
    Comment,
    Handover,
    Notice,
    PhoneRound,
    Report,
    SupervisionRecord,
    WorkRequest,
    WorkStatement,
)
from reports.queries import gathering_workbook_of
from reports.queries.papers import code_of
from tests.conftest import CAST
from tests.papers import scan
from tests.workbooks import filled_in

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("access.csv")
PEOPLE = ("anonymous", *CAST)
GOT_IN = {200, 201, 202, 204, 302, 303, 304, 400, 409, 410, 412, 413, 415, 422, 428}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def routes(patterns: Any = None, api: bool = False) -> set[str]:
    """Every named route: pages by name, the API's with ``api:`` before it."""
    names = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        inside_api = api or str(pattern.pattern).startswith("api/")
        if hasattr(pattern, "url_patterns"):
            names |= routes(pattern.url_patterns, inside_api)
        elif pattern.name:
            names.add(f"api:{pattern.name}" if inside_api else pattern.name)
    return names


def test_every_route_has_its_row():
    assert {row["route"] for row in rows()} == routes()


def a_file(by: Any, owner: Any = None) -> Attachment:
    file = SimpleUploadedFile("附件.txt", "摘要".encode())
    return upload(file, by=by, name="附件.txt", owner=owner)


def a_scan(by: Any, report: Report) -> Attachment:
    file = scan(code_of(report.versions.get()).text, kind="png")
    return upload(file, by=by, name=file.name)


@pytest.fixture
def world(draft, submitted_report, guangdong_officer, national_officer, guangdong, request):
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
        on=dt.date(2026, 9, 14),
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
    }


class Nowhere:
    """Stands for an object that does not exist."""

    def __init__(self, thing: Any) -> None:
        # As long as that of the thing it stands beside: a refusal names the address.
        self.code = "9" * len(getattr(thing, "code", ""))
        pk = getattr(thing, "pk", None)
        self.pk = 10 ** len(str(pk)) - 1 if isinstance(pk, int) else uuid.uuid4()


def named(thing: Any, key: str) -> str:
    """As an exception names its object; that of a missing one looks the same."""
    if not isinstance(thing, Nowhere):
        return object_name(thing)
    return f"reports.{key}:{thing.pk}"


def address(row: dict[str, str], world: dict[str, Any]) -> str:
    name, thing = row["route"], row["object"]
    if name == "healthz":
        return "/healthz"
    kwargs: dict[str, Any] = {}
    if name.startswith("api:") and name not in {
        "api:versions",
        "api:schema",
        "api:docs",
        "api:redoc",
    }:
        kwargs["version"] = "v1"
    if name == "calendar-feed":
        kwargs = {"secret": "nobody-has-this"}
    if thing == "kind":
        return reverse(name, kwargs=kwargs | {"kind": "notice"})
    if name in ("api:grants-list", "api:offices-list", "api:action-points-list"):
        return reverse(name, kwargs=kwargs)  # the object stands in the body
    if name == "api:problem":
        kwargs = {"code": "stale"}
    if name == "account_confirm_email":
        kwargs = {"key": "none"}
    if name == "account_reset_password_from_key":
        kwargs = {"uidb36": "0", "key": "none"}
    if thing:
        key, _dot, extra = thing.partition(".")
        if key == "list":
            kwargs["name"] = extra
        elif key == "federation" and name not in ("grant-give", "api:work-system-bulk"):
            kwargs["code"] = world[key].code
        elif key == "token":
            kwargs["pk"] = uuid.uuid4()
        elif name.startswith("api:") and name.endswith("-bulk"):
            kwargs |= above(name, world)
        elif name == "api:circular-files-list":
            kwargs["circular_id"] = world[key].pk
        elif name.startswith("api:summary-"):
            kwargs["summary_id"] = world[key].pk
            if name in ("api:summary-parts-detail", "api:summary-parts-redraw"):
                kwargs["federation"] = "440000"
            if name == "api:summary-editions-detail":
                kwargs["number"] = 1
        elif key == "draft_version":
            kwargs |= in_a_draft(name, world[key])
        elif name.startswith("api:form-versions-"):
            kwargs["form_code"] = world[key].code
            if name == "api:form-versions-detail":
                kwargs["number"] = 1
        elif key in ("form", "indicator"):
            kwargs["code"] = world[key].code
        elif name in ("api:notice-story-list", "api:obligation-story-list"):
            kwargs[f"{name[4:].partition('-')[0]}_id"] = world[key].pk
        elif name == "api:obligation-reminders-list":
            kwargs["obligation_id"] = world[key].pk
        elif name in ("api:comments-list", "api:report-versions-list", "api:report-story-list"):
            kwargs["report_id"] = world[key].pk
        elif name.startswith("api:comments-"):
            kwargs |= {"report_id": world["report"].pk, "pk": world["comment"].pk}
        elif name.endswith("-history-list"):
            kwargs[name.removeprefix("api:").partition("-")[0] + "_id"] = world[key].pk
        elif name == "action-point-set":
            kwargs["source"] = f"reports.supervisionrecord:{world[key].pk}"
        elif name == "grant-give":
            kwargs["on"] = named(world[key], key)
        elif name == "api:report-versions-detail":
            kwargs |= {"report_id": world[key].pk, "number": 1}
        else:
            kwargs["pk"] = world[key].pk
        if name == "notice-move-round":
            kwargs["period"] = "2026-Q4"
        if extra == "section":
            kwargs["section"] = "goals"
        if extra == "1":
            kwargs["number"] = 1
        if extra == "indicator":
            kwargs["indicator"] = "pilots_city"
        if extra in ("part", "call"):
            kwargs["code"] = "440000"
    return reverse(name, kwargs=kwargs)


def in_a_draft(name: str, version: Any) -> dict[str, Any]:
    """The version, and what of it the page is about; a missing one is of a form that is missing too."""
    form = getattr(version, "form", version)
    code = "form_code" if name.startswith("api:") else "code"
    kwargs = {code: form.code or "9" * len("survey"), "number": getattr(version, "number", 1)}
    kind = name.removeprefix("form-").partition("-")[0]
    if name.startswith("form-") and not name.endswith("-add") and kind in DRAFTED:
        kwargs[kind] = DRAFTED[kind]
    return kwargs


def above(name: str, world: dict[str, Any]) -> dict[str, Any]:
    """What the address of a bulk says of the object that its items hang on."""
    if name == "api:comments-bulk":
        return {"report_id": world["report"].pk}
    if name == "api:form-versions-bulk":
        return {"form_code": in_a_draft(name, world["draft_version"])["form_code"]}
    return {"summary_id": world["summary"].pk} if name == "api:summary-parts-bulk" else {}


def in_bulk(row: dict[str, str], world: dict[str, Any]) -> dict[str, Any]:
    """One item about the object: the row says how far it gets, as if it had been asked alone."""
    act, body = BULKS[row["route"]]
    thing = world[row["object"]]
    key, version = str(thing.pk), getattr(thing, "version", 1)
    if row["route"] == "api:summary-parts-bulk":
        key, version = "440000", 1  # nobody has written in that part yet
    if row["route"] == "api:form-versions-bulk":
        key = str(getattr(thing, "number", 1))
    elif row["route"] in ("api:forms-bulk", "api:indicators-bulk", "api:work-system-bulk"):
        key = thing.code
    if act == "create":
        return {"items": [{"act": act, "body": body}]}
    return {"items": [{"act": act, "id": key, "version": version, "body": body}]}


def status_of(answer: Any) -> int:
    """How far it got; in a bulk, how far its one item got."""
    return answer.json()["items"][0]["status"] if answer.status_code == 207 else answer.status_code


RULES = {
    "rules": [
        {
            "duty_rule": "reports.file_report",
            "days": -5,
            "rung": "officer",
            "channels": ["portal"],
            "text_zh": "{federation}：请抓紧报送《{title}》。",
        }
    ]
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
#: What of it the addresses name.
DRAFTED = {"section": "figures", "question": "total", "rule": 1}
BODIES = {
    "api:notices-open-round": {"period": "2026-11-30", "due_on": "2026-12-10"},
    "api:notices-move-round": {"period": "2026-Q4", "due_on": "2027-01-25", "reason": "年终"},
    "api:form-versions-detail": SURVEY,
    "api:forms-list": {"code": "quarterly", "name_zh": "季度表", "purpose": "progress"},
    "api:indicators-list": {
        "code": "volunteers",
        "name_zh": "志愿者人数",
        "name_en": "Volunteers",
        "unit_zh": "人",
        "unit_en": "persons",
        "measure": "period",
        "adds_up": "sum",
    },
    "api:notices-reminders": RULES,
    "api:notices-preview-reminders": RULES,
    "api:notices-list": {
        "title": "通知",
        "text": "正文",
        "asks": "nothing",
        "business_line": "platform",
        "due_on": "2026-12-01",
    },
    "api:accounts-list": {
        "name": "新同志",
        "username": "newcomer",
        "email": "newcomer@example.org",
        "role": "liaison_officer",
        "federation": "440000",
    },
    "api:accounts-disable": {"note": "离职"},
    "api:accounts-enable": {"note": "返聘"},
    "api:offices-end": {"note": "调整"},
    "api:holdings-list": {
        "federation": "440000",
        "post": "liaison_officer",
        "name": "陈粤联",
        "since": "2026-09-14",
    },
    "api:holdings-end": {"until": "2026-10-01"},
    "api:grants-revoke": {"note": "不再需要"},
    "api:number-series-list": {"federation": "440000", "word": "粤工发", "issuer": "广东省总工会"},
    "api:notices-send-back": {"note": "请改"},
    "api:notices-withdraw": {"note": "有误"},
    "api:reports-return-report": {"note": "请改"},
    "api:obligations-sign-for": {"leader_name": "梁", "department": "部"},
    "api:obligations-extend": {"due_on": "2026-12-01", "reason": "台风"},
    "api:obligations-waive": {"reason": "机构改革"},
    "api:obligations-take-back": {"reason": "不列入本期"},
    "api:pass-downs-pass-further": {"recipients": ["440300"]},
    "api:pass-downs-chasing": {"federations": ["440100"]},
    "api:comments-reply": {"text": "已改"},
    "api:exports-list": {"list": "federations"},
    "api:figures-export": {"view": "table"},
    "api:indicator-targets-list": {
        "indicator": "pilots_city",
        "year": 2026,
        "targets": [{"federation": "440000", "number": "120"}],
    },
    "api:comments-list": {"question": "goals", "text": "待议"},
    "api:summary-files-list": {"form": "pdf"},
    "api:circular-files-list": {"form": "pdf"},
    "api:circulars-set-line": {"federation": "440000", "remark": "数据详实。"},
    "api:circulars-send-back": {"note": "请核对"},
    "api:circulars-withdraw": {"note": "数据有误"},
    "api:supervision-records-list": {
        "federation": "440000",
        "kind": "phone",
        "on": "2026-09-14",
        "participants": "林国章、陈粤联",
        "outcome": "约定月底前补报。",
    },
    "api:supervision-records-hold": {"on": "2026-09-14", "participants": "林国章、梁粤领"},
    "api:supervision-records-write": {"findings": "台账更新及时。", "outcome": "补充联系人。"},
    "api:supervision-records-return-report": {"note": "请补充发现的情况。"},
    "api:supervision-records-cancel": {"note": "行程调整"},
    "api:phone-rounds-list": {
        "title": "九月集中电话交流",
        "starts_on": "2026-09-14",
        "ends_on": "2026-09-18",
        "federations": ["440000", "430000"],
    },
    "api:phone-rounds-record-call": {
        "federation": "440000",
        "on": "2026-09-14",
        "outcome": "约定月底前补报。",
    },
    "api:work-statements-list": {
        "federation": "440000",
        "subject": "budget",
        "since": "2026-09-14",
        "amount": "120.50",
        "year": 2026,
    },
    "api:work-statements-correct": {"text": "办公室三间。", "reason": "间数有误"},
    "api:work-statements-end": {"until": "2026-09-14"},
    "api:work-requests-list": {"federation": "440000", "due_on": "2026-10-15"},
    "api:handovers-give": {"note": "工作已说明。"},
    "api:handovers-give-for": {"note": "原任职人已调离"},
    "api:handovers-take-over": {"note": "已核对。"},
    "api:handovers-cancel": {"note": "不调整了"},
    "api:action-points-report": {"evidence": "已补充联系人名单。"},
    "api:action-points-verify": {"note": "已核对。"},
    "api:action-points-reopen": {"note": "名单不全。", "due_on": "2026-11-20"},
    "api:action-points-cancel": {"note": "已并入其他工作"},
    "api:webhooks-list": {
        "name": "推送",
        "url": "https://8.8.8.8/",
        "kinds": ["report.submitted"],
    },
}
BULKS: dict[str, tuple[str, dict[str, Any]]] = {
    "api:notices-bulk": ("change", {"title": "关于报送试点方案的补充通知"}),
    "api:obligations-bulk": ("sign-for", {"leader_name": "梁粤领", "department": "社会联络部"}),
    "api:reports-bulk": ("change", {"answers": {"basis": "根据全国总工会有关通知精神。"}}),
    "api:comments-bulk": ("change", {"text": "请写明可以检验的目标。"}),
    "api:forms-bulk": ("change", {"name_en": "Pilot plan of the year"}),
    "api:form-versions-bulk": ("publish", {}),
    "api:indicators-bulk": ("change", {"name_en": "City pilots"}),
    "api:circulars-bulk": ("change", {"before": "报送总体较好。"}),
    "api:summaries-bulk": ("change", {"remark": "数据截至九月中旬。"}),
    "api:summary-parts-bulk": ("change", {"text": "广东试点进展顺利。"}),
    "api:jobs-bulk": ("cancel", {}),
    "api:supervision-records-bulk": ("change", {"plan": "了解县级工会工作。"}),
    "api:phone-rounds-bulk": ("close", {}),
    "api:work-system-bulk": ("confirm", {}),
    "api:work-statements-bulk": ("end", {"until": "2026-09-14"}),
    "api:work-requests-bulk": ("create", {"federation": "440000", "due_on": "2026-10-15"}),
    "api:handovers-bulk": ("cancel", {"note": "不调整了"}),
    "api:action-points-bulk": ("report", {"evidence": "已补充联系人名单。"}),
    "api:accounts-bulk": ("disable", {"note": "停用"}),
    "api:grants-bulk": ("revoke", {"note": "收回"}),
    "api:holdings-bulk": ("end", {"until": "2026-09-14"}),
    "api:number-series-bulk": ("change", {"label": "办公厅文件"}),
    "api:offices-bulk": ("end", {"note": "离任"}),
    "api:webhook-deliveries-bulk": ("resend", {}),
}
PATCHES = {
    "api:forms-detail": {"name_en": "Pilot plan of the year"},
    "api:indicators-detail": {"name_en": "City pilots"},
    "api:notices-detail": {"title": "关于报送试点方案的补充通知"},
    "api:number-series-detail": {"label": "办公厅文件"},
    "api:reports-detail": {"answers": {"basis": "根据全国总工会有关通知精神。"}},
    "api:comments-detail": {"text": "请写明可以检验的目标。"},
    "api:circulars-detail": {"before": "报送总体较好。"},
    "api:summaries-detail": {"remark": "数据截至九月中旬。"},
    "api:summary-parts-detail": {"text": "广东试点进展顺利。"},
    "api:webhooks-detail": {"name": "数据交换平台"},
    "api:supervision-records-detail": {"plan": "了解县级工会工作。"},
    "api:reminder-settings-list": {"by_mail": False},
}


def body_of(row: dict[str, str], world: dict[str, Any]) -> dict[str, Any]:
    """What a machine sends to the address of the row."""
    route, method = row["route"], row["method"]
    if route in BULKS:
        return in_bulk(row, world)
    if route == "api:reports-list":
        return {"obligation": str(world["obligation"].pk)}
    if route == "api:pass-downs-list":
        return {
            "obligation": str(world["draft"].obligation_id),
            "recipients": ["440100"],
            "due_on": "2026-10-09",
        }
    if route == "api:circulars-list":
        [round] = world["notice"].request.rounds.all()
        return {
            "title": "关于报送情况的通报",
            "rounds": [str(round.pk)],
            "as_of": "2026-09-14",
        }
    if route == "api:summaries-list":
        return {"notice": str(world["notice"].pk)}
    if route == "api:handovers-list":
        return {"office": str(world["office"].pk)}
    if route == "api:action-points-list":
        return {
            "source": f"reports.supervisionrecord:{world['record'].pk}",
            "task": "更新县级工会台账。",
            "due_on": "2026-10-30",
        }
    if route == "api:grants-list":
        return {
            "username": "editor.440000.郑编辑",
            "permission": "reports.view_notice",
            "object": f"reports.notice:{world['notice'].pk}",
            "expires_on": "2026-12-01",
            "reason": "协助",
        }
    if route == "api:offices-list":
        return {"account": str(world["account"].pk), "role": "editor", "federation": "440000"}
    if route == "api:offices-substitute":
        deputy = str(world["people"]["casework_officer"].pk)
        return {"account": deputy, "since": "2026-09-14", "until": "2026-09-20"}
    return (PATCHES if method == "PATCH" else BODIES).get(route, {})


def form_of(row: dict[str, str], world: dict[str, Any]) -> dict[str, Any] | None:
    """What is sent as multipart instead: a file, with what is said about it."""
    if row["method"] != "POST":
        return None
    if row["route"].startswith("api:attachments-"):
        return {"file": SimpleUploadedFile("附件.txt", "摘要".encode())}
    if row["route"] == "api:reports-take-in-workbook":
        report = world[row["object"]]
        found = isinstance(report, Report)
        content = filled_in(report, pilots_city=3) if found else b"nothing"
        return {"file": SimpleUploadedFile("试点方案.xlsx", content)}
    if row["route"] == "api:reports-take-in-gathering":
        report = world[row["object"]]
        officer = world["people"]["guangdong_officer"]
        found = isinstance(report, Report)
        content = gathering_workbook_of(report, officer)[1] if found else b"nothing"
        return {"file": SimpleUploadedFile("汇总.xlsx", content)}
    if row["route"] == "api:report-scans-list":
        return {"file": scan(code_of(world["report"].versions.get(number=1)).text)}
    if row["route"] == "api:document-templates-list":
        return {
            "kind": "notice",
            "file": SimpleUploadedFile("模板.docx", shipped_template("notice")),
        }
    return None


def send(client: Client, row: dict[str, str], world: dict[str, Any]) -> Any:
    """Go to the address of the row as a browser, or a machine, would."""
    method, url = row["method"].lower(), address(row, world)
    if method == "get":
        return client.get(url)
    if form := form_of(row, world):
        return client.post(url, form)
    if row["route"].startswith("api:"):
        thing = world.get(row["object"].partition(".")[0])
        headers = {"if-match": f'"v{getattr(thing, "version", 1)}"'}
        body = json.dumps(body_of(row, world))
        return getattr(client, method)(url, body, content_type="application/json", headers=headers)
    if row["route"] == "report-answers":
        body = json.dumps({"answers": {}, "version": 1})
        return getattr(client, method)(url, body, content_type="application/json")
    return getattr(client, method)(url)


def visit(client: Client, row: dict[str, str], world: dict[str, Any]) -> str:
    """How far one gets, in the words of the table; whatever it changed is undone."""
    with transaction.atomic():
        answer = send(client, row, world)
        transaction.set_rollback(True)
    if answer.status_code == 401:
        return "in"
    if answer.status_code == 302 and "/accounts/login/" in answer["Location"]:
        return "in"
    # Without worker and beat the platform says that it is not ready, to whoever asks.
    got_in = GOT_IN | {503} if row["route"] == "readyz" else GOT_IN
    status = status_of(answer)
    return "+" if status in got_in else str(status)


@pytest.fixture
def clients(world, client_for, api_for) -> Callable[[str], Callable[[dict[str, str]], Client]]:
    """A person's browser and machine, chosen by the row."""

    def make(name: str) -> Callable[[dict[str, str]], Client]:
        if name == "anonymous":
            page, machine = Client(), Client()
        else:
            page, machine = client_for(world["people"][name]), api_for(world["people"][name])
        return lambda row: machine if row["route"].startswith("api:") else page

    return make


def name_of(row: dict[str, str]) -> str:
    return f"{row['method']} {row['route']} {row['object']}".strip()


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_gets_as_far_as_the_table_says(name, world, clients):
    client = clients(name)
    wrong = []
    for row in rows():
        got = visit(client(row), row, world)
        if got != row[name]:
            wrong.append(f"{name_of(row)}: {got}, not {row[name]}")
    assert "\n".join(wrong) == ""


def test_no_method_beyond_those_of_the_table(world, clients):
    """Asked by somebody who gets in. The forms of the sign-in pages are django-allauth's."""
    listed = {(row["route"], row["method"]) for row in rows()}
    offered = []
    for name in ("national_officer", "guangdong_officer", "security_administrator", "auditor"):
        client = clients(name)
        for row in [row for row in rows() if row[name] == "+"]:
            if row["route"].startswith(("account_", "mfa_")):
                continue
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                if (row["route"], method) not in listed:
                    listed.add((row["route"], method))
                    other = {**row, "method": method}
                    if (got := visit(client(other), other, world)) not in {"403", "405"}:
                        offered.append(f"{name_of(other)}: {got}")
    # They describe the interface, whatever the method.
    described = {"api:versions", "api:problem"}
    assert [each for each in offered if each.split()[1].removesuffix(":") not in described] == []


@pytest.mark.parametrize("name", ["hunan_officer", "system_administrator"])
def test_what_is_hidden_answers_like_what_is_missing(name, world, clients):
    """Same status, same size, same words: nobody learns that there is something."""
    client = clients(name)
    missing = {key: Nowhere(thing) for key, thing in world.items()} | {"people": world["people"]}

    def told(row: dict[str, str], things: dict[str, Any]) -> tuple[Any, ...]:
        with transaction.atomic():
            answer = send(client(row), row, things)
            transaction.set_rollback(True)
        # Addresses, request numbers and form tokens differ from answer to answer.
        body = answer.content.decode().replace(address(row, things), "-")
        body = re.sub(r"[0-9a-f-]{36}", "-", body)
        body = re.sub(r"[A-Za-z0-9]{64}", "-", body)
        body = re.sub(r'"(id|instance)":"[^"]*"', "-", body)  # of the items of a bulk
        headers = {key for key in answer.headers if key != "Content-Length"}
        return answer.status_code, len(answer.content), body, headers

    differing = [
        name_of(row)
        for row in rows()
        if row[name] == "404" and row["object"] and told(row, world) != told(row, missing)
    ]
    assert "\n".join(differing) == ""


def business() -> dict[str, list[Any]]:
    """What a person could have changed: each row with its version."""
    return {
        model.__name__: sorted(map(str, model.objects.values_list("pk", "version")))
        for model in (
            *(Notice, Obligation, Report, Comment, Answer),
            *(SupervisionRecord, PhoneRound, ActionPoint, Circular),
            *(WorkStatement, WorkRequest, Handover),
        )
    } | {"Attachment": sorted(map(str, Attachment.objects.exclude(owner_id=None).values_list()))}


def test_the_auditor_changes_nothing(world, clients):
    """Whatever is sent, it is refused or touches the auditor's own account alone."""
    own = {"set-language", "settings", "token-create", "notification-read-all"}
    own |= {"reminder-settings", "calendar-make", "calendar-revoke"}
    own |= {"api:reminder-settings-list", "api:notifications-read-all"}
    own |= {
        "export-start",
        "api:exports-list",
        "summary-build",
        "api:summary-files-list",
        "circular-build",
        "api:circular-files-list",
        "matrix-export",
        "api:notices-export-overview",
        "figure-export",
        "api:figures-export",
    }  # a job of one's own, which only reads
    own |= {
        "attachment-upload",
        "attachment-announce",
        "api:attachments-list",
    }  # a loose file, which belongs to no record
    own |= {"webhook-create", "api:webhooks-list"}  # as tokens are
    client, before = clients("auditor"), business()
    unsafe = [row for row in rows() if row["method"] != "GET" and row["route"] not in own]
    assert len(unsafe) > 60
    statuses = {name_of(row): status_of(send(client(row), row, world)) for row in unsafe}
    assert [each for each in statuses.items() if each[1] not in (403, 404, 405)] == []
    assert business() == before


# --- Tokens ------------------------------------------------------------------------------------
#: The resource whose scopes open an operation, where its name does not say so.
RESOURCES = {
    "comments": "reports",
    "report": "reports",
    "summary": "summaries",
    "circular": "circulars",
    "ledger": "obligations",
    "notice": "notices",
    "obligation": "obligations",
    "document": "document-templates",
    "pass": "obligations",
    "form": "forms",
    **dict.fromkeys(["todo", "done", "started"], "duties"),
    "reminder": "reminder-settings",
    "webhook": "webhooks",
}
#: An export opens no more than what the token may read besides; nor does what is told to a webhook.
BESIDES = {
    "api:exports-list": ["federations:read"],
    "api:summary-files-list": ["summaries:read"],
    "api:circular-files-list": ["circulars:read"],
    "api:notices-export-overview": ["obligations:read"],
    "api:figures-export": ["figures:read"],
    "api:webhooks-list": ["reports:read"],
    "api:webhooks-detail": ["reports:read"],
    "api:webhooks-rotate-secret": ["reports:read"],
}
WITHOUT_SCOPE = {
    "api:versions",
    "api:schema",
    "api:docs",
    "api:redoc",
    "api:problem",
    "api:index",
    "api:me-list",
}


def needed(row: dict[str, str]) -> str:
    name = row["route"].removeprefix("api:")
    found = [each for each in resources() if name.startswith(f"{each}-")]
    resource = found[0] if found else RESOURCES[name.partition("-")[0]]
    return f"{resource}:{'read' if row['method'] == 'GET' else 'write'}"


@pytest.mark.parametrize("name", ["national_officer", "guangdong_officer"])
def test_a_token_opens_what_its_scopes_name_and_nothing_else(name, world, api_for):
    """Every operation that the person may take, with all scopes but the one that it needs."""
    person, wrong = world["people"][name], []
    without = {
        scope: api_for(person, *[each for each in known() if each != scope]) for scope in known()
    }
    alone = {scope: api_for(person, scope) for scope in known()}
    for row in rows():
        if not row["route"].startswith("api:") or row["route"] in WITHOUT_SCOPE:
            continue
        if row[name] != "+":
            continue
        with transaction.atomic():
            refused = send(without[needed(row)], row, world)
            transaction.set_rollback(True)
        if refused.status_code != 403 or refused.json()["code"] != "scope_missing":
            wrong.append(f"{name_of(row)} without {needed(row)}: {refused.status_code}")
        besides = BESIDES.get(row["route"], [])
        only = api_for(person, needed(row), *besides) if besides else alone[needed(row)]
        if visit(only, row, world) != "+":
            wrong.append(f"{name_of(row)} is not opened by {needed(row)}")
    assert "\n".join(wrong) == ""


def test_a_token_that_only_reads_writes_nothing(world, api_for, guangdong_officer):
    reader = api_for(guangdong_officer, *[scope for scope in known() if scope.endswith(":read")])
    before, codes = business(), set()
    for row in rows():
        if row["route"].startswith("api:") and row["method"] != "GET":
            codes.add(status_of(send(reader, row, world)))
    assert codes <= {403, 404}
    assert business() == before
