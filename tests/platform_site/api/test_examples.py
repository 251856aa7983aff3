"""An example on every operation, recorded from real answers.

The recorder plays the routes of ``tests/access.csv`` as somebody who may, each on a world that is
undone again. ``make schema`` writes what it met (``WRITE_EXAMPLES=1``); otherwise the tests hold that
what stands in ``platform_site/api/data/examples.json`` still has the shape of what is answered. While one is being
made, ``EXAMPLES_ONLY=notices_create,notices_bulk`` plays these operations alone.

A new resource needs its rows in the table and its body in ``tests/access/bodies.py``; what has to be
done before an operation can succeed stands in :data:`FIRST`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.urls import resolve

from platform_site.accounts import services as accounts
from platform_site.api import documents, examples
from platform_site.editorial import services as editorial
from platform_site.notifications.models import Delivery
from platform_site.obligations import services as obligations
from platform_site.questionnaires.targets import set_targets
from platform_site.webhooks import services as webhooks
from reports import services
from tests.access.bodies import body_of, form_of
from tests.access.requests import address, rows, status_of
from tests.access.world import world  # noqa: F401
from tests.conftest import CAST, GOOD_ANSWERS, THE_DAY

pytestmark = pytest.mark.django_db

HOST = "https://platform.example.org"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LONGEST = 3
#: The clock of the database goes on while the world stands on its day.
TODAY = dt.datetime.now(THE_DAY.tzinfo).date()
#: What differs from recording to recording, and what stands for it.
STABLE = [
    (re.compile(pattern), stable)
    for pattern, stable in (
        (rf"\b{TODAY}(?=T)", f"{THE_DAY.date()}"),
        (r"(?<=\dT)\d\d:\d\d:\d\d(\.\d+)?", "10:00:00"),
        (r'(?<="v)(\d+)-[0-9a-f]{16}', r"\1-0123456789abcdef"),
        (r"(?<=cursor=)[\w-]+", "WzAsIi1hdCxpZCIsWyIyMDI2Il1d"),
        # In the form that Standard Webhooks has, and nobody's.
        (r"whsec_[\w+/=]+", "whsec_" + "A" * 43 + "="),
        (r"\b2026-[0-9A-F]{8}-(?=\d)", "2026-0A1B2C3D-"),  # a receipt
        (r"\bzg_[0-9a-f]+", "zg_0123456789ab"),
        (r"https://8\.8\.8\.8/\w*", "https://data.example.org/hooks"),
    )
]
#: Some operations alone: the rest of the file stays as it is.
ONLY = {name for name in os.environ.get("EXAMPLES_ONLY", "").split(",") if name}


# --- What must be done before -------------------------------------------------------------------
def _approve(world: dict[str, Any]) -> None:  # noqa: F811
    notice = world["draft_notice"]
    world["draft_notice"] = services.approve_notice(
        notice, by=world["people"]["national_leader"], version=notice.version
    )


def _return(world: dict[str, Any]) -> None:  # noqa: F811
    report = world["report"]
    world["report"] = services.return_report(
        report, by=world["people"]["national_officer"], version=report.version, note="请补充目标。"
    )


def _make_ready(world: dict[str, Any]) -> None:  # noqa: F811
    person, report = world["people"]["guangdong_officer"], world["draft"]
    saved = services.save_report(
        report, by=person, version=report.version, answers=GOOD_ANSWERS, strict=True
    ).report
    world["draft"] = services.sign_off_report(
        saved, by=person, version=saved.version, name="梁粤领", title="副主席", on=THE_DAY.date()
    )


def _submit(world: dict[str, Any]) -> None:  # noqa: F811
    """A report can be recalled until a reviewer has acted."""
    _make_ready(world)
    report = world["draft"]
    world["draft"] = services.submit_report(
        report, by=world["people"]["guangdong_officer"], version=report.version
    )


def _ask_again(world: dict[str, Any]) -> None:  # noqa: F811
    """An obligation that nobody has signed for."""
    from platform_site.federations.models import Federation
    from platform_site.obligations.models import Obligation
    from platform_site.questionnaires.models import Form

    people = world["people"]
    notice = services.draft_notice(
        by=people["national_officer"],
        federation=Federation.objects.national(),
        title="关于报送试点方案的通知",
        text="请按时报送。",
        asks="pilot_plan",
        business_line="social_organisations",
        form=Form.objects.get(code="pilot_plan"),
        due_on=THE_DAY.date().replace(month=12),
        recipients=Federation.objects.filter(code="440000"),
    )
    notice = services.approve_notice(notice, by=people["national_leader"], version=notice.version)
    services.issue_notice(notice, by=people["national_officer"], version=notice.version)
    world["obligation"] = Obligation.objects.get(round__request=notice.pk)


def _file_below(world: dict[str, Any]) -> None:  # noqa: F811
    """Guangzhou files what Guangdong passed down to it."""
    officer, owed = world["people"]["guangzhou_officer"], world["child"]
    owed = services.sign_for(
        owed, by=officer, version=owed.version, leader_name="何穗领", department="社会联络部"
    )
    report = services.start_report(owed, by=officer)
    report = services.save_report(
        report, by=officer, version=report.version, answers=GOOD_ANSWERS, strict=True
    ).report
    report = services.sign_off_report(
        report, by=officer, version=report.version, name="何穗领", on=THE_DAY.date()
    )
    services.submit_report(report, by=officer, version=report.version)


def _take_over(world: dict[str, Any]) -> None:  # noqa: F811
    _file_below(world)
    report = world["passed_report"]
    world["passed_report"] = services.take_over_figures(
        report,
        by=world["people"]["guangdong_officer"],
        version=report.version,
        questions=["pilots_city"],
    )


def _submit_again(world: dict[str, Any]) -> None:  # noqa: F811
    """Two versions, different in one answer."""
    _return(world)
    person, report = world["people"]["guangdong_officer"], world["report"]
    comment = world["comment"]
    services.reply_to_comment(comment, by=person, version=comment.version, text="已补充。")
    answers = {"places": "广州市、珠海市、佛山市顺德区。"}
    report = services.save_report(
        report, by=person, version=report.version, answers=answers, strict=True
    ).report
    report = services.sign_off_report(
        report, by=person, version=report.version, name="梁粤领", on=THE_DAY.date()
    )
    world["report"] = services.submit_report(report, by=person, version=report.version)


def _disable(world: dict[str, Any]) -> None:  # noqa: F811
    by = world["people"]["guangdong_head"]
    world["account"] = accounts.disable(world["account"], by=by, note="借调")


def _invite(world: dict[str, Any]) -> None:  # noqa: F811
    """Somebody who has not chosen a password yet."""
    world["account"] = accounts.invite(
        username="newcomer",
        name="新同志",
        email="newcomer@example.org",
        role="liaison_officer",
        federation=world["federation"],
        by=world["people"]["guangdong_head"],
    )


def _fail(world: dict[str, Any]) -> None:  # noqa: F811
    """Neither the letter nor the test event of the webhook arrived, after all tries."""
    pks = [world["delivery"].pk, world["webhook_delivery"].delivery_id]
    Delivery.objects.filter(pk__in=pks).update(
        state=Delivery.State.FAILED, failed_reason="timed out"
    )


def _pause(world: dict[str, Any]) -> None:  # noqa: F811
    webhook = world["webhook"]
    world["webhook"] = webhooks.pause_webhook(webhook, by=webhook.owner, version=webhook.version)


def _planned(world: dict[str, Any], *, upto: str) -> Any:  # noqa: F811
    """Another visit, as far as it has come: held, or written up."""
    by = world["people"]["national_officer"]
    visit = services.plan_visit(
        by=by,
        federation=world["federation"],
        kind="visit",
        on=THE_DAY.date(),
        plan="了解试点进展和台账更新情况。",
    )
    visit = services.hold_visit(
        visit, by=by, version=visit.version, on=THE_DAY.date(), participants="林国章、梁粤领"
    )
    if upto == "held":
        return visit
    return services.write_report(
        visit, by=by, version=visit.version, findings="台账更新及时。", outcome="补充联系人。"
    )


def _hold(world: dict[str, Any]) -> None:  # noqa: F811
    world["record"] = _planned(world, upto="held")


def _write_up(world: dict[str, Any]) -> None:  # noqa: F811
    world["record"] = _planned(world, upto="written")


def _report_done(world: dict[str, Any]) -> None:  # noqa: F811
    point = world["action"]
    world["action"] = obligations.report_action_point(
        point,
        by=world["people"]["guangdong_officer"],
        version=point.version,
        evidence="已补充联系人名单。",
    )


def _approve_circular(world: dict[str, Any]) -> None:  # noqa: F811
    circular = world["draft_circular"]
    world["draft_circular"] = services.approve_circular(
        circular, by=world["people"]["national_leader"], version=circular.version
    )


def _leave(world: dict[str, Any]) -> None:  # noqa: F811
    """The holder has left, so that a head or leader hands over."""
    accounts.end_role(world["handover"].office, by=None, note="调离")


def _give(world: dict[str, Any]) -> None:  # noqa: F811
    """Handed over; the head holds the same office as well now."""
    people, sheet = world["people"], world["handover"]
    world["handover"] = services.give_handover(
        sheet, by=people["guangdong_officer"], version=sheet.version
    )
    accounts.give_role(
        people["guangdong_head"], role=sheet.office.role, federation=world["federation"], by=None
    )


def _accept(world: dict[str, Any]) -> None:  # noqa: F811
    """Figures come from accepted reports."""
    report = world["report"]
    world["report"] = services.accept_report(
        report, by=world["people"]["national_officer"], version=report.version
    )


def _set_targets(world: dict[str, Any]) -> None:  # noqa: F811
    _accept(world)
    set_targets(
        world["indicator"],
        by=world["people"]["national_officer"],
        year=THE_DAY.year,
        targets={"ACFTU": Decimal(400), "440000": Decimal(40)},
    )


def _recur(world: dict[str, Any], frequency: str) -> None:  # noqa: F811
    """A notice to Guangdong that asks again, issued."""
    from platform_site.federations.models import Federation
    from platform_site.obligations.schedules import Plan
    from platform_site.questionnaires.models import Form

    people, quarterly = world["people"], frequency == "quarterly"
    notice = services.draft_notice(
        by=people["national_officer"],
        federation=Federation.objects.national(),
        title="关于按期报送试点工作情况的通知",
        text="请按期报送。",
        asks="pilot_plan",
        business_line="social_organisations",
        form=Form.objects.get(code="pilot_plan"),
        due_on=None if quarterly else dt.date(2026, 10, 15),
        schedule=Plan(frequency, "2026-Q3" if quarterly else ""),
        recipients=Federation.objects.filter(code="440000"),
    )
    notice = services.approve_notice(notice, by=people["national_leader"], version=notice.version)
    world["notice"] = services.issue_notice(
        notice, by=people["national_officer"], version=notice.version
    )


def _recur_by_quarters(world: dict[str, Any]) -> None:  # noqa: F811
    _recur(world, "quarterly")


def _recur_irregularly(world: dict[str, Any]) -> None:  # noqa: F811
    _recur(world, "irregular")


def _renew_its_form(world: dict[str, Any]) -> None:  # noqa: F811
    """A version that is newer than that of the notice."""
    from platform_site.questionnaires import building

    _recur(world, "quarterly")
    officer, form = world["people"]["national_officer"], world["notice"].form
    building.begin_version(form, by=officer, version=form.version)
    version = form.versions.get(is_draft=True)
    building.publish_version(version, by=officer, version=version.version)


def _begin_the_next_round(world: dict[str, Any]) -> None:  # noqa: F811
    """A report begun, of which the last period is accepted."""
    from platform_site.obligations.models import Obligation

    _recur(world, "irregular")
    notice, people = world["notice"], world["people"]
    officer, centre = people["guangdong_officer"], people["national_officer"]
    owed = Obligation.objects.get(round__request=notice.pk)
    who = {"leader_name": "梁粤领", "department": "联络部"}
    owed = services.sign_for(owed, by=officer, version=owed.version, **who)
    report = services.start_report(owed, by=officer, answers=GOOD_ANSWERS)
    on = THE_DAY.date()
    report = services.sign_off_report(
        report, by=officer, version=report.version, name="梁粤领", on=on
    )
    report = services.submit_report(
        report, by=officer, version=report.version, explanation="已核实。"
    )
    services.accept_report(report, by=centre, version=report.version)
    services.open_another_round(
        notice, by=centre, version=notice.version, period="2026-11-30", due_on=dt.date(2026, 12, 10)
    )
    owed = Obligation.objects.get(round__request=notice.pk, round__period="2026-11-30")
    world["draft"] = world["report"] = services.start_report(owed, by=officer)


def _content(upto: str) -> Any:
    """A draft carried on: to a review, to be published later, out, or being written anew."""

    def carry(world: dict[str, Any]) -> None:  # noqa: F811
        people, piece = world["people"], world["piece"]
        first, second = people["national_officer"], people["second_national_officer"]
        author = piece.author
        if upto == "taken up":
            piece = editorial.write_piece(piece, by=first, version=piece.version, texts={})
        if upto == "approved":
            later = {"publish_at": THE_DAY + dt.timedelta(days=7)}
            piece = editorial.write_piece(piece, by=author, version=piece.version, texts=later)
        piece = editorial.submit_piece(piece, by=author, version=piece.version)
        if upto not in ("first_review", "taken up"):
            piece = editorial.pass_first_review(piece, by=first, version=piece.version)
        if upto not in ("first_review", "taken up", "second_review"):
            piece = editorial.pass_second_review(piece, by=second, version=piece.version)
        if upto in ("approved", "published", "revised"):
            piece = editorial.approve_piece(
                piece, by=people["national_leader"], version=piece.version
            )
        if upto == "revised":
            piece = editorial.revise_piece(piece, by=first, version=piece.version)
        world["piece"] = piece

    return carry


FIRST = {
    "content_recall": _content("taken up"),
    "content_pass_first": _content("first_review"),
    "content_return": _content("first_review"),
    "content_pass_second": _content("second_review"),
    "content_approve": _content("final_review"),
    "content_publish": _content("approved"),
    "content_stop": _content("approved"),
    "content_revise": _content("published"),
    "content_withdraw": _content("published"),
    "content_discard": _content("revised"),
    "content_compare": _content("published"),
    "notices_open_round": _recur_irregularly,
    "notices_move_round": _recur_by_quarters,
    "notices_rounds": _recur_by_quarters,
    "notices_renew_form": _renew_its_form,
    **dict.fromkeys(["reports_last_period", "reports_bring_forward"], _begin_the_next_round),
    "circulars_send_back": _approve_circular,
    "circulars_issue": _approve_circular,
    "handovers_give_for": _leave,
    "handovers_take_over": _give,
    **dict.fromkeys(
        [
            "figures_list",
            "figures_table",
            "figures_trend",
            "figures_ranking",
            "figures_sources",
            "figures_timing",
        ],
        _accept,
    ),
    **dict.fromkeys(["figures_progress", "indicator_targets_list"], _set_targets),
    "supervision_records_write": _hold,
    "supervision_records_accept": _write_up,
    "supervision_records_return": _write_up,
    "action_points_verify": _report_done,
    "action_points_reopen": _report_done,
    "notices_send_back": _approve,
    "notices_issue": _approve,
    "reports_recall": _submit,
    "comments_reply": _return,
    "reports_submit": _make_ready,
    "obligations_sign_for": _ask_again,
    "obligations_extend": _ask_again,
    "obligations_waive": _ask_again,
    "obligations_bulk": _ask_again,
    "reports_compare": _submit_again,
    "pass_downs_retrieve": _file_below,
    "reports_roll_up": _file_below,
    "reports_take_over": _file_below,
    "reports_sources": _take_over,
    "accounts_enable": _disable,
    "accounts_send_invitation": _invite,
    "deliveries_resend": _fail,
    "webhook_deliveries_resend": _fail,
    "webhook_deliveries_bulk": _fail,
    "webhooks_ping": _fail,
    "webhooks_resume": _pause,
}
#: When it is done, where that is not the day of the world: somebody has to be late.
LATER = dict.fromkeys(
    ["notices_chase", "notices_chasing", "pass_downs_chase", "pass_downs_chasing"],
    THE_DAY + dt.timedelta(days=60),
)
#: What the address asks besides.
QUERIES = {
    "figures_sources": {"indicator": "pilots_city", "since": "2026-Q3"},
    "notices_round_preview": {
        "frequency": "quarterly",
        "first_period": "2026-Q3",
        "last_period": "2027-Q1",
    },
    "notices_due_preview": {"due_on": "2026-10-09"},
    "reports_compare": {"from": "1", "to": "2"},
    "summaries_compare": {"from": "1", "to": "2"},
}
#: Bodies that say more than those of the table of access.
TELLING = {
    "policy_drafts_create": {
        "title": "关于加强联系引导工作的意见",
        "summary": "提出总体要求和重点任务。",
        "body": "<h2>一、总体要求</h2><p>第一条　坚持服务职工。</p>",
        "audience": "public",
        "number": "总工发〔2016〕32号",
        "kind": "opinions",
        "level": "national",
        "line": "social_organisations",
        "issuers": ["中华全国总工会"],
        "made_on": "2016-12-08",
    },
    "notices_create": {
        "title": "关于报送劳动关系领域社会组织试点方案的通知",
        "text": "现将有关事项通知如下。\n\n一、请于规定时间前报送试点方案。",
        "asks": "pilot_plan",
        "form": "pilot_plan",
        "business_line": "social_organisations",
        "due_on": "2026-10-15",
        "recipients": ["440000", "430000"],
        "contact_name": "林国章",
        "contact_phone": "010-00000000",
    },
    "obligations_sign_for": {
        "leader_name": "梁粤领",
        "leader_title": "副主席",
        "department": "社会联络部",
    },
    "obligations_extend": {"due_on": "2026-12-25", "reason": "台风影响，延期报送。"},
    "reports_partial_update": {"answers": {"basis": GOOD_ANSWERS["basis"], "pilots_city": "2"}},
    "reports_sign_off": {"name": "梁粤领", "title": "副主席", "on": "2026-09-14"},
    "pass_downs_pass_further": {"recipients": ["440300", "440600"], "due_on": "2026-10-12"},
    "reports_take_over": {"questions": ["pilots_city", "funds_purchased"]},
    "reports_return": {"note": "请补充试点地区的具体目标。"},
    "comments_create": {"question": "goals", "text": "请写明可以检验的目标。"},
    "comments_reply": {"text": "已按要求补充。"},
    "notices_chase": {"federations": ["430000"], "sentence": "请于本周五前报送。"},
}
#: Stands for the bytes of a file in what is sent as multipart.
FILE = "（文件内容）"


#: The address of the object that a step is taken on.
_OBJECT = r"(.*/parts/\w+/|.*/versions/\d+/|.*/forms/\w+/|.*/work-system/\w+/|.*/[0-9a-f-]{36}/).*"


# --- The recorder -------------------------------------------------------------------------------
class Scrubber:
    """Ids, moments, secrets and the host are the same at every recording."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def _id(self, found: re.Match[str]) -> str:
        stable = f"00000000-0000-4000-8000-{len(self.ids) + 1:012d}"
        return self.ids.setdefault(found[0], stable)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self(each) for each in value[:LONGEST]]
        if not isinstance(value, str):
            return value
        value = UUID.sub(self._id, value).replace("http://testserver", HOST)
        for pattern, stable in STABLE:
            value = pattern.sub(stable, value)
        return value


