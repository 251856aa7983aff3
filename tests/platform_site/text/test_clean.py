import pytest
from django.core.exceptions import ValidationError

from platform_site.problems import Unreadable
from platform_site.text.clean import clean_line, clean_prose
from platform_site.text.fields import LineField, LineFormField, ProseField, ProseFormField
from platform_site.text.rest import LineSerializerField, ProseSerializerField

HOSTILE = {
    "NUL": "总\x00工会",
    "bell": "总\x07工会",
    "C1 control": "总\x85工会",
    "lone surrogate": "总\ud800工会",
    "bidi override": "总\u202e工会",
    "bidi isolate": "总\u2066工会",
    "damaged bytes": "总\ufffd工会",
    "noncharacter": "总\uffff工会",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("clean", [clean_line, clean_prose])
def test_hostile_characters_are_refused_with_their_place(clean, value):
    with pytest.raises(ValidationError) as refusal:
        clean("第一行\n" + value, max_length=100)
    assert refusal.value.code == "hostile_text"
    assert refusal.value.params["line"] == 2


def test_a_line_becomes_one_line():
    assert clean_line("  广东省\t总工会\r\n办公室 ", max_length=20) == "广东省 总工会 办公室"


def test_prose_keeps_paragraphs_and_their_indent():
    text = "\r\n　　第一段。  \r\n\r\n　　第二段。\u2028第三段\r\n"
    assert clean_prose(text, max_length=50) == "　　第一段。\n\n　　第二段。\n第三段"


def test_text_is_composed():
    assert clean_line("e\u0301", max_length=1) == "é"


@pytest.mark.parametrize("clean", [clean_line, clean_prose])
def test_length_is_counted_after_cleaning(clean):
    assert clean("  工会\n"[2:], max_length=2) == "工会"
    with pytest.raises(ValidationError) as refusal:
        clean("工" * 3, max_length=2)
    assert refusal.value.code == "too_long"
    assert refusal.value.params == {"length": 3, "limit": 2}


def test_ten_megabytes_are_a_message_and_quick():
    with pytest.raises(ValidationError) as refusal:
        clean_prose("工" * 3_500_000, max_length=4000)
    assert refusal.value.code == "too_long"


@pytest.mark.parametrize("field", [LineFormField(max_length=5), ProseFormField(max_length=5)])
def test_form_fields_speak_by_the_rule_alone(field):
    with pytest.raises(ValidationError) as refusal:
        field.clean("a\x00")
    assert [error.code for error in refusal.value.error_list] == ["hostile_text"]
    with pytest.raises(ValidationError) as refusal:
        field.clean("\n  \n" if isinstance(field, LineFormField) else "\n\n")
    assert [error.code for error in refusal.value.error_list] == ["required"]


@pytest.mark.parametrize("column", [LineField(max_length=5), ProseField(max_length=5)])
def test_columns_clean_and_are_guarded(column):
    assert column.clean("工会\r\n", None) == "工会"
    with pytest.raises(ValidationError):
        column.clean("工" * 6, None)
    with pytest.raises(Unreadable) as refusal:
        column.get_db_prep_save("a\x00", connection=None)
    assert refusal.value.code == "hostile_text"


def test_prose_column_knows_its_limit_in_migrations():
    _, path, args, kwargs = ProseField(max_length=9).deconstruct()
    assert (path, args, kwargs) == ("platform_site.text.fields.ProseField", [], {"max_length": 9})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("工" * 6, "too_long"),
        ("  ", "blank"),
        ("a\ud800", "hostile_text"),
        ("a\x00", "hostile_text"),
    ],
)
@pytest.mark.parametrize("make", [LineSerializerField, ProseSerializerField])
def test_serializer_fields_refuse_by_the_same_rule(make, value, code):
    from rest_framework.exceptions import ValidationError as RestError

    with pytest.raises(RestError) as refusal:
        make(max_length=5).run_validation(value)
    assert refusal.value.get_codes() == [code]
