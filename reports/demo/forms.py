"""Forms built in the workbench: the next version of the progress report, and a sheet of every kind of question."""

from __future__ import annotations

from typing import Any

from platform_site.questionnaires import building, drafting
from platform_site.questionnaires.kinds import DEFAULTS, Document
from platform_site.questionnaires.models import Form
from platform_site.questionnaires.structure import document_of

from .people import Cast

FORM, SECTION, PURCHASED = "progress_report", "figures", "purchased_any"


def load(cast: Cast) -> None:
    """Version 2 as a draft: purchases are asked for only where there were some."""
    form = Form.objects.get(code=FORM)
    building.begin_version(form, by=cast.officer, version=form.version)
    draft = form.versions.get(is_draft=True)
    document = _with_question(document_of(draft))
    for code in ("projects_purchased", "funds_purchased"):
        _question(document, code).update(shown_if_question=PURCHASED, shown_if_answer="yes")
    _question(document, "workers_served")["doubt_change"] = 100
    building.save_draft(
        draft,
        by=cast.officer,
        version=draft.version,
        sections=document["sections"],
        rules=[*document["rules"], *RULES],
    )


def _with_question(document: Document) -> Document:
    """Asked first in its section: what hangs on it must come later."""
    asked = DEFAULTS | {
        "code": PURCHASED,
        "kind": "yes_no",
        "name_zh": "本期是否购买服务",
        "name_en": "Whether services were purchased in the period",
        "help_zh": "",
        "help_en": "",
        "required": True,
        "shown_if_question": "",
        "shown_if_answer": "",
    }
    place = drafting.section_place(document, SECTION)
    assert place is not None
    document["sections"][place]["questions"].insert(0, asked)
    return document


def _question(document: Document, code: str) -> Document:
    at = drafting.question_place(document, code)
    assert at is not None
    found: Document = document["sections"][at[0]]["questions"][at[1]]
    return found


RULES = [
    {
        "left": "organisations_on_ledger",
        "comparison": "le",
        "right": "organisations_surveyed",
        "level": "hard",
        "message_zh": "纳入台账的社会组织数不应大于摸底调查数，请核对。",
        "message_en": "No more organisations can be on the ledger than were surveyed; check both.",
    },
    {
        "left": "organisations_contacted",
        "comparison": "le",
        "right": "organisations_on_ledger",
        "level": "soft",
        "message_zh": "建立联系的社会组织多于台账数，请说明。",
        "message_en": "More organisations are in contact than on the ledger; explain it.",
    },
]


# --- A published form of every kind -----------------------------------------------------------------
def load_quarterly(cast: Cast) -> None:
    """The quarterly sheet of the pilots: tables, money, files, a condition, a hard and a soft rule."""
    form = building.make_form(
        by=cast.officer,
        code="quarterly_pilots",
        name_zh="试点工作季度报表",
        name_en="Quarterly sheet of the pilots",
        purpose="progress",
    )
    draft = form.versions.get()
    draft = building.save_draft(
        draft,
        by=cast.officer,
        version=draft.version,
        sections=QUARTERLY_SECTIONS,
        rules=QUARTERLY_RULES,
    )
    building.publish_version(draft, by=cast.officer, version=draft.version)


