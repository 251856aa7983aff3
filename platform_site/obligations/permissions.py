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
OWN_OFFICERS = {Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD}
# Passing down what one's own federation owes.
declare(Permission("obligations.pass_down", roles=OWN_OFFICERS, at="federation_id"))
# More time, or no report: the federation that asked decides, for one federation by name. The centre has
# national offices alone and every other federation none of them, so the place says which ones count.
for _act in ("extend", "waive"):
    declare(
        Permission(
            f"obligations.{_act}",
            roles={Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER, *OWN_OFFICERS},
            at="asking_federation_id",
        )
    )
# Only what was passed down is taken back; a notice of the centre is withdrawn.
declare(Permission("obligations.take_back", roles=OWN_OFFICERS, at="asking_federation_id"))
# 整改事项: the centre sets and verifies, the owner's own people do and report.
SETTERS = {Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER}
declare(Permission("obligations.set_action_point", roles=SETTERS, at="asking_federation_id"))
declare(Permission("obligations.verify_action_point", roles=SETTERS, at="asking_federation_id"))
declare(
    Permission(
        "obligations.report_action_point",
        roles={Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD, Role.NATIONAL_OFFICER},
        at="federation_id",
    )
)
