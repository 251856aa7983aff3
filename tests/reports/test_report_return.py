"""Returning a report: reason, comments, replies, the next version."""

import datetime as dt
from decimal import Decimal

import pytest

from platform_site.casework.queries import todo
from platform_site.notifications.models import Delivery
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Figure
from reports import queries, services

pytestmark = pytest.mark.django_db

NOTE = "请补充责任单位。"


@pytest.fixture
def comment(submitted_report, national_officer):
    return services.add_comment(
        submitted_report, by=national_officer, question="tasks", text="任务三没有完成时限。"
    )


@pytest.fixture
def returned(comment, submitted_report, national_officer):
    submitted_report.refresh_from_db()
    return services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note=NOTE
    )


def sign_off(report, by):
    return services.sign_off_report(
        report, by=by, version=report.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )


def test_the_reason_is_in_the_message(returned, guangdong_officer):
    mail = Delivery.objects.filter(user=guangdong_officer).latest("created_at")
    assert NOTE in mail.body
    assert f"/w/reports/{returned.pk}/" in mail.body


def test_the_filer_has_three_working_days(returned, guangdong_officer):
    [duty] = todo(guangdong_officer)
    assert duty.due_on == dt.date(2026, 9, 17)


def test_the_filer_sees_a_comment_only_once_the_report_is_returned(
    comment, submitted_report, national_officer, guangdong_officer
):
    submitted_report.refresh_from_db()
    assert list(queries.comments_for(submitted_report, guangdong_officer)) == []
    assert list(queries.comments_for(submitted_report, national_officer)) == [comment]
    back = services.return_report(
        submitted_report, by=national_officer, version=submitted_report.version, note=NOTE
    )
    assert list(queries.comments_for(back, guangdong_officer)) == [comment]


def test_it_is_not_submitted_again_while_a_comment_has_no_reply(
    returned, comment, guangdong_officer
):
    report = sign_off(returned, guangdong_officer)
    with pytest.raises(Invalid) as refused:
        services.submit_report(report, by=guangdong_officer, version=report.version)
    assert [problem.pointer for problem in refused.value.fields] == [f"/comments/{comment.pk}"]

    comment.refresh_from_db()
    services.reply_to_comment(
        comment, by=guangdong_officer, version=comment.version, text="已补充。"
    )
    report.refresh_from_db()
    report = services.submit_report(report, by=guangdong_officer, version=report.version)
    assert report.state == "submitted"
    assert [version.number for version in report.versions.all()] == [1, 2]


def test_both_versions_stay_whole_and_compare(returned, comment, guangdong_officer):
    services.reply_to_comment(
        comment, by=guangdong_officer, version=comment.version, text="已补充。"
    )
    before = returned.versions.get()
    longer = sheets.answers_in(before.content)["tasks"] + "\n（四）年底前验收。"
    saved = services.save_report(
        returned, by=guangdong_officer, version=returned.version, answers={"tasks": longer}
    )
    report = sign_off(saved.report, guangdong_officer)
    report = services.submit_report(report, by=guangdong_officer, version=report.version)
    after = report.versions.latest("number")
    changed = [
        (answer["code"], answer["new"])
        for section in queries.shown(after.content, before=before.content)
        for answer in section["answers"]
        if answer["changed"]
    ]
    [(code, new)] = changed
    assert code == "tasks"
    assert new[-1][0] == "ins"
    assert "（四）年底前验收。" in new[-1][1]


def test_a_change_after_the_sign_off_takes_it_away(ready_report, guangdong_officer):
    saved = services.save_report(
        ready_report,
        by=guangdong_officer,
        version=ready_report.version,
        answers={"pilots_city": "3"},
    )
    assert saved.sign_off_cleared
    with pytest.raises(Invalid) as refused:
        services.submit_report(saved.report, by=guangdong_officer, version=saved.report.version)
    assert [problem.pointer for problem in refused.value.fields] == ["/sign_off"]


def test_recall_is_open_until_a_reviewer_has_acted(
    submitted_report, national_officer, guangdong_officer
):
    services.add_comment(submitted_report, by=national_officer, question="goals", text="待议。")
    submitted_report.refresh_from_db()
    with pytest.raises(StepNotOpen) as refused:
        services.recall_report(
            submitted_report, by=guangdong_officer, version=submitted_report.version
        )
    assert refused.value.code == "review_began"


def test_recalled_it_goes_back_to_the_filers_list(submitted_report, guangdong_officer):
    assert todo(guangdong_officer).count() == 0
    report = services.recall_report(
        submitted_report, by=guangdong_officer, version=submitted_report.version
    )
    assert report.state == "draft"
    assert todo(guangdong_officer).get().due_on == dt.date(2026, 10, 15)


def test_accepted_figures_count_and_blank_is_not_zero(submitted_report, national_officer):
    services.accept_report(submitted_report, by=national_officer, version=submitted_report.version)
    figures = dict(Figure.objects.values_list("indicator__code", "number"))
    assert figures == {
        "pilots_province": Decimal(1),
        "pilots_city": Decimal(2),
        "pilots_county": Decimal(3),
        "contact_persons": Decimal(21),
        "funds_purchased": Decimal("120.5"),
    }
    submitted_report.obligation.refresh_from_db()
    assert submitted_report.obligation.state == "settled"


def test_doubts_block_until_they_are_explained(ready_report, guangdong_officer, national_officer):
    saved = services.save_report(
        ready_report,
        by=guangdong_officer,
        version=ready_report.version,
        answers={"pilots_county": "412"},
    )
    report = sign_off(saved.report, guangdong_officer)
    with pytest.raises(Invalid) as refused:
        services.submit_report(report, by=guangdong_officer, version=report.version)
    assert [(problem.pointer, problem.code) for problem in refused.value.fields] == [
        ("/answers/pilots_county", "unusually_large"),
        ("/explanation", "required"),
    ]
    report.refresh_from_db()
    report = services.submit_report(
        report, by=guangdong_officer, version=report.version, explanation="全省县区全部试点。"
    )
    kept = report.versions.get()
    assert kept.explanation == "全省县区全部试点。"
    assert [doubt["question"] for doubt in kept.doubts] == ["pilots_county"]


def test_nothing_to_report_is_an_answer(draft_report, guangdong_officer):
    saved = services.save_report(
        draft_report, by=guangdong_officer, version=draft_report.version, nothing_to_report=True
    )
    report = sign_off(saved.report, guangdong_officer)
    with pytest.raises(Invalid) as refused:
        services.submit_report(report, by=guangdong_officer, version=report.version)
    assert [problem.pointer for problem in refused.value.fields] == ["/nothing_reason"]
    saved = services.save_report(
        report, by=guangdong_officer, version=report.version, nothing_reason="本期没有试点。"
    )
    report = sign_off(saved.report, guangdong_officer)
    report = services.submit_report(report, by=guangdong_officer, version=report.version)
    assert report.versions.get().nothing_to_report
    report.obligation.refresh_from_db()
    assert report.obligation.filed_at is not None


def test_the_leaders_own_account_signs_off(
    draft_report, guangdong_leader, guangdong_officer, settings
):
    settings.LEADER_SIGN_OFF_COMPULSORY = True
    with pytest.raises(NotAllowed) as refused:
        sign_off(draft_report, guangdong_officer)
    assert refused.value.code == "leader_signs_off"
    report = services.sign_off_report(
        draft_report, by=guangdong_leader, version=draft_report.version
    )
    assert (report.signed_off_by, report.signed_off_name) == (guangdong_leader, "梁粤领")
    assert report.signed_off_on == dt.date(2026, 9, 14)
