"""Money, tables, several choices and files: filled in, checked, submitted, compared, followed."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.attachments.models import Attachment
from platform_site.problems import Invalid
from platform_site.questionnaires.models import Figure
from platform_site.questionnaires.queries import answers_of, findings_of
from reports import services
from reports.queries.summaries import summary_content
from tests.kinds import published

pytestmark = pytest.mark.django_db

SITES = [
    {"name": "东区", "persons": "120", "funds": "1200.5", "way": "own", "since": "2026-09-01"},
    {"name": "西区", "persons": "30", "union": True},
]
GOOD = {"started": True, "sites": SITES, "total": "2000"}


@pytest.fixture
def report(the_day, draft, national_leader, national_officer, guangdong_officer, guangdong):
    form = published(national_officer)
    notice = draft(asks="progress", form=form, recipients=[guangdong])
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
        return services.save_report(
            report, by=guangdong_officer, version=report.version, answers=answers, strict=True
        ).report

    return save


@pytest.fixture
def province(client_for, guangdong_officer):
    return client_for(guangdong_officer)


def values(report):
    return {code: answer.value for code, answer in answers_of(report.sheet).items()}


def found(report):
    return [(each.question, each.code) for each in findings_of(report.sheet)]


def page_of(report):
    return f"/w/reports/{report.pk}/fill/main/"


def send(client, report, answers, version=None):
    report.refresh_from_db()
    return client.post(
        f"/w/reports/{report.pk}/answers/",
        json.dumps({"answers": answers, "version": version or report.version}),
        content_type="application/json",
        headers={"accept": "application/json"},
    ).json()


# --- What is kept -----------------------------------------------------------------------------------
def test_the_shapes_that_are_kept(report, fill):
    fill(
        started="yes",
        sites=[
            {"name": " 东区 ", "persons": "１，２００", "funds": "1,200.50", "way": "own"},
            {},
            {"name": "西区", "since": "2026年9月1日", "union": "yes"},
        ],
        services={"care": {"projects": 3}},
        ways=["joint", "survey"],
        total="12,345.60",
    )
    assert values(report) == {
        "started": True,
        "sites": [
            {"name": "东区", "persons": "1200", "funds": "1200.5", "way": "own"},
            {"name": "西区", "since": "2026-09-01", "union": True},
        ],
        "services": {"care": {"projects": "3"}},
        "ways": ["survey", "joint"],
        "total": "12345.6",
    }


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({"sites": [{"name": "一"}, {"persons": "很多"}]}, "/answers/sites/1/persons", "not_a_number"),
        ({"sites": [{"persons": "-1"}]}, "/answers/sites/0/persons", "too_small"),
        ({"sites": [{"funds": "1.234"}]}, "/answers/sites/0/funds", "too_many_decimals"),
        ({"sites": [{"way": "none"}]}, "/answers/sites/0/way", "not_an_option"),
        ({"sites": [{"way": ["own"]}]}, "/answers/sites/0/way", "not_an_option"),
        ({"sites": [{"nothing": "1"}]}, "/answers/sites/0/nothing", "unknown_column"),
        ({"sites": [{"name": "x\u202e"}]}, "/answers/sites/0/name", "hostile_text"),
        ({"sites": [{"name": "字" * 201}]}, "/answers/sites/0/name", "too_long"),
        ({"sites": [{"name": {}}]}, "/answers/sites/0/name", "not_a_text"),
        ({"sites": [{"name": "一"}] * 5}, "/answers/sites", "too_many_rows"),
        ({"sites": {"name": "一"}}, "/answers/sites", "not_a_table"),
        ({"sites": "[" * 5000}, "/answers/sites", "not_a_table"),
        ({"sites": [1]}, "/answers/sites", "not_a_table"),
        ({"sites": 5}, "/answers/sites", "not_a_table"),
        ({"services": [{"projects": "1"}]}, "/answers/services", "not_a_table"),
        ({"services": {"other": {"projects": "1"}}}, "/answers/services/other/", "unknown_row"),
        ({"ways": ["nothing"]}, "/answers/ways", "not_an_option"),
        ({"ways": {"survey": 1}}, "/answers/ways", "not_an_option"),
        ({"ways": [["survey"]]}, "/answers/ways", "not_an_option"),
        ({"evidence": ["x"]}, "/answers/evidence", "unknown_file"),
        ({"evidence": [["x"]]}, "/answers/evidence", "unknown_file"),
        ({"evidence": "x"}, "/answers/evidence", "not_files"),
        ({"evidence": [{}] * 30}, "/answers/evidence", "too_many_files"),
        ({"total": "十万"}, "/answers/total", "not_a_number"),
    ],
)  # fmt: skip
def test_what_a_program_sends_wrong(report, api_for, guangdong_officer, answers, pointer, code):
    api = api_for(guangdong_officer)
    told = api.patch(
        f"/api/v1/reports/{report.pk}/",
        json.dumps({"answers": answers}),
        content_type="application/json",
        headers={"if-match": f'"v{report.version}"'},
    )
    assert told.status_code == 422, told.content
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in told.json()["errors"]]
    assert values(report) == {}


def test_a_program_files_what_it_reads(report, fill, api_for, guangdong_officer):
    fill(**GOOD, services={"legal": {"projects": "2"}}, ways=["survey"])
    api = api_for(guangdong_officer)
    seen = api.get(f"/api/v1/reports/{report.pk}/")
    answers = seen.json()["answers"]
    again = api.patch(
        f"/api/v1/reports/{report.pk}/",
        json.dumps({"answers": answers}),
        content_type="application/json",
        headers={"if-match": seen["ETag"]},
    )
    assert again.status_code == 200
    assert again["ETag"] == seen["ETag"], "nothing was changed"
    form = api.get("/api/v1/forms/kinds/").json()
    [table] = [each for each in form["sections"][0]["questions"] if each["code"] == "sites"]
    assert [each["code"] for each in table["columns"]][:2] == ["name", "persons"]
    assert (table["min_rows"], table["max_rows"]) == (1, 4)


# --- Pages ------------------------------------------------------------------------------------------
def test_the_page_has_every_kind(report, fill, province):
    fill(**GOOD, ways=["survey"])
    html = province.get(page_of(report)).content.decode()
    for words in ("基地明细", "服务分类", "法律服务", "经费 ", "2,000.00 万元", "1,200.50", "150"):
        assert words in html
    assert 'name="cell-sites-1-name" value="西区"' in html
    assert 'name="cell-services-legal-projects"' in html
    assert 'value="survey" data-many="" id="id_answer-ways_0" checked' in html


CELLS = {
    "rows-sites": "3",
    "cell-sites-0-name": "东区",
    "cell-sites-0-persons": "120",
    "cell-sites-2-name": "西区",
    "cell-sites-2-way": "own",
    "rows-services": "2",
    "cell-services-care-projects": "4",
    "was-ways": "x",
    "answer-ways": ["survey", "joint"],
    "answer-started": "yes",
    "answer-total": "3,000",
}


def test_without_a_script_the_cells_are_sent(report, province):
    answer = province.post(page_of(report), {"version": report.version, "stay": "1", **CELLS})
    assert answer.status_code == 302
    assert values(report) == {
        "sites": [{"name": "东区", "persons": "120"}, {"name": "西区", "way": "own"}],
        "services": {"care": {"projects": "4"}},
        "ways": ["survey", "joint"],
        "started": True,
        "total": "3000",
    }


def test_what_cannot_be_read_stays_in_its_cell_beside_its_message(report, province):
    given = {"version": report.version, **CELLS, "cell-sites-2-persons": "很多"}
    html = province.post(page_of(report), given).content.decode()
    for page in (html, province.get(page_of(report)).content.decode()):
        assert 'name="cell-sites-1-persons" value="很多"' in page
        assert 'id="cell-sites-1-persons-error">请只填数字' in page
        assert 'name="cell-sites-0-name" value="东区"' in page
        assert page.count("第2行“人数”：请只填数字") >= 1
    assert values(report)["sites"] is None
    assert ("sites", "not_a_number") in found(report)


def test_autosave_tells_the_cell(report, province):
    table = json.dumps(
        [{"name": "东区"}, {}, {"name": "西区", "persons": "很多"}], ensure_ascii=False
    )
    told = send(province, report, {"sites": table, "ways": ["survey"], "started": "yes"})
    assert list(told["cells"]["sites"]) == ["2/persons"]
    assert "请只填数字" in told["cells"]["sites"]["2/persons"]
    assert told["problems"]["sites"]
    told = send(province, report, {"sites": table.replace("很多", "30")})
    assert (told["problems"], told["cells"]) == ({}, {})
    assert values(report)["sites"] == [{"name": "东区"}, {"name": "西区", "persons": "30"}]
    assert values(report)["ways"] == ["survey"]


@pytest.mark.parametrize("text", ["x", "[", '{"a":1}', "[" * 3000, '[{"name":"\\ud800"}]'])
def test_a_table_that_is_none_is_refused_without_an_error(report, province, text):
    told = send(province, report, {"sites": text})
    assert told["problems"]["sites"]
    assert "sites" not in values(report)
    assert province.get(page_of(report)).status_code == 200


def test_two_people_on_one_table_are_told(report, fill, province, client_for, guangdong_officer):
    version = report.version
    fill(sites=SITES)
    told = send(province, report, {"sites": json.dumps([{"name": "南区"}])}, version=version)
    [conflict] = told["conflicts"]
    assert json.loads(conflict["theirs"])[0]["name"] == "东区"
    assert "名称 南区" in conflict["mine_words"]
    assert "人数 120" in conflict["theirs_words"]
    assert values(report)["sites"] == SITES
    html = province.post(
        page_of(report), {"version": version, "rows-sites": "1", "cell-sites-0-name": "南区"}
    ).content.decode()
    box = html[html.index('id="conflict-sites"') :].split("</section>")[0]
    assert "120" in box
    assert "1200.5" in box


def test_the_table_of_whoever_did_not_touch_it_stays_theirs(report, fill, province):
    html = province.get(page_of(report)).content.decode()
    was = html[html.index('name="was-sites"') :].split('value="')[1].split('"')[0]
    version = report.version
    fill(sites=SITES)
    given = {"version": version, "stay": "1", "rows-sites": "3", "was-sites": was}
    assert province.post(page_of(report), given).status_code == 302
    assert values(report)["sites"] == SITES


# --- Checks -----------------------------------------------------------------------------------------
def test_what_is_missing_in_a_table(report, fill):
    fill(started=True)
    assert found(report) == [("sites", "required")]
    fill(sites=[{"persons": "1"}, {"name": "二"}], services={"legal": {"projects": "1"}})
    assert found(report) == [("sites", "cell_required"), ("services", "cell_required")]
    [first, second] = findings_of(report.sheet)
    assert first.message == "“基地明细”：第1行“名称”：请填写。"
    assert second.message == "“服务分类”：心理关爱“项目数”：请填写。"
    fill(started=False)
    assert ("sites", "cell_required") not in found(report)


def test_a_rule_holds_against_the_total(report, fill):
    fill(**{**GOOD, "total": "1200"})
    assert found(report) == [("sites", "rule")]
    fill(total="1200.5")
    assert found(report) == []
    fill(sites=[{"name": "东区"}])
    assert found(report) == [], "a column without a number is blank, not nought"


def test_a_condition_on_one_of_several_choices(report, fill, province):
    fill(started=False, ways=["survey"])
    assert found(report) == []
    fill(ways=["survey", "training"])
    assert found(report) == [("which_training", "required")]
    html = province.get(page_of(report)).content.decode()
    assert 'data-asked-if="ways" data-asked-answer="training"' in html
    assert "仅在“工作方式”填“培训交流”时填写。" in html


# --- Submitted --------------------------------------------------------------------------------------
def filed(report, by):
    report.refresh_from_db()
    report = services.sign_off_report(
        report, by=by, version=report.version, name="梁粤领", on=dt.date(2026, 9, 14)
    )
    return services.submit_report(report, by=by, version=report.version)


def test_submitted_compared_and_accepted(
    report, fill, guangdong_officer, national_officer, client_for, province
):
    fill(**GOOD, ways=["survey", "joint"])
    report = filed(report, guangdong_officer)
    kept = report.versions.get().content["sections"][0]["questions"]
    table = next(each for each in kept if each["code"] == "sites")
    assert table["value"] == SITES
    assert [each["zh"] for each in table["columns"]][:2] == ["名称", "人数"]
    officer = client_for(national_officer)
    review = officer.get(f"/w/reports/{report.pk}/review/").content.decode()
    for words in ('<th scope="row">1</th>', "1,200.50", "合计", "150", "摸底调查；联席会商"):
        assert words in review
    services.add_comment(report, by=national_officer, question="sites", text="西区经费呢？")
    report.refresh_from_db()
    services.return_report(report, by=national_officer, version=report.version, note="补充")
    fill(sites=[SITES[0], {**SITES[1], "funds": "300"}])
    report.refresh_from_db()
    [comment] = report.versions.get().comments.all()
    services.reply_to_comment(comment, by=guangdong_officer, version=comment.version, text="已补充")
    report = filed(report, guangdong_officer)
    compared = officer.get(f"/w/reports/{report.pk}/compare/?from=1&to=2").content.decode()
    review = officer.get(f"/w/reports/{report.pk}/review/").content.decode()
    for page in (compared, review):
        assert "<ins>300.00</ins>" in page
        assert "<del>1,200.50</del> <ins>1,500.50</ins>" in page, "the total, too"
        assert "<ins>东区" not in page, "what did not change is not marked"
    services.accept_report(report, by=national_officer, version=report.version)
    [figure] = Figure.objects.filter(sheet=report.sheet)
    assert (figure.indicator.code, figure.number) == ("workers_served", Decimal(150))
    summary = services.start_summary(report.notice, by=national_officer)
    [total] = summary_content(summary)["totals"]
    assert (total["indicator"], total["value"]) == ("workers_served", "150")


def test_the_whole_report_is_read_before_submitting(report, fill, province):
    fill(**GOOD)
    html = province.get(f"/w/reports/{report.pk}/submit/").content.decode()
    assert "grid__table--read" in html
    assert "1,200.50" in html


# --- Files ------------------------------------------------------------------------------------------
CONTENT = "试点方案".encode()


def attached(client, report, name="方案.txt", content=CONTENT):
    told = client.post(
        "/w/attachments/upload/",
        {"owner": f"reports.report:{report.pk}", "file": SimpleUploadedFile(name, content)},
        headers={"accept": "application/json"},
    )
    assert told.status_code == 201, told.content
    return told.json()


def test_a_file_is_named_by_its_answer(report, province, fill, guangdong_officer):
    file = attached(province, report)
    told = send(province, report, {"evidence": json.dumps([{"id": file["id"], "x": 1}])})
    assert told["problems"] == {}
    [named] = values(report)["evidence"]
    row = Attachment.objects.get(pk=file["id"])
    assert named == {
        "id": file["id"], "filename": "方案.txt", "size": row.size, "sha256": row.sha256,
    }  # fmt: skip
    html = province.get(page_of(report)).content.decode()
    assert f"/w/attachments/{file['id']}/" in html
    # It is an answer: the list of files does not take it away by itself.
    refused = province.post(
        f"/w/attachments/{file['id']}/remove/", headers={"accept": "application/json"}
    )
    assert refused.status_code == 409
    assert "佐证材料" in refused.json()["detail"]
    fill(started=False)
    report = filed(report, guangdong_officer)
    kept = report.versions.get().content["sections"][0]["questions"]
    assert next(each for each in kept if each["code"] == "evidence")["value"] == [named]
    row.refresh_from_db()
    assert row.frozen


def test_a_file_that_no_answer_names_any_more_leaves_the_report(report, province, fill):
    one, two = attached(province, report), attached(province, report, "照片.txt")
    fill(evidence=[one["id"], two["id"]])
    fill(evidence=[two["id"]])
    assert [str(each.pk) for each in Attachment.objects.of(report)] == [two["id"]]
    fill(evidence=None)
    assert not Attachment.objects.of(report).exists()


def test_a_submitted_file_stays_for_its_version(
    report, province, fill, guangdong_officer, national_officer
):
    file = attached(province, report)
    fill(started=False, evidence=[file["id"]])
    report = filed(report, guangdong_officer)
    services.return_report(report, by=national_officer, version=report.version, note="重传")
    fill(evidence=[])
    row = Attachment.objects.get(pk=file["id"])
    assert row.removed_at is not None
    assert province.get(f"/w/attachments/{file['id']}/").status_code == 200
    assert file["id"] in province.get(f"/w/reports/{report.pk}/versions/1/").content.decode()


def test_without_a_script_files_come_with_the_form(report, province):
    given = {
        "version": report.version,
        "stay": "1",
        "rows-evidence": "0",
        "file-evidence": [
            SimpleUploadedFile("甲.txt", CONTENT),
            SimpleUploadedFile("乙.exe", b"MZ"),
        ],
    }
    html = province.post(page_of(report), given).content.decode()
    assert "乙.exe" in html
    [named] = values(report)["evidence"]
    assert named["filename"] == "甲.txt"
    report.refresh_from_db()
    html = province.get(page_of(report)).content.decode()
    kept = html[html.index('name="answer-evidence"') :].split(">", 1)[1].split("</textarea>")[0]
    given = {
        "version": report.version,
        "stay": "1",
        "rows-evidence": "1",
        "answer-evidence": kept.replace("&quot;", '"'),
    }
    assert province.post(page_of(report), given).status_code == 302
    assert values(report)["evidence"] is None


def test_somebody_elses_file_is_no_answer(report, province, draft_report, fill):
    file = attached(province, draft_report)
    with pytest.raises(Invalid):
        fill(evidence=[file["id"]])


def test_a_required_file_is_asked_for(report, fill):
    question = report.sheet.form_version.sections.get().questions.filter(code="evidence")
    question.update(required=True)
    fill(started=False)
    assert found(report) == [("evidence", "required")]
