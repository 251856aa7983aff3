"""Building questions of every kind; what contradicts itself, also in a circle, is refused."""

from __future__ import annotations

import copy

import pytest

from platform_site.problems import Invalid
from platform_site.questionnaires import building
from platform_site.questionnaires.models import Form, Indicator
from platform_site.questionnaires.structure import document_of
from tests.kinds import COLUMNS, SECTIONS, WITHIN_TOTAL, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(reference, national_officer):
    form = building.make_form(
        by=national_officer, code="survey", name_zh="摸底表", purpose="progress"
    )
    return form.versions.get()


def save(built, by, sections=SECTIONS, rules=(WITHIN_TOTAL,)):
    built.refresh_from_db()
    return building.save_draft(
        built, by=by, version=built.version, sections=sections, rules=[*rules]
    )


def refused(built, by, sections=SECTIONS, rules=()):
    with pytest.raises(Invalid) as found:
        save(built, by, sections, rules)
    return {(problem.pointer, problem.code) for problem in found.value.fields}


def changed(code, **values):
    sections = copy.deepcopy(SECTIONS)
    for place, question in enumerate(sections[0]["questions"]):
        if question["code"] == code:
            question.update(values)
            return sections, f"/sections/0/questions/{place}"
    raise LookupError(code)


def with_column(place, **values):
    columns = copy.deepcopy(COLUMNS)
    columns[place].update(values)
    sections, at = changed("sites", columns=columns)
    return sections, f"{at}/columns/{place}"


