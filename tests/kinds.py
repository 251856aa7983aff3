"""A form with a question of every kind, for the tests that fill one in."""

from __future__ import annotations

from typing import Any

from platform_site.questionnaires import building
from platform_site.questionnaires.models import Form

COLUMNS: list[dict[str, Any]] = [
    {"code": "name", "kind": "text", "name_zh": "名称", "name_en": "Name", "required": True},
    {
        "code": "persons",
        "kind": "number",
        "name_zh": "人数",
        "name_en": "Persons",
        "unit_zh": "人",
        "minimum": 0,
        "indicator": "workers_served",
    },
    {
        "code": "funds",
        "kind": "money",
        "name_zh": "经费",
        "unit_zh": "万元",
        "decimals": 2,
        "minimum": 0,
    },
    {
        "code": "way",
        "kind": "choice",
        "name_zh": "方式",
        "options": [{"code": "own", "zh": "自办"}, {"code": "bought", "zh": "购买"}],
    },
    {"code": "since", "kind": "date", "name_zh": "日期"},
    {"code": "union", "kind": "yes_no", "name_zh": "已建工会"},
]
ROWS = [{"code": "legal", "zh": "法律服务"}, {"code": "care", "zh": "心理关爱"}]
SECTIONS: list[dict[str, Any]] = [
    {
        "code": "main",
        "name_zh": "主要情况",
        "questions": [
            {"code": "started", "kind": "yes_no", "name_zh": "是否启动"},
            {
                "code": "sites",
                "kind": "table",
                "name_zh": "基地明细",
                "columns": COLUMNS,
                "min_rows": 1,
                "max_rows": 4,
                "shown_if_question": "started",
                "shown_if_answer": "yes",
            },
            {
                "code": "total",
                "kind": "money",
                "name_zh": "经费合计",
                "unit_zh": "万元",
                "decimals": 2,
                "required": False,
            },
            {
                "code": "services",
                "kind": "table",
                "name_zh": "服务分类",
                "required": False,
                "rows": ROWS,
                "columns": [
                    {
                        "code": "projects",
                        "kind": "number",
                        "name_zh": "项目数",
                        "unit_zh": "个",
                        "required": True,
                    }
                ],
            },
            {
                "code": "ways",
                "kind": "choices",
                "name_zh": "工作方式",
                "required": False,
                "options": [
                    {"code": "survey", "zh": "摸底调查"},
                    {"code": "training", "zh": "培训交流"},
                    {"code": "joint", "zh": "联席会商"},
                ],
            },
            {
                "code": "which_training",
                "kind": "text",
                "name_zh": "培训内容",
                "shown_if_question": "ways",
                "shown_if_answer": "training",
            },
            {"code": "evidence", "kind": "file", "name_zh": "佐证材料", "required": False},
        ],
    }
]
WITHIN_TOTAL = {
    "left": "sites.funds",
    "comparison": "le",
    "right": "total",
    "level": "hard",
    "message_zh": "明细经费合计不应大于经费合计。",
}


def published(officer: Any, *, sections: Any = None, rules: Any = None) -> Form:
    form = building.make_form(by=officer, code="kinds", name_zh="各类题目", purpose="progress")
    version = building.save_draft(
        form.versions.get(),
        by=officer,
        version=1,
        sections=SECTIONS if sections is None else sections,
        rules=[WITHIN_TOTAL] if rules is None else rules,
    )
    building.publish_version(version, by=officer, version=version.version)
    return form
