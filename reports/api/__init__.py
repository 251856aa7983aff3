"""``/api/v1/``: notices, obligations and reports; what they add up to; supervision. Importing registers them."""

from . import cascade, history, notices, summaries, supervision  # noqa: F401
