"""Gathering with Excel from those below that have not filed."""

from __future__ import annotations

import dataclasses
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from platform_site.attachments.workbooks import read_sheets
from platform_site.lists.form_sheets import read_form
from platform_site.problems import Invalid, NotAllowed, Stale
from reports import queries, services
from reports.queries import roll_up
from tests.cascade import (
    child,
    file,
)
from tests.workbooks import put, row_of, saved


class TestGathering:
    """One workbook for those who have not filed: out, filled in, previewed, taken in whole or not at all."""

    def workbook(self, report, by, **numbers):
        book = openpyxl.load_workbook(io.BytesIO(queries.gathering_workbook_of(report, by)[1]))
        for code, value in numbers.items():
            put(book, f"{code.removeprefix('c')[:6]}.{code[8:]}", value)
        return saved(book)

    def read(self, content):
        file = SimpleUploadedFile("汇总.xlsx", content)
        return read_form(read_sheets(file, most_rows=5000, most_columns=40))

    def test_it_has_a_block_for_each_that_has_not_filed(self, own_report, guangdong_officer):
        filled = self.read(self.workbook(own_report, guangdong_officer))
        assert {cell.code.partition(".")[0] for cell in filled.cells} == {"440600"}
        assert "440600.pilots_city" in {cell.code for cell in filled.cells}

    def test_its_numbers_count_until_the_federation_files_itself(
        self, own_report, two_filed, guangdong_officer, officers
    ):
        filled = self.read(self.workbook(own_report, guangdong_officer, c440600_pilots_city=4))
        report, preview = services.take_in_gathering(own_report, filled, by=guangdong_officer)
        assert [(each.place[0], each.before, each.after) for each in preview.changes] == [
            ("D", "", "4")
        ]
        line = roll_up(report, guangdong_officer).by_code()["pilots_city"]
        assert (line.shown, line.reported, line.missing) == ("11", 3, ())
        report = services.take_over_figures(
            report, by=guangdong_officer, version=report.version, questions=["pilots_city"]
        )
        assert report.taken_figures.get().sources[-1]["version"] is None
        again, preview = services.take_in_gathering(report, filled, by=guangdong_officer)
        assert (preview.changes, again.version) == ((), report.version)
        file(child(two_filed, "440600"), officers["440600"], pilots_city="1")
        line = roll_up(report, guangdong_officer).by_code()["pilots_city"]
        assert (line.shown, line.has_moved_on) == ("8", True)

    def test_one_cell_that_cannot_be_read_keeps_all_out(self, own_report, guangdong_officer):
        filled = self.read(
            self.workbook(
                own_report,
                guangdong_officer,
                c440600_pilots_city="四个",
                c440600_contact_persons=12,
            )
        )
        with pytest.raises(Invalid) as refused:
            services.take_in_gathering(own_report, filled, by=guangdong_officer)
        assert [each.pointer for each in refused.value.fields] == ["/numbers/440600.pilots_city"]
        assert not own_report.gathered_figures.exists()

    def test_a_stale_one_is_refused(
        self, own_report, two_filed, guangdong_officer, guangdong_head, officers
    ):
        old = self.read(self.workbook(own_report, guangdong_officer, c440600_pilots_city=4))
        other = self.read(self.workbook(own_report, guangdong_officer, c440600_pilots_city=6))
        services.take_in_gathering(own_report, other, by=guangdong_head)
        with pytest.raises(Stale) as refused:
            services.take_in_gathering(own_report, old, by=guangdong_officer)
        assert refused.value.extra["changed"][0]["by"] == guangdong_head.name
        own_report.refresh_from_db()
        late = self.read(self.workbook(own_report, guangdong_officer, c440600_pilots_city=7))
        file(child(two_filed, "440600"), officers["440600"], pilots_city="1")
        with pytest.raises(Stale) as refused:
            services.take_in_gathering(own_report, late, by=guangdong_officer)
        assert "佛山" in refused.value.extra["changed"][0]["by"]

    def test_another_reports_or_a_rebuilt_one_is_refused(
        self, own_report, guangdong_officer, officers
    ):
        plain = self.read(queries.workbook_of(own_report)[1])
        with pytest.raises(Invalid):
            services.take_in_gathering(own_report, plain, by=guangdong_officer)
        filled = self.read(self.workbook(own_report, guangdong_officer))
        fewer = dataclasses.replace(filled, cells=filled.cells[1:])
        with pytest.raises(Invalid):
            services.take_in_gathering(own_report, fewer, by=guangdong_officer)
        with pytest.raises(NotAllowed):
            services.take_in_gathering(own_report, filled, by=officers["440100"])

    def test_by_the_pages(self, own_report, guangdong_officer, client_for):
        client = client_for(guangdong_officer)
        url = reverse("report-gather", args=[own_report.pk])
        assert "佛山" in client.get(url).content.decode()
        wrong = self.workbook(own_report, guangdong_officer, c440600_pilots_city="四个")
        page = client.post(url, {"file": SimpleUploadedFile("汇总.xlsx", wrong)})
        assert page.status_code == 422
        marked = client.post(
            reverse("report-gather-marked", args=[own_report.pk]),
            {"sealed": page.context["sealed"]},
        )
        book = openpyxl.load_workbook(io.BytesIO(marked.getvalue()))
        assert book.worksheets[0].cell(row_of(book, "440600.pilots_city"), 8).value
        put(book, "440600.pilots_city", 4)
        page = client.post(url, {"file": SimpleUploadedFile("汇总.xlsx", saved(book))})
        assert page.status_code == 200
        client.post(
            reverse("report-gather-take-in", args=[own_report.pk]),
            {"sealed": page.context["sealed"]},
        )
        assert own_report.gathered_figures.get().number == 4

    def test_by_the_api(self, own_report, guangdong_officer, api_for):
        api = api_for(guangdong_officer)
        taken = api.get(f"/api/v1/reports/{own_report.pk}/gathering/")
        book = openpyxl.load_workbook(io.BytesIO(taken.getvalue()))
        put(book, "440600.pilots_city", 4)
        answer = api.post(
            f"/api/v1/reports/{own_report.pk}/take-in-gathering/",
            {"file": SimpleUploadedFile("汇总.xlsx", saved(book))},
        )
        assert answer.status_code == 200, answer.content
        assert answer.json()["changes"][0]["question"] == "440600.pilots_city"
        assert own_report.gathered_figures.get().number == 4
