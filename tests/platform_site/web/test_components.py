"""The components as a page author meets them: rendered from a template, read as HTML."""

import datetime

import pytest
from django import forms
from django.template import engines
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from platform_site.lists.tables import KeysetTable
from platform_site.text.fields import LineFormField
from platform_site.web.templatetags import platform as tags
from platform_site.web.widgets import DayInput


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def draw(source, **context):
    template = engines["django"].from_string(
        CottonCompiler().process("{% load platform %}" + source)
    )
    return template.render(context)


class Sample(forms.Form):
    title = LineFormField(max_length=10, label="Title", help_text="Short <b>words</b>.")
    due = forms.DateField(widget=DayInput, required=False, label="Due")
    line = forms.ChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, label="Line"
    )
    sure = forms.BooleanField(label="Sure", required=False)
    note = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_has_label_help_error_and_keeps_what_was_typed():
    page = str(Sample({"title": "<b>\u202e", "line": "z", "due": "soon"}))
    assert '<label class="field__label" for="id_title">Title' in page
    assert "required</span>" in page
    assert 'id="id_title_helptext"' in page
    assert 'id="id_title_error"' in page
    assert 'aria-describedby="id_title_helptext id_title_error"' in page
    assert "&lt;b&gt;\u202e" in page
    assert 'value="soon"' in page
    assert "U+202E" in page
    assert page.count("<fieldset") == 1
    assert page.count("<legend") == 1


def test_hidden_fields_are_drawn_even_alone():
    class Hidden(forms.Form):
        note = forms.CharField(widget=forms.HiddenInput)

    assert 'type="hidden"' in str(Hidden())


def test_error_summary_links_to_the_controls():
    form = Sample({"title": "", "due": "soon"})
    page = draw('<c-error-summary :form="form" />', form=form)
    assert 'role="alert"' in page
    assert 'href="#id_title"' in page
    assert 'href="#id_due"' in page
    assert 'href="#id_line_0"' in page
    assert draw('<c-error-summary :form="form" />', form=Sample()).strip() == ""


def test_error_summary_takes_problems_of_its_own():
    problems = [{"label": "Q1", "message": "Say <how> many.", "target": "#q1"}]
    page = draw('<c-error-summary :problems="problems" />', problems=problems)
    assert '<a href="#q1">Q1: Say &lt;how&gt; many.</a>' in page


def test_values_are_escaped_once():
    page = draw(
        '<c-page-head title="{{ t }}" /><c-status-tag tone="red" label="{{ t }}" />', t="a<b & c"
    )
    assert page.count("a&lt;b &amp; c") == 2
    assert "&amp;lt;" not in page


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [
        (5, "5 working days left", "blue"),
        (1, "1 working day left", "amber"),
        (0, "due today", "amber"),
        (-2, "2 working days late", "red"),
    ],
)
def test_countdown(days, words, tone):
    page = draw('<c-countdown :days="days" />', days=days)
    assert words in page
    assert f"tag--{tone}" in page


def test_a_countdown_without_days_shows_only_the_date():
    page = draw(
        '<c-countdown :days="days" :due="due" />', days=None, due=datetime.date(2026, 9, 14)
    )
    assert "tag" not in page.replace("tag-", "")
    assert "14 September 2026" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("not_started", "Not started"),
        ("in_progress", "In progress"),
        ("needs_more", "Needs more"),
        ("done", "Completed"),
    ],
)
def test_task_states_are_words_and_icons(state, words):
    page = draw('<c-task-item href="/x" title="One" :state="state" />', state=state)
    assert words in page
    assert "<svg" in page


def test_diff_marks_both_sides():
    rows = [
        {
            "label": "Q",
            "changed": True,
            "old": [("same", "a"), ("del", "b")],
            "new": [("ins", "<i>")],
        }
    ]
    page = draw('<c-diff :rows="rows" />', rows=rows)
    assert "<del>b</del>" in page
    assert "<ins>&lt;i&gt;</ins>" in page


def test_uploader_is_a_plain_form_underneath():
    page = draw(
        '<c-uploader url="/up/" :max_bytes="limit" accept=".pdf">x</c-uploader>', limit=52428800
    )
    assert 'enctype="multipart/form-data"' in page
    assert 'data-max-bytes="52428800"' in page
    assert "At most 50 MB each." in page
    assert '<label class="field__label" for="upload-file">' in page


def test_official_sheet_has_no_seal_and_no_empty_parts():
    page = draw('<c-official-sheet title="T"><p>x</p></c-official-sheet>')
    assert "sheet__issuer" not in page
    assert "sheet__end" not in page
    assert "<img" not in page


def test_dates():
    day = datetime.date(2026, 1, 2)
    assert tags.zh_date(day) == "2 January 2026"
    assert tags.table_date(day) == "2026-01-02"
    with translation.override("zh-hans"):
        assert tags.zh_date(day) == "2026年1月2日"
    late = datetime.datetime(2026, 1, 1, 17, 30, tzinfo=datetime.UTC)
    assert tags.table_datetime(late) == "2026-01-02 01:30"
    assert tags.zh_date(None) == tags.table_date(None) == ""


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (2048, "2 KB"), (52428800, "50 MB"), (3565158, "3.4 MB")],
)
def test_file_sizes(size, text):
    assert tags.file_size(size) == text


def test_table_headers_link_to_orders(rf):
    import django_tables2

    class Rows(KeysetTable):
        orderings = {"name": "name"}
        name = django_tables2.Column(verbose_name="Name")
        other = django_tables2.Column(verbose_name="Other")

    table = Rows([{"name": "<x>", "other": 1}], ordering="name")
    page = table.as_html(rf.get("/?cursor=abc&state=a"))
    assert 'href="?state=a&amp;ordering=-name"' in page
    assert 'aria-sort="ascending"' in page
    assert 'data-label="Name"' in page
    assert "&lt;x&gt;" in page
    assert page.count("table__sort") == 1


def test_pager_keeps_the_query(rf):
    from django.template.loader import render_to_string

    from platform_site.lists.keyset import Page

    html = render_to_string(
        "components/pager.html", {"page": Page([1], "nxt", None), "total": 3}, rf.get("/?state=a")
    )
    assert 'href="?state=a&amp;cursor=nxt"' in html
    assert 'rel="prev"' not in html
    assert "3 entries in all" in html
