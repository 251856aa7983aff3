"""Who signs for what is asked: the federation itself, never one above it."""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

declare(
    Permission(
        "obligations.sign_for",
        roles={Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD},
        at="federation_id",
    )
)
