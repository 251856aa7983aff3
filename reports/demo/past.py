"""Notices of the demonstration that lie behind us: what the overview, its map and its past days show.

Outcomes are drawn by lot, the same at every start; names are invented, dates relative to today.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from platform_site.accounts.models import User
from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation

from .. import services
from ..models import Notice, Report
from .acts import issue
from .growth import cumulative
from .people import DEPARTMENTS, Cast, at_hour

HOURS = (9, 10, 11, 14, 15, 16)
QUARTERS = "一二三四"
#: Whose accounts the demo prints: what waits for them is the current round, nothing older.
TIDY = ("430000", "440000")
#: Coastal places, where most exchanges take place.
COAST = [
    "110000",
    "120000",
    "210000",
    "310000",
    "320000",
    "330000",
    "350000",
    "370000",
    "440000",
    "450000",
    "460000",
    "500000",
]


@dataclass(frozen=True)
class Past:
    """A notice that went out; ``silent`` and ``late`` are shares of its recipients."""

    title: str
    text: str
    asks: str
    line: str
    recipients: list[Federation]
    issued_on: dt.date
    due_on: dt.date
    form: str = ""
    silent: float = 0.05
    late: float = 0.12
    ends: str = "close"


def quarters_behind() -> list[tuple[int, int, dt.date]]:
    """Year, quarter and due date of the last quarterly report that is over."""
    found: list[tuple[int, int, dt.date]] = []
    year, quarter = today().year, (today().month + 2) // 3
    while not found:
        quarter -= 1
        if quarter == 0:
            year, quarter = year - 1, 4
        first_after = dt.date(year + quarter // 4, 3 * quarter % 12 + 1, 1)
        due_on = first_after + dt.timedelta(days=9)
        if due_on < today() - dt.timedelta(days=20):
            found.insert(0, (year, quarter, due_on))
    return found


def notices() -> list[Past]:
    provinces = list(Federation.objects.default_recipients())
    everybody = list(Federation.objects.first_tier())
    unions = [each for each in everybody if each.kind == Federation.Kind.INDUSTRIAL]
    coast = [each for each in provinces if each.code in COAST]
    now = today()

    def ago(days: int) -> dt.date:
        return now - dt.timedelta(days=days)

    past = [
        Past(
            "关于报送上年度社会组织工作总结的通知",
            "请报送上年度社会组织工作总结，内容包括主要做法、成效、问题和打算。",
            "information", "social_organisations", everybody, ago(322), ago(300),
            form="information", silent=0.1, late=0.2,
        ),
        Past(
            "关于推荐劳动关系领域社会智库课题的通知",
            "请推荐一至两个社会智库课题，写明题目、承担单位和预期成果。",
            "information", "think_tanks", [*coast[:6], *unions[:2]], ago(250), ago(229),
            form="information", silent=0.0, late=0.1,
        ),
        Past(
            "关于启用工作信息平台的通知",
            "请签收本通知，明确分管领导和责任部门，并组织联络员登录平台。",
            "nothing", "platform", everybody, ago(150), ago(143), silent=0.07, late=0.1,
        ),
        Past(
            "关于报送新的社会阶层人士联系服务情况的通知",
            "请报送联系服务新的社会阶层人士情况。",
            "information", "new_strata", provinces[8:14], ago(96), ago(75),
            form="information", ends="withdraw",
        ),
        Past(
            "关于报送社会组织参与国际交流活动情况的通知",
            "请报送今年以来社会组织参与国际交流活动情况和下一步安排。",
            "information", "international", [*coast[2:9], *unions[5:9]], ago(30), ago(6),
            form="information", silent=0.15, late=0.2, ends="",
        ),
    ]  # fmt: skip
    past += [
        Past(
            f"关于报送{year}年第{QUARTERS[quarter - 1]}季度社会组织工作进展情况的通知",
            "请如实填写工作数据，累计数不得小于上期。没有发生的事项填零，不掌握的留空，不得估算。",
            "progress",
            "social_organisations",
            provinces,
            due_on - dt.timedelta(days=20),
            due_on,
            form="progress_report",
            ends="",
        )
        for year, quarter, due_on in quarters_behind()
    ]
    return sorted(past, key=lambda each: each.issued_on)


def load(cast: Cast) -> None:
    """Play each notice through to its end, the oldest first."""
    for number, past in enumerate(notices()):
        lot = random.Random(number)  # noqa: S311  # nosec B311 - demonstration data, no secret
        notice = issue(
            cast,
            Federation.objects.national(),
            title=past.title,
            text=past.text,
            asks=past.asks,
            form=past.form,
            line=past.line,
            issued_on=past.issued_on,
            due_on=past.due_on,
            recipients=past.recipients,
        )
        owed = Obligation.objects.filter(round__request=notice.pk)
        for place, each in enumerate(
            owed.select_related("federation", "round__request").order_by("federation__position")
        ):
            _play(cast, past, each, lot, place)
        _end(cast, past, notice)


def _end(cast: Cast, past: Past, notice: Notice) -> None:
    notice.refresh_from_db()
    if past.ends == "close":
        services.close_notice(
            notice,
            by=cast.officer,
            version=notice.version,
            at=at_hour(past.due_on + dt.timedelta(days=14), 17),
        )
    elif past.ends == "withdraw":
        services.withdraw_notice(
            notice,
            by=cast.officer,
            version=notice.version,
            note="与季度报告内容重复，不再单独报送。",
            at=at_hour(past.issued_on + dt.timedelta(days=9), 17),
        )


def _play(cast: Cast, past: Past, owed: Obligation, lot: random.Random, place: int) -> None:
    """Take one obligation as far as the lot says."""
    drawn, hour, minute = lot.random(), lot.choice(HOURS), place % 60
    officer, leader = cast.officers[owed.federation_id], cast.leaders[owed.federation_id]
    if owed.federation.code in TIDY:
        drawn = 0.5
    silent = drawn < past.silent
    if silent and lot.random() < 0.4:
        return  # not even signed for
    late = past.silent <= drawn < past.silent + past.late
    if past.asks == "nothing":
        if silent:
            return
        filed_on = past.due_on + dt.timedelta(days=lot.randint(1, 5) if late else -1)
        _sign_for(owed, officer, leader, place, at_hour(filed_on, hour, minute))
        return
    signed_on = past.issued_on + dt.timedelta(days=1 + place % 3)
    owed = _sign_for(owed, officer, leader, place, at_hour(signed_on, hour, minute))
    if silent or (past.ends == "withdraw" and drawn > 0.3):
        return
    if not past.ends and drawn > 0.96:
        services.waive_obligation(
            owed,
            by=cast.officer,
            version=owed.version,
            reason="机构改革期间免于报送本期情况。",
            at=at_hour(past.due_on - dt.timedelta(days=3), hour),
        )
        return
    if not past.ends and drawn > 0.9:
        owed = services.extend_obligation(
            owed,
            by=cast.officer,
            version=owed.version,
            due_on=past.due_on + dt.timedelta(days=20),
            reason="受台风影响，申请延期报送。",
            at=at_hour(past.due_on - dt.timedelta(days=2), hour),
        )
        return
    filed_on = past.due_on + dt.timedelta(days=lot.randint(1, 5) if late else -lot.randint(0, 8))
    if past.ends == "withdraw":
        filed_on = past.issued_on + dt.timedelta(days=6)
    report = _file(past, owed, officer, leader, place, filed_on, hour, minute)
    if not past.ends and drawn > 0.8:
        return  # still lies with the reviewer
    services.accept_report(
        report,
        by=cast.officer,
        version=report.version,
        at=at_hour(filed_on + dt.timedelta(days=1), 16, minute),
    )


def _sign_for(
    owed: Obligation, officer: User, leader: User, place: int, at: dt.datetime
) -> Obligation:
    return services.sign_for(
        owed,
        by=officer,
        version=owed.version,
        leader_name=leader.name,
        leader_title="副主席",
        department=DEPARTMENTS[place % len(DEPARTMENTS)],
        at=at,
    )


def _file(
    past: Past,
    owed: Obligation,
    officer: User,
    leader: User,
    place: int,
    filed_on: dt.date,
    hour: int,
    minute: int,
) -> Report:
    began = filed_on - dt.timedelta(days=1)
    report = services.start_report(owed, by=officer, at=at_hour(began, hour, minute))
    report = services.save_report(
        report,
        by=officer,
        version=report.version,
        answers=_answers(past, owed.federation, place),
        explanation="数据已经逐项核对，确认无误。",
        at=at_hour(began, 17, minute),
    ).report
    report = services.sign_off_report(
        report, by=leader, version=report.version, at=at_hour(filed_on, 8, minute)
    )
    return services.submit_report(
        report, by=officer, version=report.version, at=at_hour(filed_on, hour, minute)
    )


def _answers(past: Past, federation: Federation, place: int) -> dict[str, str]:
    short = federation.short_zh
    if past.form == "information":
        return {
            "content": f"{short}高度重视，由责任部门牵头梳理，已召开专题会议部署，"
            f"建立台账{12 + place}份，走访联系单位{5 + place % 9}家，下一步将完善联系机制，抓好跟踪问效。",
            "has_material": "no",
        }
    return {
        "done": f"{short}持续推进联系引导工作，召开联席会议，组织骨干培训，指导社会组织建会入会，"
        "围绕法律维权、心理健康购买服务，职工反映良好。",
        "next_step": "继续完善分级联系制度，扩大覆盖面，做好项目绩效评价，及时总结推广经验做法。",
        **cumulative(federation, past.due_on),
        "projects_purchased": str(3 + place % 6),
        "funds_purchased": f"{40 + place * 3.5:.1f}",
        "workers_served": str(2200 + place * 317 % 6200),
    }
