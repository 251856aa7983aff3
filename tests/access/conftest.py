"""What every test of ``tests/access.csv`` begins with: the world, and the people who walk about in it."""

from .requests import clients
from .world import world

__all__ = ["clients", "world"]
