"""The lists of this app, by noun: what each holds, for its page and for its export. Importing registers them."""

from . import (  # noqa: F401
    circulars,
    handovers,
    ledger,
    lower_tier,
    notices,
    recipients,
    reports,
    summaries,
    supervision,
    work_system,
)
