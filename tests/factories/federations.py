"""Federations by code, from the files that the project ships; only the rows a test names."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import factory

from platform_site.federations.management.commands.load_federations import DATA, FILES, read
from platform_site.federations.models import Federation, Holding


@cache
def _shipped() -> dict[str, dict[str, str]]:
    return {row["code"]: row for name in FILES for row in read(DATA / name)}


def federation(code: str) -> Federation:
    """The federation with this code, made with all those above it where it is not there yet."""
    present = Federation.objects.filter(code=code).first()
    if present is not None:
        return present
    row = _shipped()[code]
    parent = federation(row["parent"]) if row["parent"] else None
    level = int(row["level"])
    made = Federation.objects.create(
        code=code,
        level=level,
        kind=row["kind"],
        parent=parent,
        first_tier=parent.first_tier if parent else None,
        prefecture=parent.prefecture if parent else None,
        position=int(row["position"]),
        **{
            name: row[name]
            for name in ("name_zh", "name_en", "short_zh", "short_en", "sort_key", "search_key")
        },
    )
    if level == Federation.Level.FIRST_TIER:
        made.first_tier = made
        made.save(update_fields=["first_tier"])
    elif level == Federation.Level.PREFECTURE:
        made.prefecture = made
        made.save(update_fields=["prefecture"])
    return made


class HoldingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Holding

    post = Holding.Post.LEADER_IN_CHARGE
    name = factory.Sequence(lambda n: f"测试人员{n}")
    title = "副主席"
    phone = "13800005678"
    since = datetime.date(2024, 1, 1)

    @classmethod
    def _create(cls, model_class: type[Holding], *args: Any, **kwargs: Any) -> Holding:
        holding = super()._create(model_class, *args, **kwargs)
        holding.refresh_from_db()  # the place is stamped by the database
        return holding
