"""What a person sets about reminders, and the secret address of their calendar."""

from __future__ import annotations

import datetime as dt
import re

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from platform_site.casework.models import CalendarFeed, ReminderPreference

pytestmark = pytest.mark.django_db


def make(client) -> str:
    page = client.post(reverse("calendar-make")).content.decode()
    return re.search(r"http://[^<]*/calendar/[^<]*\.ics", page)[0].removeprefix(
        "http://localhost:8000"
    )


def test_early_mail_can_be_switched_off(client_for, guangdong_officer):
    client = client_for(guangdong_officer)
    assert client.post(reverse("reminder-settings"), {}).status_code == 302
    assert ReminderPreference.objects.get(user=guangdong_officer).by_mail is False
    assert (
        "checked"
        not in re.search(
            r'<input[^>]*name="by_mail"[^>]*>', client.get("/w/reminders/").content.decode()
        )[0]
    )


def test_a_robot_of_an_unknown_kind_is_refused_beside_the_field(
    client_for, guangdong_officer, settings
):
    settings.CHAT_SCHEMES = ["wecombot"]
    client = client_for(guangdong_officer)
    answer = client.post("/w/reminders/", {"by_mail": "on", "chat_address": "json://10.0.0.1/"})
    assert answer.status_code == 422
    assert "wecombot" in answer.content.decode()
    assert not ReminderPreference.objects.exists()
    answer = client.post("/w/reminders/", {"by_mail": "on", "chat_address": "wecombot://key"})
    assert answer.status_code == 302


def test_the_feed_holds_the_due_dates_and_nobody_elses(
    client_for, signed_obligation, guangdong_officer, hunan_officer
):
    address = make(client_for(guangdong_officer))
    answer = Client().get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert [event["DTSTART"].dt for event in events] == [dt.date(2026, 10, 15)]
    assert "试点方案" in str(events[0]["SUMMARY"])
    theirs = Client().get(make(client_for(hunan_officer)))
    assert "20261015" not in theirs.content.decode()


def test_a_new_address_ends_the_old_one_and_a_revoked_one_is_gone(client_for, guangdong_officer):
    client = client_for(guangdong_officer)
    first, second = make(client), make(client)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    client.post(reverse("calendar-revoke"))
    assert Client().get(second).status_code == 404


def test_a_disabled_account_is_read_by_nobody(client_for, guangdong_officer):
    address = make(client_for(guangdong_officer))
    guangdong_officer.is_active = False
    guangdong_officer.save()
    assert Client().get(address).status_code == 404


def test_the_secret_is_neither_kept_nor_logged(client_for, guangdong_officer, capsys):
    address = make(client_for(guangdong_officer))
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    capsys.readouterr()
    Client().get(address)
    said = capsys.readouterr()
    assert secret not in said.out + said.err
    assert not CalendarFeed.objects.filter(secret_hash__contains=secret).exists()
