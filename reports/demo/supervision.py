"""Supervision in the demo: calls of the last weeks, a round that runs, visits in every state, what was agreed."""

from __future__ import annotations

import datetime as dt

from platform_site.federations.models import Federation
from platform_site.obligations import services as obligations
from platform_site.obligations.models import ActionPoint

from .. import services
from ..models import SupervisionRecord
from .people import Cast, at_hour, working_day

#: Who was called how many working days ago, and what came of it.
CALLS = {
    "110000": (-31, "试点推进正常，约定按月更新台账。"),
    "330000": (-24, "已完成摸底，建议总结县级枢纽型组织做法。"),
    "500000": (-18, "购买服务合同尚未签订，约定本月底前办结。"),
    "530000": (-12, "机构改革后更换联系人，约定在平台更新任职信息。"),
}
#: The round that runs: in the order of the calls; the rest is still to be called.
ROUND = {
    "140000": "上月进展情况尚未报送，约定本周内补报。",
    "360000": "报告已写好，等待分管领导签批。",
    "370000": "数据正在核对，约定两个工作日内报送。",
    "460000": "",
    "520000": "",
    "540000": "",
    "640000": "",
    "650000": "",
}
FINDINGS = (
    "台账做到按月更新、分级负责，重点组织均有联系人；县级工会专职人员不足，部分联系人身兼数职。"
    "购买服务项目多投向新就业形态劳动者集中的园区，绩效评价标准还不统一。"
)
OUTCOME = "充分肯定分级联系做法，约定补充县级联系人、统一绩效评价表，下次联系时检查落实情况。"
PLAN = (
    "一、看台账更新和联系人落实情况。\n二、与购买服务承接组织座谈。\n三、了解县级工会的困难和建议。"
)


def load(cast: Cast) -> None:
    for code, (offset, outcome) in CALLS.items():
        _call(cast, code, working_day(offset), outcome)
    _visits(cast)
    _round(cast)


def _federation(code: str) -> Federation:
    return Federation.objects.get(code=code)


def _people(cast: Cast, federation: Federation) -> str:
    officer = cast.officers[federation.pk]
    return f"{cast.officer.name}（全国总工会）、{officer.name}（联络员）"


def _call(cast: Cast, code: str, on: dt.date, outcome: str) -> None:
    federation = _federation(code)
    services.record_call(
        by=cast.officer,
        federation=federation,
        on=on,
        participants=_people(cast, federation),
        outcome=outcome,
        at=at_hour(on, 15),
    )


def _round(cast: Cast) -> None:
    round = services.open_round(
        by=cast.officer,
        title="未按时报送进展情况单位集中电话交流",
        starts_on=working_day(-2),
        ends_on=working_day(5),
        federations=[_federation(code) for code in ROUND],
        at=at_hour(working_day(-2), 9),
    )
    for number, (code, outcome) in enumerate(ROUND.items()):
        if not outcome:
            continue
        federation = _federation(code)
        services.record_call_of_round(
            round,
            by=cast.officer,
            version=round.version,
            federation=federation,
            on=working_day(-1),
            participants=_people(cast, federation),
            outcome=outcome,
            next_contact_on=working_day(4),
            at=at_hour(working_day(-1), 9 + number, 20),
        )


def _planned(cast: Cast, code: str, kind: str, day: int) -> SupervisionRecord:
    on = working_day(day)
    return services.plan_visit(
        by=cast.officer,
        federation=_federation(code),
        kind=kind,
        on=on,
        plan=PLAN,
        at=at_hour(working_day(min(day, 0) - 8), 10),
    )


def _held(cast: Cast, code: str, kind: str, day: int) -> SupervisionRecord:
    visit = _planned(cast, code, kind, day)
    return services.hold_visit(
        visit,
        by=cast.officer,
        version=visit.version,
        on=visit.on,
        participants=_people(cast, visit.federation),
        at=at_hour(visit.on, 17),
    )


def _written(cast: Cast, code: str, kind: str, day: int) -> SupervisionRecord:
    visit = _held(cast, code, kind, day)
    return services.write_report(
        visit,
        by=cast.officer,
        version=visit.version,
        findings=FINDINGS,
        outcome=OUTCOME,
        next_contact_on=working_day(20),
        at=at_hour(working_day(day + 2), 11),
    )


def _visits(cast: Cast) -> None:
    """One in each state; from the accepted ones came action points."""
    _planned(cast, "320000", "visit", 6)
    _planned(cast, "420000", "case", 12)
    _held(cast, "210000", "visit", -3)
    _written(cast, "330000", "stay", -6)
    returned = _written(cast, "510000", "visit", -9)
    services.return_supervision(
        returned,
        by=cast.leader,
        version=returned.version,
        note="请写明存在问题的地区和责任单位。",
        at=at_hour(working_day(-5), 10),
    )
    for code in ("440000", "430000", "340000"):
        written = _written(cast, code, "visit", -15)
        record = services.accept_supervision(
            written, by=cast.leader, version=written.version, at=at_hour(working_day(-11), 10)
        )
        _agreed(cast, record)


def _agreed(cast: Cast, record: SupervisionRecord) -> None:
    """One verified, one reported done, one that runs, one whose day has passed."""
    at = at_hour(working_day(-11), 11)

    def agree(task: str, day: int) -> ActionPoint:
        return obligations.set_action_point(
            record, by=cast.officer, task=task, due_on=working_day(day), at=at
        )

    def report(point: ActionPoint, evidence: str) -> ActionPoint:
        return obligations.report_action_point(
            point,
            by=cast.officers[record.federation_id],
            version=point.version,
            evidence=evidence,
            at=at_hour(working_day(-4), 16),
        )

    done = report(agree("在平台更新分管领导和联络员任职信息。", -3), "已更新，任职信息与文件一致。")
    obligations.verify_action_point(
        done, by=cast.leader, version=done.version, at=at_hour(working_day(-2), 9)
    )
    report(
        agree("统一购买服务项目绩效评价表，报送样表。", 5),
        "已印发统一的绩效评价表，各试点地区自本月起使用。",
    )
    agree("补充县级工会社会组织工作联系人，报送名单。", 15)
    # Not where visitors begin: their list is to begin with what they have just been sent.
    if record.federation.code == "340000":
        agree("补报上季度未签订合同的购买服务项目情况。", -1)
