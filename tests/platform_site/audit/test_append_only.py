"""The database itself refuses to change the trail, whoever asks and by whatever way."""

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from platform_site.audit.models import TRUNCATE_TRIGGER, Entry
from platform_site.audit.services import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    return record("test.act", None, by=None)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: Entry.objects.filter(pk=entry.pk).update(note="x"),
        lambda entry: Entry.objects.filter(pk=entry.pk).delete(),
        lambda entry: Entry(pk=entry.pk, at=timezone.now(), action="x").save(),
    ],
)
def test_a_row_cannot_be_changed_or_deleted(entry, change):
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        change(entry)
    assert Entry.objects.get(pk=entry.pk).action == "test.act"


def test_the_table_cannot_be_emptied(entry):
    # The test set-up may have disabled this one trigger, because Django's flush truncates.
    table = Entry._meta.db_table
    with transaction.atomic():
        TRUNCATE_TRIGGER.enable(Entry)
        with (
            pytest.raises(InternalError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f'TRUNCATE "{table}"')
        assert Entry.objects.filter(pk=entry.pk).exists()
        transaction.set_rollback(True)
