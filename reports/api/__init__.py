"""``/api/v1/``: notices, obligations and reports; what they add up to; circulars, supervision. Importing registers them."""

from . import circulars, history, notices, summaries, supervision  # noqa: F401
