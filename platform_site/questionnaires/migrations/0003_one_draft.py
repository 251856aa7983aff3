"""One draft for a form, without holding up whoever files meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    # An index is built beside the running work only outside of a transaction.
    atomic = False

    dependencies = [("questionnaires", "0002_building")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="formversion",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("is_draft", True)),
                        fields=("form",),
                        name="form_draft_once",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS form_draft_once"
                    " ON questionnaires_formversion (form_id) WHERE is_draft",
                    "DROP INDEX CONCURRENTLY IF EXISTS form_draft_once",
                ),
            ],
        ),
    ]
