"""What this app has to say as official documents: a notice, a recipient's copy of it, a summary, a circular;
a handover sheet."""

from .circulars import official_of_circular, sheet_of_circular
from .handovers import document_of_handover
from .notices import addressee_line, document_of, has_document, issuer_of, official_of
from .summaries import FORMS, official_of_summary, sheet_of_summary

__all__ = [
    "FORMS",
    "addressee_line",
    "document_of",
    "document_of_handover",
    "has_document",
    "issuer_of",
    "official_of",
    "official_of_circular",
    "official_of_summary",
    "sheet_of_circular",
    "sheet_of_summary",
]
