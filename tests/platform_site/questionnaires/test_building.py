"""Building a form: drafts, conditions, rules, publishing; what contradicts itself is refused."""

from __future__ import annotations

import copy

import pytest

from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from platform_site.questionnaires import building
from platform_site.questionnaires.models import Form, FormVersion, Indicator, Question
from platform_site.questionnaires.structure import document_of

pytestmark = pytest.mark.django_db


def question(code, kind="number", **more):
    return {"code": code, "kind": kind, "name_zh": f"题目{code}", **more}


CHOICE = {"options": [{"code": "yes_all", "zh": "全部"}, {"code": "some", "zh": "部分"}]}
DOCUMENT = {
    "sections": [
        {
            "code": "first",
            "name_zh": "第一节",
            "questions": [
                question("has", "yes_no"),
                question("way", "choice", **CHOICE),
                question("total", unit_zh="个", minimum=0, maximum=100),
            ],
        },
        {
            "code": "second",
            "name_zh": "第二节",
            "questions": [
                question("cities", unit_zh="个", minimum=0),
                question("counties", unit_zh="个", minimum=0),
                question(
                    "why", "text", shown_if_question="has", shown_if_answer="no", required=True
                ),
            ],
        },
    ],
    "rules": [
        {
            "left": "cities + counties",
            "comparison": "eq",
            "right": "total",
            "level": "hard",
            "message_zh": "分项之和应等于合计。",
        }
    ],
}


@pytest.fixture
def built(reference, national_officer):
    form = building.make_form(
        by=national_officer, code="survey", name_zh="摸底表", purpose="progress"
    )
    return form.versions.get()


def save(built, by, document):
    return building.save_draft(built, by=by, version=built.version, **document)


def changed(change):
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document


def refused(built, by, document):
    with pytest.raises(Invalid) as found:
        save(built, by, document)
    return {(problem.pointer, problem.code) for problem in found.value.fields}


def test_a_form_begins_with_an_empty_draft(built):
    assert (built.number, built.is_draft, built.form.current()) == (1, True, None)


def test_what_is_saved_is_read_again(built, national_officer):
    built = save(built, national_officer, DOCUMENT)
    kept = document_of(built)
    assert [each["code"] for each in kept["sections"][0]["questions"]] == ["has", "way", "total"]
    assert kept["rules"][0]["message_zh"] == "分项之和应等于合计。"
    assert save(built, national_officer, kept).version == 3  # what is read can be sent as it is


def at(place, order, **values):
    return lambda document: document["sections"][place]["questions"][order].update(values)


def rule(**values):
    return lambda document: document["rules"][0].update(values)


