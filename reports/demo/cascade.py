"""A province passes the monthly notice down to three prefectures: one accepted, one filed, one late."""

from __future__ import annotations

import datetime as dt

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.accounts.services import create_account, give_role
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation

from .. import services
from ..models import Notice, Report
from .acts import submit
from .people import DEPARTMENTS, Cast, at_hour, invented_name, working_day
from .progress import answers

#: Yunnan still writes its own report: the figures from below wait to be taken over.
PROVINCE, CITIES = "530000", ("530100", "530300", "530400")
PASSED, DUE = -17, -6
INSTRUCTIONS = (
    "请各市总工会对照台账如实填报，数据由分管领导签批后上报。省总将汇总各市数据，不掌握的指标留空。"
)


def load(cast: Cast, notice: Notice) -> None:
    owed = Obligation.objects.get(round__request=notice.pk, federation__code=PROVINCE)
    officer = cast.officers[owed.federation_id]
    cities = list(Federation.objects.filter(code__in=CITIES).order_by("code"))
    people = {city.pk: _officers(cast, city, place) for place, city in enumerate(cities)}
    passed = services.pass_down(
        owed,
        by=officer,
        recipients=cities,
        due_on=working_day(DUE),
        instructions=INSTRUCTIONS,
        questions=[
            {
                "kind": "number",
                "name_zh": "已配备专职联系人的县级工会数",
                "name_en": "County federations with a full-time contact",
                "unit_zh": "家",
                "unit_en": "federations",
                "required": True,
            }
        ],
        at=at_hour(working_day(PASSED), 10),
    )
    own = passed.form_version.sections.get(code="own_1").questions.get().code
    first, second, third = (
        _sign(Obligation.objects.get(parent=owed, federation=city), *people[city.pk], place)
        for place, city in enumerate(cities)
    )
    accepted = _file(first, *people[first.federation_id], {own: "9"}, number=1, day=DUE - 2)
    services.accept_report(
        accepted, by=officer, version=accepted.version, at=at_hour(working_day(DUE), 10)
    )
    _file(second, *people[second.federation_id], {own: "6"}, number=2, day=DUE)
    services.start_report(third, by=people[third.federation_id][0], at=at_hour(working_day(DUE), 9))
    report = Report.objects.get(obligation=owed)
    services.take_over_figures(
        report,
        by=officer,
        version=report.version,
        questions=["projects_purchased", "workers_served"],
        at=at_hour(working_day(DUE + 1), 15),
    )


def _officers(cast: Cast, city: Federation, place: int) -> tuple[User, User]:
    """The liaison officer and the leader in charge of a prefecture."""
    for role, name, there, shift in (
        (Role.LIAISON_OFFICER, "liaison", cast.officers, 5),
        (Role.PROVINCIAL_LEADER, "leader", cast.leaders, 29),
    ):
        if city.pk in there:
            continue
        username = f"{city.code}.{name}"
        user = create_account(
            username=username,
            name=invented_name(place * 3 + shift),
            email=f"{username}@demo.invalid",
            by=None,
        )
        give_role(user, role=role, federation=city, since=dt.date(2024, 1, 2), by=None)
        there[city.pk] = user
    return cast.officers[city.pk], cast.leaders[city.pk]


def _sign(owed: Obligation, officer: User, leader: User, place: int) -> Obligation:
    return services.sign_for(
        owed,
        by=officer,
        version=owed.version,
        leader_name=leader.name,
        leader_title="副主席",
        department=DEPARTMENTS[place],
        at=at_hour(working_day(PASSED + 1), 9 + place),
    )


def _file(
    owed: Obligation,
    officer: User,
    leader: User,
    own: dict[str, str],
    *,
    number: int,
    day: int,
) -> Report:
    began = at_hour(working_day(day - 1), 14)
    report = services.start_report(owed, by=officer, at=began)
    given = answers(owed.federation, number) | {
        "organisations_surveyed": str(60 + 18 * number),
        "organisations_on_ledger": str(40 + 11 * number),
        "organisations_contacted": str(22 + 5 * number),
        "funds_purchased": f"{8 + 3.5 * number:.1f}",
        "workers_served": str(420 + 137 * number),
        "service_attendances": str(1300 + 260 * number),
    }
    saved = services.save_report(
        report, by=officer, version=report.version, answers=given | own, strict=True, at=began
    )
    return submit(saved.report, officer, leader, day=day)
