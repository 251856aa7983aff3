"""The indexes that tables of figures are read from, built beside the running work.

``figure_national`` holds the first tier alone, so that the national tables do not grow with what lies
below; ``figure_of_federation`` is for everybody else. They take the place of ``figure_totals``.
"""

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index is built beside the running work only outside of a transaction.
    atomic = False

    dependencies = [("questionnaires", "0004_figures")]

    operations = [
        AddIndexConcurrently(
            model_name="figure",
            index=models.Index(
                condition=models.Q(("federation", models.F("first_tier"))),
                fields=["indicator", "period_start", "federation"],
                include=("period_end", "number", "id"),
                name="figure_national",
            ),
        ),
        AddIndexConcurrently(
            model_name="figure",
            index=models.Index(
                fields=["federation", "indicator", "period_start"],
                include=("period_end", "number", "id"),
                name="figure_of_federation",
            ),
        ),
        RemoveIndexConcurrently(model_name="figure", name="figure_totals"),
        AddConstraintNotValid(
            model_name="figure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period_end", None),
                    ("period_end__gte", models.F("period_start")),
                    _connector="OR",
                ),
                name="figure_period_in_order",
            ),
        ),
        ValidateConstraint(model_name="figure", name="figure_period_in_order"),
    ]
