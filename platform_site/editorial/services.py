"""What happens to a piece of content. The rooms above begin and change it through these verbs."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.accounts.models import User
from platform_site.audit import services as audit
from platform_site.casework import services as duties
from platform_site.casework.workflow import check_version, lock
from platform_site.federations.models import Federation
from platform_site.notifications.services import notify
from platform_site.problems import FieldProblem, Invalid, NotAllowed, StepNotOpen
from platform_site.text.html import text_of

from . import kinds, queries
from .deadlines import FINAL_REVIEW, FIRST_REVIEW, REWORK, SECOND_REVIEW
from .models import Piece, Review, Revision, Writer
from .workflow import PIECE, PieceState

#: What is written of every kind; whatever else belongs to the room that owns the kind.
TEXTS = ("title", "summary", "body", "audience", "publish_at", "expires_at")
REVIEW_OF = {
    PieceState.FIRST_REVIEW: FIRST_REVIEW,
    PieceState.SECOND_REVIEW: SECOND_REVIEW,
    PieceState.FINAL_REVIEW: FINAL_REVIEW,
}
#: Nothing of these may come to a platform that holds 公开 and 内部 alone.
_MARKED = ("绝密★", "机密★", "秘密★", "绝密级", "机密级", "秘密级")


def _problem(field: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(f"/{field}", code, message)


def require_writer(piece: Piece, by: Any) -> None:
    """Raises NotAllowed for whoever writes no content at this federation."""
    if not by.has_perm("editorial.write_piece", piece):
        raise NotAllowed("not_yours", _("Writing content here is not part of your office."))


def _check(piece: Piece) -> None:
    """What no text may be, even as a draft. Raises Invalid."""
    found = []
    for name in ("title", "summary", "body"):
        field = Piece._meta.get_field(name)
        try:
            setattr(piece, name, field.clean(getattr(piece, name), piece))
        except ValidationError as error:
            found.append(_problem(name, error.code or "invalid", " ".join(error.messages)))
    words = " ".join((piece.title, piece.summary, text_of(piece.body)))
    if marked := next((mark for mark in _MARKED if mark in words), ""):
        message = _("The text is marked “%(mark)s”. Nothing classified may be kept here.")
        found.append(_problem("body", "classified", message % {"mark": marked}))
    if piece.publish_at and piece.expires_at and piece.expires_at <= piece.publish_at:
        message = _("It would end before it comes out.")
        found.append(_problem("expires_at", "before_publication", message))
    if found:
        raise Invalid("content_refused", _("The text cannot stay like this."), fields=found)


@transaction.atomic
def begin_piece(
    *,
    by: User,
    federation: Federation,
    kind: str,
    texts: Mapping[str, Any],
    id: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> Piece:
    """A new draft of a kind at a federation; ``texts`` are members of :data:`TEXTS`.

    ``id`` comes with the form, so that a replay meets the same draft.
    """
    at = at or timezone.now()
    piece = Piece(
        id=id or uuid.uuid4(),
        federation=federation,
        kind=kinds.kind(kind).code,
        slug=f"{timezone.localdate(at):%Y%m%d}-{secrets.token_hex(4)}",
        author=by,
        begun_at=at,
        changed_at=at,
        **{name: value for name, value in texts.items() if name in TEXTS},
    )
    require_writer(piece, by)
    if id and (again := Piece.objects.filter(pk=id).first()):
        if again.author_id != by.pk or again.kind != kind:
            message = _("This id belongs to another record.")
            raise Invalid("id_taken", message, fields=[_problem("id", "taken", message)])
        return again
    if not piece.title.strip():
        message = _("Give it a title.")
        raise Invalid("title_missing", message, fields=[_problem("title", "required", message)])
    _check(piece)
    piece.save(force_insert=True)
    Writer.objects.create(piece=piece, user=by)
    audit.record(
        "editorial.piece.begin",
        piece,
        by=by,
        at=at,
        to_state=piece.state,
        federation=federation,
        facts={"kind": kind},
    )
    return piece


@transaction.atomic
def write_piece(
    piece: Piece, *, by: User, version: int, texts: Mapping[str, Any], at: dt.datetime | None = None
) -> Piece:
    """Change a draft; members of :data:`TEXTS` that are left out stay. Raises Stale when it was changed."""
    at = at or timezone.now()
    fresh = lock(piece)
    require_writer(fresh, by)
    if fresh.state != PieceState.DRAFT:
        raise StepNotOpen(
            "not_a_draft",
            _("Only a draft can be changed; this is “%(state)s”.")
            % {"state": fresh.get_state_display()},
        )
    check_version(fresh, version)
    for name in TEXTS:
        if name in texts:
            setattr(fresh, name, texts[name])
    if not fresh.title.strip():
        message = _("Give it a title.")
        raise Invalid("title_missing", message, fields=[_problem("title", "required", message)])
    _check(fresh)
    fresh.changed_at = at
    fresh.version += 1
    fresh.save(update_fields=[*TEXTS, "changed_at", "version"])
    Writer.objects.get_or_create(piece=fresh, user=by)
    return fresh


@transaction.atomic
def submit_piece(piece: Piece, *, by: User, version: int, at: dt.datetime | None = None) -> Piece:
    """Send a draft to the first review; what it says now is kept as a revision."""
    at = at or timezone.now()
    fresh = PIECE.take(piece, "submit", by=by, version=version, at=at)
    problems = kinds.kind(fresh.kind).problems(fresh)
    if not text_of(fresh.body).strip():
        problems.append(_problem("body", "required", _("Write the text.")))
    if problems:
        raise Invalid("content_incomplete", _("It cannot go to review like this."), fields=problems)
    last = fresh.revisions.first()
    fresh.latest = Revision.objects.create(
        piece=fresh,
        number=last.number + 1 if last else 1,
        content=queries.content_of(fresh),
        made_by=by,
        made_by_name=by.name,
        made_at=at,
    )
    fresh.save(update_fields=["latest"])
    duties.meet(fresh, REWORK, by=by, at=at)
    _ask(fresh, by=by, at=at)
    return fresh


def _ask(piece: Piece, *, by: User, at: dt.datetime) -> None:
    rule = REVIEW_OF[PieceState(piece.state)]
    duties.start(
        piece,
        rule,
        by=by,
        federation=piece.federation,
        title=piece.title,
        barred=piece.author,
        at=at,
    )


def _reviewed(
    piece: Piece, step: str, verdict: Review.Verdict, *, by: User, version: int, note: str, at: Any
) -> Piece:
    stage = lock(piece).state
    fresh = PIECE.take(piece, step, by=by, version=version, note=note, at=at)
    Review.objects.create(
        revision=fresh.latest,
        stage=stage,
        verdict=verdict,
        note=note.strip(),
        by=by,
        by_name=by.name,
        at=at,
    )
    duties.meet(fresh, REVIEW_OF[PieceState(stage)], by=by, at=at)
    return fresh


@transaction.atomic
def pass_first_review(
    piece: Piece, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Piece:
    """初审: facts, words and form are right; on to the second review."""
    at = at or timezone.now()
    passed = Review.Verdict.PASSED
    fresh = _reviewed(piece, "pass_first", passed, by=by, version=version, note=note, at=at)
    _ask(fresh, by=by, at=at)
    return fresh


@transaction.atomic
def pass_second_review(
    piece: Piece, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Piece:
    """复审: policy and tone are right; on to the final review."""
    at = at or timezone.now()
    passed = Review.Verdict.PASSED
    fresh = _reviewed(piece, "pass_second", passed, by=by, version=version, note=note, at=at)
    _ask(fresh, by=by, at=at)
    return fresh


@transaction.atomic
def approve_piece(
    piece: Piece, *, by: User, version: int, note: str = "", at: dt.datetime | None = None
) -> Piece:
    """终审: it comes out now, or by itself at the time that the writer set."""
    at = at or timezone.now()
    passed = Review.Verdict.PASSED
    fresh = _reviewed(piece, "approve", passed, by=by, version=version, note=note, at=at)
    if fresh.publish_at is None or fresh.publish_at <= at:
        return _come_out(fresh, by=by, at=at)
    return fresh


@transaction.atomic
def return_piece(
    piece: Piece, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Piece:
    """Back to the writer, with the reason; the reviews begin anew with the next revision."""
    at = at or timezone.now()
    returned = Review.Verdict.RETURNED
    fresh = _reviewed(piece, "return", returned, by=by, version=version, note=note, at=at)
    duties.start(fresh, REWORK, by=by, federation=fresh.federation, title=fresh.title, at=at)
    notify(
        [fresh.author],
        "editorial/piece_returned",
        subject=fresh,
        context={"piece": fresh, "by": by, "note": note},
        reason=note,
        key=f"piece-returned:{fresh.pk}:{fresh.version}",
        at=at,
    )
    return fresh


@transaction.atomic
def recall_piece(piece: Piece, *, by: User, version: int, at: dt.datetime | None = None) -> Piece:
    """The writers take it back from review to change it."""
    at = at or timezone.now()
    fresh = PIECE.take(piece, "recall", by=by, version=version, at=at)
    duties.cancel(fresh, *REVIEW_OF.values(), by=by, at=at)
    return fresh


@transaction.atomic
def publish_piece(piece: Piece, *, by: User, version: int, at: dt.datetime | None = None) -> Piece:
    """What was approved comes out at once, whatever time was set."""
    fresh = lock(piece)
    if refused := PIECE.refusal(fresh, "publish", by):
        raise refused
    check_version(fresh, version)
    return _come_out(fresh, by=by, at=at or timezone.now())


def _come_out(piece: Piece, *, by: User | None, at: dt.datetime) -> Piece:
    """The latest revision is what readers see from now on; ``by`` None is the platform at the time set."""
    revision = piece.latest
    assert revision is not None
    piece.published, piece.published_at = revision, at
    piece.first_published_at = piece.first_published_at or at
    # Before the state: a constraint ties the two.
    piece.save(update_fields=["published", "published_at", "first_published_at"])
    facts = {"revision": revision.number}
    fresh = PIECE.take(piece, "publish", by=by, version=piece.version, at=at, facts=facts)
    fresh.writers.all().delete()
    kinds.kind(fresh.kind).came_out(fresh, by, at)
    return fresh


def publish_due(*, at: dt.datetime | None = None) -> int:
    """Bring out what was approved for a time that has come; a second look finds none."""
    at = at or timezone.now()
    due = Piece.objects.filter(state=PieceState.APPROVED, publish_at__lte=at)
    done = 0
    for pk in list(due.order_by("publish_at").values_list("pk", flat=True)):
        with transaction.atomic():
            waiting = Piece.objects.select_for_update(skip_locked=True, no_key=True)
            piece = waiting.filter(pk=pk, state=PieceState.APPROVED).first()
            if piece is not None:
                _come_out(piece, by=None, at=at)
                done += 1
    return done


@transaction.atomic
def stop_piece(
    piece: Piece, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Piece:
    """What was approved does not come out: back to the writer, with the reason."""
    at = at or timezone.now()
    fresh = PIECE.take(piece, "stop", by=by, version=version, note=note, at=at)
    duties.start(fresh, REWORK, by=by, federation=fresh.federation, title=fresh.title, at=at)
    return fresh


@transaction.atomic
def revise_piece(piece: Piece, *, by: User, version: int, at: dt.datetime | None = None) -> Piece:
    """Begin a new version; readers keep seeing the one that is out."""
    return PIECE.take(piece, "revise", by=by, version=version, at=at or timezone.now())


@transaction.atomic
def discard_changes(
    piece: Piece, *, by: User, version: int, at: dt.datetime | None = None
) -> Piece:
    """Give up a new version: the draft says again what is out."""
    at = at or timezone.now()
    fresh = PIECE.take(piece, "discard", by=by, version=version, at=at)
    content = fresh.published.content
    for name in ("title", "summary", "body", "audience"):
        setattr(fresh, name, content[name])
    fresh.latest, fresh.changed_at = fresh.published, at
    fresh.save(update_fields=["title", "summary", "body", "audience", "latest", "changed_at"])
    fresh.writers.all().delete()
    duties.cancel(fresh, REWORK, by=by, at=at)
    kinds.kind(fresh.kind).restore(fresh, content["details"])
    return fresh


@transaction.atomic
def withdraw_piece(
    piece: Piece, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Piece:
    """Take it off the site; its address then says that it was withdrawn, and when."""
    at = at or timezone.now()
    fresh = PIECE.take(piece, "withdraw", by=by, version=version, note=note, at=at)
    fresh.withdrawn_at, fresh.withdrawn_reason = at, note.strip()
    fresh.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return fresh


@transaction.atomic
def drop_piece(
    piece: Piece, *, by: User, version: int, note: str, at: dt.datetime | None = None
) -> Piece:
    """A draft that never came out is given up; it stays in the list as dropped."""
    at = at or timezone.now()
    fresh = PIECE.take(piece, "drop", by=by, version=version, note=note, at=at)
    duties.cancel(fresh, REWORK, by=by, at=at)
    return fresh
