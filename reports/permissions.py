"""Who may do what to notices and reports, and at which federation the role must be held.

A notice belongs to the federation that asks. Filling belongs to the federation itself, never to one
above it; deciding belongs to the federation that asked (in a cascade, a province's own officers).
"""

from django.utils.translation import gettext_lazy as _

from platform_site.accounts.permissions import Given, Permission, declare
from platform_site.accounts.roles import Role

OWN_OFFICERS = {Role.LIAISON_OFFICER, Role.DEPARTMENT_HEAD}
REVIEWERS = {Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER}

NOTICES = {Role.NATIONAL_OFFICER}
NOTICE_DECIDERS = {Role.NATIONAL_OFFICER, Role.NATIONAL_LEADER}

# The centre's notices; what is passed down of them has its own permission (obligations.pass_down).
declare(Permission("reports.draft_notice", roles=NOTICES, at="federation_id"))
declare(Permission("reports.approve_notice", roles=NOTICE_DECIDERS, at="federation_id"))
declare(Permission("reports.send_back_notice", roles=NOTICE_DECIDERS, at="federation_id"))
declare(Permission("reports.issue_notice", roles=NOTICES, at="federation_id"))
declare(Permission("reports.close_notice", roles=NOTICES, at="federation_id"))
declare(Permission("reports.withdraw_notice", roles=NOTICES, at="federation_id"))
declare(Permission("reports.run_rounds", roles=NOTICES, at="federation_id"))
declare(Permission("reports.fill_report", roles=OWN_OFFICERS, at="federation_id"))
declare(Permission("reports.submit_report", roles=OWN_OFFICERS, at="federation_id"))
declare(Permission("reports.recall_report", roles=OWN_OFFICERS, at="federation_id"))
declare(Permission("reports.sign_off_report", roles={Role.PROVINCIAL_LEADER}, at="federation_id"))
# The centre has national offices alone and every other federation none of them: the place says which count.
declare(
    Permission("reports.review_report", roles=REVIEWERS | OWN_OFFICERS, at="asking_federation_id")
)
declare(Permission("reports.set_reminders", roles=NOTICE_DECIDERS, at="federation_id"))
declare(Permission("reports.chase", roles=NOTICE_DECIDERS, at="federation_id"))
# 督导 belongs to the centre; its offices are held nowhere else.
declare(Permission("reports.supervise", roles=NOTICES))
declare(Permission("reports.accept_supervision", roles=NOTICE_DECIDERS))
# 四落实: each federation states its own; the centre asks for what is missing.
declare(Permission("reports.state_work", roles=OWN_OFFICERS, at="federation_id"))
declare(Permission("reports.ask_for_work", roles=NOTICE_DECIDERS))
# 工作交接: between the officers of one federation; for a holder who has left, whoever is above them there.
OFFICES = {*OWN_OFFICERS, Role.PROVINCIAL_LEADER, *NOTICE_DECIDERS}
HEADS = {Role.DEPARTMENT_HEAD, Role.PROVINCIAL_LEADER, Role.NATIONAL_LEADER}
declare(Permission("reports.hand_over", roles=OFFICES, at="federation_id"))
declare(Permission("reports.hand_over_for", roles=HEADS, at="federation_id"))
declare(Permission("reports.summarise", roles=NOTICE_DECIDERS, at="federation_id"))
# 通报 goes out as a notice does: drafted by officers, approved by another person of the centre.
declare(Permission("reports.draft_circular", roles=NOTICES, at="federation_id"))
declare(Permission("reports.approve_circular", roles=NOTICE_DECIDERS, at="federation_id"))
declare(Permission("reports.send_back_circular", roles=NOTICE_DECIDERS, at="federation_id"))
declare(Permission("reports.issue_circular", roles=NOTICES, at="federation_id"))
declare(Permission("reports.withdraw_circular", roles=NOTICES, at="federation_id"))

# Reading by name, for who would not see the object by office: an expert, an officer of elsewhere. Nothing
# that decides is given so: deciding is a duty of an office. A notice belongs to the federation that asks,
# a report to the one that files it and, once it was submitted, to the one that asked.
declare(
    Permission(
        "reports.view_notice",
        roles=(),
        given=Given(
            "reports.notice",
            _("read this notice"),
            by={"federation_id": NOTICE_DECIDERS},
            related=("request",),
        ),
    )
)
declare(
    Permission(
        "reports.view_report",
        roles=(),
        given=Given(
            "reports.report",
            _("read this report"),
            by={
                "federation_id": {Role.DEPARTMENT_HEAD, Role.PROVINCIAL_LEADER},
                "asking_federation_id": REVIEWERS,
            },
            related=("federation", "obligation__parent", "obligation__round__request"),
        ),
    )
)
