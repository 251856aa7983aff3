"""Pages of reports: filling in and submitting, reading, reviewing (architecture 3)."""

from .autosaving import save_answers
from .filling import bring_forward, fill_report, start_report
from .reading import compare_versions, report_detail, report_list, report_version
from .reviewing import (
    accept_report,
    add_comment,
    edit_comment,
    remove_comment,
    reply_to_comment,
    return_report,
    review_report,
)
from .sections import fill_section
from .submitting import recall_report, report_submitted, sign_off_report, submit_report
from .workbook import download_workbook, fill_by_workbook, marked_workbook, take_in_workbook

__all__ = [
    "accept_report",
    "add_comment",
    "bring_forward",
    "compare_versions",
    "download_workbook",
    "edit_comment",
    "fill_by_workbook",
    "fill_report",
    "fill_section",
    "marked_workbook",
    "recall_report",
    "remove_comment",
    "reply_to_comment",
    "report_detail",
    "report_list",
    "report_submitted",
    "report_version",
    "return_report",
    "review_report",
    "save_answers",
    "sign_off_report",
    "start_report",
    "submit_report",
    "take_in_workbook",
]
