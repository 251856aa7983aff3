"""``/api/v1/``: notices, obligations and reports; what they add up to; the ledger, circulars, supervision.
Importing registers them."""

from . import circulars, history, ledger, notices, summaries, supervision  # noqa: F401
