"""Who writes, reviews and publishes content, each at the federation that publishes it.

At the centre: editors and officers write, officers hold the second review, leaders the final one. At a
federation below: editors and liaison officers, the department head, the leader in charge.
"""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

WRITERS = {Role.EDITOR, Role.NATIONAL_OFFICER, Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD}
SECOND = {Role.NATIONAL_OFFICER, Role.DEPARTMENT_HEAD}
FINAL = {Role.NATIONAL_LEADER, Role.PROVINCIAL_LEADER}

declare(Permission("editorial.write_piece", roles=WRITERS, at="federation_id"))
declare(Permission("editorial.review_first", roles=WRITERS, at="federation_id"))
declare(Permission("editorial.review_second", roles=SECOND, at="federation_id"))
declare(Permission("editorial.review_final", roles=FINAL, at="federation_id"))
declare(Permission("editorial.review_piece", roles=WRITERS | FINAL, at="federation_id"))
declare(Permission("editorial.publish_piece", roles=SECOND | FINAL, at="federation_id"))
declare(Permission("editorial.withdraw_piece", roles=SECOND | FINAL, at="federation_id"))
