"""Every workflow, every state, every step, every role: allowed where the table says so, else refused.

The expectation is written out here by hand (EXPECTED), never derived from the code under test.
"""

from __future__ import annotations

import itertools

import pytest
from django.utils import translation

from platform_site.accounts.roles import Role
from platform_site.audit.queries import story
from platform_site.casework.workflow import all_workflows
from platform_site.editorial.models import Piece, Revision
from platform_site.editorial.workflow import PIECE, PieceState
from platform_site.obligations.workflow import ACTION_POINT, ActionState
from platform_site.problems import Invalid, NotAllowed, Refused, StepNotOpen
from reports import services
from reports.models import Circular, Handover, Notice, Report
from reports.workflow import (
    CIRCULAR,
    HANDOVER,
    NOTICE,
    PHONE_ROUND,
    REPORT,
    SUPERVISION,
    CircularState,
    HandoverState,
    NoticeState,
    PhoneRoundState,
    ReportState,
    SupervisionState,
)
from tests.conftest import CAST

pytestmark = pytest.mark.django_db

NATIONAL = {"second_national_officer", "national_leader"}
OFFICERS = {"national_officer", "second_national_officer"}
#: (workflow, state, step) -> who may take it. The notice's drafter is national_officer; the report is
#: Guangdong's, prepared and submitted by guangdong_officer; the visit was written up by national_officer, the
#: action point is Guangdong's. Everything not listed is refused.
EXPECTED = {
    ("notice", "draft", "approve"): NATIONAL,
    ("notice", "approved", "send_back"): NATIONAL | {"national_officer"},
    ("notice", "approved", "issue"): {"national_officer", "second_national_officer"},
    ("notice", "issued", "close"): {"national_officer", "second_national_officer"},
    ("notice", "issued", "withdraw"): {"national_officer", "second_national_officer"},
    ("report", "draft", "submit"): {"guangdong_officer", "guangdong_head"},
    ("report", "returned", "submit"): {"guangdong_officer", "guangdong_head"},
    ("report", "submitted", "recall"): {"guangdong_officer", "guangdong_head"},
    ("report", "submitted", "return"): NATIONAL | {"national_officer"},
    ("report", "submitted", "accept"): NATIONAL | {"national_officer"},
    ("circular", "draft", "approve"): NATIONAL,
    ("circular", "approved", "send_back"): NATIONAL | {"national_officer"},
    ("circular", "approved", "issue"): OFFICERS,
    ("circular", "issued", "withdraw"): OFFICERS,
    ("supervision", "planned", "hold"): OFFICERS,
    ("supervision", "planned", "cancel"): OFFICERS,
    ("supervision", "held", "write"): OFFICERS,
    ("supervision", "returned", "write"): OFFICERS,
    ("supervision", "written", "accept"): NATIONAL,
    ("supervision", "written", "return"): NATIONAL,
    ("action_point", "open", "report"): {"guangdong_officer", "guangdong_head"},
    ("action_point", "reopened", "report"): {"guangdong_officer", "guangdong_head"},
    ("action_point", "open", "cancel"): NATIONAL | {"national_officer"},
    ("action_point", "reopened", "cancel"): NATIONAL | {"national_officer"},
    ("action_point", "reported", "verify"): NATIONAL | {"national_officer"},
    ("action_point", "reported", "reopen"): NATIONAL | {"national_officer"},
    ("phone_round", "open", "close"): OFFICERS,
    # The holder, guangdong_officer, is in office; nobody else holds the same office yet.
    ("handover", "open", "give"): {"guangdong_officer"},
    ("handover", "open", "cancel"): {"guangdong_officer", "guangdong_head", "guangdong_leader"},
    # The centre's; its writer, an editor, is none of the cast.
    ("piece", "draft", "submit"): OFFICERS,
    ("piece", "draft", "drop"): OFFICERS,
    ("piece", "first_review", "pass_first"): OFFICERS,
    ("piece", "first_review", "return"): OFFICERS,
    ("piece", "second_review", "pass_second"): OFFICERS,
    ("piece", "second_review", "return"): OFFICERS,
    ("piece", "final_review", "approve"): {"national_leader"},
    ("piece", "final_review", "return"): {"national_leader"},
    ("piece", "approved", "publish"): OFFICERS | {"national_leader"},
    ("piece", "approved", "stop"): OFFICERS | {"national_leader"},
    ("piece", "published", "revise"): OFFICERS,
    ("piece", "published", "withdraw"): OFFICERS | {"national_leader"},
}
PEOPLE = (*CAST, "superuser")
#: "recorded" is that of a telephone exchange, which has no steps.
VISIT_STATES = [state for state in SupervisionState.values if state != "recorded"]
#: Where a workflow begins, when it is not a draft.
BEGINNINGS = {
    "reports.supervisionrecord": {"planned", "recorded"},
    "reports.phoneround": {"open"},
    "reports.handover": {"open"},
    "obligations.actionpoint": {"open"},
}


