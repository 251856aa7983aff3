"""The verbs of notices and reports: the only place that changes them."""

from .allowances import extend_obligation, waive_obligation
from .comments import add_comment, edit_comment, remove_comment, reply_to_comment
from .notices import (
    approve_notice,
    close_notice,
    draft_notice,
    edit_notice,
    import_notice,
    issue_notice,
    send_back_notice,
    sign_for,
    withdraw_notice,
)
from .reminding import chase, check_rules, set_reminders
from .reports import (
    accept_report,
    open_to_filling,
    recall_report,
    return_report,
    save_report,
    sign_off_report,
    start_report,
    submit_report,
)
from .summaries import (
    SUMMED_UP,
    cannot_sum_up,
    draw_parts,
    edit_part,
    edit_summary,
    freeze_summary,
    redraw_part,
    start_summary,
)
from .workbooks import take_in_workbook

__all__ = [
    "SUMMED_UP",
    "accept_report",
    "add_comment",
    "approve_notice",
    "cannot_sum_up",
    "chase",
    "check_rules",
    "close_notice",
    "draft_notice",
    "draw_parts",
    "edit_comment",
    "edit_notice",
    "edit_part",
    "edit_summary",
    "extend_obligation",
    "freeze_summary",
    "import_notice",
    "issue_notice",
    "open_to_filling",
    "recall_report",
    "redraw_part",
    "remove_comment",
    "reply_to_comment",
    "return_report",
    "save_report",
    "send_back_notice",
    "set_reminders",
    "sign_for",
    "sign_off_report",
    "start_report",
    "start_summary",
    "submit_report",
    "take_in_workbook",
    "waive_obligation",
    "withdraw_notice",
]
