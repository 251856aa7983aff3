"""Who is named to a post, and who was before: periods pass over, nobody is overwritten."""

import datetime

import pghistory.models
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from platform_site.audit.models import Entry
from platform_site.federations import services
from platform_site.federations.models import Holding
from platform_site.federations.queries import holder
from platform_site.problems import Invalid, NotAllowed, Stale
from tests.factories.accounts import user_with
from tests.factories.federations import HoldingFactory, federation

pytestmark = pytest.mark.django_db
Post = Holding.Post
day = datetime.date


@pytest.fixture
def guangdong():
    return federation("440000")


@pytest.fixture
def officer(guangdong):
    return user_with("liaison_officer", guangdong)


SPRING = day(2026, 3, 1)


def appoint(federation, officer, name="王一", since=SPRING, post=Post.LEADER_IN_CHARGE, **details):
    return services.appoint(federation, post, name=name, since=since, by=officer, **details)


def test_the_place_is_stamped_by_the_database(guangdong):
    tianhe = federation("440106")
    holding = HoldingFactory(federation=tianhe)
    assert (holding.first_tier, holding.prefecture) == (guangdong, federation("440100"))
    # Nobody can write another place, and a change of federation changes it.
    Holding.objects.filter(pk=holding.pk).update(first_tier=federation("430000"))
    holding.refresh_from_db()
    assert holding.first_tier == guangdong
    Holding.objects.filter(pk=holding.pk).update(federation=federation("110105"))
    holding.refresh_from_db()
    assert (holding.first_tier, holding.prefecture) == (federation("110000"), None)


