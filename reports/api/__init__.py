"""``/api/v1/``: notices, obligations and reports; what they add up to. Importing registers them."""

from . import notices, stories, summaries  # noqa: F401
