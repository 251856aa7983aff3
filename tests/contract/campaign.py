"""One contract run: tokens and objects for it, then ``st run`` in a process of its own."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.e2e import beginnings
from tests.e2e.running import CHECKOUT, Demo, Machine

from . import BYTES, cascaded, content, supervised, told, worksystem

HERE = Path(__file__).parent
#: Who asks, by who is tried first: the centre that wants reports, a federation that owes them, and
#: those who keep the accounts and the trail.
PEOPLE = (
    *("officer", "440000.liaison", "leader", "440000.leader", "440000.head"),
    *("sysadmin", "secadmin", "auditor"),
    "530000.liaison",
    *("editor", "officer2"),
)
PROVINCE = "440000.liaison"
#: Whose business an operation is alone, where no object says so.
ASKERS = {
    "deliveries_list": "sysadmin",
    "policy_drafts_create": "editor",
    "document_templates_create": "officer",
    "accounts_create": "secadmin",
    "offices_create": "secadmin",
    "holdings_create": PROVINCE,
    "reports_create": PROVINCE,
    "reports_bring_forward": PROVINCE,
    "reports_last_period": PROVINCE,
    "reports_take_in_workbook": PROVINCE,
    "reports_take_in_gathering": PROVINCE,
    "report_scans_create": PROVINCE,
    "work_statements_create": PROVINCE,
    "work_statements_correct": PROVINCE,
    "work_system_confirm": PROVINCE,
}
KINDS = ("notice", "letter", "summary", "circular")
#: The run asks faster than any client may.
API_RATES = json.dumps(dict.fromkeys(("read", "write", "anonymous", "sign_in"), "1000000/s"))
#: How many things of a kind are made, to be spent by the run.
MANY = 4
LOOSE = 40


@dataclass(frozen=True)
class Outcome:
    passed: bool
    told: str

    @property
    def only_warned(self) -> bool:
        """Nothing was found, but some operation met nobody who may, or nothing that is there."""
        return not self.passed and "Warnings fail the run" in self.told

    @property
    def met_nobody(self) -> set[str]:
        """The operations that it warned of: of missing rights, or of missing data."""
        _before, _found, warnings = self.told.partition("= WARNINGS =")
        named, counts = set(), False
        for line in warnings.partition("= SUMMARY =")[0].splitlines():
            if line.startswith(("Authentication failed", "Missing test data")):
                counts = True
            elif line.startswith("Schema validation mismatch"):
                counts = False  # told, and no failure (schemathesis.toml)
            elif counts and (operation := re.match(r"\s+- ([A-Z]+ /\S+)", line)):
                named.add(operation[1])
        return named

    @property
    def cases(self) -> int:
        found = re.search(r"(\d+) generated", self.told)
        return int(found[1]) if found else 0


def loose_files(demo: Demo) -> list[str]:
    """Files that hang on nothing, which no list has and only their uploader may delete."""
    return [
        requests.post(
            f"{demo.url}/api/v1/attachments/",
            files={"file": (f"附件{number}.txt", "摘要".encode(), "text/plain")},
            headers={"Authorization": f"Bearer {demo.accounts[PROVINCE]['token']}"},
            timeout=30,
        ).json()["id"]
        for number in range(LOOSE)
    ]


#: What no request can bring about while the run lasts: a delivery that has failed for good.
GIVE_UP = """
import json
from platform_site.notifications.models import Delivery
letters = Delivery.objects.exclude(channel="webhook").values_list("pk", flat=True)[:%d]
letters = list(letters)
calls = Delivery.objects.filter(channel="webhook").values_list("pk", flat=True)
failed = {"state": "failed", "failed_reason": "没有送达。", "due_at": None, "claim": None}
for found in (letters, calls):
    Delivery.objects.filter(pk__in=list(found)).update(**failed)
