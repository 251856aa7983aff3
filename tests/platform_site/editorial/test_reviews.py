"""三审三校: three other people read a text; what is out changes at publication alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError

from platform_site.audit.queries import story
from platform_site.casework.models import Duty
from platform_site.casework.queries import todo
from platform_site.editorial import services
from platform_site.editorial.models import Piece, Review, Revision
from platform_site.editorial.workflow import PIECE
from platform_site.notifications.models import PortalNotice
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
from tests.factories import content

pytestmark = pytest.mark.django_db

BEIJING = dt.timezone(dt.timedelta(hours=8))


def at(day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, 9, day, hour, tzinfo=BEIJING)


def names_of_steps(piece, person):
    return {each.name for each in PIECE.open_steps(piece, person)}


def test_three_people_pass_it_and_it_is_out(
    piece, centre_editor, national_officer, second_national_officer, national_leader
):
    piece = content.in_review(piece, centre_editor)
    assert [duty.rule_code for duty in Duty.objects.filter(done_at=None)] == [
        "editorial.first_review"
    ]
    assert str(todo(national_officer)[0].title) == piece.title
    piece = services.pass_first_review(piece, by=national_officer, version=piece.version)
    assert names_of_steps(piece, national_officer) == set()
    piece = services.pass_second_review(
        piece, by=second_national_officer, version=piece.version, note="可以。"
    )
    piece = services.approve_piece(piece, by=national_leader, version=piece.version)
    assert (piece.state, piece.is_out, piece.published.number) == ("published", True, 1)
    assert [(each.stage, each.by, each.verdict) for each in Review.objects.all()] == [
        ("first_review", national_officer, "passed"),
        ("second_review", second_national_officer, "passed"),
        ("final_review", national_leader, "passed"),
    ]
    assert not Duty.objects.filter(done_at=None).exists()
    assert [each.action for each in story(piece)][-1] == "editorial.piece.publish"


def test_whoever_wrote_it_reviews_none_of_it(
    piece, centre_editor, national_officer, second_national_officer
):
    piece = services.write_piece(
        piece, by=national_officer, version=piece.version, texts={"title": "改过的题目"}
    )
    piece = content.in_review(piece, centre_editor)
    for person in (centre_editor, national_officer):
        with pytest.raises(NotAllowed) as refused:
            services.pass_first_review(piece, by=person, version=piece.version)
        assert refused.value.code == "wrote_it"
    services.pass_first_review(piece, by=second_national_officer, version=piece.version)


def test_one_person_does_not_hold_two_reviews(piece, centre_editor, national_officer):
    piece = content.in_review(piece, centre_editor)
    piece = services.pass_first_review(piece, by=national_officer, version=piece.version)
    for act in (services.pass_second_review, services.return_piece):
        with pytest.raises(NotAllowed) as refused:
            act(piece, by=national_officer, version=piece.version, note="再看。")
        assert refused.value.code == "reviewed_before"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            revision=piece.latest, stage="second_review", verdict="passed", by=national_officer,
            by_name="林", at=at(15),
        )  # fmt: skip


def test_a_leader_does_not_hold_the_first_review_and_an_officer_not_the_last(
    piece, centre_editor, national_officer, second_national_officer, national_leader
):
    piece = content.in_review(piece, centre_editor)
    assert names_of_steps(piece, national_leader) == set()
    with pytest.raises(NotAllowed):
        services.return_piece(piece, by=national_leader, version=piece.version, note="不妥。")
    piece = services.pass_first_review(piece, by=national_officer, version=piece.version)
    piece = services.pass_second_review(piece, by=second_national_officer, version=piece.version)
    assert names_of_steps(piece, second_national_officer) == set()
    assert names_of_steps(piece, national_leader) == {"approve", "return"}


def test_returned_with_a_reason_it_begins_anew(
    piece, centre_editor, national_officer, second_national_officer, national_leader
):
    piece = content.in_review(piece, centre_editor)
    piece = services.pass_first_review(piece, by=national_officer, version=piece.version)
    with pytest.raises(Invalid):
        services.return_piece(piece, by=second_national_officer, version=piece.version, note=" ")
    piece = services.return_piece(
        piece, by=second_national_officer, version=piece.version, note="第二条表述不准确。"
    )
    assert piece.state == "draft"
    told = PortalNotice.objects.get(user=centre_editor)
    assert "第二条表述不准确" in told.body
    assert str(todo(centre_editor)[0].title) == piece.title
    piece = services.write_piece(
        piece, by=centre_editor, version=piece.version, texts={"body": "<p>第二条　改。</p>"}
    )
    piece = content.in_review(piece, centre_editor)
    assert piece.latest.number == 2
    piece = content.approved(piece, national_officer, second_national_officer, national_leader)
    assert piece.published.content["body"] == "<p>第二条　改。</p>"


def test_readers_see_what_is_out_while_a_new_version_is_written(piece, publish, centre_editor):
    piece = publish(piece)
    piece = services.revise_piece(piece, by=centre_editor, version=piece.version)
    piece = services.write_piece(
        piece, by=centre_editor, version=piece.version, texts={"title": "新题目"}
    )
    assert piece.published.content["title"] == content.TEXTS["title"]
    assert Piece.objects.readable_by(None).get() == piece
    piece = publish(piece)
    assert (piece.published.number, piece.published.content["title"]) == (2, "新题目")


def test_changes_given_up_leave_what_is_out(piece, publish, centre_editor):
    piece = publish(piece)
    piece = services.revise_piece(piece, by=centre_editor, version=piece.version)
    piece = services.write_piece(
        piece, by=centre_editor, version=piece.version, texts={"title": "新题目"}
    )
    piece = services.discard_changes(piece, by=centre_editor, version=piece.version)
    assert (piece.state, piece.title) == ("published", content.TEXTS["title"])
    assert piece.policy_draft.issuers == ["中华全国总工会"]


def test_it_comes_out_at_the_time_set(the_day, centre_editor, acftu, publish):
    piece = publish(content.drafted(centre_editor, acftu, publish_at=at(16)))
    assert (piece.state, piece.is_out) == ("approved", False)
    assert services.publish_due(at=at(15, 23)) == 0
    assert services.publish_due(at=at(16)) == 1
    assert services.publish_due(at=at(16)) == 0
    piece.refresh_from_db()
    assert (piece.state, piece.published_at) == ("published", at(16))


def test_what_was_approved_can_still_be_stopped(
    the_day, centre_editor, acftu, publish, national_officer
):
    piece = publish(content.drafted(centre_editor, acftu, publish_at=at(16)))
    piece = services.stop_piece(
        piece, by=national_officer, version=piece.version, note="文件有修改。"
    )
    assert services.publish_due(at=at(17)) == 0
    assert piece.state == "draft"


def test_withdrawn_it_is_gone_for_readers_and_stays_at_the_desk(
    piece, publish, national_officer, hunan_officer
):
    piece = publish(piece)
    piece = services.withdraw_piece(
        piece, by=national_officer, version=piece.version, note="内容有误。"
    )
    assert not Piece.objects.readable_by(hunan_officer).exists()
    assert Piece.objects.withdrawn_from(None).get() == piece
    assert Piece.objects.visible_to(national_officer).get() == piece
    with pytest.raises(StepNotOpen):
        services.revise_piece(piece, by=national_officer, version=piece.version)


def test_internal_content_is_for_those_signed_in(
    the_day, centre_editor, acftu, publish, hunan_officer
):
    publish(content.drafted(centre_editor, acftu, audience="internal"))
    assert not Piece.objects.readable_by(None).exists()
    assert Piece.objects.readable_by(hunan_officer).count() == 1


def test_what_expired_is_no_longer_shown(the_day, centre_editor, acftu, publish):
    publish(content.drafted(centre_editor, acftu, expires_at=at(20)))
    assert Piece.objects.readable_by(None, at(19)).exists()
    assert not Piece.objects.readable_by(None, at(20)).exists()


def test_another_desk_sees_nothing_of_a_draft(piece, hunan_officer, guangdong_head, editor):
    for person in (hunan_officer, guangdong_head, editor):
        assert not Piece.objects.visible_to(person).exists()


def test_a_province_has_its_own_desk(
    the_day, editor, guangdong, guangdong_officer, guangdong_head, guangdong_leader
):
    piece = content.in_review(content.drafted(editor, guangdong, level="provincial"), editor)
    piece = content.approved(piece, guangdong_officer, guangdong_head, guangdong_leader)
    assert piece.is_out


def test_two_editors_do_not_overwrite_each_other(piece, centre_editor, national_officer):
    services.write_piece(piece, by=national_officer, version=1, texts={"title": "甲"})
    with pytest.raises(Stale):
        services.write_piece(piece, by=centre_editor, version=1, texts={"title": "乙"})


@pytest.mark.parametrize(
    ("texts", "pointer"),
    [
        ({"title": " "}, "/title"),
        ({"body": "<p>机密★十年</p>"}, "/body"),
        ({"publish_at": at(20), "expires_at": at(19)}, "/expires_at"),
    ],
)
def test_what_no_text_may_be(piece, centre_editor, texts, pointer):
    with pytest.raises(Invalid) as refused:
        services.write_piece(piece, by=centre_editor, version=1, texts=texts)
    assert [each.pointer for each in refused.value.fields] == [pointer]
    piece.refresh_from_db()
    assert piece.version == 1


def test_revisions_and_reviews_are_never_changed(piece, publish):
    piece = publish(piece)
    with pytest.raises(InternalError), transaction.atomic():
        Review.objects.all().delete()
    with pytest.raises(InternalError), transaction.atomic():
        Revision.objects.update(content={})
