"""A summary belongs to a round of its notice; a round of a recurring notice keeps its version of the form."""

import django.db.models.deletion
from django.db import migrations, models


def belong_to_the_round(apps, schema_editor):
    """Each notice had one round until now. The foreign keys are checked here: no event may wait when
    the column is altered below."""
    Summary = apps.get_model("reports", "Summary")
    Round = apps.get_model("obligations", "Round")
    only = Round.objects.filter(request=models.OuterRef("notice")).values("pk")[:1]
    Summary.objects.update(round=models.Subquery(only))
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [
        ("obligations", "0007_rounds"),
        ("questionnaires", "0003_one_draft"),
        ("reports", "0006_supervision"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="brought_forward",
            field=models.JSONField(
                db_default=models.Value([], output_field=models.JSONField()), default=list
            ),
        ),
        migrations.AddField(
            model_name="summary",
            name="round",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="summary",
                to="obligations.round",
            ),
        ),
        migrations.RunPython(belong_to_the_round, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="summary",
            name="round",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="summary",
                to="obligations.round",
            ),
        ),
        migrations.AlterField(
            model_name="summary",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="summaries",
                to="reports.notice",
            ),
        ),
        migrations.CreateModel(
            name="RoundForm",
            fields=[
                (
                    "round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="form_kept",
                        serialize=False,
                        to="obligations.round",
                    ),
                ),
                (
                    "form_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="questionnaires.formversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "form of a round",
                "verbose_name_plural": "forms of rounds",
            },
        ),
    ]
