import uuid

import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import platform_site.text.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("attachments", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "title",
                    platform_site.text.fields.LineField(max_length=300, verbose_name="title"),
                ),
                (
                    "parameters",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("language", models.CharField(max_length=16)),
                ("read_scope", models.CharField(blank=True, default="", max_length=60)),
                (
                    "seats",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting its turn"),
                            ("running", "Running"),
                            ("done", "Finished"),
                            ("failed", "Not finished"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="in all")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("claim", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("rung_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cancel_asked_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="cancellation asked for"
                    ),
                ),
                ("result_swept_at", models.DateTimeField(blank=True, null=True)),
                ("result_url", models.CharField(blank=True, max_length=500)),
                (
                    "summary",
                    platform_site.text.fields.ProseField(
                        blank=True, max_length=1000, verbose_name="result"
                    ),
                ),
                (
                    "failed_reason",
                    platform_site.text.fields.ProseField(
                        blank=True, max_length=1000, verbose_name="what went wrong"
                    ),
                ),
                (
                    "queued_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="asked for",
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="begun")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.attachment",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-queued_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="JobLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                ("text", platform_site.text.fields.ProseField(max_length=500, verbose_name="text")),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="jobs.job",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a job's log",
                "verbose_name_plural": "log of a job",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["by", "-queued_at", "-id"], name="job_of_person"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["queued_at"], name="job_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["lease_until"], name="job_running"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("result__isnull", False)),
                fields=["ended_at"],
                name="job_with_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("claim__isnull", False),
                        ("lease_until__isnull", False),
                        ("state", "running"),
                    ),
                    models.Q(
                        models.Q(("state", "running"), _negated=True),
                        ("claim__isnull", True),
                        ("lease_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="job_claim_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["queued", "running"])),
                    models.Q(
                        ("ended_at__isnull", False), ("state__in", ["done", "failed", "cancelled"])
                    ),
                    _connector="OR",
                ),
                name="job_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    models.Q(("failed_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="job_failed_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__isnull", True), ("state", "done"), _connector="OR"),
                name="job_result_of_done",
            ),
        ),
    ]
