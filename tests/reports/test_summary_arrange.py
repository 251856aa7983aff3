"""Summaries arranged: order, reports left out by name, tables and charts, every total with its sources."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document

from platform_site.documents.content import Bars, Official, Table
from platform_site.documents.queries import made
from platform_site.problems import Invalid
from reports import services
from reports.documents import official_of_summary, sheet_of_summary
from reports.models import Summary, SummaryEdition
from reports.queries import summaries as queries
from reports.queries import tracing

from .test_summary import file, progress, summary  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db
# ruff: noqa: F811 - a fixture that is asked for by name

BARS = {"kind": "bars", "title": "", "indicators": ["organisations_surveyed"], "after": "430000"}
TABLE = {
    "kind": "table",
    "title": "购买服务情况",
    "indicators": ["projects_purchased", "funds_purchased"],
    "after": "",
}


@pytest.fixture
def edit(summary, national_officer):
    def act(**changes) -> Summary:
        fresh = Summary.objects.get(pk=summary.pk)
        return services.edit_summary(fresh, by=national_officer, version=fresh.version, **changes)

    return act


@pytest.fixture
def leave_out(summary, national_officer):
    def act(code: str, reason: str):
        part = summary.parts.get(obligation__federation__code=code)
        return services.edit_part(part, by=national_officer, version=part.version, left_out=reason)

    return act


@pytest.fixture
def freeze(summary, national_officer):
    def act() -> SummaryEdition:
        fresh = Summary.objects.get(pk=summary.pk)
        return services.freeze_summary(fresh, by=national_officer, version=fresh.version)

    return act


def content(summary):
    return queries.summary_content(Summary.objects.get(pk=summary.pk))


def order(summary) -> list[str]:
    return [part["federation"] for part in content(summary)["parts"]]


def total(summary, code):
    return tracing.total_of(content(summary), code)


class TestOrder:
    def test_paragraphs_stand_in_the_order_given(self, summary, edit):
        assert order(summary) == ["430000", "440000"]
        edit(order=["440000", "430000"])
        assert order(summary) == ["440000", "430000"]
        document = official_of_summary(content(summary), summary.federation)
        headings = [block.text for block in document.body if hasattr(block, "level")]
        assert headings.index("广东") < headings.index("湖南")

    def test_what_is_accepted_later_stands_behind(
        self,
        summary,
        edit,
        file,
        national_officer,
    ):
        edit(order=["440000", "430000"])
        file("110000")
        fresh = Summary.objects.get(pk=summary.pk)
        services.draw_parts(fresh, by=national_officer, version=fresh.version)
        assert order(summary) == ["440000", "430000", "110000"]

    @pytest.mark.parametrize("given", [["650000"], ["440000", "440000"]])
    def test_an_order_of_others_is_refused(self, edit, given):
        with pytest.raises(Invalid) as refused:
            edit(order=given)
        assert [each.pointer for each in refused.value.fields] == ["/order"]


class TestLeftOut:
    def test_it_counts_nowhere_and_is_named_with_the_reason(self, summary, leave_out):
        leave_out("430000", "数据正在复核")
        assert order(summary) == ["440000"]
        surveyed = total(summary, "organisations_surveyed")
        assert (surveyed["value"], surveyed["reported"], surveyed["of"]) == ("100", 1, 3)
        assert "430000" not in surveyed["missing"]
        assert queries.to_draw(content(summary)) == []
        document = official_of_summary(content(summary), summary.federation)
        told = "".join(getattr(block, "text", "") for block in document.body)
        assert "未列入汇总的有1个单位：湖南（数据正在复核）" in told
        _headings, rows = sheet_of_summary(content(summary))
        [hunan] = [row for row in rows if row[0] in ("湖南", "Hunan")]
        assert hunan[4:] == [None] * len(hunan[4:])

    def test_an_empty_reason_takes_it_in_again(self, summary, leave_out):
        leave_out("430000", "数据正在复核")
        leave_out("430000", "")
        assert order(summary) == ["430000", "440000"]
        assert total(summary, "organisations_surveyed")["value"] == "150"


class TestExhibits:
    def test_they_stand_where_they_are_put_with_the_figures_of_the_content(
        self,
        summary,
        edit,
    ):
        edit(exhibits=[TABLE, BARS])
        document = official_of_summary(content(summary), summary.federation)
        blocks = list(document.body)
        [chart] = [block for block in blocks if isinstance(block, Bars)]
        assert [(bar.label, bar.value, bar.share) for bar in chart.bars] == [
            ("湖南", "50", 0.5),
            ("广东", "100", 1.0),
        ]
        headings = [getattr(block, "text", "") for block in blocks]
        assert headings.index("湖南") < blocks.index(chart) < headings.index("广东")
        [table] = [
            block
            for block in blocks
            if isinstance(block, Table) and block.caption == "购买服务情况"
        ]
        assert table.rows[-1] == ("合计", "8", "19.75")
        assert blocks.index(table) < headings.index("各单位情况")

    def test_documents_hold_the_chart_and_go_to_json_and_back(self, summary, edit):
        edit(exhibits=[BARS])
        document = official_of_summary(content(summary), summary.federation)
        assert Official.from_json(json.loads(json.dumps(document.to_json()))) == document
        told = Document(BytesIO(made(document, "docx")))
        shaded = [
            cell
            for table in told.tables
            for cell in table._tbl.iter(
                "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}shd"
            )
        ]
        assert len(shaded) == 2
        assert made(document, "pdf").startswith(b"%PDF")

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"kind": "pie"}, "/exhibits/0/kind"),
            ({"indicators": []}, "/exhibits/0/indicators"),
            ({"indicators": ["nothing"]}, "/exhibits/0/indicators"),
            (
                {"indicators": ["organisations_surveyed", "workers_served"]},
                "/exhibits/0/indicators",
            ),
            ({"after": "650000"}, "/exhibits/0/after"),
        ],
    )
    def test_what_cannot_be_shown_is_pointed_at(self, edit, changes, pointer):
        with pytest.raises(Invalid) as refused:
            edit(exhibits=[{**BARS, **changes}])
        assert [each.pointer for each in refused.value.fields] == [pointer]

    def test_behind_a_paragraph_that_is_left_out_it_is_not_lost(
        self,
        summary,
        edit,
        leave_out,
    ):
        edit(exhibits=[BARS])
        leave_out("430000", "数据正在复核")
        document = official_of_summary(content(summary), summary.federation)
        assert [block for block in document.body if isinstance(block, Bars)]


class TestTrace:
    def test_a_total_names_every_report_with_version_and_figure(self, summary):
        found = tracing.trace_of(content(summary), None, "organisations_surveyed")
        assert [
            (each["federation"], each["version"], each["figure"]) for each in found["sources"]
        ] == [("430000", 1, "50"), ("440000", 1, "100")]
        assert found["moved"] == []
        assert tracing.trace_of(content(summary), None, "nothing") is None

    def test_what_changed_since_the_edition_is_told_by_source(
        self,
        summary,
        freeze,
        file,
        leave_out,
        national_officer,
    ):
        edition = freeze()
        file("110000", organisations_surveyed="7")
        fresh = Summary.objects.get(pk=summary.pk)
        services.draw_parts(fresh, by=national_officer, version=fresh.version)
        leave_out("430000", "数据正在复核")
        found = tracing.trace_of(content(summary), edition.content, "organisations_surveyed")
        assert (found["was"], found["total"]["value"]) == ("150", "107")
        assert {each["federation"]: (each["old"], each["new"]) for each in found["moved"]} == {
            "110000": (None, "7"),
            "430000": ("50", None),
        }
        assert (
            tracing.moved_totals(edition.content, content(summary))["organisations_surveyed"]
            == "150"
        )

    def test_an_edition_of_before_is_read_as_it_was(self, summary, freeze):
        """Those frozen before shape 2 name neither shape nor what is left out nor tables."""
        old = freeze().content
        for name in ("shape", "left_out", "exhibits"):
            old.pop(name)
        assert queries.left_out(old) == []
        document = official_of_summary(old, summary.federation)
        assert "未列入" not in "".join(getattr(block, "text", "") for block in document.body)
        found = tracing.trace_of(content(summary), old, "organisations_surveyed")
        assert found["moved"] == []


class TestPages:
    def test_arranged_on_the_page_and_traced(
        self,
        summary,
        freeze,
        client_for,
        national_officer,
    ):
        client = client_for(national_officer)
        here = reverse("summary-arrange", args=[summary.pk])
        assert client.get(here).status_code == 200
        given = {
            "version": summary.version,
            "place_440000": "1",
            "place_430000": "2",
            "new_kind": "bars",
            "new_indicators": ["organisations_surveyed"],
            "new_after": "440000",
        }
        wrong = {**given, "new_indicators": ["organisations_surveyed", "workers_served"]}
        answer = client.post(here, wrong)
        assert answer.status_code == 422
        assert "new_indicators" in answer.context["form"].errors
        assert client.post(here, given).status_code == 302
        assert order(summary) == ["440000", "430000"]
        page = client.get(summary.get_absolute_url()).content.decode()
        assert 'id="exhibit-1-green"' in page
        freeze()
        trace = reverse("summary-total", args=[summary.pk, "organisations_surveyed"])
        page = client.get(trace).content.decode()
        assert page.count("/versions/1/") == 2
        assert client.get(trace, {"edition": "1"}).status_code == 200
        for lost in ({"edition": "7"}, {"edition": "x"}):
            assert client.get(trace, lost).status_code == 404
        # Not ticked, the chart is taken away.
        fresh = Summary.objects.get(pk=summary.pk)
        client.post(here, {"version": fresh.version, "place_440000": "1", "place_430000": "2"})
        assert Summary.objects.get(pk=summary.pk).exhibits == []

    def test_left_out_on_the_page_of_the_paragraph(
        self,
        summary,
        client_for,
        national_officer,
    ):
        client = client_for(national_officer)
        part = summary.parts.get(obligation__federation__code="430000")
        here = reverse("summary-part", args=[summary.pk, "430000"])
        given = {"version": part.version, "text": part.text, "left_out": "数据正在复核"}
        assert client.post(here, given).status_code == 302
        page = client.get(summary.get_absolute_url()).content.decode()
        assert "数据正在复核" in page


class TestApi:
    def test_order_exhibits_and_trace(self, summary, api_for, national_officer):
        client = api_for(national_officer)
        here = f"/api/v1/summaries/{summary.pk}/"

        def patch(address, body):
            headers = {"if-match": client.get(address)["ETag"]}
            return client.patch(
                address, json.dumps(body), content_type="application/json", headers=headers
            )

        told = patch(
            here,
            {
                "order": ["440000", "430000"],
                "exhibits": [{"kind": "bars", "indicators": ["workers_served"]}],
            },
        ).json()
        assert [each["federation"] for each in told["content"]["parts"]] == ["440000", "430000"]
        assert told["content"]["exhibits"] == [
            {"kind": "bars", "title": "", "indicators": ["workers_served"], "after": ""}
        ]
        told = patch(f"{here}parts/430000/", {"left_out": "数据正在复核"}).json()
        assert told["left_out"] == "数据正在复核"
        trace = client.get(f"{here}totals/workers_served/").json()
        assert [each["federation"] for each in trace["sources"]] == ["440000"]
        assert [each["reason"] for each in trace["left_out"]] == ["数据正在复核"]
        assert (trace["edition"], trace["since"]) == (None, None)
        assert client.get(f"{here}totals/nothing/").status_code == 404
        assert client.get(f"{here}totals/workers_served/?edition=9").status_code == 404
