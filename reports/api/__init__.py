"""``/api/v1/``: notices, obligations and reports; what they add up to; supervision. Importing registers them."""

from . import history, notices, summaries, supervision  # noqa: F401
