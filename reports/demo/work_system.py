"""Demonstration data of the work system: most is settled, with a few gaps of each kind; a handover."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

from django.core.files.base import File

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.accounts.services import create_account, give_role
from platform_site.attachments.services import upload
from platform_site.casework.queries import today
from platform_site.federations import services as posts
from platform_site.federations.models import Federation, Holding

from .. import services
from ..models import DepartmentKind, WorkSubject
from .people import DEPARTMENTS, Cast, at_hour, invented_name, working_day

KINDS = (
    DepartmentKind.LIAISON,
    DepartmentKind.GRASSROOTS,
    DepartmentKind.RIGHTS,
    DepartmentKind.LEGAL,
)
MATERIAL = (
    "安排专用办公室2间、会议室1间，接入工会专网，配备走访车辆。",
    "依托省职工服务中心设社会组织联系服务窗口，设备齐全。",
    "设社会组织孵化基地1处，场地300平方米，免费提供使用。",
)
#: What is missing where.
MISSING: dict[str, tuple[str, ...]] = {
    "430000": ("budget",),
    "540000": ("staff", "material"),
    "620000": ("budget",),
    "IU03": ("department", "staff", "budget", "material"),
    "IU07": ("staff", "budget"),
}
#: Whose budget is still that of last year, and who has not confirmed anything for more than a year.
LAST_YEAR = ("150000", "IU05")
UNCONFIRMED = ("220000",)
#: Where another leader was in charge before.
FORMER_LEADER = "510000"
ASKED = ("620000", "IU03")
FIRST_DAY = dt.date(2024, 1, 2)


def load(cast: Cast) -> None:
    for number, federation in enumerate(Federation.objects.first_tier()):
        _posts(cast, federation, number)
        _state_all(cast, federation, number)
    services.ask_for_work(
        by=cast.officer,
        federations=list(Federation.objects.filter(code__in=ASKED)),
        due_on=working_day(6),
        sentence="请在半年工作调度前补齐。",
        at=at_hour(working_day(-1), 9),
    )


def _posts(cast: Cast, federation: Federation, number: int) -> None:
    officer = cast.officers[federation.pk]
    if federation.code == FORMER_LEADER:
        posts.appoint(
            federation,
            Holding.Post.LEADER_IN_CHARGE,
            name=invented_name(number + 31),
            title="副主席",
            since=dt.date(2021, 6, 1),
            by=officer,
            at=at_hour(dt.date(2024, 1, 2), 9),
        )
    for post, name, title in (
        (Holding.Post.LEADER_IN_CHARGE, cast.leaders[federation.pk].name, "副主席"),
        (Holding.Post.DEPARTMENT_HEAD, invented_name(number + 23), "部长"),
        (Holding.Post.LIAISON_OFFICER, officer.name, ""),
    ):
        posts.appoint(
            federation, post, name=name, title=title, since=FIRST_DAY, by=officer,
            at=at_hour(FIRST_DAY, 10),
        )  # fmt: skip


def _state_all(cast: Cast, federation: Federation, number: int) -> None:
    code, officer = federation.code, cast.officers[federation.pk]
    old = code in UNCONFIRMED
    stated_on = today() - dt.timedelta(days=430 if old else 200 - number)
    year = stated_on.year if old else today().year
    for subject, said in _what(code, number, year).items():
        if subject in MISSING.get(code, ()):
            continue
        files = []
        if number % 3 == 0 and subject == WorkSubject.BUDGET:
            files = [_paper(officer, f"{federation.short_zh}经费安排.txt")]
        services.state_work(
            federation,
            by=officer,
            subject=subject,
            since=dt.date(said.get("year", 0), 1, 1) if "year" in said else dt.date(2024, 3, 1),
            attachments=files,
            at=at_hour(stated_on, 10, number),
            **said,
        )
    if not old and number % 2 == 0:
        services.confirm_work(
            federation, by=officer, at=at_hour(working_day(-30 - number % 9), 16, number)
        )


def _what(code: str, number: int, year: int) -> dict[str, dict[str, Any]]:
    budget_year = year - 1 if code in LAST_YEAR else year
    place = number % len(KINDS)
    return {
        WorkSubject.DEPARTMENT: {
            "text": DEPARTMENTS[place],
            "department_kind": KINDS[place],
            "document_number": f"工办发〔2024〕{number + 3}号（演示）",
        },
        WorkSubject.STAFF: {"full_time": 1 + number % 4, "part_time": 2 + number % 7},
        WorkSubject.BUDGET: {"amount": Decimal(60 + 7 * (number % 11)), "year": budget_year},
        WorkSubject.MATERIAL: {"text": MATERIAL[number % len(MATERIAL)]},
        WorkSubject.LEADING_GROUP: {"yes": number % 5 != 4},
        WorkSubject.REFORM_PLAN: {"yes": number % 7 != 6},
    }


def _paper(officer: User, name: str) -> Any:
    content = "年度经费安排（演示数据，非正式文件）。"
    return upload(File(io.BytesIO(content.encode()), name=name), by=officer, name=name)


def load_handover(cast: Cast) -> None:
    """An officer has left: the leader hands over, the successor takes over."""
    federation = Federation.objects.get(code="430000")
    former = create_account(
        username="430000.former",
        name=invented_name(77),
        email="430000.former@demo.invalid",
        by=None,
    )
    office = give_role(
        former,
        role=Role.LIAISON_OFFICER,
        federation=federation,
        since=dt.date(2024, 1, 2),
        until=working_day(-9),
        by=None,
    )
    sheet = services.open_handover(
        office,
        by=cast.leaders[federation.pk],
        note="台账和联系人名单已移交，重点组织名录在部门共享目录。",
        at=at_hour(working_day(-8), 9),
    )
    sheet = services.give_for_holder(
        sheet,
        by=cast.leaders[federation.pk],
        version=sheet.version,
        note="原联络员已调离，由分管领导代为移交。",
        at=at_hour(working_day(-8), 10),
    )
    services.take_over(
        sheet,
        by=cast.officers[federation.pk],
        version=sheet.version,
        at=at_hour(working_day(-7), 9),
    )
