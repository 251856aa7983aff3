"""A circular as an official document, and its table as a workbook: both from what approval freezes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from platform_site.documents.content import (
    Attachment,
    Block,
    Column,
    Heading,
    Official,
    Paragraph,
    Table,
    blocks_of,
    chinese_date,
)
from platform_site.lists.sheets import Heading as SheetHeading
from platform_site.obligations.periods import label_of

from ..models import Circular, CircularList
from ..models.circulars import OUT
from ..queries import circulars as queries
from ..queries.circulars import Content, Line, Part
from ..workflow import ReportState
from .notices import addressee_line

# Official documents are Chinese whatever the reader's language, so none of this is translated.
LIST_NAMES = {
    CircularList.ON_TIME: "按时报送",
    CircularList.LATE: "逾期报送",
    CircularList.SILENT: "未报送",
    CircularList.RUNNING: "未到期限",
    CircularList.WAIVED: "免报",
    CircularList.QUALITY: "报送质量",
}
QUALITY_NAMES = {
    queries.FIRST_PASS: "一次审核通过",
    queries.AFTER_RETURN: "退回修改后审核通过",
    queries.IN_CHANGE: "退回或者撤回修改中",
    queries.UNDER_REVIEW: "正在审核",
}
REVIEW_NAMES = {
    ReportState.ACCEPTED.value: "审核通过",
    ReportState.SUBMITTED.value: "正在审核",
    ReportState.RETURNED.value: "退回修改",
    ReportState.DRAFT.value: "撤回修改",
}


def official_of_circular(circular: Circular, content: Content) -> Official:
    """The document: text, the lists chosen in their order, text; the table of all as attachment.

    Before issue it is a draft without number and day. The preview on the page, DOCX and PDF are this.
    """
    issuer, out = content["issuer"], circular.state in OUT
    day = timezone.localdate(circular.issued_at) if circular.issued_at and out else None
    withdrawn = circular.withdrawn_at
    with translation.override("zh-hans"):
        return Official(
            kind="circular",
            title=content["title"],
            body=tuple(_body(content)),
            issuer=issuer,
            issuer_mark=f"{issuer}文件",
            number=circular.document_number if out else None,
            addressee=addressee_line(queries.addressees_of(circular)),
            attachments=_attachments(content),
            signed_by_name=issuer,
            made_on=day,
            notes=f"本通报已于{chinese_date(timezone.localdate(withdrawn))}撤销"
            if withdrawn
            else "",
            printed_by=content["printed_by"] if out else "",
            printed_on=day,
            classification="内部",
            sample=settings.DEMO_MODE,
            draft=not out,
            names=tuple(line["zh"] for part in content["parts"] for line in part["lines"]),
        )


def as_of_words(content: Content) -> str:
    """截至某日; where the day was not over, with the hour."""
    day = chinese_date(dt.date.fromisoformat(content["as_of"]))
    moment = parse_datetime(content["moment"]) if content["moment"] else None
    return f"{day}{timezone.localtime(moment):%H:%M}" if moment else day


def _body(content: Content) -> Iterator[Block]:
    yield from blocks_of(content["before"])
    several = len(content["parts"]) > 1
    for part in content["parts"]:
        if several:
            yield Heading(1, f"《{_title(part)}》")
        yield Paragraph(overview_sentence(content, part))
        for code in content["lists"]:
            if code != CircularList.TABLE:
                yield from _list(part, code, 2 if several else 1)
    if CircularList.QUALITY in content["lists"] and content["remarks"]:
        yield Heading(1, "审核意见")
        yield from (Paragraph(f"{each['zh']}：{each['text']}") for each in content["remarks"])
    yield from blocks_of(content["after"])


def _title(part: Part) -> str:
    return f"{part['title']}（{label_of(part['period'])}）" if part["period"] else part["title"]


def overview_sentence(content: Content, part: Part) -> str:
    """How many were asked, and how they filed."""
    counts = part["counts"]
    asked = f"截至{as_of_words(content)}，《{_title(part)}》应报{counts['owed']}个单位"
    if part["on_time_until"]:
        asked += f"，报送期限为{chinese_date(dt.date.fromisoformat(part['on_time_until']))}"
    words = [
        ("on_time", "按时报送"),
        ("late", "逾期报送"),
        ("silent", "逾期未报"),
        ("running", "未到期限"),
    ]
    said = "，".join(f"{word}{counts[code]}个" for code, word in words if counts[code])
    more = [f"免报{counts['waived']}个"] if counts["waived"] else []
    if counts["left_out"]:
        more.append(f"不列入本通报{counts['left_out']}个")
    sentence = f"{asked}，其中{said}" if said else asked
    return f"{sentence}；另有{'，'.join(more)}。" if more else f"{sentence}。"


def _list(part: Part, code: str, level: int) -> Iterator[Block]:
    if code == CircularList.QUALITY:
        yield from _quality(part, level)
        return
    lines = queries.lines_of(part, code)
    if not lines:
        return
    yield Heading(level, f"{LIST_NAMES[CircularList(code)]}的单位（{len(lines)}个）")
    yield Paragraph("、".join(_named(line) for line in lines) + "。")


def _named(line: Line) -> str:
    """The short name, and in brackets what decided: day and working days late, an extension."""
    told = []
    if line["extended"] and line["due_on"] and line["group"] != CircularList.WAIVED:
        told.append(f"经批准延期至{_day(line['due_on'])}")
    if line["group"] == CircularList.LATE and line["filed_on"]:
        told.append(f"{_day(line['filed_on'])}报送")
    if line["late_by"]:
        told.append(f"逾期{line['late_by']}个工作日")
    return line["zh"] + (f"（{'，'.join(told)}）" if told else "")


def _day(day: str) -> str:
    on = dt.date.fromisoformat(day)
    return f"{on.month}月{on.day}日"


def _quality(part: Part, level: int) -> Iterator[Block]:
    found = [(code, lines) for code, lines in queries.quality_of(part).items() if lines]
    if not found:
        return
    yield Heading(level, LIST_NAMES[CircularList.QUALITY])
    for code, lines in found:
        names = "、".join(
            line["zh"] + (f"（退回{line['returned']}次）" if line["returned"] else "")
            for line in lines
        )
        yield Paragraph(f"{QUALITY_NAMES[code]}的有{len(lines)}个单位：{names}。")


def _attachments(content: Content) -> tuple[Attachment, ...]:
    if CircularList.TABLE not in content["lists"]:
        return ()
    several = len(content["parts"]) > 1
    tables = tuple(
        _table(part, caption=_title(part) if several else "") for part in content["parts"]
    )
    return (Attachment("报送情况明细表", tables),)


def _table(part: Part, *, caption: str) -> Table:
    columns = (
        Column("单位", 1.2),
        Column("报送情况", 1.3),
        Column("报送期限", 1.5, "center"),
        Column("报送日期", 1.5, "center"),
        Column("逾期工作日", 0.9, "right"),
        Column("审核情况", 1.3),
        Column("退回次数", 0.8, "right"),
    )
    rows = [
        (
            line["zh"],
            LIST_NAMES[CircularList(line["group"])],
            line["due_on"] or "",
            line["filed_on"] or "",
            str(line["late_by"]) if line["late_by"] else "",
            REVIEW_NAMES.get(line["review"], "") if part["asks_report"] else "",
            str(line["returned"]) if line["returned"] else "",
        )
        for line in part["lines"]
    ]
    return Table(columns, tuple(rows), caption=caption, landscape=False)


# --- The workbook -------------------------------------------------------------------------------------


def sheet_of_circular(content: Content) -> tuple[list[SheetHeading], Iterable[list[Any]]]:
    """A line for each notice and federation, typed, in the reader's language; blanks stay blank."""
    headings = [
        SheetHeading(_("Notice"), 50),
        SheetHeading(_("Document number"), 22),
        SheetHeading(_("Code"), 12),
        SheetHeading(_("Federation"), 18),
        SheetHeading(_("Punctuality"), 18),
        SheetHeading(_("Due date"), 14),
        SheetHeading(_("Filed"), 14),
        SheetHeading(_("Working days late"), 12),
        SheetHeading(_("State"), 14),
        SheetHeading(_("Returned"), 12),
        SheetHeading(_("Remark on its reports"), 50),
    ]
    remarks = {each["federation"]: each["text"] for each in content["remarks"]}
    rows = [
        [
            _title(part),
            part["number"],
            line["federation"],
            queries.name_of(line),
            str(CircularList(line["group"]).label),
            dt.date.fromisoformat(line["due_on"]) if line["due_on"] else None,
            dt.date.fromisoformat(line["filed_on"]) if line["filed_on"] else None,
            line["late_by"],
            str(ReportState(line["review"]).label) if line["review"] else "",
            line["returned"] if line["review"] else None,
            remarks.get(line["federation"], ""),
        ]
        for part in content["parts"]
        for line in part["lines"]
    ]
    return headings, rows
