"""What each kind of seat reaches, with two queries at the most."""

import datetime

import pytest
import time_machine
from django.db.models import Q
from django.utils import timezone

from platform_site.accounts import services
from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.problems import Invalid
from tests.factories.accounts import UserFactory, office, user_with


def fresh(user):
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("role", "place", "column"),
    [
        (Role.LIAISON_OFFICER, "guangdong", "first_tier_id"),
        (Role.LIAISON_OFFICER, "union", "first_tier_id"),
        (Role.DEPARTMENT_HEAD, "shenzhen", "prefecture_id"),
        (Role.LIAISON_OFFICER, "nanshan", "federation_id"),
    ],
)
def test_subtree_is_one_column(tree, role, place, column):
    federation = getattr(tree, place)
    scope = user_with(role, federation).scope
    assert scope.q() == Q(**{column: federation.pk})
    assert scope.q(prefix="obligation__") == Q(**{f"obligation__{column}": federation.pk})
    assert scope.at(role) == {federation.pk}
    assert not scope.national()
    assert scope.q(Role.EDITOR) is None


def test_national_seat_adds_no_predicate(tree):
    scope = user_with(Role.NATIONAL_OFFICER, tree.acftu).scope
    assert scope.q() == Q()
    assert scope.q() is not None
    assert scope.national(Role.NATIONAL_OFFICER)
    assert not scope.national(Role.NATIONAL_LEADER)


def test_several_seats_are_joined(tree):
    user = user_with(Role.LIAISON_OFFICER, tree.guangdong)
    office(user, Role.LIAISON_OFFICER, tree.hunan)
    office(user, Role.EDITOR, tree.nanshan)
    ids = sorted([tree.guangdong.pk, tree.hunan.pk])
    assert user.scope.q() == Q(first_tier_id__in=ids) | Q(federation_id=tree.nanshan.pk)
    assert user.scope.q(Role.EDITOR) == Q(federation_id=tree.nanshan.pk)
    assert user.scope.lineage() == {
        tree.guangdong.pk,
        tree.hunan.pk,
        tree.shenzhen.pk,
        tree.nanshan.pk,
    }


@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR]
)
def test_administrators_see_no_business_rows(tree, role):
    scope = user_with(role, tree.acftu).scope
    assert scope.q() is None
    assert scope.q(*[r for r in Role if r != role]) is None
    assert not scope.national()
    assert scope.q(role) == Q()


def test_nothing_without_office_or_when_inactive(tree):
    assert UserFactory().scope.q() is None
    user = user_with(Role.NATIONAL_OFFICER, tree.acftu, is_active=False)
    assert user.scope.seats == ()
    assert user.scope.q() is None


def test_expired_and_future_offices_do_not_count(tree):
    day = timezone.localdate()
    step = datetime.timedelta(days=1)
    past, future, last_day = UserFactory(), UserFactory(), UserFactory()
    office(past, Role.LIAISON_OFFICER, tree.hunan, until=day - step)
    office(future, Role.LIAISON_OFFICER, tree.hunan, since=day + step)
    office(last_day, Role.LIAISON_OFFICER, tree.hunan, until=day)
    assert past.scope.q() is None
    assert future.scope.q() is None
    assert last_day.scope.q() is not None


def test_a_day_is_a_day_in_beijing(tree):
    user = UserFactory()
    office(user, Role.LIAISON_OFFICER, tree.hunan, until=datetime.date(2026, 9, 14))
    with time_machine.travel("2026-09-14T15:59:00+00:00", tick=False):
        assert user.scope.holds(Role.LIAISON_OFFICER)
    with time_machine.travel("2026-09-14T16:01:00+00:00", tick=False):
        assert not user.scope.holds(Role.LIAISON_OFFICER)


def test_two_queries_once(tree, officer, django_assert_num_queries):
    office(officer, Role.EDITOR, tree.guangdong)
    user = fresh(officer)
    with django_assert_num_queries(2):
        assert user.scope.holds(Role.EDITOR)
    with django_assert_num_queries(0):
        assert user.scope.q() is not None
        assert user.scope.seats[0].federation_name
        assert user.office_label
        assert user.has_perm("federations.record_holding", tree.guangdong)


def test_office_label(tree, officer):
    from django.utils import translation

    with translation.override("en"):
        assert fresh(officer).office_label.endswith(f"· {tree.guangdong.name_en}")
    with translation.override("zh-hans"):
        assert fresh(officer).office_label.endswith(f"· {tree.guangdong.name_zh}")


def test_substitute_from_day_to_day(tree, security, officer):
    deputy = UserFactory()
    day = timezone.localdate()
    step = datetime.timedelta(days=1)
    made = services.substitute(
        deputy,
        assignment=officer.assignments.get(),
        since=day + step,
        until=day + 3 * step,
        by=security,
    )
    assert made.substitutes == officer.assignments.get()
    noon = datetime.datetime.combine(day, datetime.time(12), tzinfo=timezone.get_current_timezone())
    for offset, holds in [(0, False), (1, True), (3, True), (4, False)]:
        with time_machine.travel(noon + offset * step, tick=False):
            assert fresh(deputy).scope.holds(Role.LIAISON_OFFICER) is holds
            assert fresh(officer).scope.holds(Role.LIAISON_OFFICER)


def test_substitution_ends_with_the_office(tree, security, officer):
    deputy = UserFactory()
    day = timezone.localdate()
    services.substitute(
        deputy,
        assignment=officer.assignments.get(),
        since=day,
        until=day + datetime.timedelta(days=5),
        by=security,
    )
    assert fresh(deputy).scope.seats
    services.end_role(officer.assignments.get(), by=security, note="调离")
    assert not fresh(deputy).scope.seats


def test_substitution_keeps_the_exclusions(tree, security, officer, auditor):
    day = timezone.localdate()
    with pytest.raises(Invalid):
        services.substitute(
            auditor,
            assignment=officer.assignments.get(),
            since=day,
            until=day + datetime.timedelta(days=5),
            by=security,
        )
    with pytest.raises(Invalid):
        services.substitute(
            officer,
            assignment=officer.assignments.get(),
            since=day,
            until=day,
            by=security,
        )
