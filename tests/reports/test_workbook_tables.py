"""Tables, money, several choices and conditions in the workbook of a report."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.questionnaires.queries import answers_of
from reports import services
from tests.kinds import published
from tests.workbooks import put, row_of, saved

pytestmark = pytest.mark.django_db
#: Lines of a table begin here; the columns after the hidden code and the label of the line.
FIRST, NAME, PERSONS, FUNDS, WAY, SINCE, UNION, NOTE = 7, 3, 4, 5, 6, 7, 8, 9


@pytest.fixture
def report(the_day, draft, national_leader, national_officer, guangdong_officer, guangdong):
    form = published(national_officer)
    notice = draft(asks="progress", form=form, recipients=[guangdong])
    notice = services.approve_notice(notice, by=national_leader, version=notice.version)
    services.issue_notice(notice, by=national_officer, version=notice.version)
    owed = notice.request.rounds.get().obligations.get()
    who = {"leader_name": "梁粤领", "department": "联络部"}
    owed = services.sign_for(owed, by=guangdong_officer, version=owed.version, **who)
    report = services.start_report(owed, by=guangdong_officer)
    sites = [
        {"name": "东区", "persons": "120", "funds": "1200.5", "way": "own", "since": "2026-09-01"},
        {"name": "西区", "union": False},
    ]
    return services.save_report(
        report,
        by=guangdong_officer,
        version=report.version,
        answers={"started": True, "sites": sites, "ways": ["survey", "joint"]},
        strict=True,
    ).report


@pytest.fixture
def province(client_for, guangdong_officer):
    return client_for(guangdong_officer)


def at(report, rest=""):
    return f"/w/reports/{report.pk}/workbook/{rest}"


def taken(client, report):
    answer = client.get(at(report, "download/"))
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def send(client, report, book):
    content = book if isinstance(book, bytes) else saved(book)
    return client.post(at(report), {"file": SimpleUploadedFile("表.xlsx", content)})


def sealed(answer):
    return re.search(r'name="sealed" value="([^"]+)"', answer.content.decode())[1]


def take_in(client, report, book):
    preview = send(client, report, book)
    assert preview.status_code == 200, preview.content.decode()
    return client.post(at(report, "take-in/"), {"sealed": sealed(preview)})


def values(report):
    return {code: answer.value for code, answer in answers_of(report.sheet).items()}


def test_a_table_has_a_sheet_of_its_own(province, report):
    book = taken(province, report)
    assert book.sheetnames[1:3] == ["表1", "表2"]
    sites, services_ = book["表1"], book["表2"]
    assert sites.sheet_state == "visible"
    assert sites.protection.sheet
    assert [sites.cell(FIRST, column).value for column in (NAME, PERSONS, FUNDS, WAY)] == [
        "东区", 120, 1200.5, "自办",
    ]  # fmt: skip
    assert sites.cell(FIRST, FUNDS).number_format == "#,##0.00"
    assert sites.cell(FIRST + 1, UNION).value == "否"
    assert [services_.cell(row, 2).value for row in (FIRST, FIRST + 1)] == ["法律服务", "心理关爱"]
    unlocked = {cell.row for line in sites for cell in line if not cell.protection.locked}
    assert unlocked == set(range(FIRST, FIRST + 4)), "as many lines as the table may have"
    assert {each.type for each in sites.data_validations.dataValidation} >= {"list", "date"}
    first = book.worksheets[0]
    words = {cell.value for line in first for cell in line}
    assert {"见工作表“表1”", "请在网页上添加文件，表格文件中不能附文件。"} <= words
    assert first.cell(row_of(book, "ways"), 4).value == "摸底调查；联席会商"


def test_untouched_it_changes_nothing(province, report):
    preview = send(province, report, taken(province, report))
    assert preview.status_code == 200
    assert (
        "表格没有需要更新的内容" in preview.content.decode()
        or "form--wide" in preview.content.decode()
    )
    assert "确认导入" not in preview.content.decode()


def test_there_and_back(province, report):
    book = taken(province, report)
    sites = book["表1"]
    sites.cell(FIRST, PERSONS).value = 150
    sites.cell(FIRST + 2, NAME).value = "南区"
    sites.cell(FIRST + 2, WAY).value = "购买"
    sites.cell(FIRST + 2, UNION).value = "是"
    book["表2"].cell(FIRST + 1, 3).value = 7
    put(book, "ways", "培训交流、摸底调查")
    put(book, "total", 3000.25)
    preview = send(province, report, book)
    html = preview.content.decode()
    assert "第3行 名称 南区" in html
    assert "培训交流" in html
    province.post(at(report, "take-in/"), {"sealed": sealed(preview)})
    now = values(report)
    assert now["sites"][0]["persons"] == "150"
    assert now["sites"][1] == {"name": "西区", "union": False}
    assert now["sites"][2] == {"name": "南区", "way": "bought", "union": True}
    assert now["services"] == {"care": {"projects": "7"}}
    assert (now["ways"], now["total"]) == (["survey", "training"], "3000.25")


def test_a_line_that_is_emptied_is_gone(province, report):
    book = taken(province, report)
    for column in (NAME, PERSONS, FUNDS, WAY, SINCE, UNION):
        book["表1"].cell(FIRST, column).value = None
    assert take_in(province, report, book).status_code == 302
    assert values(report)["sites"] == [{"name": "西区", "union": False}]


def test_errors_are_told_by_cell_and_come_back_marked(province, report):
    book = taken(province, report)
    book["表1"].cell(FIRST, PERSONS).value = "很多"
    book["表1"].cell(FIRST + 1, SINCE).value = "去年"
    answer = send(province, report, book)
    html = answer.content.decode()
    assert answer.status_code == 422
    for place in (f"表1!D{FIRST}", f"表1!G{FIRST + 1}"):
        assert place in html
    marked = province.post(at(report, "marked/"), {"sealed": sealed(answer)})
    again = openpyxl.load_workbook(io.BytesIO(b"".join(marked.streaming_content)))
    sites = again["表1"]
    assert sites.cell(FIRST, PERSONS).value == "很多"
    assert "请只填数字" in sites.cell(FIRST, NOTE).value
    assert "请填写日期" in sites.cell(FIRST + 1, NOTE).value
    assert sites.cell(FIRST, PERSONS).fill.fgColor.rgb != sites.cell(FIRST, NAME).fill.fgColor.rgb
    assert values(report)["sites"][0]["persons"] == "120"
    sites.cell(FIRST, PERSONS).value = 130
    sites.cell(FIRST + 1, SINCE).value = "2026-09-02"
    assert take_in(province, report, again).status_code == 302
    assert values(report)["sites"][1]["since"] == "2026-09-02"


def test_a_program_is_told_the_cell(report, api_for, guangdong_officer, province):
    book = taken(province, report)
    book["表1"].cell(FIRST, PERSONS).value = "很多"
    told = api_for(guangdong_officer).post(
        f"/api/v1/reports/{report.pk}/take-in-workbook/",
        {"file": SimpleUploadedFile("表.xlsx", saved(book))},
    )
    assert told.status_code == 422
    assert [each["pointer"] for each in told.json()["errors"]] == ["/answers/sites/0/persons"]


def test_more_lines_than_the_table_has(province, report):
    book = taken(province, report)
    for row in range(FIRST, FIRST + 9):
        book["表1"].cell(row, NAME).value = f"基地{row}"
    answer = send(province, report, book)
    assert answer.status_code == 422
    assert "最多4行，现有9行" in answer.content.decode()
    marked = province.post(at(report, "marked/"), {"sealed": sealed(answer)})
    again = openpyxl.load_workbook(io.BytesIO(b"".join(marked.streaming_content)))
    assert again["表1"].cell(FIRST + 8, NAME).value == f"基地{FIRST + 8}", "nothing typed is lost"


@pytest.mark.parametrize(
    "change", ["column", "heading", "gone", "row", "twice", "line", "code", "another"]
)
def test_a_table_that_was_built_anew(province, report, change):
    book = taken(province, report)
    sites, fixed = book["表1"], book["表2"]
    fixed.cell(FIRST, 3).value = 1
    match change:
        case "column":
            sites.insert_cols(NAME)
        case "heading":
            sites.cell(4, NAME).value = "persons"
        case "gone":
            del book["表1"]
        case "row":
            fixed.cell(FIRST, 1).value = "other"
        case "twice":
            fixed.cell(FIRST + 1, 1).value = "legal"
            fixed.cell(FIRST + 1, 3).value = 2
        case "line":
            fixed.cell(FIRST + 5, 3).value = 2
        case "code":
            sites.cell(1, 2).value = "ways"
        case "another":
            book.copy_worksheet(sites)
    assert send(province, report, book).status_code == 422
    assert "services" not in values(report)


def test_formulas_are_not_followed(province, report):
    book = taken(province, report)
    book["表1"].cell(FIRST + 2, NAME).value = '=HYPERLINK("http://evil.example","x")'
    answer = send(province, report, book)
    assert answer.status_code == 200
    assert "evil" not in answer.content.decode()


def test_the_only_formulas_are_our_totals(province, report, guangdong_officer):
    services.save_report(
        report,
        by=guangdong_officer,
        version=report.version,
        answers={"sites": [{"name": "=1+1"}], "ways": None},
        strict=True,
    )
    book = taken(province, report)
    formulas = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for line in sheet
        for cell in line
        if cell.data_type == "f"
    }
    assert formulas == {("表1", "D6"), ("表1", "E6"), ("表2", "C6")}


# --- Conditions -------------------------------------------------------------------------------------
def test_what_is_not_asked_is_not_marked_required(province, report, guangdong_officer):
    book = taken(province, report)
    sheet = book.worksheets[0]
    row = row_of(book, "which_training")
    assert sheet.cell(row, 3).value == "培训内容"
    assert "仅在“工作方式”填“培训交流”时填写。" in sheet.cell(row, 7).value
    services.save_report(
        report,
        by=guangdong_officer,
        version=report.version,
        answers={"ways": ["training"]},
        strict=True,
    )
    book = taken(province, report)
    assert book.worksheets[0].cell(row, 3).value == "培训内容 *"


def test_an_answer_to_what_is_not_asked_is_told(province, report, api_for, guangdong_officer):
    book = taken(province, report)
    put(book, "which_training", "财务培训")
    preview = send(province, report, book)
    assert "本题无需填写" in preview.content.decode()
    told = api_for(guangdong_officer).post(
        f"/api/v1/reports/{report.pk}/take-in-workbook/",
        {"file": SimpleUploadedFile("表.xlsx", saved(book)), "dry_run": "true"},
    )
    assert [each["asked"] for each in told.json()["changes"]] == [False]
    put(book, "ways", "培训交流")
    preview = send(province, report, book)
    assert "本题无需填写" not in preview.content.decode(), "asked by what the workbook itself says"
