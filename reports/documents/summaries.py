"""A summary as an official document, and as a workbook: the 调度汇总表 of an edition or of a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from platform_site.documents.content import (
    Attachment,
    Bar,
    Bars,
    Block,
    Column,
    Heading,
    Official,
    Paragraph,
    Table,
    chinese_date,
)
from platform_site.federations.models import Federation
from platform_site.lists.sheets import Heading as SheetHeading
from platform_site.questionnaires.models import Indicator

from ..models import SummaryEdition
from ..queries import exhibits
from ..queries import summaries as queries
from ..queries.adding_up import Total
from ..queries.notices import Standing
from ..queries.summaries import Content, Row

#: What a summary is built as.
FORMS = ("docx", "pdf", "xlsx")
#: More indicators than this make the table's type too small to read; the workbook holds them all.
MOST_COLUMNS = 12


def official_of_summary(
    content: Content, federation: Federation, *, edition: SummaryEdition | None = None
) -> Official:
    """Overview, figures, a paragraph for each federation, who did not file; the table as attachment.

    Official documents are Chinese whatever the reader's language. Without an edition it is a draft.
    """
    with translation.override("zh-hans"):
        day = timezone.localdate(edition.frozen_at) if edition else None
        tables = _table(content)
        return Official(
            kind="summary",
            title=content["title"],
            body=tuple(_body(content)),
            issuer=federation.name_zh,
            number=edition.document_number if edition else None,
            attachments=(Attachment("报送情况汇总表", (tables,)),),
            signed_by_name=federation.name_zh,
            made_on=day,
            notes=f"第{edition.number}版，数据截至{chinese_date(day)}" if edition and day else "",
            classification="内部",
            sample=settings.DEMO_MODE,
            draft=edition is None,
            names=tuple(row["zh"] for row in content["rows"]),
        )


def _body(content: Content) -> Iterator[Block]:
    yield Heading(1, "总体情况")
    yield Paragraph(overview_sentence(content))
    yield from (Paragraph(line) for line in _lines(content["remark"]))
    if content["totals"]:
        yield Heading(1, "数据汇总")
        yield Table(
            columns=(
                Column("指标", 3),
                Column("合计", 2, "right"),
                Column("填报", 1.4, "center"),
                Column("未填报单位", 4),
            ),
            rows=tuple(_total_row(content, total) for total in content["totals"]),
            landscape=False,
        )
        yield Paragraph("注：未填报的留空，不按零计；不同计量单位不相加。")
    yield from _exhibits(content, "")
    if content["parts"]:
        yield Heading(1, "各单位情况")
        for part in content["parts"]:
            yield Heading(2, part["zh"])
            yield from (Paragraph(line) for line in _lines(part["text"]))
            yield Paragraph(f"（来源：报告{part['receipt']}）")
            yield from _exhibits(content, part["federation"])
    yield Heading(1, "未报送单位")
    yield Paragraph(missing_sentence(content))


def _exhibits(content: Content, after: str) -> Iterator[Table | Bars]:
    """The tables and charts of one place, from the same figures as the table of all."""
    for exhibit in exhibits.placed(content, after):
        totals = exhibits.totals_of_exhibit(content, exhibit)
        rows = exhibits.rows_of(content, exhibit)
        if exhibit["kind"] == exhibits.ExhibitKind.BARS:
            yield _bars(exhibit, totals, rows)
            continue
        columns = [Column("单位", 1.2)]
        columns += [Column(f"{each['zh']}（{each['unit_zh']}）", 1, "right") for each in totals]
        lines = [
            (row["zh"], *(f"{figure:,}" if figure is not None else "" for figure in figures))
            for row, figures in rows
        ]
        lines.append(
            ("合计", *(queries.grouped(each["value"]) if each["value"] else "" for each in totals))
        )
        yield Table(tuple(columns), tuple(lines), caption=exhibit["title"], landscape=False)


def _bars(exhibit: exhibits.Exhibit, totals: list[Any], rows: list[Any]) -> Bars:
    longest = max((figures[0] for _row, figures in rows if figures[0] is not None), default=0)
    title = exhibit["title"] or "".join(each["zh"] for each in totals)
    unit = "".join(each["unit_zh"] for each in totals)
    return Bars(
        tuple(
            Bar(
                row["zh"],
                f"{figures[0]:,}" if figures[0] is not None else "未填报",
                None
                if figures[0] is None
                else float(max(figures[0], 0) / longest)
                if longest > 0
                else 0.0,
            )
            for row, figures in rows
        ),
        caption=f"{title}（单位：{unit}）" if unit else title,
    )


def _lines(text: str) -> Iterable[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def overview_sentence(content: Content) -> str:
    """How many were asked, filed, were late, were accepted; part of a document, so not translated."""
    counts, notice = content["counts"], content["notice"]
    due = notice["due_on"]
    asked = f"《{notice['title']}》应报{counts['owed']}个单位"
    if due:
        asked += f"，截止日期为{chinese_date(dt.date.fromisoformat(due))}"
    said = [f"已报{counts['filed']}个"]
    if counts["late"]:
        said.append(f"其中逾期报送{counts['late']}个")
    said.append(f"审核通过{counts['accepted']}个")
    if counts["not_filed"]:
        said.append(f"未报{counts['not_filed']}个")
    if counts["waived"]:
        said.append(f"另有免报{counts['waived']}个")
    return f"{asked}；{'，'.join(said)}。"


def missing_sentence(content: Content) -> str:
    def names(rows: Iterable[Row]) -> str:
        return "、".join(row["zh"] for row in rows)

    said = []
    if missing := queries.not_filed(content):
        said.append(f"未报送的有{len(missing)}个单位：{names(missing)}。")
    else:
        said.append("各单位均已报送。")
    if waiting := queries.not_accepted(content):
        said.append(f"已报送、尚未审核通过的有{len(waiting)}个单位：{names(waiting)}，数据未计入。")
    if out := queries.left_out(content):
        told = "、".join(f"{each['zh']}（{each['reason']}）" for each in out)
        said.append(f"已审核通过、未列入汇总的有{len(out)}个单位：{told}，数据未计入。")
    if waived := queries.waived(content):
        said.append(f"免报的有{len(waived)}个单位：{names(waived)}。")
    return "".join(said)


def _total_row(content: Content, total: Total) -> tuple[str, str, str, str]:
    names = {row["federation"]: row["zh"] for row in content["rows"]}
    value = f"{queries.grouped(total['value'])}{total['unit_zh']}" if total["value"] else ""
    rule = Indicator.AddsUp(total["rule"])
    how = "" if rule == Indicator.AddsUp.SUM else f"（{rule.label}）"
    return (
        total["zh"] + how,
        value,
        f"{total['reported']}/{total['of']}",
        "、".join(names[code] for code in total["missing"]),
    )


def _table(content: Content) -> Table:
    """The table of all federations, on turned pages: state, day, and a column for each indicator."""
    totals = content["totals"][:MOST_COLUMNS]
    columns = [Column("单位", 1.3), Column("报送情况", 1.2), Column("报送日期", 1.8)]
    columns += [Column(f"{total['zh']}（{total['unit_zh']}）", 1.2, "right") for total in totals]
    rows = [
        (
            row["zh"],
            standing_words(content, row),
            row["filed_on"] or "",
            *(row["figures"].get(total["indicator"], "") for total in totals),
        )
        for row in content["rows"]
    ]
    rows.append(
        ("合计", "", "", *(total["value"] or "" for total in totals)),
    )
    return Table(
        columns=tuple(columns),
        rows=tuple(rows),
        landscape=True,
    )


def standing_words(content: Content, row: Row) -> str:
    """Where the federation stands, whether late, whether left out; in the language in force."""
    label = str(Standing(row["standing"]).label)
    word = _("%(state)s (late)") % {"state": label} if row["late"] else label
    if any(each["federation"] == row["federation"] for each in queries.left_out(content)):
        return _("%(state)s, left out") % {"state": word}
    return word


# --- The workbook -----------------------------------------------------------------------------------


def sheet_of_summary(content: Content) -> tuple[list[SheetHeading], list[list[Any]]]:
    """Headings and typed rows of the 调度汇总表, in the reader's language; blanks stay blank."""
    headings = [
        SheetHeading(_("Federation"), 18),
        SheetHeading(_("State"), 16),
        SheetHeading(_("Filed"), 14),
        SheetHeading(_("Receipt number"), 22),
    ]
    for shown in queries.shown_totals(content):
        headings.append(SheetHeading(f"{shown['label']} ({shown['unit']})", 16))
    rows: list[list[Any]] = []
    for row in content["rows"]:
        line: list[Any] = [queries.name_of(row), standing_words(content, row)]
        line.append(dt.date.fromisoformat(row["filed_on"]) if row["filed_on"] else None)
        line.append(row["receipt"])
        for total in content["totals"]:
            figure = row["figures"].get(total["indicator"])
            line.append(Decimal(figure) if figure is not None else None)
        rows.append(line)
    whole: list[Any] = [_("Whole"), "", None, ""]
    whole += [Decimal(each["value"]) if each["value"] else None for each in content["totals"]]
    rows.append(whole)
    return headings, rows