def another_rule(**values):
    return lambda document: document["rules"].append({**document["rules"][0], **values})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (at(0, 0, code="Has"), ("/sections/0/questions/0/code", "invalid_code")),
        (at(0, 0, code="total"), ("/sections/0/questions/2/code", "repeated")),
        (at(0, 2, minimum=5, maximum=1), ("/sections/0/questions/2/maximum", "crossed")),
        (at(0, 2, doubt_change=20), ("/sections/0/questions/2/doubt_change", "needs_an_indicator")),
        (at(0, 2, indicator="nothing"), ("/sections/0/questions/2/indicator", "unknown")),
        (at(0, 2, max_length=7), ("/sections/0/questions/2/max_length", "not_for_kind")),
        (
            at(0, 2, indicator="workers_served"),
            ("/sections/0/questions/2/unit_zh", "unit_of_the_indicator"),
        ),
        (
            at(0, 1, options=[{"code": "one", "zh": "一"}]),
            ("/sections/0/questions/1/options", "count"),
        ),
        (
            at(1, 2, shown_if_question="gone"),
            ("/sections/1/questions/2/shown_if_question", "unknown_question"),
        ),
        (
            at(0, 0, shown_if_question="way", shown_if_answer="some"),
            ("/sections/0/questions/0/shown_if_question", "later_question"),
        ),
        (
            at(1, 2, shown_if_question="why", shown_if_answer="no"),
            ("/sections/1/questions/2/shown_if_question", "later_question"),
        ),
        (
            at(1, 2, shown_if_question="total"),
            ("/sections/1/questions/2/shown_if_question", "not_a_choice"),
        ),
        (
            at(1, 2, shown_if_question="way", shown_if_answer="none"),
            ("/sections/1/questions/2/shown_if_answer", "unknown_answer"),
        ),
        (rule(left="cities +"), ("/rules/0/left", "unreadable")),
        (rule(left="villages"), ("/rules/0/left", "unknown_question")),
        (rule(left="has"), ("/rules/0/left", "not_a_number")),
        (rule(left="5"), ("/rules/0/left", "no_question")),
        (rule(left="total"), ("/rules/0/right", "says_nothing")),
        (rule(message_zh=" "), ("/rules/0/message_zh", "required")),
        (rule(left="total", comparison="gt", right="100"), ("/rules/0/right", "never_holds")),
        (another_rule(comparison="gt"), ("/rules/1/right", "contradicts")),
        (
            another_rule(left="total", comparison="gt", right="cities + counties"),
            ("/rules/1/right", "contradicts"),
        ),
        (at(1, 1, unit_zh="人次"), ("/rules/0/left", "units_mixed")),
    ],
)
def test_what_does_not_hold_together_is_refused(built, national_officer, change, problem):
    assert problem in refused(built, national_officer, changed(change))
    assert document_of(built) == {"sections": [], "rules": []}


def test_two_conditions_cannot_go_round_in_a_circle(built, national_officer):
    def change(document):
        first, second = document["sections"][0]["questions"][:2]
        first.update(shown_if_question="way", shown_if_answer="some")
        second.update(shown_if_question="has", shown_if_answer="yes")

    found = refused(built, national_officer, changed(change))
    assert ("/sections/0/questions/0/shown_if_question", "later_question") in found


def test_a_figure_is_asked_for_once(built, national_officer):
    def change(document):
        for order in (0, 1):
            document["sections"][1]["questions"][order]["indicator"] = "pilots_city"

    found = refused(built, national_officer, changed(change))
    assert found == {("/sections/1/questions/1/indicator", "repeated")}


def test_published_it_stays_and_the_next_one_is_a_copy(built, national_officer):
    built = save(built, national_officer, DOCUMENT)
    published = building.publish_version(built, by=national_officer, version=built.version)
    form = Form.objects.get(code="survey")
    assert form.current() == published
    with pytest.raises(StepNotOpen) as found:
        save(published, national_officer, {"sections": [], "rules": []})
    assert found.value.code == "version_published"
    with pytest.raises(StepNotOpen):
        building.discard_version(published, by=national_officer, version=published.version)
    building.begin_version(form, by=national_officer, version=form.version)
    second = form.versions.get(number=2)
    assert document_of(second) == document_of(published)
    assert form.current() == published  # a draft is nothing to ask with yet
    form.refresh_from_db()
    with pytest.raises(StepNotOpen) as found:
        building.begin_version(form, by=national_officer, version=form.version)
    assert found.value.code == "draft_exists"
    # The next version may simply not ask something any more; the published one keeps it.
    less = document_of(second)
    less["rules"] = []
    del less["sections"][1]["questions"][0]
    save(second, national_officer, less)
    assert Question.objects.filter(section__version=published, code="cities").exists()


def test_a_code_keeps_its_meaning(built, national_officer):
    built = save(built, national_officer, DOCUMENT)
    building.publish_version(built, by=national_officer, version=built.version)
    form = Form.objects.get(code="survey")
    building.begin_version(form, by=national_officer, version=form.version)
    second = form.versions.get(number=2)
    other = document_of(second)
    other["sections"][1]["questions"][2] |= {"kind": "date", "max_length": 5000}
    other["sections"][0]["questions"][2]["unit_zh"] = "家"
    assert refused(second, national_officer, other) >= {
        ("/sections/1/questions/2/code", "code_means_another"),
        ("/sections/0/questions/2/code", "code_means_another"),
    }