def test_one_leader_at_a_time_in_the_database(guangdong):
    HoldingFactory(federation=guangdong, until=day(2026, 1, 1))
    HoldingFactory(federation=guangdong, since=day(2026, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        HoldingFactory(federation=guangdong, since=day(2025, 12, 31))
    HoldingFactory(federation=federation("430000"))
    for _n in range(2):
        HoldingFactory(federation=guangdong, post=Post.LIAISON_OFFICER)


def test_appointing_ends_the_former_period(guangdong, officer):
    former = appoint(guangdong, officer, "王一", day(2026, 3, 1))
    new = appoint(guangdong, officer, "李二", day(2026, 9, 1), title="副主席")
    former.refresh_from_db()
    assert (former.until, former.version) == (day(2026, 9, 1), 2)
    assert (new.until, new.title, new.first_tier) == (None, "副主席", guangdong)
    assert holder(guangdong, Post.LEADER_IN_CHARGE, day(2026, 8, 31)) == former
    assert holder(guangdong, Post.LEADER_IN_CHARGE, day(2026, 9, 1)) == new
    assert holder(guangdong, Post.LEADER_IN_CHARGE, day(2026, 2, 28)) is None
    assert holder(guangdong, Post.LEADER_IN_CHARGE) == new


def test_an_earlier_time_ends_where_the_next_begins(guangdong, officer):
    present = appoint(guangdong, officer, "王一", day(2026, 3, 1))
    earlier = appoint(guangdong, officer, "李二", day(2016, 9, 1))
    present.refresh_from_db()
    assert (earlier.until, present.until) == (day(2026, 3, 1), None)


def test_two_names_on_one_day_leave_both(guangdong, officer):
    first = appoint(guangdong, officer, "王一")
    second = appoint(guangdong, officer, "李二")
    first.refresh_from_db()
    assert (first.since, first.until) == (day(2026, 3, 1), day(2026, 3, 1))
    assert holder(guangdong, Post.LEADER_IN_CHARGE, day(2026, 3, 1)) == second


def test_the_same_name_stays_and_a_replay_changes_nothing(guangdong, officer):
    first = appoint(guangdong, officer, phone="13800001111")
    again = appoint(guangdong, officer, phone="13800001111")
    assert (again.pk, again.version, Holding.objects.count()) == (first.pk, 1, 1)
    later = appoint(guangdong, officer, phone="13900002222", since=day(2026, 9, 1))
    assert (later.pk, later.version, later.since) == (first.pk, 2, day(2026, 3, 1))
    assert later.phone == "13900002222"


def test_liaison_officers_may_be_several(guangdong, officer):
    for name in ("王一", "李二", "王一"):
        appoint(guangdong, officer, name, post=Post.LIAISON_OFFICER)
    assert Holding.objects.on(day(2026, 4, 1)).count() == 2


def test_the_trail_tells_it_without_personal_values(guangdong, officer):
    holding = appoint(guangdong, officer, phone="13800001111")
    appoint(guangdong, officer, phone="13900002222")
    entries = list(Entry.objects.order_by("id"))
    assert [entry.action for entry in entries] == ["federations.appoint", "federations.correct"]
    assert entries[0].facts == {"post": "leader_in_charge", "since": "2026-03-01"}
    assert entries[1].facts == {"post": "leader_in_charge", "fields": ["phone"]}
    assert {entry.federation_code for entry in entries} == {"440000"}
    event = apps.get_model("federations", "HoldingEvent")
    fields = {field.name for field in event._meta.fields}
    assert not fields & {"name", "phone", "title", "department"}
    assert event.objects.filter(pgh_obj=holding.pk).count() >= 1
    assert issubclass(event, pghistory.models.Event)


@pytest.mark.parametrize("since", [day(1, 1, 1), day(1925, 4, 30), day(9999, 12, 31)])
def test_absurd_days_are_refused(guangdong, officer, since):
    with pytest.raises(Invalid) as refused:
        appoint(guangdong, officer, since=since)
    assert [field.pointer for field in refused.value.fields] == ["/since"]
    assert Holding.objects.count() == 0


@pytest.mark.parametrize("name", ["", "长" * 65, "王\x00一"])
def test_a_bad_name_is_refused_beside_its_field(guangdong, officer, name):
    with pytest.raises(Invalid) as refused:
        appoint(guangdong, officer, name)
    assert [field.pointer for field in refused.value.fields] == ["/name"]


def test_an_unknown_post_is_refused(guangdong, officer):
    with pytest.raises(Invalid):
        appoint(guangdong, officer, post="chair_of_everything")


@pytest.mark.parametrize(
    ("role", "code", "may"),
    [
        ("liaison_officer", "440000", True),
        ("department_head", "440000", True),
        ("liaison_officer", "430000", False),
        ("liaison_officer", "440100", False),
        ("provincial_leader", "440000", False),
        ("national_officer", "ACFTU", False),
        ("auditor", "ACFTU", False),
        ("security_administrator", "ACFTU", False),
    ],
)
def test_only_the_federation_itself_keeps_its_register(guangdong, role, code, may):
    person = user_with(role, federation(code))
    if may:
        assert appoint(guangdong, person).federation == guangdong
    else:
        with pytest.raises(NotAllowed):
            appoint(guangdong, person)


def test_ending_a_period(guangdong, officer):
    holding = appoint(guangdong, officer)
    with pytest.raises(Stale):
        services.end(holding, until=day(2026, 9, 1), by=officer, version=7)
    with pytest.raises(Invalid):
        services.end(holding, until=day(2026, 2, 1), by=officer)
    with pytest.raises(NotAllowed):
        services.end(
            holding,
            until=day(2026, 9, 1),
            by=user_with("liaison_officer", federation("430000")),
        )
    ended = services.end(holding, until=day(2026, 9, 1), by=officer, version=1)
    assert (ended.until, ended.version) == (day(2026, 9, 1), 2)
    with pytest.raises(Invalid):
        services.end(holding, until=day(2026, 9, 2), by=officer)
    assert holder(guangdong, Post.LEADER_IN_CHARGE, timezone.localdate()) is None


def test_the_model_says_so_too(guangdong):
    HoldingFactory(federation=guangdong)
    other = HoldingFactory.build(federation=guangdong, first_tier=guangdong)
    with pytest.raises(ValidationError):
        other.validate_constraints()
