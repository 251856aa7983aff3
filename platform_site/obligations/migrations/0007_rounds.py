"""Recurring requests: schedules, and when a round was opened."""

import django.db.models.deletion
from django.db import migrations, models

import platform_site.text.fields


def opened_when_issued(apps, schema_editor):
    """Until now a round was opened with its obligations; one that has none is that of a draft."""
    Round = apps.get_model("obligations", "Round")
    Obligation = apps.get_model("obligations", "Obligation")
    first = (
        Obligation.objects.filter(round=models.OuterRef("pk"))
        .order_by("issued_at")
        .values("issued_at")[:1]
    )
    Round.objects.update(opened_at=models.Subquery(first))


class Migration(migrations.Migration):
    dependencies = [
        ("obligations", "0006_action_points"),
    ]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="schedule",
                        serialize=False,
                        to="obligations.request",
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("once", "once"),
                            ("monthly", "monthly"),
                            ("quarterly", "quarterly"),
                            ("half_yearly", "half-yearly"),
                            ("yearly", "yearly"),
                            ("irregular", "irregular"),
                        ],
                        max_length=12,
                        verbose_name="frequency",
                    ),
                ),
                (
                    "first_period",
                    models.CharField(blank=True, max_length=20, verbose_name="first period"),
                ),
                (
                    "last_period",
                    models.CharField(blank=True, max_length=20, verbose_name="last period"),
                ),
                ("next_period", models.CharField(blank=True, max_length=20)),
                ("opens_after", models.PositiveSmallIntegerField(default=1)),
                ("due_after", models.PositiveSmallIntegerField(default=10)),
                (
                    "due_unit",
                    models.CharField(
                        choices=[("working", "working days"), ("calendar", "calendar days")],
                        default="working",
                        max_length=8,
                    ),
                ),
                ("on_time_after", models.PositiveSmallIntegerField(default=0)),
                ("locks_after", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "schedule",
                "verbose_name_plural": "schedules",
            },
        ),
        migrations.AddField(
            model_name="round",
            name="moved_reason",
            field=platform_site.text.fields.ProseField(
                blank=True, db_default="", default="", max_length=1000, verbose_name="reason"
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="opened_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(opened_when_issued, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="round",
            index=models.Index(fields=["-opened_at", "-id"], name="round_newest"),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("frequency", "once"), _negated=True), name="schedule_recurs"
            ),
        ),
    ]
