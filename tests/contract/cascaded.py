"""The cascade for the contract run: what can be passed down, further, taken back, chased and taken over."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from tests.e2e import beginnings
from tests.e2e.running import Demo, Machine

#: How many of each are made, to be spent by the run; what changes nothing can be asked for often.
MANY, OFTEN = 4, 40
PROVINCE = "440000.liaison"
#: Its cities have filed, and one is late (reports/demo/cascade.py).
GATHERING = "530000.liaison"
CITIES = ("440100", "440300", "440600", "440700")


def things(demo: Demo, gathering: Machine) -> dict[str, list[tuple[Any, ...]]]:
    """By operation: who asks, what fills the address, members of the body."""
    province = Machine(demo, PROVINCE)
    passed = [_passed(demo, province) for _number in range(2 * MANY)]
    children = [
        row["obligation"]
        for each in passed[MANY:]
        for row in province.get(f"/pass-downs/{each}/")["lower"]
    ]
    yunnan = gathering.rows("/pass-downs/")[-1]
    below = gathering.get(f"/pass-downs/{yunnan['id']}/")["lower"]
    late = [row["federation"] for row in below if row["late"] and not row["filed_at"]]
    [report] = [
        row["id"]
        for row in gathering.rows("/reports/?federation=530000")
        if row["obligation"] == yunnan["id"]
    ]
    of_report = [(GATHERING, {"id": report})] * OFTEN
    return {
        "pass_downs_create": [
            (PROVINCE, {}, {"obligation": _signed(demo, province), "recipients": [CITIES[0]]})
            for _number in range(2 * MANY)
        ],
        "pass_downs_pass_further": [
            (PROVINCE, {"id": each}, {"recipients": [city]})
            for each in passed[:MANY]
            for city in CITIES[1:]
        ],
        "pass_downs_chase": [(GATHERING, {"id": yunnan["id"]}, {"federations": late})] * OFTEN,
        "pass_downs_chasing": [(GATHERING, {"id": yunnan["id"]})] * OFTEN,
        "obligations_take_back": [(PROVINCE, {"id": each}) for each in children],
        "reports_roll_up": of_report,
        "reports_gathering": of_report,
        "reports_take_over": [(GATHERING, {"id": report}, {"questions": ["projects_purchased"]})]
        * OFTEN,
    }


def values() -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    soon = (dt.date.today() + dt.timedelta(days=14)).isoformat()
    dates = {"due_on": soon, "on_time_until": None, "locks_on": None}
    return {"pass_downs_create": dates, "pass_downs_pass_further": dates}


def _signed(demo: Demo, province: Machine) -> str:
    owed = beginnings.owed(demo)
    province.take(
        f"/obligations/{owed}/", "sign-for", leader_name="梁粤领（演示）", department="社会联络部"
    )
    return owed


def _passed(demo: Demo, province: Machine) -> str:
    body = {
        "obligation": _signed(demo, province),
        "recipients": [CITIES[0]],
        "due_on": values()["pass_downs_create"]["due_on"],
    }
    return json.load(province.call("POST", "/pass-downs/", body))["id"]
