"""What is sent to each address of ``tests/access.csv``: bodies of machines, items of a bulk, files."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.documents.docx import shipped_template
from reports.models import Report
from reports.queries import gathering_workbook_of
from reports.queries.papers import code_of
from tests.papers import scan
from tests.workbooks import filled_in

from .world import SURVEY


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
    "api:content-return-piece": {"note": "请修改。"},
    "api:content-stop": {"note": "文件有变化。"},
    "api:content-withdraw": {"note": "内容有误。"},
    "api:content-drop": {"note": "不再需要。"},
    "api:policy-drafts-list": {
        "title": "关于做好工作的意见",
        "kind": "opinions",
        "level": "national",
        "issuers": ["中华全国总工会"],
    },
    "api:policy-drafts-detail": {"title": "改过的题目"},
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
    "api:content-bulk": ("submit", {}),
    "api:policy-drafts-bulk": ("change", {"title": "改过的题目"}),
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
