"""A handover sheet as an official document, for the two signatures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from platform_site.accounts.roles import Role
from platform_site.casework.deadlines import rule
from platform_site.documents.content import (
    Block,
    Column,
    Heading,
    Official,
    Paragraph,
    Table,
    chinese_date,
)
from platform_site.documents.queries import made
from platform_site.obligations.workflow import ActionState

from ..models import Handover
from ..queries.handovers import Content, content_of
from ..workflow import HandoverState, ReportState


def _dated(iso: str | None) -> str:
    return chinese_date(dt.date.fromisoformat(iso)) if iso else ""


def official_of_handover(sheet: Handover) -> Official:
    """What passes, part by part, and who confirmed it; a draft until it is handed over."""
    with translation.override("zh-hans"):
        content = content_of(sheet)
        given = timezone.localdate(sheet.given_at) if sheet.given_at else None
        role = str(Role(content["office"]["role"]).label)
        return Official(
            kind="summary",
            title=f"{sheet.federation.name_zh}{role}工作交接单",
            body=tuple(_body(sheet, content, role)),
            issuer=sheet.federation.name_zh,
            made_on=given,
            classification="内部",
            sample=settings.DEMO_MODE,
            draft=sheet.state in (HandoverState.OPEN, HandoverState.CANCELLED),
            names=(sheet.federation.name_zh,),
        )


def _body(sheet: Handover, content: Content, role: str) -> Iterator[Block]:
    office = content["office"]
    period = f"{_dated(office['since'])}起"
    if office["until"]:
        period += f"，至{_dated(office['until'])}"
    yield Heading(1, "交接岗位")
    yield Paragraph(f"岗位：{role}；任职人：{office['holder']}；任职时间：{period}。")
    for each in content["substitutions"]:
        period = f"{_dated(each['since'])}至{_dated(each['until'])}"
        yield Paragraph(f"代理人：{each['name']}，{period}。")
    yield Heading(1, "交接事项")
    yield from _part(
        "待办事项", content["duties"], ("事项", "名称", "到期日"),
        lambda row: (str(rule(row["rule"]).label), row["title"] + _named(row), _dated(row["due_on"])),
    )  # fmt: skip
    yield from _part(
        "在办报告", content["reports"], ("名称", "状态", "到期日"),
        lambda row: (row["title"], str(ReportState(row["state"]).label), _dated(row["due_on"])),
    )  # fmt: skip
    yield from _part(
        "整改事项", content["action_points"], ("内容", "状态", "到期日"),
        lambda row: (
            row["title"] + _named(row), str(ActionState(row["state"]).label), _dated(row["due_on"])
        ),
    )  # fmt: skip
    yield from _part(
        "集中电话交流", content["phone_rounds"], ("名称", "未联系单位", "截止日"),
        lambda row: (row["title"], f"{row['left']}个", _dated(row["ends_on"])),
    )  # fmt: skip
    yield from _part(
        "已签收未办结通知", content["notices"], ("通知", "文号", "到期日"),
        lambda row: (row["title"], row["number"], _dated(row["due_on"])),
    )  # fmt: skip
    if sheet.note:
        yield Heading(1, "说明")
        yield from (Paragraph(line) for line in sheet.note.splitlines() if line.strip())
    yield Heading(1, "交接确认")
    yield Paragraph(f"移交：{_confirmed(sheet.given_by_name, sheet.given_at)}")
    if sheet.absent_reason:
        yield Paragraph(f"原任职人未到场，代为移交的原因：{sheet.absent_reason}")
    yield Paragraph(f"接收：{_confirmed(sheet.taken_by_name, sheet.taken_at)}")


def _named(row: dict[str, Any]) -> str:
    return "（指定本人，须重新指定）" if row.get("named") else ""


def _confirmed(name: str, at: dt.datetime | None) -> str:
    return f"{name}，{chinese_date(timezone.localdate(at))}" if at else "尚未确认"


def _part(
    title: str, rows: list[dict[str, Any]], headings: tuple[str, str, str], line: Any
) -> Iterator[Block]:
    yield Heading(2, f"{title}（{len(rows)}项）")
    if rows:
        first, second, third = headings
        yield Table(
            columns=(Column(first, 4), Column(second, 3), Column(third, 2)),
            rows=tuple(line(row) for row in rows),
            landscape=False,
        )
    else:
        yield Paragraph("无。")


def document_of_handover(sheet: Handover, ending: str) -> tuple[str, bytes]:
    """File name and bytes of the sheet (``docx`` or ``pdf``)."""
    official = official_of_handover(sheet)
    name = " ".join(part for part in (official.mark, official.title) if part)
    for character in '/\\:*?"<>|':
        name = name.replace(character, "_")
    return f"{name[:150]}.{ending}", made(official, ending)
