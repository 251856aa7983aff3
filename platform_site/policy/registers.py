"""What this app tells the rooms below it: its kind of content."""

from django.utils.translation import gettext_lazy as _

from platform_site.editorial.kinds import Kind

from . import queries, services


def register() -> None:
    Kind(
        code=services.KIND,
        label=_("policy document"),
        edit_page="policy-edit",
        public_page="policy-page",
        template="policy/policy_page.html",
        details=services.details_of,
        context=queries.context_of,
        problems=services.problems_of,
        came_out=services.came_out,
        restore=services.restore,
    )
