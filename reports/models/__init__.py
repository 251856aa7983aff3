"""The nouns of the reporting cycle: notices, what is filed in answer, and what it adds up to; supervision."""

from .notices import Asks, BusinessLine, Notice, NoticeQuerySet, RoundForm
from .reports import Comment, Report, ReportQuerySet, ReportVersion, receipt_number_of
from .summaries import Summary, SummaryEdition, SummaryPart, SummaryQuerySet
from .supervision import (
    PhoneCall,
    PhoneRound,
    PhoneRoundQuerySet,
    SupervisionKind,
    SupervisionQuerySet,
    SupervisionRecord,
)

__all__ = [
    "Asks",
    "BusinessLine",
    "Comment",
    "Notice",
    "NoticeQuerySet",
    "PhoneCall",
    "PhoneRound",
    "PhoneRoundQuerySet",
    "Report",
    "ReportQuerySet",
    "ReportVersion",
    "RoundForm",
    "Summary",
    "SummaryEdition",
    "SummaryPart",
    "SummaryQuerySet",
    "SupervisionKind",
    "SupervisionQuerySet",
    "SupervisionRecord",
    "receipt_number_of",
]
