"""``/api/v1/``: notices, obligations and reports; what they add up to; supervision; the work
system, handovers, papers. Importing registers them."""

from . import handovers, history, notices, papers, summaries, supervision, work_system  # noqa: F401
