"""A report filled in with Excel: out, filled in, back; whole or not at all."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from platform_site.audit.models import Entry
from platform_site.obligations.models import Obligation
from platform_site.questionnaires.queries import answers_of
from reports import services
from tests.factories.accounts import user_with
from tests.workbooks import put, row_of, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def province(client_for, guangdong_officer):
    return client_for(guangdong_officer)


@pytest.fixture
def second_officer(guangdong):
    return user_with("liaison_officer", guangdong, name="陈粤办")


@pytest.fixture
def hunan_report(issued_notice, hunan, hunan_officer):
    owed = Obligation.objects.get(round__request=issued_notice.pk, federation=hunan)
    owed = services.sign_for(
        owed, by=hunan_officer, version=owed.version, leader_name="湘领", department="社会联络部"
    )
    return services.start_report(owed, by=hunan_officer)


def at(report, rest=""):
    return f"/w/reports/{report.pk}/workbook/{rest}"


def taken(client, report):
    answer = client.get(at(report, "download/"))
    assert answer.status_code == 200
    assert "spreadsheetml" in answer["Content-Type"]
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def send(client, report, content, name="方案.xlsx"):
    return client.post(at(report), {"file": SimpleUploadedFile(name, content)})


def sealed(answer):
    return re.search(r'name="sealed" value="([^"]+)"', answer.content.decode())[1]


def values(report):
    return {code: answer.value for code, answer in answers_of(report.sheet).items()}


class TestTheWayThere:
    def test_every_question_has_a_line_and_only_answers_can_be_changed(
        self, province, draft_report
    ):
        book = taken(province, draft_report)
        sheet = book.worksheets[0]
        codes = [sheet.cell(row, 1).value for row in range(5, sheet.max_row + 1)]
        questions = draft_report.sheet.form_version.sections.values_list(
            "questions__code", flat=True
        )
        assert sorted(code for code in codes if code) == sorted(questions)
        assert sheet.protection.sheet
        hidden = sheet.column_dimensions["A"]
        assert (hidden.hidden, hidden.min, hidden.max) == (True, 1, 2)
        unlocked = {
            cell.coordinate for line in sheet for cell in line if not cell.protection.locked
        }
        assert unlocked == {f"D{row_of(book, code)}" for code in codes if code}
        assert [each.sheet_state for each in book.worksheets[1:]] == ["veryHidden"]

    def test_what_can_be_chosen_is_a_list_and_numbers_have_their_bounds(
        self, province, draft_report
    ):
        rules = taken(province, draft_report).worksheets[0].data_validations.dataValidation
        assert {rule.type for rule in rules} >= {"list", "whole"}

    def test_nobody_else_gets_it(self, draft_report, client_for, hunan_officer, national_officer):
        assert client_for(hunan_officer).get(at(draft_report, "download/")).status_code == 404
        for rest in ("", "download/"):
            status = client_for(national_officer).get(at(draft_report, rest)).status_code
            assert status in (403, 404)

    def test_a_submitted_report_is_not_filled_in(self, province, submitted_report):
        assert province.get(at(submitted_report)).status_code == 302
        assert province.get(at(submitted_report, "download/")).status_code == 409


class TestTheWayBack:
    def test_a_preview_first_then_all_of_it(self, province, draft_report, guangdong_officer):
        book = taken(province, draft_report)
        put(book, "basis", "根据全国总工会通知精神，结合我省实际制定。")
        put(book, "pilots_city", 12)
        preview = send(province, draft_report, saved(book))
        page = preview.content.decode()
        assert preview.status_code == 200
        assert "结合我省实际制定" in page
        assert f"D{row_of(book, 'pilots_city')}" in page
        assert values(draft_report) == {}, "nothing before it is confirmed"
        answer = province.post(at(draft_report, "take-in/"), {"sealed": sealed(preview)})
        assert answer.status_code == 302
        assert values(draft_report)["pilots_city"] == "12"
        assert values(draft_report)["basis"].startswith("根据全国总工会")
        entry = Entry.objects.get(action="reports.report.take_in_workbook")
        assert entry.facts["answers"] == 2
        again = send(province, draft_report, saved(book))
        assert again.status_code == 200
        assert 'type="submit">' in again.content.decode()
        assert "take-in" not in again.content.decode().split("form--wide")[0]
        draft_report.refresh_from_db()
        version = draft_report.version
        province.post(at(draft_report, "take-in/"), {"sealed": sealed(again)})
        draft_report.refresh_from_db()
        assert draft_report.version == version, "sent once more it changes nothing"

    def test_what_was_not_touched_does_not_go_back(self, province, draft_report, guangdong_officer):
        book = taken(province, draft_report)
        services.save_report(
            draft_report,
            by=guangdong_officer,
            version=draft_report.version,
            answers={"goals": "先在五个地市开展试点。"},
        )
        put(book, "pilots_city", "３")
        preview = send(province, draft_report, saved(book))
        assert preview.status_code == 200
        province.post(at(draft_report, "take-in/"), {"sealed": sealed(preview)})
        assert values(draft_report) == {"goals": "先在五个地市开展试点。", "pilots_city": "3"}

    def test_the_same_answer_changed_by_somebody_else_stops_it(
        self, province, draft_report, guangdong_officer, second_officer
    ):
        book = taken(province, draft_report)
        put(book, "pilots_city", 12)
        put(book, "basis", "依据")
        preview = send(province, draft_report, saved(book))
        services.save_report(
            draft_report,
            by=second_officer,
            version=draft_report.version,
            answers={"pilots_city": "9"},
        )
        answer = province.post(at(draft_report, "take-in/"), {"sealed": sealed(preview)})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert second_officer.name in page
        assert values(draft_report) == {"pilots_city": "9"}
        marked = province.post(at(draft_report, "marked/"), {"sealed": sealed(answer)})
        book = openpyxl.load_workbook(io.BytesIO(b"".join(marked.streaming_content)))
        row = row_of(book, "pilots_city")
        assert book.worksheets[0].cell(row, 4).value == 12
        assert "9" in book.worksheets[0].cell(row, 8).value
        # The marked workbook begins where the report stands now: it can be taken in.
        assert send(province, draft_report, saved(book)).status_code == 200

    def test_errors_are_told_by_cell_and_come_back_marked(self, province, draft_report):
        book = taken(province, draft_report)
        put(book, "pilots_city", "大约十个")
        put(book, "basis", "依据")
        answer = send(province, draft_report, saved(book))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f"D{row_of(book, 'pilots_city')}" in page
        assert "大约十个" in page
        sent = sealed(answer)
        refused = province.post(at(draft_report, "take-in/"), {"sealed": sent})
        assert refused.status_code == 422
        assert values(draft_report) == {}
        marked = province.post(at(draft_report, "marked/"), {"sealed": sent})
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(marked.streaming_content))).worksheets[0]
        row = row_of(sheet.parent, "pilots_city")
        assert sheet.cell(row, 4).value == "大约十个"
        assert sheet.cell(row, 8).value
        assert sheet.cell(row_of(sheet.parent, "basis"), 4).value == "依据"

    def test_a_choice_is_read_in_either_language(self, province, draft_report):
        book = taken(province, draft_report)
        rows = draft_report.sheet.form_version.sections.filter(
            questions__kind="choice"
        ).values_list("questions__code", "questions__options")
        for code, options in rows:
            for word in (options[-1]["zh"], options[-1]["en"], options[-1]["code"]):
                put(book, code, word)
                preview = send(province, draft_report, saved(book))
                assert preview.status_code == 200, word


class TestBadWorkbooks:
    def test_somebody_elses(self, province, draft_report, hunan_report, client_for, hunan_officer):
        content = saved(taken(client_for(hunan_officer), hunan_report))
        answer = send(province, draft_report, content)
        assert answer.status_code == 422
        assert "另一" in answer.content.decode() or "another" in answer.content.decode()

    @pytest.mark.parametrize("change", ["row", "column", "code", "stamp", "twice", "line"])
    def test_rows_and_columns_that_were_changed(self, province, draft_report, change):
        book = taken(province, draft_report)
        sheet = book.worksheets[0]
        row = row_of(book, "pilots_city")
        if change == "row":
            sheet.delete_rows(row)
        elif change == "column":
            sheet.insert_cols(4)
        elif change == "code":
            sheet.cell(row, 1).value = "other"
        elif change == "twice":
            sheet.cell(row, 1).value = "basis"
        elif change == "line":
            sheet.cell(sheet.max_row + 1, 4).value = "one more"
        else:
            book["_platform"]["A1"].value = "x" + book["_platform"]["A1"].value
        assert send(province, draft_report, saved(book)).status_code == 422
        assert values(draft_report) == {}

    def test_formulas_are_not_followed(self, province, draft_report):
        book = taken(province, draft_report)
        put(book, "basis", '=HYPERLINK("http://evil.example","x")')
        answer = send(province, draft_report, saved(book))
        assert answer.status_code == 200
        assert "evil" not in answer.content.decode(), "a formula nobody reckoned shows nothing"

    @pytest.mark.parametrize(
        ("content", "name", "status"),
        [
            (b"", "a.xlsx", 422),
            (b"x", "a.xlsx", 422),
            (b"PK\x03\x04 no zip", "a.xlsx", 422),
            (b"a,b\n", "a.csv", 422),
        ],
    )
    def test_what_is_no_workbook(self, province, draft_report, content, name, status):
        assert send(province, draft_report, content, name).status_code == status

    def test_no_file_at_all(self, province, draft_report):
        assert province.post(at(draft_report), {}).status_code == 422

    def test_fifty_thousand_rows(self, province, draft_report):
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("x")
        for number in range(50_000):
            sheet.append([number])
        answer = send(province, draft_report, saved(book))
        assert answer.status_code == 422
        assert "1000" in answer.content.decode() or "1,000" in answer.content.decode()

    def test_a_bomb_ends_in_the_child(self, province, draft_report):
        target = io.BytesIO()
        rows = (
            b'<row r="1">' + b'<c r="A1" t="inlineStr"><is><t>a</t></is></c>' * 60_000 + b"</row>"
        )
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("[Content_Types].xml", "<Types/>")
            packed.writestr("xl/workbook.xml", "<workbook><sheets/></workbook>")
            with packed.open("xl/worksheets/sheet1.xml", "w") as sheet:
                for _number in range(100):
                    sheet.write(rows)
        assert send(province, draft_report, target.getvalue()).status_code == 422

    @pytest.mark.parametrize("rest", ["take-in/", "marked/"])
    def test_a_preview_that_was_tampered_with(self, province, draft_report, rest):
        for wrong in ("", "x", "a:b:c"):
            assert province.post(at(draft_report, rest), {"sealed": wrong}).status_code == 400