print(json.dumps([str(pk) for pk in letters]))
"""


def announced_files(machine: Machine) -> list[str]:
    """Files whose bytes have not come yet."""
    checksum = hashlib.sha256(BYTES).hexdigest()
    body = {"filename": "附件.txt", "size": len(BYTES), "sha256": checksum}
    return [json.load(machine.call("POST", "/attachments/", body))["id"] for _number in range(MANY)]


def templates(demo: Demo, token: str) -> None:
    """The shipped template brought back as if it had been changed."""
    bearer = {"Authorization": f"Bearer {token}"}
    url = f"{demo.url}/api/v1/document-"
    shipped = requests.get(f"{url}kinds/notice/template/", headers=bearer, timeout=60)
    for _number in range(2):
        requests.post(
            f"{url}templates/",
            data={"kind": "notice"},
            files={"file": ("通知.docx", shipped.content)},
            headers=bearer,
            timeout=120,
        ).raise_for_status()


def accounts(keeper: Machine) -> dict[str, list[str]]:
    """Accounts for the run to spend, by what is to be done with them; the askers keep theirs."""
    made: dict[str, list[str]] = {}
    for act in ("disable", "enable", "send-invitation", "office", "spare", "second"):
        for _number in range(MANY):
            name = f"run{uuid.uuid4().hex[:8]}"
            body = {
                "id": str(uuid.uuid4()),
                "name": "临时同志",
                "username": name,
                "email": f"{name}@example.org",
                "role": "liaison_officer" if act in ("spare", "second") else "editor",
                "federation": "440000",
            }
            keeper.call("POST", "/accounts/", body)
            made.setdefault(act, []).append(body["id"])
            if act == "enable":
                keeper.take(f"/accounts/{body['id']}/", "disable", note="离职")
    return made


def webhooks(machine: Machine, wanted: dict[str, int]) -> dict[str, list[str]]:
    """Webhooks that wait for each step. No person may have more than ten."""
    made: dict[str, list[str]] = {}
    for step, many in wanted.items():
        for number in range(many):
            made_id = str(uuid.uuid4())
            body = {
                "id": made_id,
                "name": f"推送{number}",
                "url": "https://8.8.8.8/hooks",
                "kinds": ["report.submitted"],
            }
            machine.call("POST", "/webhooks/", body)
            made.setdefault(step, []).append(made_id)
            machine.take(f"/webhooks/{made_id}/", "pause" if step == "webhooks_resume" else "ping")
    return made


#: What a form of this run asks.
CONTENT: dict[str, Any] = {
    "sections": [
        {
            "code": "figures",
            "name_zh": "数据",
            "questions": [
                {"code": "has", "kind": "yes_no", "name_zh": "是否开展"},
                {"code": "total", "kind": "number", "name_zh": "合计", "unit_zh": "个"},
            ],
        }
    ],
    "rules": [],
}


def drafts(officer: Machine) -> list[dict[str, Any]]:
    """Forms of this run with a draft each, to be changed, published and discarded; the last published."""
    made = []
    for number in range(4 * MANY):
        code = f"run_{number}"
        body = {"code": code, "name_zh": f"报表{number}", "purpose": "progress"}
        officer.call("POST", "/forms/", body)
        address = f"/forms/{code}/versions/1/"
        officer.call("PUT", address, CONTENT, officer.call("GET", address).headers["ETag"])
        if number >= 3 * MANY:
            officer.take(address, "publish")
        made.append({"form_code": code, "number": "1"})
    return made


def holdings(keeper: Machine) -> list[str]:
    """Posts held by people of this run, to be ended."""
    since = (dt.date.today() - dt.timedelta(days=30)).isoformat()
    made: list[str] = []
    for number in range(2 * MANY):
        body = {
            "federation": "440000",
            "post": "liaison_officer",
            "name": f"临时同志{number}",
            "since": since,
        }
        made.append(json.load(keeper.call("POST", "/holdings/", body))["id"])
    return made


def editions(officer: Machine) -> str:
    """A summary with two editions to compare."""
    summary = officer.rows("/summaries/")[0]["id"]
    officer.take(f"/summaries/{summary}/", "draw")
    for _number in range(2):
        officer.take(f"/summaries/{summary}/", "freeze")
    return summary


def exceptions(machine: Machine, notice: str) -> None:
    """Grants to be revoked."""
    until = (dt.date.today() + dt.timedelta(days=60)).isoformat()
    for name in ("440000.casework", "editor"):
        machine.call(
            "POST",
            "/grants/",
            {
                "username": name,
                "permission": "reports.view_notice",
                "object": f"reports.notice:{notice}",
                "expires_on": until,
                "reason": "协助办理",
            },
        )


def things(demo: Demo, tokens: dict[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """Who may ask after what, by address, or by operation where only few things let it succeed.

    Each is who asks, what fills the address and, by operation, members of the body.
    """
    ready, filed, commented = [], [], []
    officer, province = Machine(demo, "officer"), Machine(demo, PROVINCE)
    security = Machine(demo, "secadmin", tokens["secadmin"])
    people = accounts(security)
    offices = {row["account"]: row["id"] for row in security.rows("/offices/?federation=440000")}
    steps = ("webhooks_resume", "webhooks_destroy", "webhooks_pause", "webhooks_ping")
    hooks = webhooks(province, dict.fromkeys(steps, 2))
    # The last of those who ask: what nobody else touches stays until it is sent again.
    auditor = Machine(demo, "auditor", tokens["auditor"])
    webhooks(auditor, {"webhooks_ping": 2 * MANY})
    templates(demo, tokens["officer"])
    exceptions(officer, officer.rows("/notices/?state=issued")[0]["id"])
    for number in range(3 * MANY):
        report = beginnings.made_ready(demo, beginnings.empty_report(demo, beginnings.owed(demo)))
        if number < MANY:
            ready.append(report)
            continue
        province.take(f"/reports/{report}/", "submit")
        filed.append(report)
        if number < 2 * MANY:
            continue
        for question in ("goals", "places"):
            comment = {"id": str(uuid.uuid4()), "question": question, "text": "请再写明一些。"}
            officer.call("POST", f"/reports/{report}/comments/", comment)
            commented.append({"report_id": report, "id": comment["id"]})
    returned = commented[: len(commented) // 2]
    for report in sorted({each["report_id"] for each in returned}):
        officer.take(f"/reports/{report}/", "return", note="请修改。")
    owed = beginnings.owed(demo)
    due = (dt.date.today() + dt.timedelta(days=60)).isoformat()
    officer.take(f"/obligations/{owed}/", "extend", due_on=due, reason="台风")
    draft = beginnings.empty_report(demo, beginnings.owed(demo))
    signed = {"name": "梁粤领（演示）", "on": dt.date.today().isoformat()}
    chased, late = late_at(demo, officer.rows("/notices/?state=issued"))
    failed = json.loads(demo.asked(GIVE_UP % (3 * MANY)))
    calls = [row["id"] for row in auditor.rows("/webhook-deliveries/?state=failed")]
    built = [("officer", each) for each in drafts(officer)]
    return {
        "form_versions_update": built[:MANY],
        "form_versions_publish": built[MANY : 2 * MANY],
        "form_versions_destroy": built[2 * MANY : 3 * MANY],
        "forms_begin_version": [
            (person, {"code": each["form_code"]}) for person, each in built[3 * MANY :]
        ],
        "/document-kinds/{kind}/": [("officer", {"kind": each}) for each in KINDS],
        "attachments_put_content": [(PROVINCE, {"id": e}) for e in announced_files(province)],
        # Whoever files meanwhile is late no more: one after the other is tried.
        "notices_chase": [("officer", {"id": chased}, {"federations": [each]}) for each in late]
        * MANY,
        "webhook_deliveries_resend": [("auditor", {"id": each}) for each in calls],
        "deliveries_resend": [("sysadmin", {"id": each}) for each in failed],
        "accounts_disable": [("secadmin", {"id": each}) for each in people["disable"]],
        "accounts_enable": [("secadmin", {"id": each}) for each in people["enable"]],
        "accounts_send_invitation": [
            ("secadmin", {"id": each}) for each in people["send-invitation"]
        ],
        "offices_end": [("secadmin", {"id": offices[each]}) for each in people["office"][:2]],
        "offices_substitute": [
            ("secadmin", {"id": offices[each]}, {"account": spare})
            for each in people["office"][2:]
            for spare in people["spare"]
        ],
        "offices_create": [("secadmin", {}, {"account": each}) for each in people["second"]],
        **{step: [(PROVINCE, {"id": each}) for each in made] for step, made in hooks.items()},
        "/attachments/{id}/": [(PROVINCE, {"id": each}) for each in loose_files(demo)],
        "/reports/{report_id}/comments/{id}/": [("officer", each) for each in commented],
        "notices_partial_update": [("officer", {"id": each}) for each in _drafted(officer)],
        "notices_issue": [
            ("officer", {"id": beginnings.approved_notice(demo)}) for _each in range(MANY)
        ],
        "reports_submit": [(PROVINCE, {"id": each}) for each in ready],
        "reports_recall": [(PROVINCE, {"id": each}) for each in filed[:MANY]],
        "reports_compare": [("officer", {"id": resubmitted(officer)})] * LOOSE,
        "summaries_compare": [("officer", {"id": editions(officer)})] * LOOSE,
        "holdings_end": [(PROVINCE, {"id": each}) for each in holdings(province)],
        "reports_sign_off": [(PROVINCE, {"id": draft}, signed)] * LOOSE,
        "comments_create": [("officer", {"report_id": filed[-1]})] * LOOSE,
        "comments_reply": [(PROVINCE, each) for each in returned],
        **supervised.things(officer, province),
        **cascaded.things(demo, Machine(demo, cascaded.GATHERING, tokens[cascaded.GATHERING])),
        **told.things(officer, Machine(demo, "leader")),
        **content.things(
            *(Machine(demo, name) for name in ("editor", "officer", "officer2", "leader"))
        ),
        **worksystem.things(officer, province, Machine(demo, worksystem.HEAD), security),
    }


def _drafted(officer: Machine) -> list[str]:
    """Notices that may still be changed."""
    return [beginnings.drafted_notice(officer) for _number in range(2 * MANY)]


def resubmitted(officer: Machine) -> str:
    """A report with two versions to compare."""
    for row in officer.rows("/reports/"):
        if len(officer.rows(f"/reports/{row['id']}/versions/")) > 1:
            return row["id"]
    raise LookupError("nothing was submitted twice in the demo")


def late_at(demo: Demo, notices: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """A notice and the federations that are late with it."""
    officer = Machine(demo, "officer")
    for notice in notices:
        if late := officer.get(f"/notices/{notice['id']}/chase/")["late"]:
            return notice["id"], [row["federation"] for row in late]
    raise LookupError("nobody is late in the demo")


def security_account(demo: Demo, tokens: dict[str, str]) -> str:
    """An account that asks nothing and may fill in for another."""
    keeper = Machine(demo, "secadmin", tokens["secadmin"])
    [row] = keeper.rows("/accounts/?search=440000.casework")
    return row["id"]


def values(demo: Demo, tokens: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What members of bodies must be so that the platform can take them, by operation."""
    own = Machine(demo, PROVINCE).rows("/reports/", federation="440000")[0]
    accepted = Machine(demo, "officer").rows("/reports/?state=accepted")[0]
    due = (dt.date.today() + dt.timedelta(days=60)).isoformat()
    notice = {"form": "pilot_plan"}
    today, soon = dt.date.today(), dt.date.today() + dt.timedelta(days=20)
    issued = Machine(demo, "officer").rows("/notices/?state=issued")
    _notice, late = late_at(demo, issued)
    rule = {
        "duty_rule": "reports.file_report",
        "days": -3,
        "rung": "officer",
        "channels": ["portal"],
        "text_zh": "请按时报送。",
    }
    account = security_account(demo, tokens)
    common = {
        "recipients": ["440000"],
        "asks": "pilot_plan",
        "due_on": due,
        "on_time_until": due,
        "locks_on": None,
        "number": None,
        "number_series": None,
        "attachments": [],
        "list": "federations",
        "filters": {},
        "notice": accepted["notice"],
        "obligation": own["obligation"],
        "answers": {},
        "questions": [],
        "series": None,
        "edition": None,
        "explanation": "已核实。",
        "federation": "440000",
        "federations": late[:1],
        "rules": [rule],
        "username": "440000.casework",
        "permission": "reports.view_notice",
        "object": f"reports.notice:{issued[0]['id']}",
        "expires_on": due,
        "role": "editor",
        "since": today.isoformat(),
        "until": soon.isoformat(),
        "account": account,
        "chat_address": "",
        "url": "https://8.8.8.8/hooks",
        "kinds": ["report.submitted"],
    }
    return {
        "*": common,
        "notices_create": notice,
        "notices_partial_update": notice,
        "accounts_create": {"username": "run{new}", "email": "run{new}@example.org"},
        "number_series_create": {"word": "工{字}"},
        "forms_create": {"code": "form{new}", "purpose": "progress"},
        "indicator_targets_create": {
            "indicator": "trainings",
            "year": today.year,
            "targets": [{"federation": "440000", "number": "120"}],
            "seen": None,
        },
        "indicators_create": {"code": "figure{new}", "name_zh": "指标{字}"},
        "form_versions_update": CONTENT,
        "reports_compare": {"from": 1, "to": 2},
        "summaries_compare": {"from": 1, "to": 2},
        **figures(today.year),
        "notices_round_preview": {
            "frequency": "quarterly",
            "first_period": f"{today.year}-Q3",
            "last_period": f"{today.year + 1}-Q2",
        },
        **supervised.values(Machine(demo, "officer")),
        **cascaded.values(),
        **told.values(Machine(demo, "officer")),
        **content.values(),
        **worksystem.values(),
    }


