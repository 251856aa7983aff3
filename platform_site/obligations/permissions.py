"""Who signs for what is asked: the federation itself, never one above it; and who lets it off."""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

declare(
    Permission(
        "obligations.sign_for",
        roles={Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD},
        at="federation_id",
    )
)
# More time, or no report: the federation that asked decides, for one federation by name.
for _act in ("extend", "waive"):
    declare(
        Permission(
            f"obligations.{_act}",
            roles={Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER},
            at="round.request.federation_id",
        )
    )
