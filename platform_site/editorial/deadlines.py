"""The duties of the editorial flow: service standards of the house, in working days."""

from django.utils.translation import gettext_lazy as _

from platform_site.casework.deadlines import Rule
from platform_site.casework.workdays import Unit

HOUSE = _("service standard of the house")

FIRST_REVIEW = Rule(
    "editorial.first_review", _("First review of the content"), "editorial.review_first",
    "piece-detail", amount=2, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
SECOND_REVIEW = Rule(
    "editorial.second_review", _("Second review of the content"), "editorial.review_second",
    "piece-detail", amount=2, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
FINAL_REVIEW = Rule(
    "editorial.final_review", _("Final review of the content"), "editorial.review_final",
    "piece-detail", amount=2, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
REWORK = Rule(
    "editorial.rework", _("Change the content and send it again"), "editorial.write_piece",
    "piece-detail", amount=3, unit=Unit.WORKING, cites=HOUSE,
)  # fmt: skip
