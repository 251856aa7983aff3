"""Forms, questions, answers, indicators and figures: once for reports, censuses and tasks."""

from .answers import Answer, Sheet
from .common import sees_drafts
from .figures import Figure, FigureQuerySet, IndicatorTarget, IndicatorTargetQuerySet
from .forms import Form, FormQuerySet, FormVersion, FormVersionQuerySet, Rule, Section
from .indicators import Indicator
from .questions import Column, Question

__all__ = [
    "Answer",
    "Column",
    "Figure",
    "FigureQuerySet",
    "Form",
    "FormQuerySet",
    "FormVersion",
    "FormVersionQuerySet",
    "Indicator",
    "IndicatorTarget",
    "IndicatorTargetQuerySet",
    "Question",
    "Rule",
    "Section",
    "Sheet",
    "sees_drafts",
]
