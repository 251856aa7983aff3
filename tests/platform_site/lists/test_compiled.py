"""Statements that are kept say what the ORM would say now, for whoever asks, with whatever values."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from django.db.models import Exists, F, OuterRef, Q

from platform_site.accounts.models import ApiToken, RoleAssignment, User
from platform_site.accounts.scope import resolve
from platform_site.federations.models import Federation
from platform_site.lists import compiled
from platform_site.lists.prepared import Prepared
from platform_site.obligations.models import Obligation
from reports.models import Notice
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    compiled._kept.clear()
    yield
    compiled._kept.clear()


def shapes():
    two, federations = ("code", "parent__code"), Federation.objects.all()
    yield federations, two
    yield federations.order_by("-position")[:10], two
    yield federations.order_by("position")[:10], two
    yield federations.order_by("position")[:11], two
    yield federations.order_by("position")[3:10], two
    yield federations.filter(level=2), two
    yield federations.filter(level=3), two
    yield federations.exclude(level=2), two
    yield federations.filter(level__gte=2), two
    yield federations.filter(parent=None), two
    yield federations.filter(parent__code="440000"), two
    yield federations.filter(code__in=["440000", "430000"]), two
    yield federations.filter(code__in=["440000"]), two
    yield federations.filter(Q(level=2) | Q(code="440100")), two
    yield federations.filter(Q(level=2) & Q(code="440000")), two
    yield federations.filter(valid_from__lte=dt.date(2020, 1, 1)), two
    yield federations.select_related("parent").prefetch_related("holdings"), two
    yield federations, ("code",)
    yield federations, ("name_zh", "code")
    yield federations.none(), two
    yield federations.filter(code__in=[]), two
    # Not recognised, and so compiled each time:
    yield federations.filter(level=F("level")), two
    yield federations.filter(Exists(Federation.objects.filter(parent=OuterRef("pk")))), two
    yield federations.distinct(), two


def rows_by_the_orm(queryset, columns):
    return list(queryset.prefetch_related(None).values_list(*columns))


def test_kept_or_not_the_rows_are_those_of_the_query_set(reference):
    for _again in range(2):
        for queryset, columns in shapes():
            expected = rows_by_the_orm(queryset, columns)
            ordered = bool(queryset.query.order_by)
            found = compiled.rows(queryset.all(), columns)
            assert (found if ordered else sorted(found, key=str)) == (
                expected if ordered else sorted(expected, key=str)
            ), str(queryset.query)


def test_no_two_different_statements_share_a_key(reference):
    kept = {}
    for queryset, columns in shapes():
        if queryset.query.is_empty() or (key := compiled._key(queryset.query)) is None:
            continue
        try:
            statement = queryset.values_list(*columns).query.sql_with_params()
        except Exception:  # an empty condition has none
            continue
        assert kept.setdefault((key, columns), statement) == statement
    assert len(kept) >= 14


def test_two_keys_that_lead_to_one_table_are_two_statements(
    the_day, draft, national_officer, national_leader
):
    notice = draft()
    for _again in range(2):
        for key, found in (("drafted_by", [(str(notice.pk),)]), ("approved_by", [])):
            mine = Notice.objects.filter(**{f"{key}__name": national_officer.name})
            assert compiled.rows(mine, ["pk"]) == found


def test_what_two_people_see_is_kept_apart(obligation, guangdong_officer, hunan_officer):
    for _again in range(2):
        for person, code in ((guangdong_officer, "440000"), (hunan_officer, "430000")):
            mine = Obligation.objects.visible_to(person)
            assert compiled.rows(mine, ["federation__code"]) == [(code,)]
    assert len(compiled._kept) == 2


def test_what_django_reads_out_of_a_column_is_read_out_of_a_kept_one(reference):
    token, _secret = ApiToken.objects.create(user=UserFactory(), name="x", scopes=["a:read"])
    columns = ["scopes", "user__id", "id"]
    for _again in range(2):
        found = compiled.rows(ApiToken.objects.all(), columns)
        assert found == [(["a:read"], str(token.user_id), str(token.id))]


# --- Prepared --------------------------------------------------------------------------------------
def test_a_prepared_statement_takes_its_values(guangdong_officer, hunan_officer):
    offices = Prepared(
        lambda user, day: (
            RoleAssignment.objects.filter(user_id=user)
            .in_force(day)
            .values_list("federation__code")
        ),
        user=UUID(int=1),
        day=dt.date(1900, 1, 1),
    )
    today = dt.date.today()
    assert offices.rows(user=guangdong_officer.pk, day=today) == [("440000",)]
    assert offices.rows(user=hunan_officer.pk, day=today) == [("430000",)]
    assert offices.rows(user=hunan_officer.pk, day=dt.date(1999, 1, 1)) == []


def test_an_example_that_stands_nowhere_is_told(db):
    lost = Prepared(lambda name: User.objects.values_list("id"), name="x")
    with pytest.raises(ValueError, match="name"):
        lost.rows(name="y")


def test_offices_and_exceptions_cost_two_statements(guangdong_officer, django_assert_num_queries):
    resolve(guangdong_officer)
    with django_assert_num_queries(2):
        scope = resolve(guangdong_officer)
    assert [seat.role for seat in scope.seats] == ["liaison_officer"]