@pytest.fixture
def superuser(reference):
    from platform_site.accounts.models import User

    return User.objects.create(
        username="root", name="超级", is_superuser=True, email="root@example.org"
    )


@pytest.fixture
def people(request):
    return {name: request.getfixturevalue(name) for name in PEOPLE}


def _put(obj, state: str) -> None:
    """Put the object into a state directly: the act under test is the step out of it."""
    marks = {}
    if isinstance(obj, Handover):
        marks["content"] = {}
    if isinstance(obj, Notice) and state in ("issued", "closed", "withdrawn"):
        marks["issued_at"] = obj.drafted_at
    if isinstance(obj, Circular) and state != "draft":
        marks |= {"content": {}, "issued_at": obj.drafted_at}
    if isinstance(obj, Piece) and state in ("published", "withdrawn"):
        revision = Revision.objects.create(
            piece=obj,
            number=1,
            content={},
            made_by=obj.author,
            made_by_name="",
            made_at=obj.begun_at,
        )
        marks |= {"latest": revision, "published": revision, "published_at": obj.begun_at}
    type(obj).objects.filter(pk=obj.pk).update(state=state, **marks)
    obj.refresh_from_db()


@pytest.mark.parametrize(
    ("state", "step"), list(itertools.product(NoticeState.values, NOTICE.steps)), ids="-".join
)
def test_every_step_of_a_notice(state, step, the_day, draft, people):
    notice = draft()
    _put(notice, state)
    allowed = {
        name for name, person in people.items() if NOTICE.refusal(notice, step, person) is None
    }
    assert allowed == EXPECTED.get(("notice", state, step), set())
    shown = {
        name
        for name, person in people.items()
        if step in [each.name for each in NOTICE.open_steps(notice, person)]
    }
    assert shown == allowed


@pytest.mark.parametrize(
    ("state", "step"), list(itertools.product(ReportState.values, REPORT.steps)), ids="-".join
)
def test_every_step_of_a_report(state, step, submitted_report, people):
    report = Report.objects.get(pk=submitted_report.pk)
    _put(report, state)
    allowed = {
        name for name, person in people.items() if REPORT.refusal(report, step, person) is None
    }
    assert allowed == EXPECTED.get(("report", state, step), set())
    shown = {
        name
        for name, person in people.items()
        if step in [each.name for each in REPORT.open_steps(report, person)]
    }
    assert shown == allowed


@pytest.mark.parametrize(
    ("state", "step"), list(itertools.product(CircularState.values, CIRCULAR.steps)), ids="-".join
)
def test_every_step_of_a_circular(state, step, circular, people, national_leader):
    Circular.objects.filter(pk=circular.pk).update(approved_by=national_leader)
    _put(circular, state)
    _as_expected("circular", CIRCULAR, circular, step, people)


@pytest.mark.parametrize(
    ("state", "step"),
    list(itertools.product(VISIT_STATES, SUPERVISION.steps)),
    ids="-".join,
)
def test_every_step_of_a_visit(state, step, written_visit, people):
    _put(written_visit, state)
    _as_expected("supervision", SUPERVISION, written_visit, step, people)


@pytest.mark.parametrize(
    ("state", "step"), list(itertools.product(ActionState.values, ACTION_POINT.steps)), ids="-".join
)
def test_every_step_of_an_action_point(state, step, action_point, people):
    _put(action_point, state)
    _as_expected("action_point", ACTION_POINT, action_point, step, people)


@pytest.mark.parametrize("state", PhoneRoundState.values)
def test_every_step_of_a_phone_round(state, phone_round, people):
    _put(phone_round, state)
    _as_expected("phone_round", PHONE_ROUND, phone_round, "close", people)


@pytest.mark.parametrize(
    ("state", "step"), list(itertools.product(HandoverState.values, HANDOVER.steps)), ids="-".join
)
def test_every_step_of_a_handover(state, step, handover, people):
    _put(handover, state)
    _as_expected("handover", HANDOVER, handover, step, people)


