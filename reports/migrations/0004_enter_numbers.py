"""Enter the numbers that notices bear into the register, so that no series gives one of them again."""

from django.db import migrations


def enter(apps, schema_editor):
    Notice = apps.get_model("reports", "Notice")
    DocumentNumber = apps.get_model("documents", "DocumentNumber")
    ContentType = apps.get_model("contenttypes", "ContentType")
    numbered = Notice.objects.filter(number_word__isnull=False).select_related("request")
    if not numbered.exists():
        return
    kind, _made = ContentType.objects.get_or_create(app_label="reports", model="notice")
    for notice in numbered.iterator():
        DocumentNumber.objects.get_or_create(
            word=notice.number_word,
            year=notice.number_year,
            no=notice.number_no,
            defaults={
                "subject": notice.request.title[:200],
                "by_hand": True,
                "of_type": kind,
                "of_id": notice.pk,
                "taken_by_id": notice.drafted_by_id,
                "taken_at": notice.issued_at or notice.drafted_at,
            },
        )


def forget(apps, schema_editor):
    """The register goes with its own migration; what stands in it does no harm until then."""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_number_series"),
        ("documents", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(enter, forget)]
