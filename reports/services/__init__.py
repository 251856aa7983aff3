"""The verbs of notices and reports: the only place that changes them."""

from .allowances import extend_obligation, waive_obligation
from .answer_files import named_file
from .bringing import bring_forward
from .cascade import chase_lower, pass_down, pass_further, take_back, take_over_figures
from .circulars import (
    approve_circular,
    draft_circular,
    edit_circular,
    issue_circular,
    send_back_circular,
    set_line,
    withdraw_circular,
)
from .comments import add_comment, edit_comment, remove_comment, reply_to_comment
from .filling import open_to_filling, save_report, start_report
from .gathering import take_in_gathering
from .handovers import (
    cancel_handover,
    give_for_holder,
    give_handover,
    open_handover,
    open_handovers_of_ended,
    take_over,
)
from .notice_drafts import draft_notice, edit_notice
from .notices import (
    approve_notice,
    close_notice,
    import_notice,
    issue_notice,
    send_back_notice,
    withdraw_notice,
)
from .papers import Received, attach_scan, codes_on, receive_scan
from .reminding import chase, check_rules, rules_of, set_reminders
from .reports import accept_report, recall_report, return_report, submit_report
from .rounds import move_round, open_another_round, open_due_rounds, renew_form
from .sign_offs import sign_off_report
from .signing_for import sign_for
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
from .supervision import (
    accept_supervision,
    cancel_visit,
    close_round,
    edit_supervision,
    hold_visit,
    open_round,
    plan_visit,
    record_call,
    record_call_of_round,
    return_supervision,
    write_report,
)
from .work_system import (
    ask_for_work,
    confirm_work,
    correct_statement,
    end_statement,
    meet_work_requests,
    state_work,
)
from .workbooks import take_in_workbook

__all__ = [
    "SUMMED_UP",
    "Received",
    "accept_report",
    "accept_supervision",
    "add_comment",
    "approve_circular",
    "approve_notice",
    "ask_for_work",
    "attach_scan",
    "bring_forward",
    "cancel_handover",
    "cancel_visit",
    "cannot_sum_up",
    "chase",
    "chase_lower",
    "check_rules",
    "close_notice",
    "close_round",
    "codes_on",
    "confirm_work",
    "correct_statement",
    "draft_circular",
    "draft_notice",
    "draw_parts",
    "edit_circular",
    "edit_comment",
    "edit_notice",
    "edit_part",
    "edit_summary",
    "edit_supervision",
    "end_statement",
    "extend_obligation",
    "freeze_summary",
    "give_for_holder",
    "give_handover",
    "hold_visit",
    "import_notice",
    "issue_circular",
    "issue_notice",
    "meet_work_requests",
    "move_round",
    "named_file",
    "open_another_round",
    "open_due_rounds",
    "open_handover",
    "open_handovers_of_ended",
    "open_round",
    "open_to_filling",
    "pass_down",
    "pass_further",
    "plan_visit",
    "recall_report",
    "receive_scan",
    "record_call",
    "record_call_of_round",
    "redraw_part",
    "remove_comment",
    "renew_form",
    "reply_to_comment",
    "return_report",
    "return_supervision",
    "rules_of",
    "save_report",
    "send_back_circular",
    "send_back_notice",
    "set_line",
    "set_reminders",
    "sign_for",
    "sign_off_report",
    "start_report",
    "start_summary",
    "state_work",
    "submit_report",
    "take_back",
    "take_in_gathering",
    "take_in_workbook",
    "take_over",
    "take_over_figures",
    "waive_obligation",
    "withdraw_circular",
    "withdraw_notice",
    "write_report",
]
