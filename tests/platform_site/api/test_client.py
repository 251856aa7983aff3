"""A client that nobody wrote: generated from the committed schema, it does the whole main job.

It is generated as anybody would (openapi-python-client), imported, and speaks HTTP with a server.
"""

from __future__ import annotations

import datetime as dt
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from platform_site.accounts.api_scopes import known
from tests.answers import GOOD_ANSWERS
from tests.factories.accounts import token_for

NAME = "generated_client"
CHECKOUT = Path(settings.BASE_DIR)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package, generated from what is committed; any warning of the generator fails."""
    folder = tmp_path_factory.mktemp("client")
    made = subprocess.run(
        [
            str(Path(sys.executable).with_name("openapi-python-client")),
            *("generate", "--path", str(CHECKOUT / "docs" / "openapi.json")),
            *("--config", str(CHECKOUT / "tests" / "contract" / "client.yml")),
            *("--meta", "none", "--output-path", str(folder / NAME), "--fail-on-warning"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


class Program:
    """One machine with the token of one person; each answer is the one that the schema promises."""

    def __init__(self, package: Any, url: str, token: str) -> None:
        self.client = package.AuthenticatedClient(
            base_url=url, token=token, raise_on_unexpected_status=True, timeout=30
        )

    def ask(self, operation: str, *place: Any, status: int = 200, **sent: Any) -> Any:
        tag = operation.partition(".")[0]
        module = importlib.import_module(f"{NAME}.api.{tag}.{operation.partition('.')[2]}")
        answer = module.sync_detailed(*place, client=self.client, **sent)
        assert answer.status_code == status, answer.content.decode()
        # Read by the model that the schema names, and whole: nothing was left over.
        assert not getattr(answer.parsed, "additional_properties", None)
        return answer

    def take(self, operation: str, *place: Any, seen: Any, **sent: Any) -> Any:
        """A step on the version that was seen."""
        return self.ask(operation, *place, if_match=seen.headers["ETag"], **sent)


@pytest.mark.django_db(transaction=True)
def test_the_generated_client_does_the_whole_main_job(
    generated, live_server, national_officer, national_leader, guangdong_officer, the_day
):
    models = importlib.import_module(f"{NAME}.models")

    def program(person: Any) -> Program:
        _token, cleartext = token_for(person, *known())
        return Program(generated, live_server.url, cleartext)

    centre, leader, province = map(program, (national_officer, national_leader, guangdong_officer))

    # The centre asks.
    notice = centre.ask(
        "notices.notices_create",
        status=201,
        body=models.NoticeCreateRequest(
            title="关于报送试点方案的通知",
            text="请按时报送。",
            asks=models.AsksEnum.PILOT_PLAN,
            business_line=models.BusinessLineEnum.SOCIAL_ORGANISATIONS,
            form="pilot_plan",
            due_on=dt.date(2026, 10, 15),
            recipients=["440000"],
        ),
    )
    notice_id = notice.parsed.id
    notice = leader.take("notices.notices_approve", notice_id, seen=notice)
    notice = centre.take("notices.notices_issue", notice_id, seen=notice)
    assert notice.parsed.state is models.NoticeStateEnum.ISSUED

    # The province signs for it, fills in and submits.
    [owed] = province.ask("obligations.obligations_list", request=notice_id).parsed.results
    seen = province.ask("obligations.obligations_retrieve", owed.id)
    owed = province.take(
        "obligations.obligations_sign_for",
        owed.id,
        seen=seen,
        body=models.SignForRequest(leader_name="梁粤领", department="社会联络部"),
    ).parsed
    report = province.ask(
        "reports.reports_create", status=201, body=models.ReportCreateRequest(obligation=owed.id)
    )
    report_id = report.parsed.id
    answers = models.PatchedReportChangeRequestAnswers.from_dict(GOOD_ANSWERS)
    report = province.take(
        "reports.reports_partial_update",
        report_id,
        seen=report,
        body=models.PatchedReportChangeRequest(answers=answers),
    )
    report = province.take(
        "reports.reports_sign_off",
        report_id,
        seen=report,
        body=models.SignOffRequest(name="梁粤领", title="副主席", on=dt.date(2026, 9, 14)),
    )
    report = province.take("reports.reports_submit", report_id, seen=report)
    assert report.parsed.versions[0].receipt_number

    # The centre comments and returns it; the province replies and submits again.
    comment = centre.ask(
        "reports.comments_create",
        report_id,
        status=201,
        body=models.CommentCreateRequest(question="goals", text="请写明目标。"),
    )
    seen = centre.ask("reports.reports_retrieve", report_id)
    centre.take(
        "reports.reports_return",
        report_id,
        seen=seen,
        body=models.NoteRequest(note="请补充后重新提交。"),
    )
    seen = province.ask("reports.comments_retrieve", report_id, comment.parsed.id)
    province.take(
        "reports.comments_reply",
        report_id,
        comment.parsed.id,
        seen=seen,
        body=models.CommentTextRequest(text="已补充。"),
    )
    report = province.ask("reports.reports_retrieve", report_id)
    report = province.take(
        "reports.reports_sign_off",
        report_id,
        seen=report,
        body=models.SignOffRequest(name="梁粤领", title="副主席", on=dt.date(2026, 9, 14)),
    )
    province.take("reports.reports_submit", report_id, seen=report)

    # The centre accepts it, and sums up.
    report = centre.ask("reports.reports_retrieve", report_id)
    report = centre.take("reports.reports_accept", report_id, seen=report)
    assert report.parsed.state is models.ReportStateEnum.ACCEPTED
    summary = centre.ask(
        "summaries.summaries_create", status=201, body=models.SummaryCreateRequest(notice=notice_id)
    )
    assert summary.parsed.content.counts.accepted == 1
    summary = centre.take("summaries.summaries_freeze", summary.parsed.id, seen=summary)
    [edition] = centre.ask("summaries.summary_editions_list", summary.parsed.id).parsed.results
    assert edition.number == 1

    # A refusal comes as the schema says, too.
    refused = province.ask(
        "notices.notices_withdraw",
        notice_id,
        status=403,
        if_match='"v1"',
        body=models.NoteRequest(note="有误"),
    )
    assert isinstance(refused.parsed, models.Problem)
    assert refused.parsed.code == "not_yours"
