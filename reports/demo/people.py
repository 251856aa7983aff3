"""Who acts in the demo: invented people in every provincial federation, and the days they act on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.accounts.services import create_account, give_role
from platform_site.casework.queries import today, work_calendar
from platform_site.casework.workdays import Unit
from platform_site.federations.models import Federation

MARK = "（演示）"
#: Invented surnames and given names; which of them meet is left to the order of the federations.
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
)
GIVEN = ("明远", "思齐", "晓岚", "立行", "文澜", "知新", "雅静", "守正", "维新", "嘉树", "海平")

DEPARTMENTS = ("社会联络部", "基层工作部", "权益保障部", "法律工作部")


@dataclass
class Cast:
    """Who acts in the demo: the centre's people, and each federation's officer and leader."""

    officer: User
    leader: User
    officers: dict[int, User] = field(default_factory=dict)
    leaders: dict[int, User] = field(default_factory=dict)


def invented_name(number: int) -> str:
    """A name nobody holds on purpose, marked as invented."""
    return f"{SURNAMES[number % len(SURNAMES)]}{GIVEN[number % len(GIVEN)]}{MARK}"


def at_hour(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


def working_day(offset: int) -> dt.date:
    """The day so many working days from today."""
    return work_calendar().reckon(today(), offset, Unit.WORKING).due_on


def local_people(cast: Cast) -> None:
    """A liaison officer and a leader in charge for each of the 43 first-tier units."""
    for number, federation in enumerate(Federation.objects.first_tier()):
        stem = federation.code.lower()
        for role, people, shift in (
            (Role.LIAISON_OFFICER, cast.officers, 0),
            (Role.PROVINCIAL_LEADER, cast.leaders, 17),
        ):
            if federation.pk in people:
                continue
            username = f"{stem}.{'liaison' if role == Role.LIAISON_OFFICER else 'leader'}"
            user = create_account(
                username=username,
                name=invented_name(number + shift),
                email=f"{username}@demo.invalid",
                by=None,
            )
            give_role(user, role=role, federation=federation, since=dt.date(2024, 1, 2), by=None)
            people[federation.pk] = user
