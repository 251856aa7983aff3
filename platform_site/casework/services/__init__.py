"""The verbs of duties, of the working-day calendar and of reminding."""

from .chasing import chase
from .duties import cancel, cancel_many, load_calendar, meet, move, start, start_many
from .feeds import make_feed, reader_of_feed, revoke_feed
from .ladders import RuleGiven, load_default_ladder, own_ladder, rule_problems, set_ladder
from .preferences import choose
from .reminders import remind

__all__ = [
    "RuleGiven",
    "cancel",
    "cancel_many",
    "chase",
    "choose",
    "load_calendar",
    "load_default_ladder",
    "make_feed",
    "meet",
    "move",
    "own_ladder",
    "reader_of_feed",
    "remind",
    "revoke_feed",
    "rule_problems",
    "set_ladder",
    "start",
    "start_many",
]
