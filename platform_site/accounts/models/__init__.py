"""Who may sign in, which office they hold where and until when, what was granted by hand, and tokens."""

from .grants import ObjectGrant
from .people import DateRange, RoleAssignment, User, UserQuerySet
from .tokens import LONGEST_TOKEN, ApiToken

__all__ = [
    "LONGEST_TOKEN",
    "ApiToken",
    "DateRange",
    "ObjectGrant",
    "RoleAssignment",
    "User",
    "UserQuerySet",
]
