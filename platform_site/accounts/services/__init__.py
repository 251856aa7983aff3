"""Everything that changes an account: who did it, for whom, and why, in one transaction each.

``by`` is the acting person; None is an operator at the machine (a management command), whose
shell access is the authority. No act here can be done to oneself: applying and activating are two
people's work, and there is no way to act under another person's name.
"""

from .exceptions import grant, revoke, revoke_all
from .offices import end_role, give_role, substitute
from .people import (
    change_settings,
    create_account,
    disable,
    enable,
    invitation_link,
    invite,
    send_invitation,
)
from .tokens import issue_token, revoke_token, rotate_token

__all__ = [
    "change_settings",
    "create_account",
    "disable",
    "enable",
    "end_role",
    "give_role",
    "grant",
    "invitation_link",
    "invite",
    "issue_token",
    "revoke",
    "revoke_all",
    "revoke_token",
    "rotate_token",
    "send_invitation",
    "substitute",
]
