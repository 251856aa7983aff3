"""The verbs of what is owed and of what was agreed on: the only place that changes them."""

from .action_points import (
    cancel_action_point,
    reopen_action_point,
    report_action_point,
    set_action_point,
    verify_action_point,
)
from .cascade import check_passes_down, end_passed_down, pass_down, take_back
from .obligations import (
    DEADLINE_PASSED,
    address,
    cancel_open,
    extend,
    issue,
    mark_filed,
    order_problems,
    settle,
    sign_along,
    sign_for,
    tell_passed_deadlines,
    waive,
)
from .rounds import issue_first, move_round, open_irregular, open_next, set_dates, set_schedule

__all__ = [
    "DEADLINE_PASSED",
    "address",
    "cancel_action_point",
    "cancel_open",
    "check_passes_down",
    "end_passed_down",
    "extend",
    "issue",
    "issue_first",
    "mark_filed",
    "move_round",
    "open_irregular",
    "open_next",
    "order_problems",
    "pass_down",
    "reopen_action_point",
    "report_action_point",
    "set_action_point",
    "set_dates",
    "set_schedule",
    "settle",
    "sign_along",
    "sign_for",
    "take_back",
    "tell_passed_deadlines",
    "verify_action_point",
    "waive",
]
