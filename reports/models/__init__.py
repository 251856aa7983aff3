"""The nouns of the reporting cycle: notices, what is filed in answer, and what it adds up to; supervision."""

from .cascade import GatheredFigure, PassDown, PassDownQuerySet, TakenFigure
from .notices import Asks, BusinessLine, Notice, NoticeQuerySet
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
    "GatheredFigure",
    "Notice",
    "NoticeQuerySet",
    "PassDown",
    "PassDownQuerySet",
    "PhoneCall",
    "PhoneRound",
    "PhoneRoundQuerySet",
    "Report",
    "ReportQuerySet",
    "ReportVersion",
    "Summary",
    "SummaryEdition",
    "SummaryPart",
    "SummaryQuerySet",
    "SupervisionKind",
    "SupervisionQuerySet",
    "SupervisionRecord",
    "TakenFigure",
    "receipt_number_of",
]
