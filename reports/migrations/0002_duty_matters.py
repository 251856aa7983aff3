"""Duties that were opened before reminders existed learn which notice they belong to."""

from django.db import migrations

FORWARDS = """
UPDATE casework_duty AS d SET matter_id = found.notice_id, remind_until = found.locks_on
FROM (
    SELECT c.id AS type_id, n.request_id AS subject_id, n.request_id AS notice_id, NULL::date AS locks_on
    FROM reports_notice AS n, django_content_type AS c
    WHERE c.app_label = 'reports' AND c.model = 'notice'
  UNION ALL
    SELECT c.id, o.id, r.request_id, o.locks_on
    FROM obligations_obligation AS o JOIN obligations_round AS r ON r.id = o.round_id,
         django_content_type AS c
    WHERE c.app_label = 'obligations' AND c.model = 'obligation'
  UNION ALL
    SELECT c.id, p.id, r.request_id, NULL::date
    FROM reports_report AS p JOIN obligations_obligation AS o ON o.id = p.obligation_id
    JOIN obligations_round AS r ON r.id = o.round_id, django_content_type AS c
    WHERE c.app_label = 'reports' AND c.model = 'report'
) AS found
WHERE d.subject_type_id = found.type_id AND d.subject_id = found.subject_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("casework", "0002_reminders"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
