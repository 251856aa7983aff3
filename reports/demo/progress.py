"""The progress reports of last month: most are in, nine federations are late, one filed late."""

from __future__ import annotations

from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation

from .. import services
from ..models import Notice
from .acts import issue, submit
from .growth import cumulative
from .people import DEPARTMENTS, Cast, at_hour, working_day

DUE, ISSUED = -3, -20
#: Who owes it still, and how far they came; who filed after the day; whose report waits for review.
LATE = {
    "140000": "waiting",
    "360000": "signed",
    "370000": "signed",
    "460000": "waiting",
    "520000": "waiting",
    "530000": "drafting",
    "540000": "waiting",
    "640000": "signed",
    "650000": "signed",
}
FILED_LATE = {"620000"}
UNDER_REVIEW = {"230000", "630000"}


def load(cast: Cast) -> Notice:
    last = (today().month - 2) % 12 + 1
    notice = issue(
        cast,
        Federation.objects.national(),
        title=f"关于报送{last}月份社会组织工作进展情况的通知",
        text=TEXT,
        asks="progress",
        form="progress_report",
        issued_on=working_day(ISSUED),
        due_on=working_day(DUE),
        recipients=None,
    )
    owed = Obligation.objects.filter(round__request=notice.pk).select_related(
        "federation", "round__request"
    )
    for number, each in enumerate(owed.order_by("federation__position")):
        _play(cast, each, number)
    _sum_up(cast, notice)
    return notice


def _sum_up(cast: Cast, notice: Notice) -> None:
    """The officer has begun to sum it up: a remark, one paragraph rewritten, a first edition."""
    summary = services.start_summary(notice, by=cast.officer, at=at_hour(working_day(-1), 15))
    summary = services.edit_summary(
        summary,
        by=cast.officer,
        version=summary.version,
        remark=REMARK,
        at=at_hour(working_day(-1), 15, 30),
    )
    part = summary.parts.get(obligation__federation__code="440000")
    services.edit_part(
        part,
        by=cast.officer,
        version=part.version,
        text="广东按月更新社会组织台账，逐级明确联系人，把购买服务重点放在新就业形态劳动者集中的园区和驿站。",
        at=at_hour(working_day(-1), 16),
    )
    summary.refresh_from_db()
    services.freeze_summary(
        summary,
        by=cast.officer,
        version=summary.version,
        note="第一次汇总，供部门会议使用",
        at=at_hour(working_day(-1), 17),
    )


def _play(cast: Cast, owed: Obligation, number: int) -> None:
    code = owed.federation.code
    part = LATE.get(code, "filed")
    if part == "waiting":
        return
    officer, leader = cast.officers[owed.federation_id], cast.leaders[owed.federation_id]
    owed = services.sign_for(
        owed,
        by=officer,
        version=owed.version,
        leader_name=leader.name,
        leader_title="副主席",
        department=DEPARTMENTS[number % len(DEPARTMENTS)],
        at=at_hour(working_day(ISSUED + 1), 9 + number % 8, number),
    )
    if part == "signed":
        return
    began = at_hour(working_day(DUE - 6), 14, number)
    report = services.start_report(owed, by=officer, at=began)
    given = answers(owed.federation, number)
    if part == "drafting":
        given = {code: given[code] for code in ("done", "organisations_surveyed")}
    saved = services.save_report(
        report, by=officer, version=report.version, answers=given, at=began
    )
    if part == "drafting":
        return
    report = submit(saved.report, officer, leader, day=DUE + 2 if code in FILED_LATE else DUE - 1)
    if code not in UNDER_REVIEW:
        services.accept_report(
            report,
            by=cast.officer,
            version=report.version,
            at=at_hour(working_day(-1), 9 + number % 8, number),
        )


def answers(federation: Federation, number: int) -> dict[str, str]:
    """A believable month: invented content, figures that differ and add up."""
    short = federation.short_zh
    served = 2400 + number * 517 % 9000
    given = {
        "done": f"{short}各级工会继续开展摸底调查，更新台账，分级落实联系人。"
        f"召开联席会议{1 + number % 3}次，会同民政、司法等部门研究扶持措施；"
        "围绕法律维权、心理健康、技能培训购买服务，组织服务项目进企业、进园区、进驿站，"
        "一批社会组织参与新就业形态劳动者服务，职工反映良好。",
        "difficulties": "县级工会专职人员少，部分社会组织承接能力不足，服务项目绩效评价标准不够统一。",
        "advice": "建议编印购买服务合同范本和绩效评价指引，组织跨省交流。",
        "next_step": "下月完成台账复核，启动第二批购买服务项目，组织一期社会组织负责人培训班，"
        "总结推广两个以上典型案例。",
        **cumulative(federation, today()),
        "projects_purchased": str(3 + number % 9),
        "funds_purchased": f"{40 + number * 6.5:.1f}",
        "workers_served": str(served),
        "unions_founded": str(2 + number % 7),
        "trainings": str(1 + number % 4),
    }
    # Not every federation keeps these figures: what is not known stays blank.
    if number % 3:
        given["service_attendances"] = str(served * 3)
        given["members_joined"] = str(60 + number * 11)
    if number % 4 != 1:
        given["incubation_bases"] = str(number % 6)
    return given


REMARK = """各地按月更新台账、分级联系的做法逐步稳定，购买服务更多投向新就业形态劳动者和产业园区。

主要问题是县级工会人手不足、承接组织能力不齐。下一步重点抓好合同范本和绩效评价指引。"""

TEXT = """为掌握各地社会组织工作进展情况，现就报送月度进展情况有关事项通知如下。

一、如实填报

工作数据以台账为准，累计数不得小于上期。没有发生的事项填零，不掌握的留空，不得估算。

二、突出重点

围绕联系引导、购买服务、孵化培育、建会入会四个方面，写清做法、成效和问题，不写空话套话。

三、按时报送

请于规定时间前通过平台报送，由分管领导签批。"""
