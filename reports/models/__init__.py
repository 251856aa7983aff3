"""The nouns of the reporting cycle: notices, what is filed in answer, and what it adds up to."""

from .notices import Asks, BusinessLine, Notice, NoticeQuerySet
from .reports import Comment, Report, ReportQuerySet, ReportVersion, receipt_number_of
from .summaries import Summary, SummaryEdition, SummaryPart, SummaryQuerySet

__all__ = [
    "Asks",
    "BusinessLine",
    "Comment",
    "Notice",
    "NoticeQuerySet",
    "Report",
    "ReportQuerySet",
    "ReportVersion",
    "Summary",
    "SummaryEdition",
    "SummaryPart",
    "SummaryQuerySet",
    "receipt_number_of",
]
