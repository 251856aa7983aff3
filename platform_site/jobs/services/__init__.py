"""The only writers of jobs: people ask and cancel, workers run, the sweep mends."""

from .asking import cancel, start
from .running import run_job
from .sweeping import sweep, sweep_results

__all__ = ["cancel", "run_job", "start", "sweep", "sweep_results"]
