"""A form that is being built: the next version of the progress report, with a condition and rules."""

from __future__ import annotations

from platform_site.questionnaires import building, drafting
from platform_site.questionnaires.models import Form
from platform_site.questionnaires.structure import DEFAULTS, Document, document_of

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
