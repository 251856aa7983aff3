"""The trail of an object reads as a story."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from platform_site.audit import actions, queries
from platform_site.audit.models import Entry
from platform_site.audit.services import record

pytestmark = pytest.mark.django_db


def test_an_entry_keeps_the_actor_as_they_were(officer, national):
    entry = record("test.act", national, by=officer, note="因为需要", federation=national)
    officer.name = "换了名字"
    officer.save()
    told = Entry.objects.get(pk=entry.pk)
    assert (told.actor_id, told.actor_name) == (officer.pk, "经办人乙")
    assert "全国总工会" in told.actor_office or "Federation" in told.actor_office
    assert told.subject_type == "federations.federation"
    assert (told.subject_id, told.federation_code) == (str(national.pk), "ACFTU")
    assert (told.note, told.result) == ("因为需要", "done")


def test_the_story_is_in_the_order_of_the_acts(officer, national):
    now = timezone.now()
    for number in (3, 1, 2):
        record(f"test.act{number}", national, by=officer, at=now + dt.timedelta(seconds=number))
    record("test.other", officer, by=officer)
    assert [e.action for e in queries.story(national)] == ["test.act1", "test.act2", "test.act3"]


def test_what_was_written_down_long_after_says_so(national):
    assert not record("test.now", national, by=None).recorded_later
    long_ago = timezone.now() - dt.timedelta(days=3000)
    assert record("test.then", national, by=None, at=long_ago).recorded_later


def test_over_long_and_hostile_values_do_not_stop_the_trail(officer, national):
    entry = record("a" * 200, national, by=officer, note="x\x00y", from_state="s" * 99)
    assert Entry.objects.get(pk=entry.pk).note == "x\N{REPLACEMENT CHARACTER}y"


def test_the_page_tells_who_what_why_and_between_which_states(officer, national, monkeypatch):
    monkeypatch.setattr(actions, "_labels", {**actions._labels, "test.return": "Returned it"})
    record("test.return", national, by=officer, note="<b>补充</b>", from_state="a", to_state="b")
    with translation.override("en"):
        html = Template("{% load trail %}{% trail subject %}").render(
            Context({"subject": national})
        )
    assert "Returned it" in html
    assert "经办人乙" in html
    assert "&lt;b&gt;补充&lt;/b&gt;" in html
    assert "a → b" in html
    assert "recorded" not in html


def test_nobody_but_the_auditor_reads_across_objects(auditor, officer, national):
    record("test.act", national, by=officer)
    assert Entry.objects.visible_to(auditor).count() == 1
    assert Entry.objects.visible_to(officer).count() == 0
    auditor.is_active = False
    assert Entry.objects.visible_to(auditor).count() == 0
