"""Who may do what: the office at the object's own federation, or an exception, and nothing else."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.auth.models import Permission as AuthPermission
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from platform_site.accounts import permissions, queries, services
from platform_site.accounts.models import ObjectGrant, User
from platform_site.accounts.permissions import Permission
from platform_site.accounts.roles import Role
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from tests.factories.accounts import UserFactory, office, user_with

RECORD = "federations.record_holding"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("where", ["acftu", "guangdong", "shenzhen", "hunan"])
def test_exact_federation(tree, role, where):
    user = UserFactory()
    office(user, role, getattr(tree, where))
    expected = role in permissions.get(RECORD).roles
    for name in ("acftu", "guangdong", "shenzhen", "hunan"):
        assert user.has_perm(RECORD, getattr(tree, name)) is (expected and name == where)
    assert user.has_perm(RECORD) is expected


@pytest.mark.parametrize("role", Role)
def test_every_declared_permission_goes_by_its_roles(tree, role):
    user = user_with(role, tree.acftu)
    for permission in permissions.all_permissions():
        assert user.has_perm(permission.code) is (role in permission.roles)
    held = {p.code for p in permissions.all_permissions() if role in p.roles}
    assert user.get_all_permissions() == held


def test_superuser_group_and_permission_tables_open_nothing(tree):
    user = UserFactory(is_superuser=True)
    permission = AuthPermission.objects.first()
    user.user_permissions.add(permission)
    group = Group.objects.create(name="all")
    group.permissions.add(permission)
    user.groups.add(group)
    user = User.objects.get(pk=user.pk)
    for declared in permissions.all_permissions():
        assert not user.has_perm(declared.code)
        assert not user.has_perm(declared.code, tree.guangdong)
    assert not user.has_perms([RECORD])
    assert not user.has_module_perms("federations")
    assert not user.has_perm("auth.view_user")
    assert user.get_all_permissions() == set()
    assert not User.objects.visible_to(user)


def test_inactive_and_anonymous_hold_nothing(tree):
    user = user_with(Role.LIAISON_OFFICER, tree.guangdong, is_active=False)
    assert not user.has_perm(RECORD)
    assert not user.has_perm(RECORD, tree.guangdong)
    assert not AnonymousUser().has_perm(RECORD, tree.guangdong)


def test_a_slip_of_the_pen_is_an_error(officer):
    with pytest.raises(LookupError, match=r"accounts\.disabel_account"):
        officer.has_perm("accounts.disabel_account")
    assert officer.has_perm("auth.view_user") is False
    assert officer.has_perm("nonsense") is False


def test_declared_twice_is_refused():
    with pytest.raises(ImproperlyConfigured):
        permissions.declare(Permission(RECORD, roles=set()))
    with pytest.raises(ImproperlyConfigured):
        Permission("no_app", roles=set())


def test_holders(tree, officer, outsider, head):
    off = user_with(Role.LIAISON_OFFICER, tree.guangdong, is_active=False)
    gone = UserFactory()
    office(
        gone,
        Role.LIAISON_OFFICER,
        tree.guangdong,
        until=timezone.localdate() - datetime.timedelta(days=1),
    )
    below = user_with(Role.LIAISON_OFFICER, tree.shenzhen)
    found = list(queries.holders_of(RECORD, tree.guangdong))
    assert found == sorted([officer, head], key=lambda user: user.username)
    assert off not in found
    assert list(queries.holders_of(RECORD, tree.shenzhen.pk)) == [below]


# --- Exceptions -----------------------------------------------------------------------------------
@pytest.fixture
def exception(tree, security, outsider):
    return services.grant(
        outsider,
        RECORD,
        tree.guangdong,
        expires_on=timezone.localdate() + datetime.timedelta(days=7),
        reason="受邀核对通讯录",
        by=security,
    )


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_exception_is_for_one_object_until_a_day(tree, exception, outsider):
    user = fresh(outsider)
    assert user.has_perm(RECORD, tree.guangdong)
    assert not user.has_perm(RECORD, tree.shenzhen)
    assert user.scope.granted(type(tree.guangdong), "record_holding") == {tree.guangdong.pk}
    noon = datetime.datetime.combine(
        exception.expires_on, datetime.time(12), tzinfo=timezone.get_current_timezone()
    )
    with time_machine.travel(noon, tick=False):
        assert user.has_perm(RECORD, tree.guangdong)
    with time_machine.travel(noon + datetime.timedelta(days=1), tick=False):
        assert not user.has_perm(RECORD, tree.guangdong)
        assert user.scope.granted(type(tree.guangdong), "record_holding") == set()


def test_exception_of_a_disabled_account(tree, exception, outsider):
    User.objects.filter(pk=outsider.pk).update(is_active=False)
    user = fresh(outsider)
    assert not user.has_perm(RECORD, tree.guangdong)
    assert user.scope.grants == frozenset()


def test_exception_taken_back(tree, exception, outsider, security):
    services.revoke(exception, by=security, note="不再需要")
    assert not fresh(outsider).has_perm(RECORD, tree.guangdong)


def test_exceptions_go_with_the_object(tree, exception, security):
    assert services.revoke_all(tree.guangdong, by=security) == 1
    assert not ObjectGrant.objects.exists()


def test_second_exception_replaces_the_first(tree, exception, outsider, security):
    later = exception.expires_on + datetime.timedelta(days=7)
    services.grant(outsider, RECORD, tree.guangdong, expires_on=later, reason="延期", by=security)
    assert ObjectGrant.objects.get().expires_on == later


def test_exception_needs_a_near_end_a_reason_and_an_officer(tree, security, officer, auditor):
    day = timezone.localdate()
    step = datetime.timedelta(days=1)
    for fields in [
        {"expires_on": day - step, "reason": "x"},
        {"expires_on": day + 400 * step, "reason": "x"},
        {"expires_on": day, "reason": "  "},
    ]:
        with pytest.raises(Invalid):
            services.grant(officer, RECORD, tree.hunan, by=security, **fields)
    with pytest.raises(NotAllowed):
        services.grant(auditor, RECORD, tree.hunan, expires_on=day, reason="x", by=security)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(StepNotOpen):
        services.grant(officer, RECORD, tree.hunan, expires_on=day, reason="x", by=security)


def test_an_administrator_loses_exceptions(tree, exception, outsider, security):
    services.end_role(outsider.assignments.get(), by=security, note="转岗")
    services.give_role(outsider, role=Role.AUDITOR, federation=tree.acftu, by=security)
    assert not fresh(outsider).has_perm(RECORD, tree.guangdong)


def test_guardian_reads_the_same_table(tree, exception, outsider):
    from guardian.utils import get_user_obj_perms_model

    assert get_user_obj_perms_model() is ObjectGrant
