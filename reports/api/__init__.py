"""``/api/v1/``: notices, obligations and reports; what they add up to. Importing registers them."""

from . import history, notices, summaries  # noqa: F401