def figures(year: int) -> dict[str, dict[str, Any]]:
    """What may be asked of the figures of the demo: here ``since`` and ``until`` are years."""
    years = {"indicator": "trainings", "since": year, "until": year, "group": "first_tier"}
    period = {"unit": "quarterly", "period": "all"}
    return {
        "figures_table": years | period,
        "figures_ranking": years | period,
        "figures_trend": years | {"unit": "quarterly"},
        "figures_progress": {"indicator": "trainings", "year": year},
        "figures_sources": {
            "indicator": "trainings",
            "since": f"{year}-Q3",
            "until": f"{year}-Q3",
            "group": "first_tier",
        },
    }


def run(demo: Demo, *arguments: str, report: Path) -> Outcome:
    """Run it against ``demo``, whose rows it changes and deletes as the API lets it.

    ``report`` is written while it runs.
    """
    tokens = demo.tokens(*PEOPLE)
    command = [
        str(Path(sys.executable).with_name("st")),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{demo.url}/api/v1/openapi.json?lang=en", "--url", demo.url, "--no-color"),
        *arguments,
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        # The hooks choose by hash: the same seed asks the same again.
        "PYTHONHASHSEED": "0",
        "CONTRACT_API": f"{demo.url}/api/v1",
        "CONTRACT_ASKERS": json.dumps(ASKERS),
        "CONTRACT_TOKENS": json.dumps(tokens),
        "CONTRACT_VALUES": json.dumps(values(demo, tokens)),
        "CONTRACT_FOUND": json.dumps(things(demo, tokens)),
    }
    with report.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return Outcome(done.returncode == 0, report.read_text(encoding="utf-8"))
