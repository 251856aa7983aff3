"""Conditions and rules of a form where reports are filled in, checked and submitted."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from platform_site.problems import Invalid
from platform_site.questionnaires import building
from platform_site.questionnaires.models import Figure, Form, Indicator
from platform_site.questionnaires.queries import findings_of
from platform_site.questionnaires.services import open_sheet
from reports import services
from reports.models import Notice
from reports.queries import progress_of

pytestmark = pytest.mark.django_db

SECTIONS = [
    {
        "code": "basics",
        "name_zh": "基本情况",
        "questions": [
            {"code": "started", "kind": "yes_no", "name_zh": "是否已启动"},
            {
                "code": "why_not",
                "kind": "text",
                "name_zh": "未启动原因",
                "shown_if_question": "started",
                "shown_if_answer": "no",
            },
        ],
    },
    {
        "code": "figures",
        "name_zh": "数据",
        "questions": [
            {"code": "total", "kind": "number", "name_zh": "合计", "unit_zh": "人"},
            {"code": "men", "kind": "number", "name_zh": "男职工", "unit_zh": "人"},
            {"code": "women", "kind": "number", "name_zh": "女职工", "unit_zh": "人"},
            {
                "code": "workers",
                "kind": "number",
                "name_zh": "服务职工人数",
                "unit_zh": "人",
                "indicator": "workers_served",
                "doubt_change": 50,
                "shown_if_question": "started",
                "shown_if_answer": "yes",
            },
        ],
    },
]
ADDS_UP = {
    "left": "total",
    "comparison": "eq",
    "right": "men + women",
    "level": "hard",
    "message_zh": "男女职工之和应等于合计。",
}
MORE_WOMEN = {
    "left": "women",
    "comparison": "ge",
    "right": "men",
    "level": "soft",
    "message_zh": "女职工少于男职工，请说明。",
}


@pytest.fixture
def report(the_day, draft, national_leader, national_officer, guangdong_officer, guangdong):
    form = building.make_form(
        by=national_officer, code="survey", name_zh="摸底表", purpose="progress"
    )
    version = building.save_draft(
        form.versions.get(),
        by=national_officer,
        version=1,
        sections=SECTIONS,
        rules=[ADDS_UP, MORE_WOMEN],
    )
    building.publish_version(version, by=national_officer, version=version.version)
    notice: Notice = draft(asks="progress", form=form, recipients=[guangdong])
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    services.issue_notice(notice, by=national_officer, version=notice.version)
    owed = notice.request.rounds.get().obligations.get()
    who = {"leader_name": "梁粤领", "department": "联络部"}
    owed = services.sign_for(owed, by=guangdong_officer, version=owed.version, **who)
    return services.start_report(owed, by=guangdong_officer)


@pytest.fixture
def fill(report, guangdong_officer):
    def save(**answers):
        report.refresh_from_db()
        saved = services.save_report(
            report, by=guangdong_officer, version=report.version, answers=answers, strict=True
        )
        return saved.report

    return save


def found(report):
    return [(each.question, each.code, each.level) for each in findings_of(report.sheet)]


def signed(report, by):
    return services.sign_off_report(
        report, by=by, version=report.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )


GOOD = {"started": "no", "why_not": "正在准备。", "total": "30", "men": "10", "women": "20"}


def test_what_is_not_asked_is_not_missed(report, fill):
    codes = [code for code, _code, _level in found(report)]
    assert codes == ["started", "total", "men", "women"]  # neither why_not nor workers
    fill(started="yes")
    assert [code for code, _code, _level in found(report)] == ["total", "men", "women", "workers"]


def test_what_is_not_asked_keeps_nobody_from_submitting(report, fill, guangdong_officer):
    """Its answer is kept while the report is filled in, and neither filed nor counted."""
    fill(started="yes", workers="99")
    ready = signed(fill(**GOOD), guangdong_officer)
    filed = services.submit_report(ready, by=guangdong_officer, version=ready.version)
    asked = [
        question["code"]
        for section in filed.versions.get().content["sections"]
        for question in section["questions"]
    ]
    assert asked == ["started", "why_not", "total", "men", "women"]


def test_no_figure_comes_of_what_is_not_asked(report, fill, guangdong_officer, national_officer):
    fill(started="yes", workers="99")
    ready = signed(fill(**GOOD), guangdong_officer)
    filed = services.submit_report(ready, by=guangdong_officer, version=ready.version)
    services.accept_report(filed, by=national_officer, version=filed.version)
    assert not Figure.objects.exists()


def test_a_hard_rule_blocks(report, fill, guangdong_officer):
    ready = signed(fill(**{**GOOD, "women": "21"}), guangdong_officer)
    assert ("total", "rule", "hard") in found(ready)
    with pytest.raises(Invalid) as refused:
        services.submit_report(ready, by=guangdong_officer, version=ready.version)
    assert [(each.pointer, each.message) for each in refused.value.fields] == [
        ("/answers/total", "男女职工之和应等于合计。")
    ]


def test_a_soft_rule_asks_for_an_explanation(report, fill, guangdong_officer):
    ready = signed(fill(**{**GOOD, "men": "20", "women": "10"}), guangdong_officer)
    with pytest.raises(Invalid) as refused:
        services.submit_report(ready, by=guangdong_officer, version=ready.version)
    assert [each.pointer for each in refused.value.fields] == ["/answers/women", "/explanation"]
    filed = services.submit_report(
        ready, by=guangdong_officer, version=ready.version, explanation="本地企业以男职工为主。"
    )
    [doubt] = filed.versions.get().doubts
    assert (doubt["question"], doubt["code"]) == ("women", "rule")


def test_an_open_answer_is_no_zero_to_a_rule(report, fill):
    fill(started="no", why_not="正在准备。", total="30", men="10")
    assert found(report) == [("women", "required", "hard")]


@pytest.mark.parametrize(
    ("before", "now", "asks"),
    [(100, 150, False), (100, 151, True), (100, 49, True), (0, 1, True), (0, 0, False)],
)
def test_a_change_against_the_last_period(report, fill, guangdong, before, now, asks):
    indicator = Indicator.objects.get(code="workers_served")
    for start, number in ((dt.date(2026, 1, 1), 7000), (dt.date(2026, 4, 1), before)):
        sheet = open_sheet(report.sheet.form_version, federation=guangdong, period_start=start)
        Figure.objects.create(
            sheet=sheet,
            federation=guangdong,
            indicator=indicator,
            period_start=start,
            number=Decimal(number),
        )
    fill(**{**GOOD, "started": "yes"}, workers=str(now))
    assert (("workers", "changed", "soft") in found(report)) is asks


def test_the_task_list_counts_what_is_asked(report, fill):
    from platform_site.questionnaires.queries import answers_of, questions_of

    fill(started="yes")
    questions, answers = questions_of(report.sheet.form_version), answers_of(report.sheet)
    basics, figures = progress_of(questions, answers, findings_of(report.sheet))
    assert (basics.total, basics.state, figures.total) == (1, "done", 4)


# --- Pages and API --------------------------------------------------------------------------------
def test_the_message_stands_beside_its_field(report, fill, client_for, guangdong_officer):
    fill(**{**GOOD, "women": "21"})
    client = client_for(guangdong_officer)
    html = client.get(f"/w/reports/{report.pk}/fill/figures/").content.decode()
    assert html.count("男女职工之和应等于合计。") == 1
    field = html.index('id="id_answer-total_field"')
    assert field < html.index("男女职工之和应等于合计。") < html.index('id="id_answer-men_field"')
    assert "服务职工人数" not in html  # decided in the section before: not asked
    assert "条规则不符合" in client.get(f"/w/reports/{report.pk}/fill/").content.decode()
    assert (
        "男女职工之和应等于合计。" in client.get(f"/w/reports/{report.pk}/submit/").content.decode()
    )


def test_a_question_that_hangs_on_the_same_page(report, client_for, guangdong_officer):
    """There without a script, with the words of its condition."""
    html = (
        client_for(guangdong_officer).get(f"/w/reports/{report.pk}/fill/basics/").content.decode()
    )
    assert "仅在“是否已启动”填“否”时填写。" in html
    assert 'data-asked-if="started" data-asked-answer="no"' in html


def test_what_is_unreadable_and_not_asked_holds_nobody_up(
    report, fill, client_for, guangdong_officer
):
    fill(started="yes")
    client = client_for(guangdong_officer)
    report.refresh_from_db()
    address = f"/w/reports/{report.pk}/fill/figures/"
    client.post(address, {"version": report.version, "answer-workers": "很多"})
    fill(started="no")
    assert ("workers", "not_a_number", "hard") not in found(report)
    report.refresh_from_db()
    assert client.post(address, {"version": report.version}).status_code == 302


def test_a_program_is_told_too(report, fill, api_for, guangdong_officer):
    fill(**{**GOOD, "women": "21"})
    api = api_for(guangdong_officer)
    told = api.get(f"/api/v1/reports/{report.pk}/findings/").json()
    assert ("/answers/total", "rule") in [
        (each["pointer"], each["code"]) for each in told["blocking"]
    ]


# --- The builder's pages --------------------------------------------------------------------------
@pytest.fixture
def builder(reference, client_for, national_officer):
    return client_for(national_officer)


def test_a_form_is_built_on_pages_alone(builder):
    made = builder.post(
        "/w/forms/new/", {"code": "quarterly", "name_zh": "季度表", "purpose": "progress"}
    )
    base = "/w/forms/quarterly/versions/1/"
    assert made["Location"] == base
    builder.post(base + "sections/new/", {"version": 1, "code": "main", "name_zh": "主要情况"})
    questions = [
        ("yes_no", {"code": "has", "name_zh": "有无"}),
        (
            "money",
            {
                "code": "funds",
                "name_zh": "资金",
                "unit_zh": "万元",
                "decimals": "2",
                "minimum": "0",
            },
        ),
        ("number", {"code": "parts", "name_zh": "分项", "unit_zh": "万元", "decimals": "2"}),
        ("choice", {"code": "way", "name_zh": "方式", "options": "a | 甲\nb | 乙 | B"}),
        ("text", {"code": "why", "name_zh": "说明", "max_length": "300", "shown_if": "has=yes"}),
    ]
    for version, (kind, fields) in enumerate(questions, 2):
        given = {"version": version, "section": "main", "required": "on", **fields}
        answer = builder.post(f"{base}questions/new/?kind={kind}", given)
        assert answer.status_code == 302, answer.content.decode()
    rule = {
        "version": 7,
        "left": "parts",
        "comparison": "le",
        "right": "funds",
        "level": "hard",
        "message_zh": "分项不应超过资金。",
    }
    assert builder.post(base + "rules/new/", rule).status_code == 302
    html = builder.get(base).content.decode()
    for words in ("金额 · 万元", "仅在“有无”填“是”时填写。", "“分项” ≤ “资金”"):
        assert words in html
    # The condition looks back: its question cannot move behind the one that hangs on it.
    builder.post(base + "questions/why/move/", {"version": 8, "way": "up"})
    version = 9
    for _step in range(2):
        builder.post(base + "questions/why/move/", {"version": version, "way": "up"})
        version += 1
    refused = builder.post(base + "questions/why/move/", {"version": version, "way": "up"})
    assert refused.status_code == 422
    assert "后者应排在前面" in refused.content.decode()
    refused = builder.post(base + "questions/has/remove/", {"version": version})
    assert refused.status_code == 422
    assert "“说明”所依据的题目“has”不在本版中" in refused.content.decode()
    assert "季度表" in builder.get(f"{base}preview/").content.decode()
    builder.post(base + "publish/", {"version": version})
    assert Form.objects.get(code="quarterly").current().number == 1
    html = builder.get(base).content.decode()
    assert "本版不再变更" in html
    assert "编制下一版" in html
    assert builder.get(base + "questions/has/").status_code == 409
    form = Form.objects.get(code="quarterly")
    begun = builder.post("/w/forms/quarterly/begin-version/", {"version": form.version})
    assert begun["Location"] == "/w/forms/quarterly/versions/2/"


def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(builder, report):
    form = Form.objects.get(code="survey")
    builder.post("/w/forms/survey/begin-version/", {"version": form.version})
    base = "/w/forms/survey/versions/2/"
    given = {
        "version": 1,
        "left": "men + nobody",
        "comparison": "eq",
        "right": "total",
        "level": "hard",
        "message_zh": "不符",
    }
    refused = builder.post(base + "rules/new/", given)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert 'value="men + nobody"' in html
    told = html.index("规则中的题目“nobody”不在本版中", html.index('id="id_left_field"'))
    assert told < html.index('id="id_comparison_field"')


def test_the_list_names_versions_and_where_they_are_used(builder, report):
    html = builder.get("/w/forms/").content.decode()
    assert "摸底表" in html
    assert report.notice.title in html
    assert report.notice.title in builder.get("/w/forms/survey/").content.decode()


def test_the_preview_shows_every_section_and_saves_nothing(builder, report):
    html = builder.get("/w/forms/survey/versions/1/preview/?section=figures").content.decode()
    assert "仅在“是否已启动”填“是”时填写。" in html
    assert "<form" not in html[html.index("<main") : html.index("</main")]


def test_the_catalogue_on_its_pages(builder):
    given = {
        "code": "volunteers",
        "name_zh": "志愿者人数",
        "name_en": "Volunteers",
        "unit_zh": "人",
        "unit_en": "persons",
        "measure": "period",
        "adds_up": "sum",
    }
    assert builder.post("/w/indicators/new/", given).status_code == 302
    assert builder.post("/w/indicators/new/", given).status_code == 422
    assert "志愿者人数" in builder.get("/w/indicators/?q=志愿者").content.decode()
    del given["code"]
    changed = {**given, "unit_zh": "人次", "version": "1"}
    assert builder.post("/w/indicators/volunteers/", changed).status_code == 302
    assert Indicator.objects.get(code="volunteers").unit_zh == "人次"


# --- The API --------------------------------------------------------------------------------------
def test_a_form_is_built_by_a_program(reference, api_for, national_officer):
    api = api_for(national_officer)
    body = {"code": "monthly", "name_zh": "月报表", "purpose": "progress"}
    made = api.post("/api/v1/forms/", body, content_type="application/json")
    assert (made.status_code, made.json()["draft_version"]) == (201, 1)
    address = "/api/v1/forms/monthly/versions/1/"
    tag = api.get(address)["ETag"]

    def send(method, address, body, tag):
        return getattr(api, method)(
            address, json.dumps(body), content_type="application/json", headers={"if-match": tag}
        )

    wrong = {"sections": SECTIONS, "rules": [{**ADDS_UP, "left": "nobody"}]}
    refused = send("put", address, wrong, tag)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/rules/0/left"]
    kept = send("put", address, {"sections": SECTIONS, "rules": [ADDS_UP]}, tag)
    assert (kept.status_code, kept.json()["steps"]) == (200, ["publish"])
    # What is read can be sent as it is.
    again = {name: kept.json()[name] for name in ("sections", "rules")}
    kept = send("put", address, again, kept["ETag"])
    assert kept.status_code == 200, kept.content.decode()
    assert send("put", address, again, tag).status_code == 412
    published = send("post", address + "publish/", {}, kept["ETag"])
    assert published.json()["is_draft"] is False
    assert send("put", address, again, published["ETag"]).status_code == 409
    form = api.get("/api/v1/forms/monthly/")
    assert form.json()["current_version"] == 1
    begun = send("post", "/api/v1/forms/monthly/begin-version/", {}, form["ETag"])
    assert begun.json()["draft_version"] == 2
    second = "/api/v1/forms/monthly/versions/2/"
    assert api.get(second).json()["sections"] == published.json()["sections"]
    gone = api.delete(second, headers={"if-match": api.get(second)["ETag"]})
    assert gone.status_code == 204
