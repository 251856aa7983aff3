"""What a test in a running demo begins with, made through the REST API."""

from __future__ import annotations

import datetime as dt
import json
import uuid

from .pages import ANSWERS, EXPLANATION
from .running import Demo, Machine


def drafted_notice(officer: Machine) -> str:
    """The id of a new notice that asks Guangdong for a pilot plan and waits to be approved."""
    notice = {
        "id": str(uuid.uuid4()),
        "title": f"关于报送补充试点方案的通知（{uuid.uuid4().hex[:6]}）",
        "text": "请按时报送。",
        "asks": "pilot_plan",
        "form": "pilot_plan",
        "business_line": "social_organisations",
        "due_on": (dt.date.today() + dt.timedelta(days=28)).isoformat(),
        "recipients": ["440000"],
    }
    officer.call("POST", "/notices/", notice)
    return notice["id"]


def approved_notice(demo: Demo) -> str:
    """The id of a new notice that asks Guangdong for a pilot plan and waits to be issued."""
    notice = drafted_notice(Machine(demo, "officer"))
    Machine(demo, "leader").take(f"/notices/{notice}/", "approve")
    return notice


def owed(demo: Demo) -> str:
    """The id of a new obligation of Guangdong: a pilot plan, not signed for."""
    notice = approved_notice(demo)
    Machine(demo, "officer").take(f"/notices/{notice}/", "issue")
    [row] = Machine(demo, "440000.liaison").rows(f"/obligations/?request={notice}")
    return row["id"]


def empty_report(demo: Demo, owed: str) -> str:
    """The id of a new report of Guangdong without answers."""
    province = Machine(demo, "440000.liaison")
    province.take(
        f"/obligations/{owed}/", "sign-for", leader_name="梁粤领（演示）", department="社会联络部"
    )
    return json.load(province.call("POST", "/reports/", {"obligation": owed, "answers": {}}))["id"]


def made_ready(demo: Demo, report: str) -> str:
    """The same report: it waits for nothing but submitting."""
    province = Machine(demo, "440000.liaison")
    province.change(f"/reports/{report}/", {"answers": ANSWERS, "explanation": EXPLANATION})
    province.take(
        f"/reports/{report}/", "sign-off", name="梁粤领（演示）", on=dt.date.today().isoformat()
    )
    return report
