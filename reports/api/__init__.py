"""``/api/v1/``: notices, obligations and reports; what they add up to. Importing registers them."""

from . import notices, summaries  # noqa: F401