WHERE_STARTED = {"shown_if_question": "started", "shown_if_answer": "yes"}
QUARTERLY_SECTIONS: list[dict[str, Any]] = [
    {
        "code": "state",
        "name_zh": "总体情况",
        "name_en": "The state of things",
        "questions": [
            {
                "code": "started",
                "kind": "yes_no",
                "name_zh": "本季度是否开展试点工作",
                "name_en": "Whether pilot work was done in the quarter",
            },
            {
                "code": "why_not",
                "kind": "text",
                "name_zh": "未开展的原因和下一步安排",
                "name_en": "Why not, and what comes next",
                "max_length": 1000,
                "shown_if_question": "started",
                "shown_if_answer": "no",
            },
            {
                "code": "ways",
                "kind": "choices",
                "name_zh": "主要工作方式",
                "name_en": "Main ways of working",
                "options": [
                    {"code": "survey", "zh": "摸底调查", "en": "surveys"},
                    {"code": "purchase", "zh": "购买服务", "en": "purchase of services"},
                    {"code": "training", "zh": "培训交流", "en": "training and exchange"},
                    {"code": "joint", "zh": "联席会商", "en": "joint meetings"},
                ],
                **WHERE_STARTED,
            },
            {
                "code": "done",
                "kind": "text",
                "name_zh": "本季度工作情况",
                "name_en": "What was done in the quarter",
                "help_zh": "按原样保留段落和编号，例如（一）、1.。",
                "help_en": "Paragraphs and numbers stay as they are typed.",
                "required": False,
                **WHERE_STARTED,
            },
        ],
    },
    {
        "code": "sites",
        "name_zh": "试点单位和经费",
        "name_en": "Pilot units and funds",
        "questions": [
            {
                "code": "units",
                "kind": "table",
                "name_zh": "试点单位明细",
                "name_en": "Pilot units",
                "help_zh": "每个试点单位一行。",
                "help_en": "A line for each pilot unit.",
                "min_rows": 1,
                "max_rows": 60,
                "columns": [
                    {
                        "code": "name",
                        "kind": "text",
                        "name_zh": "单位名称",
                        "name_en": "Name",
                        "required": True,
                    },
                    {
                        "code": "sort",
                        "kind": "choice",
                        "name_zh": "类别",
                        "name_en": "Sort",
                        "required": True,
                        "options": [
                            {"code": "foundation", "zh": "基金会", "en": "foundation"},
                            {"code": "association", "zh": "社会团体", "en": "association"},
                            {"code": "service", "zh": "社会服务机构", "en": "service organisation"},
                        ],
                    },
                    {
                        "code": "workers",
                        "kind": "number",
                        "name_zh": "覆盖职工",
                        "name_en": "Workers covered",
                        "required": True,
                        "unit_zh": "人",
                        "unit_en": "persons",
                        "minimum": 0,
                        "indicator": "workers_served",
                    },
                    {
                        "code": "funds",
                        "kind": "money",
                        "name_zh": "投入经费",
                        "name_en": "Funds",
                        "unit_zh": "万元",
                        "unit_en": "CNY 10,000",
                        "decimals": 2,
                        "minimum": 0,
                    },
                    {"code": "since", "kind": "date", "name_zh": "启动日期", "name_en": "Since"},
                    {
                        "code": "union",
                        "kind": "yes_no",
                        "name_zh": "已建工会",
                        "name_en": "Has a trade union",
                    },
                ],
                **WHERE_STARTED,
            },
            {
                "code": "funds",
                "kind": "money",
                "name_zh": "本季度投入经费",
                "name_en": "Funds of the quarter",
                "unit_zh": "万元",
                "unit_en": "CNY 10,000",
                "decimals": 2,
                "minimum": 0,
                "doubt_above": 5000,
                **WHERE_STARTED,
            },
            {
                "code": "by_service",
                "kind": "table",
                "name_zh": "按服务类别分列",
                "name_en": "By kind of service",
                "required": False,
                "rows": [
                    {"code": "legal", "zh": "法律服务", "en": "legal help"},
                    {"code": "care", "zh": "心理关爱", "en": "mental care"},
                    {"code": "skills", "zh": "技能培训", "en": "training"},
                    {"code": "other", "zh": "其他", "en": "other"},
                ],
                "columns": [
                    {
                        "code": "projects",
                        "kind": "number",
                        "name_zh": "项目数",
                        "name_en": "Projects",
                        "unit_zh": "个",
                        "unit_en": "projects",
                        "minimum": 0,
                    },
                    {
                        "code": "served",
                        "kind": "number",
                        "name_zh": "服务职工",
                        "name_en": "Attendances",
                        "unit_zh": "人次",
                        "unit_en": "attendances",
                        "minimum": 0,
                        "indicator": "service_attendances",
                    },
                ],
                **WHERE_STARTED,
            },
        ],
    },
    {
        "code": "papers",
        "name_zh": "佐证材料",
        "name_en": "Papers",
        "questions": [
            {
                "code": "evidence",
                "kind": "file",
                "name_zh": "佐证材料",
                "name_en": "Evidence",
                "help_zh": "例如方案、协议、照片。",
                "help_en": "Plans, agreements, photographs and the like.",
                "required": False,
            }
        ],
    },
]
QUARTERLY_RULES = [
    {
        "left": "units.funds",
        "comparison": "le",
        "right": "funds",
        "level": "hard",
        "message_zh": "试点单位明细的投入经费合计不应大于本季度投入经费，请核对。",
        "message_en": "The funds of the units add up to more than those of the quarter; check both.",
    },
    {
        "left": "by_service.projects",
        "comparison": "ge",
        "right": "1",
        "level": "soft",
        "message_zh": "本季度没有服务项目，请说明。",
        "message_en": "No project was carried out in the quarter; explain it.",
    },
]