def operation_of(row: dict[str, str], url: str) -> str | None:
    view = resolve(url).func
    action = getattr(view, "actions", {}).get(row["method"].lower())
    if action is None:
        return None
    name = getattr(getattr(view.cls, action), "step_path", action)
    return f"{view.initkwargs['basename']}_{name}".replace("-", "_")


def play(client: Any, row: dict[str, str], operation: str, world: dict[str, Any]) -> Any:  # noqa: F811
    url, method = address(row, world), row["method"].lower()
    if method == "get":
        paged = {"page_size": 1} if operation.endswith("_list") else {}
        return client.get(url, QUERIES.get(operation, paged)), None
    if form := form_of(row, world):
        told = {key: each if isinstance(each, str) else FILE for key, each in form.items()}
        return client.post(url, form), told
    headers = {}
    if row["object"] or method != "post":
        # A step names the version of the object; what changes an address, that of what stands there.
        above = re.sub(_OBJECT, r"\1", url)
        current = client.get(above if method == "post" else url)
        headers = {"if-match": current["ETag"]} if "ETag" in current else {}
    body = TELLING.get(operation) or body_of(row, world)
    answer = getattr(client, method)(
        url, json.dumps(body), content_type="application/json", headers=headers
    )
    return answer, body or None


def record(world: dict[str, Any], api_for: Any) -> dict[str, dict[str, Any]]:  # noqa: F811
    """The first time that each operation succeeds, by its id."""
    met: dict[str, dict[str, Any]] = {}
    for row in [row for row in rows() if row["route"].startswith("api:")]:
        operation = operation_of(row, address(row, world))
        # Whoever gets in; or, where something is done before, whoever gets in after that.
        for name in sorted(CAST, key=lambda name, row=row: row[name] != "+"):
            if operation is None or operation in met or (ONLY and operation not in ONLY):
                break
            with _on_the_day_of(operation), transaction.atomic():
                there = dict(world)
                FIRST.get(operation, lambda _there: None)(there)
                client = api_for(world["people"][name])
                answer, body = play(client, row, operation, there)
                transaction.set_rollback(True)
            if 200 <= status_of(answer) < 300:
                met[operation] = _example(answer, body, answer.request["PATH_INFO"])
    return met


