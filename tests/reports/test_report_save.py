"""Saving answers: they merge, they never overwrite in silence, and nothing typed is lost."""

import pytest

from platform_site.problems import Invalid, NotAllowed, Stale
from platform_site.questionnaires.queries import answers_of
from reports import services

pytestmark = pytest.mark.django_db


def save(report, by, version=None, strict=False, **answers):
    return services.save_report(
        report, by=by, version=version or report.version, answers=answers, strict=strict
    )


def values(report):
    return {code: answer.value for code, answer in answers_of(report.sheet).items()}


def test_two_people_on_different_questions_merge(draft_report, guangdong_officer, guangdong_head):
    seen = draft_report.version
    save(draft_report, guangdong_officer, seen, basis="依据甲")
    saved = save(draft_report, guangdong_head, seen, goals="目标乙")
    assert saved.conflicts == ()
    assert values(draft_report) == {"basis": "依据甲", "goals": "目标乙"}


def test_two_people_on_the_same_question_are_told(draft_report, guangdong_officer, guangdong_head):
    seen = draft_report.version
    save(draft_report, guangdong_officer, seen, basis="甲的写法")
    saved = save(draft_report, guangdong_head, seen, basis="乙的写法", goals="目标")
    [conflict] = saved.conflicts
    assert (conflict.question, conflict.mine, conflict.theirs) == ("basis", "乙的写法", "甲的写法")
    assert conflict.by == "陈粤联"
    assert values(draft_report) == {"basis": "甲的写法", "goals": "目标"}


def test_the_same_words_are_no_conflict(draft_report, guangdong_officer, guangdong_head):
    seen = draft_report.version
    save(draft_report, guangdong_officer, seen, basis="一样")
    assert save(draft_report, guangdong_head, seen, basis="一样").conflicts == ()


def test_a_machine_with_an_old_version_is_refused_and_told_what_changed(
    draft_report, guangdong_officer
):
    seen = draft_report.version
    save(draft_report, guangdong_officer, seen, basis="甲")
    with pytest.raises(Stale) as refused:
        save(draft_report, guangdong_officer, seen, strict=True, goals="乙")
    [changed] = refused.value.extra["changed"]
    assert (changed["pointer"], changed["value"]) == ("/answers/basis", "甲")
    assert values(draft_report) == {"basis": "甲"}


def test_what_cannot_be_read_is_kept_as_typed_beside_its_problem(draft_report, guangdong_officer):
    saved = save(draft_report, guangdong_officer, contact_persons="约二十人", basis="依据")
    assert [problem.pointer for problem in saved.problems] == ["/answers/contact_persons"]
    answer = answers_of(draft_report.sheet)["contact_persons"]
    assert (answer.value, answer.typed) == (None, "约二十人")
    assert values(draft_report)["basis"] == "依据"


def test_a_hostile_text_does_not_take_the_good_one_away(draft_report, guangdong_officer):
    saved = save(draft_report, guangdong_officer, basis="好的依据")
    saved = save(saved.report, guangdong_officer, basis="坏\x00的")
    assert [problem.code for problem in saved.problems] == ["hostile_text"]
    assert values(draft_report) == {"basis": "好的依据"}


@pytest.mark.parametrize(
    ("question", "raw", "code"),
    [
        ("contact_persons", "-1", "too_small"),
        ("contact_persons", "99999999999999999999", "not_a_number"),
        ("contact_persons", "1e400", "not_a_number"),
        ("contact_persons", "200000", "too_large"),
        ("contact_persons", "1.5", "too_many_decimals"),
        ("contact_persons", True, "not_a_number"),
        ("contact_persons", [1], "not_a_number"),
        ("starts_on", "0000-01-01", "not_a_date"),
        ("starts_on", "9999-12-31", "date_out_of_range"),
        ("starts_on", "2026-02-30", "not_a_date"),
        ("leading_group", "maybe", "not_yes_or_no"),
        ("approved_by", "nobody", "not_an_option"),
        ("approved_by", {}, "not_an_option"),
        ("basis", 5, "not_a_text"),
        ("basis", "长" * 5001, "too_long"),
        ("basis", "\ud800", "hostile_text"),
        ("no_such_question", "1", "unknown_question"),
    ],
)
def test_a_machine_gets_a_pointer_and_nothing_is_written(
    draft_report, guangdong_officer, question, raw, code
):
    with pytest.raises(Invalid) as refused:
        save(draft_report, guangdong_officer, strict=True, goals="目标", **{question: raw})
    assert [(problem.pointer, problem.code) for problem in refused.value.fields] == [
        (f"/answers/{question}", code)
    ]
    assert values(draft_report) == {}


@pytest.mark.parametrize(
    ("question", "raw", "value"),
    [
        ("contact_persons", "１２００", "1200"),
        ("contact_persons", "1,200", "1200"),
        ("contact_persons", 21, "21"),
        ("funds_purchased", "120.50", "120.5"),
        ("starts_on", "2026年9月14日", "2026-09-14"),
        ("starts_on", "2026/9/4", "2026-09-04"),
        ("leading_group", False, False),
        ("approved_by", "leader", "leader"),
    ],
)
def test_what_people_type_is_understood(draft_report, guangdong_officer, question, raw, value):
    save(draft_report, guangdong_officer, **{question: raw})
    assert values(draft_report) == {question: value}


def test_only_the_federation_itself_writes(draft_report, hunan_officer, guangdong_leader):
    for outsider in (hunan_officer, guangdong_leader):
        with pytest.raises(NotAllowed):
            save(draft_report, outsider, basis="改写")
    assert values(draft_report) == {}


def test_starting_twice_is_the_same_report(signed_obligation, guangdong_officer, guangdong_head):
    first = services.start_report(signed_obligation, by=guangdong_officer)
    assert services.start_report(signed_obligation, by=guangdong_head).pk == first.pk
