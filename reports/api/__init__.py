"""``/api/v1/``: notices, obligations and reports; what they add up to; the ledger, circulars, supervision;
the work system, handovers, papers. Importing registers them."""

from . import (  # noqa: F401
    cascade,
    circulars,
    figures,
    handovers,
    history,
    ledger,
    notices,
    obligations,
    papers,
    reports,
    summaries,
    supervision,
    work_system,
)
