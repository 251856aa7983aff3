"""Numbers in 元 or 万元 are money from now on: the same answers, under a kind of their own."""

from django.db import migrations

UNITS = ["元", "万元"]


def to_money(apps, _schema_editor):
    questions = apps.get_model("questionnaires", "Question").objects
    questions.filter(kind="number", unit_zh__in=UNITS).update(kind="money")


def to_numbers(apps, _schema_editor):
    questions = apps.get_model("questionnaires", "Question").objects
    questions.filter(kind="money").update(kind="number")


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0004_kinds"),
    ]

    operations = [
        migrations.RunPython(to_money, to_numbers),
    ]
