"""The cast of every test, and the reference data they stand on.

The day is frozen at 2026-09-14 (a Monday) wherever a test asks for ``the_day``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.audit.models import TRUNCATE_TRIGGER, Entry
from platform_site.casework.queries import forget_calendar
from platform_site.editorial.models import Piece
from platform_site.federations.models import Federation
from platform_site.obligations import services as obligations
from platform_site.obligations.models import ActionPoint, Obligation
from platform_site.questionnaires.models import Form
from reports import services
from reports.models import (
    Circular,
    Handover,
    Notice,
    PhoneRound,
    Report,
    SupervisionRecord,
    WorkRequest,
    WorkStatement,
)
from tests.answers import GOOD_ANSWERS
from tests.factories import content
from tests.factories.accounts import token_for, user_with

THE_DAY = dt.datetime(2026, 9, 14, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def load_reference_data() -> None:
    call_command("load_federations", verbosity=0, stdout=_Silent())
    call_command("load_holidays", verbosity=0, stdout=_Silent())
    call_command("load_forms", verbosity=0, stdout=_Silent())
    call_command("load_number_series", verbosity=0, stdout=_Silent())
    call_command("load_reminders", verbosity=0, stdout=_Silent())


class _Silent:
    def write(self, text: str) -> None:
        """Management commands speak; tests listen to something else."""

    def flush(self) -> None:
        """Nothing was kept."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Load the tree, the calendar and the forms once for all tests of this process."""
    with django_db_blocker.unblock():
        # Tests that commit are undone by TRUNCATE, which the trail refuses outside tests.
        TRUNCATE_TRIGGER.disable(Entry)
        load_reference_data()


@pytest.fixture
def reference(db) -> None:
    """The reference data, loaded again after a test that committed took it away."""
    forget_calendar()
    if not Federation.objects.exists():
        load_reference_data()


@pytest.fixture
def the_day():
    """Monday, 14 September 2026, ten in the morning in Beijing."""
    with time_machine.travel(THE_DAY, tick=True) as traveller:
        forget_calendar()
        yield traveller
    forget_calendar()


@pytest.fixture
def federation_by_code(reference) -> Callable[[str], Federation]:
    return lambda code: Federation.objects.get(code=code)


@pytest.fixture
def acftu(federation_by_code) -> Federation:
    return federation_by_code("ACFTU")


@pytest.fixture
def guangdong(federation_by_code) -> Federation:
    return federation_by_code("440000")


@pytest.fixture
def hunan(federation_by_code) -> Federation:
    return federation_by_code("430000")


def _person(role: str, code: str, name: str) -> Callable[..., User]:
    @pytest.fixture
    def fixture(federation_by_code) -> User:
        return user_with(
            role, federation_by_code(code), name=name, username=f"{role}.{code}.{name}"
        )

    return fixture


national_officer = _person(Role.NATIONAL_OFFICER, "ACFTU", "林国章")
second_national_officer = _person(Role.NATIONAL_OFFICER, "ACFTU", "周全文")
national_leader = _person(Role.NATIONAL_LEADER, "ACFTU", "高领文")
guangdong_officer = _person(Role.LIAISON_OFFICER, "440000", "陈粤联")
guangdong_head = _person(Role.DEPARTMENT_HEAD, "440000", "黄粤部")
guangdong_leader = _person(Role.PROVINCIAL_LEADER, "440000", "梁粤领")
hunan_officer = _person(Role.LIAISON_OFFICER, "430000", "刘湘联")
guangzhou_officer = _person(Role.LIAISON_OFFICER, "440100", "何穗联")
auditor = _person(Role.AUDITOR, "ACFTU", "孙审计")
system_administrator = _person(Role.SYSTEM_ADMINISTRATOR, "ACFTU", "赵系统")
security_administrator = _person(Role.SECURITY_ADMINISTRATOR, "ACFTU", "钱安全")
casework_officer = _person(Role.CASEWORK_OFFICER, "440000", "吴办件")
editor = _person(Role.EDITOR, "440000", "郑编辑")

#: The cast by the names that tests/access.csv uses.
CAST = (
    "national_officer",
    "second_national_officer",
    "national_leader",
    "guangdong_officer",
    "guangdong_head",
    "guangdong_leader",
    "hunan_officer",
    "guangzhou_officer",
    "auditor",
    "system_administrator",
    "security_administrator",
    "casework_officer",
    "editor",
)


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="platform_site.accounts.backends.SignInBackend")
        return client

    return make


@pytest.fixture
def api_for() -> Callable[..., Client]:
    """A REST client with a token of this person; all scopes unless some are named."""

    def make(user: User, *scopes: str) -> Client:
        from platform_site.accounts.api_scopes import known

        _token, cleartext = token_for(user, *(scopes or known()))
        return Client(headers={"authorization": f"Bearer {cleartext}"})

    return make


@pytest.fixture
def draft(national_officer, acftu) -> Callable[..., Notice]:
    """Draft a notice that asks Guangdong and Hunan for a pilot plan."""

    def make(**changes: Any) -> Notice:
        given: dict[str, Any] = {
            "by": national_officer,
            "federation": acftu,
            "title": "关于报送劳动关系领域社会组织试点方案的通知",
            "text": "现将有关事项通知如下。\n\n一、请于规定时间前报送试点方案。",
            "asks": "pilot_plan",
            "business_line": "social_organisations",
            "form": Form.objects.get(code="pilot_plan"),
            "due_on": dt.date(2026, 10, 15),
            "recipients": Federation.objects.filter(code__in=["440000", "430000"]),
            "contact_name": "林国章",
            "contact_phone": "010-00000000",
        }
        return services.draft_notice(**{**given, **changes})

    return make


