"""The notices of history, the current round of pilot plans in every state, and two drafts."""

from __future__ import annotations

from platform_site.documents.models import NumberSeries
from platform_site.documents.services import add_series
from platform_site.federations.models import Federation
from platform_site.jobs.exporting import start_export
from platform_site.jobs.services import run_job
from platform_site.lists import exports
from platform_site.obligations.models import Obligation
from platform_site.questionnaires.models import Form

from .. import services
from ..models import Notice, Report
from .acts import issue, submit
from .people import DEPARTMENTS, Cast, at_hour, working_day

#: What each federation did with the current notice, by code; the others have only signed for it.
STORY = {
    "110000": "accepted",
    "120000": "submitted",
    "130000": "drafting",
    "140000": "waiting",
    "150000": "waiting",
    "210000": "submitted",
    "220000": "accepted",
    "310000": "accepted",
    "320000": "doubtful",
    "330000": "accepted",
    "340000": "submitted",
    "350000": "returned",
    "370000": "resubmitted",
    "410000": "drafting",
    "420000": "nothing",
    "430000": "returned",
    "440000": "drafting",
    "450000": "submitted",
    "500000": "accepted",
    "510000": "drafting",
    "520000": "waiting",
    "540000": "waiting",
    "610000": "submitted",
    "650000": "waiting",
}


def load(cast: Cast) -> Notice:
    """The two notices of history, those behind us, the current one in every state, and two drafts."""
    centre = Federation.objects.national()
    _history(cast, centre)
    # No number of a real series is made up: those of the demo have a word of their own.
    series = add_series(
        by=cast.officer,
        federation=centre,
        word="演示发",
        issuer="中华全国总工会办公厅",
        label="演示用代字，不是真实文号",
        printed_by="中华全国总工会办公厅",
    )
    current = issue(
        cast,
        centre,
        title="关于报送劳动关系领域社会组织联系引导工作试点方案的通知",
        text=NOTICE_TEXT,
        asks="pilot_plan",
        form="pilot_plan",
        issued_on=working_day(-12),
        due_on=working_day(4),
        recipients=None,
        number_series=series,
    )
    obligations = {
        owed.federation.code: owed
        for owed in Obligation.objects.filter(round__request=current.pk).select_related(
            "federation", "round__request"
        )
    }
    for number, (code, owed) in enumerate(obligations.items()):
        _play(cast, owed, STORY.get(code, "signed"), number)
    _drafts(cast, centre, series)
    _exports(cast, current)
    return current


def _exports(cast: Cast, notice: Notice) -> None:
    """Two lists that the officer took home as workbooks, as finished background jobs."""
    for name, filters in (("reports", {}), ("recipients", {"notice": notice.pk})):
        export = exports.find(name)
        if export is not None:
            run_job(start_export(export, filters, by=cast.officer).pk)


def _history(cast: Cast, centre: Federation) -> None:
    for year, month, subject in ((2016, 9, "部署试点工作"), (2017, 3, "推进试点工作")):
        services.import_notice(
            by=None,
            federation=centre,
            drafted_by=cast.officer,
            title=f"{year}年{month}月全总办公厅关于{subject}的通知（历史资料，原题、文号、日期待核）",
            text="平台建成以前的通知。现只知道发文年月和要求报送试点方案，原文、文号和具体日期待查补，此处不作推测。",
            asks="pilot_plan",
            business_line="social_organisations",
            form=Form.objects.get(code="pilot_plan"),
            year=year,
            month=month,
        )


def _play(cast: Cast, owed: Obligation, part: str, number: int) -> None:
    """Take one federation's obligation as far as its part of the story goes."""
    if part == "waiting":
        return
    officer = cast.officers[owed.federation_id]
    leader = cast.leaders[owed.federation_id]
    owed = services.sign_for(
        owed,
        by=officer,
        version=owed.version,
        leader_name=leader.name,
        leader_title="副主席",
        department=DEPARTMENTS[number % len(DEPARTMENTS)],
        at=at_hour(working_day(-11), 9 + number % 8, number),
    )
    if part == "signed":
        return
    report = services.start_report(owed, by=officer, at=at_hour(working_day(-9), 14, number))
    answers = plan(owed.federation, number)
    if part == "drafting":
        keep = [code for place, code in enumerate(answers) if place < 7 + number % 5]
        answers = {code: answers[code] for code in keep}
        # Somebody typed a word where a number belongs; it stands there until it is mended.
        answers["contact_persons"] = "约二十人"
        services.save_report(
            report,
            by=officer,
            version=report.version,
            answers=answers,
            at=at_hour(working_day(-2), 16, number),
        )
        return
    if part == "nothing":
        saved = services.save_report(
            report,
            by=officer,
            version=report.version,
            nothing_to_report=True,
            nothing_reason="本省正在调整试点布局，方案待省总工会党组会议审定，本次暂无可报方案。",
            at=at_hour(working_day(-5), 11),
        )
        submit(saved.report, officer, leader, day=-5)
        return
    if part == "doubtful":
        answers["pilots_county"] = "412"
    saved = services.save_report(
        report,
        by=officer,
        version=report.version,
        answers=answers,
        explanation="全省县（市、区）全部纳入试点，共412个基层试点单位，经核实无误。"
        if part == "doubtful"
        else "",
        at=at_hour(working_day(-6), 15, number),
    )
    # What still waits for review came in on different days.
    waits = part in ("submitted", "doubtful")
    report = submit(saved.report, officer, leader, day=-1 - number % 4 if waits else -5)
    if part == "accepted":
        services.accept_report(
            report,
            by=cast.officer,
            version=report.version,
            note="方案目标清楚，措施具体，同意备案。",
            at=at_hour(working_day(-3), 9 + number % 8, number),
        )
    if part in ("returned", "resubmitted"):
        report = _return(cast, report)
    if part == "resubmitted":
        for comment in report.versions.latest("number").comments.all():
            services.reply_to_comment(
                comment,
                by=officer,
                version=comment.version,
                text="已按意见补充责任单位和完成时限。",
                at=at_hour(working_day(-1), 10),
            )
        saved = services.save_report(
            report,
            by=officer,
            version=report.version,
            answers={"tasks": answers["tasks"] + TASKS_ADDED},
            at=at_hour(working_day(-1), 11),
        )
        submit(saved.report, officer, leader, day=-1)