def test_an_empty_draft_is_not_published(built, national_officer):
    with pytest.raises(Invalid) as found:
        building.publish_version(built, by=national_officer, version=built.version)
    assert found.value.fields[0].pointer == "/sections"


def test_whoever_saw_an_older_draft_is_told(built, national_officer):
    save(built, national_officer, DOCUMENT)
    with pytest.raises(Stale):
        building.save_draft(built, by=national_officer, version=1, **DOCUMENT)


def test_a_draft_that_is_discarded_is_gone(built, national_officer):
    building.discard_version(built, by=national_officer, version=built.version)
    assert not FormVersion.objects.filter(pk=built.pk).exists()
    form = Form.objects.get(code="survey")
    building.begin_version(form, by=national_officer, version=form.version)
    assert form.versions.get().number == 1


def test_others_build_nothing(built, national_leader, guangdong_officer, auditor):
    for person in (national_leader, guangdong_officer, auditor):
        with pytest.raises(NotAllowed):
            building.make_form(by=person, code="other", name_zh="表", purpose="progress")
        with pytest.raises(NotAllowed):
            save(built, person, DOCUMENT)


def test_drafts_show_to_the_national_staff_alone(
    built, national_leader, guangdong_officer, system_administrator
):
    def sees(person):
        forms = Form.objects.visible_to(person).filter(code="survey")
        versions = FormVersion.objects.visible_to(person).filter(pk=built.pk)
        return forms.exists(), versions.exists()

    assert sees(national_leader) == (True, True)
    assert sees(guangdong_officer) == sees(system_administrator) == (False, False)


def test_a_taken_or_reserved_code(built, national_officer):
    for code, told in (("survey", "taken"), ("new", "invalid_code"), ("甲", "invalid_code")):
        with pytest.raises(Invalid) as found:
            building.make_form(by=national_officer, code=code, name_zh="表", purpose="progress")
        assert [(each.pointer, each.code) for each in found.value.fields] == [("/code", told)]


# --- Indicators -----------------------------------------------------------------------------------
INDICATOR = {
    "code": "volunteers",
    "name_zh": "志愿者人数",
    "name_en": "Volunteers",
    "unit_zh": "人",
    "unit_en": "persons",
    "measure": "period",
    "adds_up": "sum",
}


def test_an_indicator_is_added_and_changed(reference, national_officer):
    added = building.add_indicator(by=national_officer, **INDICATOR)
    changed = building.change_indicator(
        added, by=national_officer, version=1, measure="cumulative", unit_zh="人次"
    )
    assert (changed.measure, changed.unit_zh, changed.version) == ("cumulative", "人次", 2)


def test_persons_and_attendances_are_never_mixed(reference, national_officer):
    """Published forms ask for it in persons: it never becomes attendances."""
    workers = Indicator.objects.get(code="workers_served")
    with pytest.raises(Invalid) as found:
        building.change_indicator(workers, by=national_officer, version=1, unit_zh="人次")
    assert [(each.pointer, each.code) for each in found.value.fields] == [("/unit_zh", "in_use")]


def test_what_accepted_figures_mean_stays(submitted_report, national_officer):
    from reports import services

    services.accept_report(submitted_report, by=national_officer, version=submitted_report.version)
    pilots = Indicator.objects.get(code="pilots_city")
    with pytest.raises(Invalid) as found:
        building.change_indicator(
            pilots, by=national_officer, version=1, measure="period", adds_up="average"
        )
    assert [each.pointer for each in found.value.fields] == ["/measure", "/adds_up"]
    assert building.change_indicator(pilots, by=national_officer, version=1, name_en="Cities")