def _on_the_day_of(operation: str) -> contextlib.AbstractContextManager[Any]:
    day = LATER.get(operation)
    return time_machine.travel(day, tick=True) if day else contextlib.nullcontext()


def _example(answer: Any, body: Any, url: str) -> dict[str, Any]:
    scrub = Scrubber()
    kwargs = {
        "id" if name == "pk" else name: value
        for name, value in resolve(url).kwargs.items()
        if name != "version"
    }
    example: dict[str, Any] = {"address": scrub({key: str(each) for key, each in kwargs.items()})}
    if body is not None:
        example["body"] = scrub(body)
    example["status"] = str(answer.status_code)
    if answer.get("Content-Type") == "application/json" and answer.content:
        example["answer"] = scrub(answer.json())
    return example


# --- The tests ----------------------------------------------------------------------------------
@pytest.fixture
def met(world, api_for):  # noqa: F811
    found = record(world, api_for)
    if os.environ.get("WRITE_EXAMPLES"):
        kept = examples.recorded() | found if ONLY else found
        text = json.dumps(dict(sorted(kept.items())), ensure_ascii=False, indent=1) + "\n"
        examples.FILE.write_text(text, encoding="utf-8")
        examples.recorded.cache_clear()
    return found


def operations(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for methods in schema["paths"].values()
        for operation in methods.values()
    }


def shape(value: Any) -> Any:
    """What members there are, at any depth; whether there are rows, or a value, is not asked."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items() if shape(each) is not None}
    if isinstance(value, list):
        return shape(value[0]) if value else None
    return None if value is None else "value"


def test_every_operation_was_met_and_its_example_has_the_shape_of_today(met):
    known, kept = operations(documents.raw("en")), examples.recorded()
    if ONLY:
        known, kept = ({name: each[name] for name in ONLY & set(each)} for each in (known, kept))
    assert set(known) - set(met) == set(), "what must be done before? See FIRST"
    assert set(kept) == set(known), "run make schema"
    differing = [
        name
        for name, example in met.items()
        if (shape(example.get("answer")), shape(example.get("body")), example["status"])
        != (shape(kept[name].get("answer")), shape(kept[name].get("body")), kept[name]["status"])
    ]
    assert differing == [], "run make schema"
