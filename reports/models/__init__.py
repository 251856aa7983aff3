"""The nouns of the reporting cycle: notices, what is filed in answer, and what it adds up to; supervision; the work system, handovers, papers."""

from .cascade import GatheredFigure, PassDown, PassDownQuerySet, TakenFigure
from .circulars import Circular, CircularLine, CircularList, CircularQuerySet, CircularSubject
from .handovers import HANDED_OVER, Handover, HandoverQuerySet
from .notices import Asks, BusinessLine, Notice, NoticeQuerySet, RoundForm
from .papers import ReportScan
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
from .work_system import (
    WORK_COLUMNS,
    WORK_FACTS,
    DepartmentKind,
    WorkConfirmation,
    WorkQuerySet,
    WorkRequest,
    WorkStatement,
    WorkSubject,
)

__all__ = [
    "HANDED_OVER",
    "WORK_COLUMNS",
    "WORK_FACTS",
    "Asks",
    "BusinessLine",
    "Circular",
    "CircularLine",
    "CircularList",
    "CircularQuerySet",
    "CircularSubject",
    "Comment",
    "DepartmentKind",
    "GatheredFigure",
    "Handover",
    "HandoverQuerySet",
    "Notice",
    "NoticeQuerySet",
    "PassDown",
    "PassDownQuerySet",
    "PhoneCall",
    "PhoneRound",
    "PhoneRoundQuerySet",
    "Report",
    "ReportQuerySet",
    "ReportScan",
    "ReportVersion",
    "RoundForm",
    "Summary",
    "SummaryEdition",
    "SummaryPart",
    "SummaryQuerySet",
    "SupervisionKind",
    "SupervisionQuerySet",
    "SupervisionRecord",
    "TakenFigure",
    "WorkConfirmation",
    "WorkQuerySet",
    "WorkRequest",
    "WorkStatement",
    "WorkSubject",
    "receipt_number_of",
]