@pytest.fixture
def issued_notice(the_day, draft, national_leader, national_officer) -> Notice:
    notice = draft()
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    return services.issue_notice(notice, by=national_officer, version=notice.version)


@pytest.fixture
def obligation(issued_notice, guangdong) -> Obligation:
    """Guangdong's, not signed for yet."""
    return Obligation.objects.get(round__request=issued_notice.pk, federation=guangdong)


@pytest.fixture
def signed_obligation(obligation, guangdong_officer) -> Obligation:
    return services.sign_for(
        obligation,
        by=guangdong_officer,
        version=obligation.version,
        leader_name="梁粤领",
        leader_title="副主席",
        department="社会联络部",
    )


@pytest.fixture
def draft_report(signed_obligation, guangdong_officer) -> Report:
    return services.start_report(signed_obligation, by=guangdong_officer)


@pytest.fixture
def ready_report(draft_report, guangdong_officer) -> Report:
    """Filled in without a doubt and signed off: it can be submitted."""
    saved = services.save_report(
        draft_report,
        by=guangdong_officer,
        version=draft_report.version,
        answers=GOOD_ANSWERS,
        strict=True,
    )
    return services.sign_off_report(
        saved.report,
        by=guangdong_officer,
        version=saved.report.version,
        name="梁粤领",
        title="副主席",
        on=dt.date(2026, 9, 14),
    )


@pytest.fixture
def submitted_report(ready_report, guangdong_officer) -> Report:
    return services.submit_report(ready_report, by=guangdong_officer, version=ready_report.version)


@pytest.fixture
def visit(the_day, national_officer, guangdong) -> SupervisionRecord:
    """A field visit to Guangdong, planned for the day."""
    return services.plan_visit(
        by=national_officer,
        federation=guangdong,
        kind="visit",
        on=THE_DAY.date(),
        plan="了解试点进展和台账更新情况。",
    )


@pytest.fixture
def written_visit(visit, national_officer) -> SupervisionRecord:
    """Held, and written up by the officer who planned it."""
    held = services.hold_visit(
        visit,
        by=national_officer,
        version=visit.version,
        on=THE_DAY.date(),
        participants="林国章（全国总工会）、梁粤领（副主席）",
    )
    return services.write_report(
        held,
        by=national_officer,
        version=held.version,
        findings="台账更新及时，县级工会专职人员不足。",
        outcome="约定十月底前补充联系人。",
        next_contact_on=dt.date(2026, 10, 30),
    )


@pytest.fixture
def accepted_visit(written_visit, national_leader) -> SupervisionRecord:
    return services.accept_supervision(
        written_visit, by=national_leader, version=written_visit.version
    )


@pytest.fixture
def action_point(accepted_visit, national_officer) -> ActionPoint:
    """Guangdong's, from the accepted visit."""
    return obligations.set_action_point(
        accepted_visit,
        by=national_officer,
        task="补充县级工会社会组织工作联系人。",
        due_on=dt.date(2026, 10, 30),
    )


@pytest.fixture
def phone_round(the_day, national_officer, guangdong, hunan) -> PhoneRound:
    return services.open_round(
        by=national_officer,
        title="九月集中电话交流",
        starts_on=THE_DAY.date(),
        ends_on=dt.date(2026, 9, 18),
        federations=[guangdong, hunan],
    )


@pytest.fixture
def circular(issued_notice, national_officer, acftu) -> Circular:
    """A draft about the notice to Guangdong and Hunan, as of the day."""
    return services.draft_circular(
        by=national_officer,
        federation=acftu,
        title="关于试点方案报送情况的通报",
        as_of=THE_DAY.date(),
        rounds=issued_notice.request.rounds.all(),
    )


@pytest.fixture
def statement(the_day, guangdong, guangdong_officer) -> WorkStatement:
    """What material Guangdong has, stated in August."""
    return services.state_work(
        guangdong,
        by=guangdong_officer,
        subject="material",
        since=dt.date(2026, 8, 1),
        text="办公室两间，会议室一间。",
        document_number="粤工办〔2026〕8号",
    )


@pytest.fixture
def work_request(the_day, guangdong, national_officer) -> WorkRequest:
    """The centre has asked Guangdong to close its gaps."""
    return services.ask_for_work(
        by=national_officer,
        federations=[guangdong],
        due_on=dt.date(2026, 9, 30),
        sentence="请在月底前补齐。",
    )[0]


@pytest.fixture
def handover(the_day, guangdong_officer) -> Handover:
    """The sheet of Guangdong's liaison officer, begun and not handed over."""
    return services.open_handover(guangdong_officer.assignments.get(), by=guangdong_officer)


@pytest.fixture
def centre_editor(acftu) -> User:
    """An editor of the centre."""
    return user_with(Role.EDITOR, acftu, name="秦编辑", username="editor.ACFTU")


@pytest.fixture
def piece(the_day, centre_editor, acftu) -> Piece:
    """A policy document that an editor of the centre drafted."""
    return content.drafted(centre_editor, acftu)


@pytest.fixture
def publish(national_officer, second_national_officer, national_leader) -> Callable[..., Piece]:
    """Carries a draft through its three reviews."""

    def make(piece: Piece, **options: Any) -> Piece:
        piece = content.in_review(piece, piece.author, **options)
        reviewers = national_officer, second_national_officer, national_leader
        return content.approved(piece, *reviewers, **options)

    return make