@pytest.mark.parametrize(
    ("state", "step"), list(itertools.product(PieceState.values, PIECE.steps)), ids="-".join
)
def test_every_step_of_a_piece_of_content(state, step, piece, people):
    _put(piece, state)
    _as_expected("piece", PIECE, piece, step, people)


def _as_expected(name, workflow, obj, step, people):
    allowed = {who for who, person in people.items() if workflow.refusal(obj, step, person) is None}
    assert allowed == EXPECTED.get((name, obj.state, step), set())


def test_every_expectation_names_a_step_and_a_state():
    tables = {
        "notice": NOTICE,
        "report": REPORT,
        "circular": CIRCULAR,
        "supervision": SUPERVISION,
        "action_point": ACTION_POINT,
        "phone_round": PHONE_ROUND,
        "handover": HANDOVER,
        "piece": PIECE,
    }
    for workflow, state, step in EXPECTED:
        assert step in tables[workflow].steps
        assert state in tables[workflow].states.values


@pytest.mark.parametrize("workflow", all_workflows(), ids=lambda each: each.name)
def test_every_state_is_reached_and_every_step_leads_somewhere(workflow):
    reached = set(BEGINNINGS.get(workflow.name, {"draft"}))
    for _ in workflow.steps:
        for step in workflow.steps.values():
            if step.sources & reached:
                reached.add(step.to)
    assert reached == set(workflow.states.values)


def test_a_step_out_of_turn_says_why_and_changes_nothing(the_day, draft, national_officer):
    notice = draft()
    with pytest.raises(StepNotOpen) as refused:
        services.issue_notice(notice, by=national_officer, version=notice.version)
    assert refused.value.status == 409
    notice.refresh_from_db()
    assert (notice.state, notice.version, notice.issued_at) == ("draft", 1, None)


def test_the_drafter_cannot_approve(the_day, draft, national_officer):
    notice = draft()
    with pytest.raises(NotAllowed) as refused:
        services.approve_notice(notice, by=national_officer, version=notice.version)
    assert refused.value.code == "own_notice"


def test_a_stale_version_is_refused(the_day, draft, national_leader):
    notice = draft()
    with pytest.raises(Refused) as refused:
        services.approve_notice(notice, by=national_leader, version=notice.version + 1)
    assert (refused.value.status, refused.value.code) == (412, "stale")


@pytest.mark.parametrize("note", ["", "   \n "])
def test_a_return_needs_a_reason(submitted_report, national_officer, note):
    with pytest.raises(Invalid) as refused:
        services.return_report(
            submitted_report, by=national_officer, version=submitted_report.version, note=note
        )
    assert refused.value.fields[0].pointer == "/note"
    submitted_report.refresh_from_db()
    assert submitted_report.state == "submitted"


def test_whoever_prepared_a_report_never_decides_on_it(submitted_report, guangdong_officer, acftu):
    """An officer who moved to the centre still does not review what they wrote in the province."""
    from tests.factories.accounts import office

    guangdong_officer.assignments.all().delete()
    office(guangdong_officer, Role.NATIONAL_OFFICER, acftu)
    with pytest.raises(NotAllowed) as refused:
        services.accept_report(
            submitted_report, by=guangdong_officer, version=submitted_report.version
        )
    assert refused.value.code == "own_report"


def test_the_trail_reads_as_a_story(submitted_report, national_officer, guangdong_officer):
    returned = services.return_report(
        submitted_report,
        by=national_officer,
        version=submitted_report.version,
        note="请补充责任单位。",
    )
    entries = story(returned)
    told = sorted(
        (
            (entry.action, entry.from_state, entry.to_state, entry.actor_name, entry.note)
            for entry in entries
        ),
        key=lambda each: each[0],
    )
    assert told == [
        ("reports.report.return", "submitted", "returned", "林国章", "请补充责任单位。"),
        ("reports.report.sign_off", "", "", "陈粤联", ""),
        ("reports.report.start", "", "draft", "陈粤联", ""),
        ("reports.report.submit", "draft", "submitted", "陈粤联", ""),
    ]


def test_the_trail_keeps_names_in_chinese_whatever_the_actor_reads(
    submitted_report, national_officer
):
    with translation.override("en"):
        returned = services.return_report(
            submitted_report,
            by=national_officer,
            version=submitted_report.version,
            note="Please add the owners.",
        )
    entry = next(each for each in story(returned) if each.action == "reports.report.return")
    assert "中华全国总工会" in entry.actor_office
    assert "广东省总工会" in entry.subject_label