def test_what_is_saved_is_read_again_and_saved_again(built, national_officer):
    save(built, national_officer)
    built.refresh_from_db()
    document = document_of(built)
    table = document["sections"][0]["questions"][1]
    assert [column["code"] for column in table["columns"]] == [each["code"] for each in COLUMNS]
    assert (table["min_rows"], table["max_rows"], table["rows"]) == (1, 4, [])
    save(built, national_officer, **document)
    built.refresh_from_db()
    assert document_of(built) == document


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (changed("total", unit_zh="个"), "unit_zh", "invalid"),
        (changed("total", indicator="funds_purchased", unit_zh="元"), "unit_zh", "unit_of_the_indicator"),
        (changed("sites", columns=[]), "columns", "count"),
        (changed("sites", columns=COLUMNS * 3), "columns", "count"),
        (changed("sites", max_rows=0), "max_rows", "out_of_range"),
        (changed("sites", max_rows=201), "max_rows", "out_of_range"),
        (changed("sites", min_rows=5), "min_rows", "crossed"),
        (changed("services", max_rows=5), "max_rows", "rows_are_fixed"),
        (changed("services", rows=[{"code": "a", "zh": "甲"}] * 2), "rows", "repeated"),
        (changed("services", rows=[{"code": "A", "zh": "甲"}]), "rows", "invalid_code"),
        (changed("services", rows=[{"code": "a", "zh": " "}]), "rows", "required"),
        (changed("evidence", options=[{"code": "a", "zh": "甲"}]), "options", "not_for_kind"),
        (changed("started", columns=COLUMNS), "columns", "not_for_kind"),
        (changed("ways", options=[{"code": "a", "zh": "甲"}]), "options", "count"),
        (with_column(0, code="Name"), "code", "invalid_code"),
        (with_column(1, code="name"), "code", "repeated"),
        (with_column(0, name_zh=" "), "name_zh", "required"),
        (with_column(0, kind="table"), "kind", "invalid"),
        (with_column(0, unit_zh="人"), "unit_zh", "not_for_kind"),
        (with_column(1, minimum=5, maximum=1), "maximum", "crossed"),
        (with_column(1, unit_zh="人次"), "unit_zh", "unit_of_the_indicator"),
        (with_column(1, indicator="nothing"), "indicator", "unknown"),
        (with_column(2, unit_zh="个"), "unit_zh", "invalid"),
        (with_column(3, options=[]), "options", "count"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_is(built, national_officer, change, field, code):
    sections, at = change
    assert (f"{at}/{field}", code) in refused(built, national_officer, sections)


def test_more_cells_than_a_page_can_send(built, national_officer):
    columns = [
        {"code": f"c{number}", "kind": "text", "name_zh": f"列{number}"} for number in range(10)
    ]
    sections, at = changed("sites", columns=columns, max_rows=200)
    assert (f"{at}/max_rows", "too_many_cells") in refused(built, national_officer, sections)


def test_two_questions_do_not_give_one_figure(built, national_officer):
    columns = [{**SECTIONS[0]["questions"][3]["columns"][0], "unit_zh": "人"}]
    columns[0]["indicator"] = "workers_served"
    sections, at = changed("services", columns=columns)
    assert refused(built, national_officer, sections) == {(f"{at}/columns/0/indicator", "repeated")}


def rule(left, comparison, right):
    return {**WITHIN_TOTAL, "left": left, "comparison": comparison, "right": right}


@pytest.mark.parametrize(
    ("side", "code"),
    [
        ("sites", "names_no_column"),
        ("sites.nothing", "unknown_question"),
        ("sites.name", "not_a_number"),
        ("nothing.persons", "unknown_question"),
        ("sites.funds + sites.persons", "units_mixed"),
        ("sites.funds.more", "unreadable"),
    ],
)
def test_a_rule_names_the_total_of_a_column(built, national_officer, side, code):
    found = refused(built, national_officer, rules=[rule(side, "le", "100")])
    assert ("/rules/0/left", code) in found


NUMBERS = [
    {
        "code": "main",
        "name_zh": "数据",
        "questions": [
            {"code": code, "kind": "number", "name_zh": code, "unit_zh": "人", **more}
            for code, more in [("a", {}), ("b", {}), ("c", {"minimum": 10}), ("d", {"maximum": 5})]
        ],
    }
]


@pytest.mark.parametrize(
    "rules",
    [
        [("a", "lt", "b"), ("b", "lt", "c"), ("c", "lt", "a")],
        [("a", "lt", "b"), ("b", "le", "c"), ("c", "le", "a")],
        [("a", "le", "b - 1"), ("b", "le", "a")],
        [("a", "ge", "c"), ("b", "ge", "a"), ("d", "ge", "b")],
        [("a", "eq", "b"), ("b", "eq", "c"), ("a", "gt", "c")],
    ],
)
def test_rules_that_refer_in_a_circle_are_refused(built, national_officer, rules):
    found = refused(built, national_officer, NUMBERS, [rule(*each) for each in rules])
    last = len(rules) - 1
    assert {pointer for pointer, _code in found} == {f"/rules/{last}/right"}
    assert {code for _pointer, code in found} <= {"circle", "contradicts"}


@pytest.mark.parametrize(
    "rules",
    [
        [("a", "le", "b"), ("b", "le", "c"), ("c", "le", "a")],
        [("a", "lt", "b"), ("b", "lt", "c")],
        [("a", "eq", "b"), ("b", "eq", "a + 0"), ("a", "le", "2 * b")],
    ],
)
def test_rules_that_can_hold_are_kept(built, national_officer, rules):
    saved = save(built, national_officer, NUMBERS, [rule(*each) for each in rules])
    assert len(saved.rules) == len(rules)


def test_a_soft_rule_may_contradict(built, national_officer):
    soft = {**rule("b", "lt", "a"), "level": "soft"}
    save(built, national_officer, NUMBERS, [rule("a", "lt", "b"), soft])


# --- The next version -------------------------------------------------------------------------------
@pytest.fixture
def next_version(reference, national_officer):
    form = published(national_officer)
    form.refresh_from_db()
    building.begin_version(form, by=national_officer, version=form.version)
    return Form.objects.get(code="kinds").versions.get(is_draft=True)


@pytest.mark.parametrize(
    ("change", "rest"),
    [
        (changed("services", kind="text", rows=[], columns=[]), "code"),
        (changed("total", unit_zh="元"), "code"),
        (with_column(2, unit_zh="元"), "code"),
        (with_column(3, kind="text", options=[]), "code"),
    ],
)
def test_what_was_published_keeps_its_kind(next_version, national_officer, change, rest):
    sections, at = change
    found = refused(next_version, national_officer, sections)
    assert (f"{at}/{rest}", "code_means_another") in found


def test_money_was_asked_for_as_a_number_before(next_version, national_officer):
    sections, _at = changed("total", kind="number")
    save(next_version, national_officer, sections)


def test_what_was_not_published_changes_its_kind(next_version, national_officer, client_for):
    sections = copy.deepcopy(SECTIONS)
    sections[0]["questions"].append({"code": "fresh", "kind": "text", "name_zh": "新题"})
    draft = save(next_version, national_officer, sections)
    client = client_for(national_officer)
    page = "/w/forms/kinds/versions/2/questions/fresh/?kind=number"
    assert "更改题型" in client.get(page).content.decode()
    given = {"version": draft.version, "section": "main", "code": "fresh", "name_zh": "新题"}
    assert client.post(page, {**given, "unit_zh": "个", "decimals": "0"}).status_code == 302
    draft.refresh_from_db()
    asked = document_of(draft)["sections"][0]["questions"][-1]
    assert (asked["kind"], asked["unit_zh"]) == ("number", "个")
    stays = client.get("/w/forms/kinds/versions/2/questions/total/").content.decode()
    assert "更改题型" not in stays
    assert "题型不能更改" in stays
    forced = client.post(
        "/w/forms/kinds/versions/2/questions/evidence/?kind=text",
        {**given, "version": draft.version, "code": "evidence", "max_length": "100"},
    )
    assert forced.status_code == 422
    assert "题型或单位与此不同" in forced.content.decode()
    assert client.get(page.replace("number", "riddle")).status_code == 404


def test_an_indicator_of_a_column_keeps_what_it_counts(next_version, national_officer):
    indicator = Indicator.objects.get(code="workers_served")
    with pytest.raises(Invalid):
        building.change_indicator(
            indicator, by=national_officer, version=indicator.version, unit_zh="人次"
        )
    building.change_indicator(
        indicator, by=national_officer, version=indicator.version, unit_zh="万人"
    )
    next_version.refresh_from_db()
    table = document_of(next_version)["sections"][0]["questions"][1]
    assert table["columns"][1]["unit_zh"] == "万人"


# --- The builder's pages ----------------------------------------------------------------------------
def test_a_table_is_built_on_its_page(built, national_officer, client_for):
    client = client_for(national_officer)
    base = "/w/forms/survey/versions/1/"
    client.post(base + "sections/new/", {"version": 1, "code": "main", "name_zh": "主要情况"})
    given = {
        "version": 2,
        "section": "main",
        "code": "sites",
        "name_zh": "基地明细",
        "required": "on",
        "min_rows": "1",
        "max_rows": "20",
        "column_0_place": "2",
        "column_0_code": "persons",
        "column_0_name_zh": "人数",
        "column_0_kind": "number",
        "column_0_unit_zh": "人",
        "column_0_minimum": "0",
        "column_1_place": "1",
        "column_1_code": "name",
        "column_1_name_zh": "名称",
        "column_1_kind": "text",
        "column_1_required": "on",
        "column_2_code": "",
        "column_2_name_zh": "",
        "column_2_kind": "text",
    }
    page = base + "questions/new/?kind=table&section=main"
    wrong = client.post(page, {**given, "column_0_code": "Persons"})
    html = wrong.content.decode()
    assert wrong.status_code == 422
    at = html.index('id="id_column_0_code_field"')
    assert at < html.index("请填写代码", at) < html.index('id="id_column_0_name_zh_field"')
    assert 'value="Persons"' in html
    assert client.post(page, given).status_code == 302
    built.refresh_from_db()
    [table] = document_of(built)["sections"][0]["questions"]
    assert [each["code"] for each in table["columns"]] == ["name", "persons"]
    assert "名称；人数" in client.get(base).content.decode()
    again = client.get(base + "questions/sites/").content.decode()
    assert 'value="persons"' in again
    rule_page = client.get(base + "rules/new/").content.decode()
    assert "sites.persons" in rule_page
