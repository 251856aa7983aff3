"""三审三校: what a piece of content goes through before everybody reads it.

Three different people read it, none of whom wrote it; each sends it on or back with a reason. What is
published stays as it is while a new version of it is written and reviewed.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from platform_site.casework.workflow import Workflow, step
from platform_site.problems import NotAllowed, Refused, StepNotOpen


class PieceState(models.TextChoices):
    DRAFT = "draft", _("draft")
    FIRST_REVIEW = "first_review", _("first review")
    SECOND_REVIEW = "second_review", _("second review")
    FINAL_REVIEW = "final_review", _("final review")
    APPROVED = "approved", _("approved, not out yet")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", pgettext_lazy("content", "withdrawn")
    DROPPED = "dropped", pgettext_lazy("content", "dropped")


S = PieceState
REVIEWS = (S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW)
#: The permission of each review.
REVIEWERS = {
    S.FIRST_REVIEW: "editorial.review_first",
    S.SECOND_REVIEW: "editorial.review_second",
    S.FINAL_REVIEW: "editorial.review_final",
}


def not_the_writer(piece: Any, user: Any) -> Refused | None:
    """Whoever wrote on the text does not review it."""
    if piece.writers.filter(user=user.pk).exists():
        return NotAllowed(
            "wrote_it", _now("You wrote on this text; somebody else has to review it.")
        )
    return None


def not_a_reviewer_before(piece: Any, user: Any) -> Refused | None:
    """Each of the three reviews is another person's."""
    revision = piece.latest
    if revision is not None and revision.reviews.filter(by=user.pk).exists():
        return NotAllowed(
            "reviewed_before",
            _now("You have reviewed this version; the next review is another person's."),
        )
    return None


def their_review(piece: Any, user: Any) -> Refused | None:
    """To return it is for whoever could send it on."""
    permission = REVIEWERS.get(piece.state)
    if permission and not user.has_perm(permission, piece):
        return NotAllowed("not_yours", _now("This review is not part of your office."))
    return None


def a_writer_of_it(piece: Any, user: Any) -> Refused | None:
    """It is taken back by those who wrote it, not by whoever may write."""
    if piece.writers.filter(user=user.pk).exists():
        return None
    return NotAllowed("not_the_writer", _now("Only who wrote it takes it back from review."))


def never_out(piece: Any, user: Any) -> Refused | None:
    if piece.published_id is not None:
        return StepNotOpen(
            "was_published", _now("It was published; take back the changes, or withdraw it.")
        )
    return None


def was_out(piece: Any, user: Any) -> Refused | None:
    if piece.published_id is None:
        return StepNotOpen(
            "never_published", _now("It was never published; there is nothing to go back to.")
        )
    return None


READERS = [not_the_writer, not_a_reviewer_before]

PIECE = Workflow(
    "editorial.piece",
    #    step             from                       to                 permission
    step("submit", S.DRAFT, S.FIRST_REVIEW, "editorial.write_piece",
         label=_("Send to review"), tone="primary"),
    step("recall", REVIEWS, S.DRAFT, "editorial.write_piece", label=_("Take back from review"),
         guards=[a_writer_of_it]),
    step("pass_first", S.FIRST_REVIEW, S.SECOND_REVIEW, "editorial.review_first",
         label=_("Pass the first review"), guards=READERS, tone="primary"),
    step("pass_second", S.SECOND_REVIEW, S.FINAL_REVIEW, "editorial.review_second",
         label=_("Pass the second review"), guards=READERS, tone="primary"),
    step("approve", S.FINAL_REVIEW, S.APPROVED, "editorial.review_final",
         label=_("Approve for publication"), guards=READERS, tone="primary"),
    step("return", REVIEWS, S.DRAFT, "editorial.review_piece", label=pgettext_lazy("content", "Return"),
         needs_note=True, guards=[their_review, *READERS], tone="warning"),
    step("publish", S.APPROVED, S.PUBLISHED, "editorial.publish_piece",
         label=_("Publish now"), tone="primary", alone=True),
    step("stop", S.APPROVED, S.DRAFT, "editorial.publish_piece",
         label=_("Stop publication"), needs_note=True, tone="warning"),
    step("revise", S.PUBLISHED, S.DRAFT, "editorial.write_piece", label=_("Write a new version")),
    step("discard", S.DRAFT, S.PUBLISHED, "editorial.write_piece",
         label=_("Discard the changes"), guards=[was_out], tone="warning"),
    step("withdraw", S.PUBLISHED, S.WITHDRAWN, "editorial.withdraw_piece",
         label=_("Withdraw from the site"), needs_note=True, tone="warning"),
    step("drop", S.DRAFT, S.DROPPED, "editorial.write_piece",
         label=_("Drop the draft"), needs_note=True, guards=[never_out], tone="warning"),
    states=PieceState,
)  # fmt: skip
