"""``/api/v1/``: notices, obligations and reports; what they add up to; supervision; the work
system and handovers. Importing registers them."""

from . import handovers, history, notices, summaries, supervision, work_system  # noqa: F401
