"""Demonstration data of the other lines and of earlier weeks: what the overview and its charts show.

Two notices that were closed weeks ago, filed on time and late; one that only has to be signed for and
is late in places; one of another line that has just gone out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation

from .. import services
from ..models import BusinessLine, Notice
from .acts import issue, submit
from .growth import cumulative
from .people import Cast, at_hour, working_day

#: Who filed what was asked earlier, and how many working days before or after its due date.
PROGRESS = {
    "110000": -6, "120000": -4, "130000": -4, "210000": -3, "220000": -2, "310000": -2,
    "320000": -1, "330000": 0, "340000": 0, "350000": 2, "410000": 4, "420000": 7, "500000": -1,
    "610000": 11,
}  # fmt: skip
THINK_TANKS = {
    "110000": -3, "310000": -5, "320000": -1, "330000": 0, "420000": -2, "510000": 3, "610000": 0,
}  # fmt: skip
#: Who has signed for the platform's notice; the others are late.
SIGNED = ("110000", "120000", "210000", "220000", "310000", "320000", "330000", "340000", "500000")
NOT_SIGNED = ("150000", "520000", "540000")
#: Who has filed what the new social strata were asked for; None: not yet.
NEW_STRATA = {
    "110000": -1, "120000": None, "310000": -2, "320000": -2, "330000": -1, "410000": None,
    "500000": None, "510000": None,
}  # fmt: skip

DONE = (
    "本季度走访联系重点社会组织，召开座谈会听取意见，梳理职工服务项目需求，更新工作台账，推动形成季度会商机制。"
    "围绕法律咨询、劳动争议调解、心理关爱组织购买服务项目，公开遴选承接单位，开展中期评估，"
    "组织社会组织负责人培训，交流联系引导工作的做法和经验。（演示数据）"
)
PROGRESS_ANSWERS = {
    "done": DONE,
    "next_step": "继续完善社会组织台账，做好购买服务项目的中期评估和绩效评价，总结推广典型做法。",
    "projects_purchased": "4",
    "funds_purchased": "85.5",
    "workers_served": "5200",
}
INFORMATION_ANSWERS = {"content": DONE}


def load(cast: Cast) -> None:
    centre = Federation.objects.national()
    progress = issue(
        cast,
        centre,
        title="关于报送第二季度社会组织工作进展情况的通知",
        text="请于规定时间前报送第二季度进展情况。",
        asks="progress",
        form="progress_report",
        issued_on=working_day(-50),
        due_on=working_day(-40),
        recipients=_federations(PROGRESS),
    )
    _file(cast, progress, PROGRESS, PROGRESS_ANSWERS, due=-40, counted=True)
    think_tanks = issue(
        cast,
        centre,
        title="关于报送劳动关系领域社会智库联系情况的通知",
        text="请报送本地区联系劳动关系领域社会智库的情况。",
        asks="information",
        form="information",
        issued_on=working_day(-30),
        due_on=working_day(-20),
        recipients=_federations(THINK_TANKS),
        line=BusinessLine.THINK_TANKS,
    )
    _file(cast, think_tanks, THINK_TANKS, INFORMATION_ANSWERS, due=-20)
    for notice, day in ((progress, -25), (think_tanks, -14)):
        notice.refresh_from_db()
        services.close_notice(
            notice, by=cast.officer, version=notice.version, at=at_hour(working_day(day), 17)
        )
    platform = issue(
        cast,
        centre,
        title="关于启用平台填报功能的通知",
        text="平台填报功能已经启用，请签收本通知并组织有关人员熟悉操作。",
        asks="nothing",
        form="",
        issued_on=working_day(-8),
        due_on=working_day(-2),
        recipients=_federations([*SIGNED, *NOT_SIGNED]),
        line=BusinessLine.PLATFORM,
    )
    for number, owed in enumerate(_owed(platform)):
        if owed.federation.code in SIGNED:
            _sign(cast, owed, -7 + number % 4, number)
    new_strata = issue(
        cast,
        centre,
        title="关于报送新的社会阶层人士联系服务情况的通知",
        text="请报送本地区工会联系服务新的社会阶层人士的情况。",
        asks="information",
        form="information",
        issued_on=working_day(-6),
        due_on=working_day(7),
        recipients=_federations(NEW_STRATA),
        line=BusinessLine.NEW_STRATA,
    )
    _file(cast, new_strata, NEW_STRATA, INFORMATION_ANSWERS, due=0, accepted=False)


def _federations(codes: Iterable[str]) -> list[Federation]:
    return list(Federation.objects.filter(code__in=list(codes)))


def _owed(notice: Notice) -> list[Obligation]:
    return list(
        Obligation.objects.filter(round__request=notice.pk)
        .select_related("federation", "round__request")
        .order_by("federation__position")
    )


def _sign(cast: Cast, owed: Obligation, day: int, number: int) -> Obligation:
    leader = cast.leaders[owed.federation_id]
    return services.sign_for(
        owed,
        by=cast.officers[owed.federation_id],
        version=owed.version,
        leader_name=leader.name,
        leader_title="副主席",
        department="社会联络部",
        at=at_hour(working_day(day), 9, number),
    )


def _file(
    cast: Cast,
    notice: Notice,
    days: Mapping[str, int | None],
    answers: Mapping[str, str],
    *,
    due: int,
    accepted: bool = True,
    counted: bool = False,
) -> None:
    """Sign for, fill in, submit and accept, each so many working days from the due date."""
    for number, owed in enumerate(_owed(notice)):
        offset = days[owed.federation.code]
        if offset is None:
            continue
        day = due + offset
        officer, leader = cast.officers[owed.federation_id], cast.leaders[owed.federation_id]
        owed = _sign(cast, owed, day - 2, number)
        report = services.start_report(owed, by=officer, at=at_hour(working_day(day - 1), 9))
        grown = cumulative(owed.federation, working_day(due)) if counted else {}
        saved = services.save_report(
            report,
            by=officer,
            version=report.version,
            answers={**answers, **grown},
            at=at_hour(working_day(day - 1), 10),
        )
        report = submit(saved.report, officer, leader, day=day)
        if accepted:
            services.accept_report(
                report,
                by=cast.officer,
                version=report.version,
                at=at_hour(working_day(day + 2), 10),
            )