def _return(cast: Cast, report: Report) -> Report:
    for question, text in (
        ("tasks", "请逐项写明责任单位和完成时限，避免只写原则要求。"),
        ("funds_purchased", "请核对资金口径，是否包含市县配套资金。"),
    ):
        services.add_comment(
            report, by=cast.officer, question=question, text=text, at=at_hour(working_day(-3), 10)
        )
    report.refresh_from_db()
    return services.return_report(
        report,
        by=cast.officer,
        version=report.version,
        note="总体可行。重点任务还不够具体，资金口径需要核实，请修改后重新提交。",
        at=at_hour(working_day(-3), 11),
    )


def _drafts(cast: Cast, centre: Federation, series: NumberSeries) -> None:
    services.draft_notice(
        by=cast.officer,
        federation=centre,
        title="关于报送第四季度社会组织工作进展情况的通知",
        text="为掌握各地工作进展，请于规定时间前报送第四季度进展情况。\n\n"
        "一、请如实填写工作数据，累计数不得小于上期。\n\n"
        "二、没有发生的事项填零，不掌握的留空，不得估算。",
        asks="progress",
        business_line="social_organisations",
        form=Form.objects.get(code="progress_report"),
        due_on=working_day(25),
        number_series=series,
        contact_name=cast.officer.name,
        contact_phone="010-00000000",
    )
    services.draft_notice(
        by=cast.officer,
        federation=centre,
        title="关于做好平台账号信息核对工作的通知",
        text="请签收本通知，并核对本单位账号信息。",
        asks="nothing",
        business_line="platform",
        due_on=working_day(10),
        recipients=Federation.objects.first_tier(),
        contact_name=cast.officer.name,
        contact_phone="010-00000000",
    )


NOTICE_TEXT = """为进一步做好联系引导劳动关系领域社会组织工作，现就报送试点方案有关事项通知如下。

一、明确工作责任

各单位要确定一名分管领导和一个责任部门，配备必要的工作力量，在签收本通知时一并填报。

二、制定试点方案

试点方案应写明依据和目标、试点单位、重点任务和步骤、保障措施。重点任务要逐项写明措施、完成时限和责任单位。

三、按时报送

请于规定时间前通过平台填报。确无可报内容的，请选择“无情况报告”并说明原因，不得逾期不报。"""

TASKS_ADDED = (
    "\n（四）建立典型案例库，每季度报送一个案例，每季度末月二十五日前完成，"
    "责任单位为省总工会宣传教育部。"
)


def plan(federation: Federation, number: int) -> dict[str, str]:
    """A believable pilot plan: real places of the federation's subtree, invented content."""
    places = list(
        Federation.objects.filter(parent=federation, level__in=[3, 4]).order_by("code")[:3]
    )
    names = "、".join(place.short_zh for place in places) or "机关本级"
    short = federation.short_zh
    started = working_day(15)
    return {
        "basis": f"根据全国总工会关于联系引导劳动关系领域社会组织工作的部署，结合{short}实际，制定本方案。",
        "goals": f"用一年左右时间，摸清{short}劳动关系领域社会组织底数，建立分级联系制度，"
        "培育一批职工信得过、用得上的社会组织，形成可复制可推广的经验做法。",
        "places": f"试点地区为{names}，共三个地区，覆盖重点行业。",
        "organisations": f"{places[0].short_zh if places else short}职工服务中心（演示，业务范围：法律咨询、劳动争议调解）；"
        f"{places[-1].short_zh if places else short}新就业形态劳动者服务社（演示，业务范围：关爱帮扶、技能提升）。",
        "pilots_province": str(1 + number % 3),
        "pilots_city": str(2 + number % 7),
        "pilots_county": str(5 + number % 20),
        "tasks": "（一）开展摸底调查，建立社会组织台账，三个月内完成，责任单位为省级工会社会联络部。\n"
        "（二）建立联席会议制度，每季度召开一次，责任单位为各试点地区总工会。\n"
        "（三）围绕法律维权、心理健康、技能培训购买服务，公开遴选项目并组织绩效评价，"
        "责任单位为省级工会财务部和责任部门。",
        "steps": "启动阶段：印发方案，召开推进会，明确联系人。\n推进阶段：开展摸底、联系和购买服务，组织中期调研。\n"
        "总结阶段：总结经验，形成制度成果和典型案例。",
        "starts_on": started.isoformat(),
        "organisation": "由分管领导牵头，责任部门具体负责，各试点地区确定专人联系，建立月调度、季通报机制。",
        "leading_group": "yes" if number % 3 else "no",
        "in_reform_plan": "yes" if number % 2 else "no",
        "contact_persons": str(20 + number * 3),
        "funds_purchased": f"{60 + number * 7.5:.1f}",
        "risks": "社会组织能力参差不齐，拟通过培训和绩效评价加以引导。",
        "approved_by": "party_group" if number % 2 else "chair_meeting",
        "approved_on": working_day(-7).isoformat(),
    }
