from django.db import migrations, models

import platform_site.text.fields


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0003_one_draft"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="question",
            name="question_figure_is_a_number",
        ),
        migrations.AddField(
            model_name="question",
            name="columns",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="max_rows",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="question",
            name="min_rows",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="question",
            name="rows",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
            ),
        ),
        migrations.AlterField(
            model_name="answer",
            name="typed",
            field=platform_site.text.fields.ProseField(blank=True, max_length=200000),
        ),
        migrations.AlterField(
            model_name="question",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "text"),
                    ("number", "number"),
                    ("money", "money"),
                    ("choice", "choice"),
                    ("choices", "several choices"),
                    ("date", "date"),
                    ("yes_no", "yes or no"),
                    ("table", "table"),
                    ("file", "files"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("indicator", None), ("kind__in", ["number", "money"]), _connector="OR"
                ),
                name="question_figure_is_a_number",
            ),
        ),
    ]
