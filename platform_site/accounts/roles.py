"""The offices a person can hold, and which of them exclude each other.

GB/T 22239-2019 level 3 separates three administrators (system, security, audit): no account holds
two of them, and none of them holds a business office. ``RoleAssignment`` enforces this with a
database constraint over :class:`RoleClass`; the service only says it more kindly.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    NATIONAL_OFFICER = "national_officer", _("National officer")
    NATIONAL_LEADER = "national_leader", _("National leader")
    PROVINCIAL_LEADER = "provincial_leader", _("Leader in charge")
    DEPARTMENT_HEAD = "department_head", _("Department head")
    LIAISON_OFFICER = "liaison_officer", _("Liaison officer")
    CASEWORK_OFFICER = "casework_officer", _("Casework officer")
    EDITOR = "editor", pgettext_lazy("office", "Editor")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    SECURITY_ADMINISTRATOR = "security_administrator", _("Security administrator")


class RoleClass(models.TextChoices):
    BUSINESS = "business", _("Business office")
    SYSTEM = "system", _("System administration")
    SECURITY = "security", _("Security administration")
    AUDIT = "audit", _("Audit")


_ADMINISTRATORS = {
    Role.SYSTEM_ADMINISTRATOR: RoleClass.SYSTEM,
    Role.SECURITY_ADMINISTRATOR: RoleClass.SECURITY,
    Role.AUDITOR: RoleClass.AUDIT,
}

BUSINESS_ROLES = frozenset(role for role in Role if role not in _ADMINISTRATORS)

#: Held at the national federation only.
NATIONAL_ROLES = frozenset({Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, *_ADMINISTRATORS})

#: Held at a federation below the national one only.
LOCAL_ROLES = frozenset({Role.PROVINCIAL_LEADER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER})

#: What a department head may give at the own federation. Not a leader's office: whoever signs
#: reports off must not have been appointed by the person whose work is signed off.
GIVEN_BY_DEPARTMENT_HEAD = frozenset({Role.LIAISON_OFFICER, Role.CASEWORK_OFFICER, Role.EDITOR})


def class_of(role: str) -> RoleClass:
    """The class of offices that ``role`` belongs to; holding two classes at once is refused."""
    return _ADMINISTRATORS.get(Role(role), RoleClass.BUSINESS)


def fits_level(role: str, level: int) -> bool:
    """May ``role`` be held at a federation of this level (1 is the national federation)?"""
    if role in NATIONAL_ROLES:
        return level == 1
    if role in LOCAL_ROLES:
        return level > 1
    return True
