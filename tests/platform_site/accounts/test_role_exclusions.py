"""Three administrators exclude each other and every business office: in the service, and below it."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from platform_site.accounts import services
from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.roles import (
    BUSINESS_ROLES,
    LOCAL_ROLES,
    NATIONAL_ROLES,
    Role,
    class_of,
    fits_level,
)
from platform_site.problems import Invalid, NotAllowed, StepNotOpen
from tests.factories.accounts import UserFactory, office

PAIRS = [(held, given) for held in Role for given in Role if class_of(held) != class_of(given)]


def place(tree, role):
    return tree.acftu if role in NATIONAL_ROLES else tree.guangdong


@pytest.mark.parametrize(("held", "given"), PAIRS)
def test_service_refuses_two_classes(tree, security, held, given):
    user = UserFactory()
    office(user, held, place(tree, held))
    with pytest.raises(Invalid) as refused:
        services.give_role(user, role=given, federation=place(tree, given), by=security)
    assert refused.value.code == "roles_exclude_each_other"
    assert RoleAssignment.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(("held", "given"), PAIRS)
def test_database_refuses_two_classes(tree, held, given):
    user = UserFactory()
    office(user, held, place(tree, held))
    with pytest.raises(IntegrityError, match="accounts_classes_exclude_each_other"):
        office(user, given, place(tree, given))


def test_raw_insert_is_refused(tree):
    user = UserFactory()
    office(user, Role.AUDITOR, tree.acftu)
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_roleassignment"
            " (id, user_id, role, role_class, federation_id, since, assigned_at)"
            " VALUES (gen_random_uuid(), %s, 'editor', 'business', %s, '2026-01-01', now())",
            [user.pk, tree.acftu.pk],
        )


def test_class_cannot_be_lied_about(tree):
    with pytest.raises(IntegrityError, match="accounts_office_in_its_class"):
        RoleAssignment.objects.create(
            user=UserFactory(),
            role=Role.SECURITY_ADMINISTRATOR,
            role_class="business",
            federation=tree.acftu,
        )


def test_business_offices_go_together(tree, security):
    user = UserFactory()
    for role in sorted(BUSINESS_ROLES & LOCAL_ROLES):
        services.give_role(user, role=role, federation=tree.guangdong, by=security)
    assert len(user.scope.seats) == len(BUSINESS_ROLES & LOCAL_ROLES)


def test_same_office_twice_is_refused(tree, security, officer):
    with pytest.raises(Invalid) as refused:
        services.give_role(
            officer, role=Role.LIAISON_OFFICER, federation=tree.guangdong, by=security
        )
    assert refused.value.code == "role_held"
    with pytest.raises(IntegrityError, match="accounts_office_held_once"), transaction.atomic():
        office(officer, Role.LIAISON_OFFICER, tree.guangdong)


def test_ended_office_excludes_nothing(tree, security, officer):
    assignment = officer.assignments.get()
    services.end_role(assignment, by=security, note="调岗")
    services.give_role(officer, role=Role.AUDITOR, federation=tree.acftu, by=security)
    assert officer.scope.holds(Role.AUDITOR)
    assert not officer.scope.holds(Role.LIAISON_OFFICER)


def test_future_office_excludes_too(tree, security, officer):
    officer.assignments.update(until=timezone.localdate() + datetime.timedelta(days=10))
    with pytest.raises(Invalid):
        services.give_role(
            officer,
            role=Role.AUDITOR,
            federation=tree.acftu,
            since=timezone.localdate() + datetime.timedelta(days=10),
            by=security,
        )
    services.give_role(
        officer,
        role=Role.AUDITOR,
        federation=tree.acftu,
        since=timezone.localdate() + datetime.timedelta(days=11),
        by=security,
    )


@pytest.mark.parametrize("role", Role)
def test_each_office_at_its_level(tree, security, role):
    for federation in (tree.acftu, tree.guangdong, tree.nanshan):
        user = UserFactory()
        if fits_level(role, federation.level):
            services.give_role(user, role=role, federation=federation, by=security)
        else:
            with pytest.raises(Invalid) as refused:
                services.give_role(user, role=role, federation=federation, by=security)
            assert refused.value.code == "role_level"


def test_nobody_serves_themselves(tree, security):
    with pytest.raises(NotAllowed):
        services.give_role(
            security, role=Role.SECURITY_ADMINISTRATOR, federation=tree.acftu, by=security
        )
    with pytest.raises(NotAllowed):
        services.end_role(security.assignments.get(), by=security, note="x")
    with pytest.raises(NotAllowed):
        services.disable(security, by=security, note="x")


def test_system_administrator_and_auditor_give_nothing(tree, system, auditor, officer):
    for by in (system, auditor, officer):
        with pytest.raises(NotAllowed):
            services.give_role(
                UserFactory(), role=Role.LIAISON_OFFICER, federation=tree.guangdong, by=by
            )
        with pytest.raises(NotAllowed):
            services.disable(UserFactory(), by=by, note="x")


def test_department_head_gives_small_offices_of_the_own_federation(tree, head):
    given = services.give_role(
        UserFactory(), role=Role.LIAISON_OFFICER, federation=tree.guangdong, by=head
    )
    assert given.assigned_by == head
    for role, federation in [
        (Role.LIAISON_OFFICER, tree.hunan),
        (Role.LIAISON_OFFICER, tree.shenzhen),
        (Role.DEPARTMENT_HEAD, tree.guangdong),
        (Role.PROVINCIAL_LEADER, tree.guangdong),
        (Role.AUDITOR, tree.acftu),
        (Role.SECURITY_ADMINISTRATOR, tree.acftu),
    ]:
        with pytest.raises(NotAllowed):
            services.give_role(UserFactory(), role=role, federation=federation, by=head)


def test_department_head_disables_own_people_only(tree, head, officer, outsider):
    services.disable(officer, by=head, note="离职")
    with pytest.raises(NotAllowed):
        services.disable(outsider, by=head, note="x")
    both = UserFactory()
    office(both, Role.LIAISON_OFFICER, tree.guangdong)
    office(both, Role.PROVINCIAL_LEADER, tree.guangdong)
    with pytest.raises(NotAllowed):
        services.disable(both, by=head, note="x")


def test_last_security_administrator_remains(tree, security):
    with pytest.raises(StepNotOpen) as refused:
        services.disable(security, by=None, note="x")
    assert refused.value.code == "last_security_administrator"
    with pytest.raises(StepNotOpen):
        services.end_role(security.assignments.get(), by=None, note="x")
    # One who only fills in for some days does not count.
    deputy = UserFactory()
    office(
        deputy,
        Role.SECURITY_ADMINISTRATOR,
        tree.acftu,
        until=timezone.localdate() + datetime.timedelta(days=3),
    )
    with pytest.raises(StepNotOpen):
        services.disable(security, by=deputy, note="x")
    second = UserFactory()
    office(second, Role.SECURITY_ADMINISTRATOR, tree.acftu)
    services.disable(security, by=second, note="退休")
    assert not security.__class__.objects.get(pk=security.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_two_security_administrators_cannot_remove_each_other(tree, security):
    second = UserFactory()
    office(second, Role.SECURITY_ADMINISTRATOR, tree.acftu)
    barrier = threading.Barrier(2, timeout=10)
    outcomes = []

    def remove(victim, by):
        try:
            barrier.wait()
            services.disable(victim, by=by, note="x")
            outcomes.append("done")
        except StepNotOpen as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=remove, args=pair)
        for pair in ((security, second), (second, security))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "last_security_administrator"]


def test_an_end_before_the_start_and_a_start_in_the_past(tree, security):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    for fields, code in [
        ({"until": yesterday}, "until_before_since"),
        ({"since": yesterday}, "since_past"),
    ]:
        with pytest.raises(Invalid) as refused:
            services.give_role(
                UserFactory(),
                role=Role.LIAISON_OFFICER,
                federation=tree.hunan,
                by=security,
                **fields,
            )
        assert refused.value.code == code


def test_acts_are_in_the_trail(tree, security, officer):
    from platform_site.audit.models import Entry

    services.end_role(officer.assignments.get(), by=security, note="轮岗")
    entry = Entry.objects.get(action="office.end")
    assert entry.actor_id == security.pk
    assert entry.note == "轮岗"
    assert entry.facts == {"role": "liaison_officer", "federation": "440000"}
