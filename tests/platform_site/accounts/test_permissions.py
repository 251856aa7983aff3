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
from platform_site.audit.models import Entry
from platform_site.problems import Invalid, NotAllowed, Stale, StepNotOpen
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
def exception(tree, head, outsider):
    return services.grant(
        outsider,
        RECORD,
        tree.guangdong,
        expires_on=timezone.localdate() + datetime.timedelta(days=7),
        reason="受邀核对通讯录",
        by=head,
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


def test_exception_taken_back(tree, exception, outsider, head):
    services.revoke(exception, by=head, note="不再需要")
    assert not fresh(outsider).has_perm(RECORD, tree.guangdong)


def test_exceptions_go_with_the_object(tree, exception, security):
    assert services.revoke_all(tree.guangdong, by=security) == 1
    assert not ObjectGrant.objects.exists()


def test_second_exception_replaces_the_first(tree, exception, outsider, head):
    later = exception.expires_on + datetime.timedelta(days=7)
    services.grant(outsider, RECORD, tree.guangdong, expires_on=later, reason="延期", by=head)
    kept = ObjectGrant.objects.get()
    assert (kept.expires_on, kept.version, kept.federation) == (later, 2, tree.guangdong)


def test_exception_needs_a_near_end_a_reason_and_an_officer(tree, head, outsider, auditor):
    day = timezone.localdate()
    step = datetime.timedelta(days=1)
    for person, field, fields in [
        (outsider, "/expires_on", {"expires_on": day - step, "reason": "x"}),
        (outsider, "/expires_on", {"expires_on": day + 400 * step, "reason": "x"}),
        (outsider, "/reason", {"expires_on": day, "reason": "  "}),
        (auditor, "/username", {"expires_on": day, "reason": "x"}),
        (head, "/username", {"expires_on": day, "reason": "x"}),
    ]:
        with pytest.raises(Invalid) as refused:
            services.grant(person, RECORD, tree.guangdong, by=head, **fields)
        assert refused.value.fields[0].pointer == field
    User.objects.filter(pk=outsider.pk).update(is_active=False)
    with pytest.raises(Invalid):
        services.grant(outsider, RECORD, tree.guangdong, expires_on=day, reason="x", by=head)
    assert not ObjectGrant.objects.exists()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("where", ["acftu", "guangdong", "shenzhen"])
def test_who_may_give_an_exception(tree, role, where, outsider):
    """The offices that the act names, held at the object's own federation, and no administrator."""
    giver = user_with(role, getattr(tree, where))
    allowed = where == "guangdong" and role in (Role.DEPARTMENT_HEAD, Role.NATIONAL_OFFICER)
    day = timezone.localdate()
    if allowed:
        services.grant(outsider, RECORD, tree.guangdong, expires_on=day, reason="x", by=giver)
        return
    with pytest.raises(NotAllowed):
        services.grant(outsider, RECORD, tree.guangdong, expires_on=day, reason="x", by=giver)


def test_an_exception_gives_no_right_to_give_it_on(tree, exception, outsider, officer):
    with pytest.raises(NotAllowed):
        services.grant(
            user_with(Role.EDITOR, tree.hunan),
            RECORD,
            tree.guangdong,
            expires_on=timezone.localdate(),
            reason="x",
            by=fresh(outsider),
        )


def test_what_is_not_given_by_name_is_a_slip_of_the_pen(tree, head, outsider):
    for code, obj in (("accounts.disable_account", outsider), (RECORD, outsider)):
        with pytest.raises(LookupError, match="not given by name"):
            services.grant(
                outsider, code, obj, expires_on=timezone.localdate(), reason="x", by=head
            )


def test_only_the_federation_that_gave_it_takes_it_back(tree, exception, outsider, officer):
    for person in (outsider, officer, user_with(Role.DEPARTMENT_HEAD, tree.hunan)):
        with pytest.raises(NotAllowed):
            services.revoke(exception, by=person, note="x")
    successor = user_with(Role.DEPARTMENT_HEAD, tree.guangdong)
    with pytest.raises(Stale):
        services.revoke(exception, by=successor, note="x", version=7)
    with pytest.raises(Invalid):
        services.revoke(exception, by=successor, note=" ")
    services.revoke(exception, by=successor, note="换人了", version=1)
    with pytest.raises(StepNotOpen):
        services.revoke(exception, by=successor, note="再次")
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.note, entry.subject_label) == (
        "exception.revoke", "换人了", "广东省总工会",
    )  # fmt: skip


def test_an_administrator_loses_exceptions(tree, exception, outsider, security):
    services.end_role(outsider.assignments.get(), by=security, note="转岗")
    services.give_role(outsider, role=Role.AUDITOR, federation=tree.acftu, by=security)
    assert not fresh(outsider).has_perm(RECORD, tree.guangdong)


def test_guardian_reads_the_same_table(tree, exception, outsider):
    from guardian.utils import get_user_obj_perms_model

    assert get_user_obj_perms_model() is ObjectGrant
