"""Staff replace a template: it is tried first, refused in plain words, kept, and taken back."""

import io
import zipfile

import pytest
from docx import Document

from platform_site.documents import services
from platform_site.documents.docx import build_docx, shipped_template
from platform_site.documents.models import DocumentTemplate
from platform_site.documents.queries import made, template_in_use
from platform_site.problems import Invalid, NotAllowed
from tests.platform_site.documents.measuring import document, texts

pytestmark = pytest.mark.django_db


def changed(kind: str = "notice", **parts: tuple[str, str]) -> bytes:
    """The shipped template with one piece of text replaced in a part (document, header1, …)."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(shipped_template(kind))) as source,
        zipfile.ZipFile(target, "w") as copy,
    ):
        for name in source.namelist():
            content = source.read(name)
            stem = name.removeprefix("word/").removesuffix(".xml")
            if stem in parts:
                old, new = (each.encode() for each in parts[stem])
                assert old in content
                content = content.replace(old, new)
            copy.writestr(name, content)
    return target.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    target = io.BytesIO(shipped_template("notice"))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, content)
    return target.getvalue()


def with_own_words() -> bytes:
    opened = Document(io.BytesIO(shipped_template("notice")))
    opened.paragraphs[-1].insert_paragraph_before("本机关自定的一行")
    target = io.BytesIO()
    opened.save(target)
    return target.getvalue()


def test_documents_are_made_with_it_until_the_shipped_one_comes_back(national_officer):
    first = services.replace_template(
        "notice", with_own_words(), filename="模板.docx", by=national_officer
    )
    assert "本机关自定的一行" in texts(made(document(), "docx"))
    assert "本机关自定的一行" not in texts(made(document("letter"), "docx"))
    second = services.replace_template(
        "notice", shipped_template("notice"), filename="二.docx", by=national_officer
    )
    assert (first.number, second.number) == (1, 2)
    assert "本机关自定的一行" not in texts(made(document(), "docx"))
    services.use_template(first, by=national_officer)
    assert "本机关自定的一行" in texts(made(document(), "docx"))
    services.use_shipped_template("notice", by=national_officer)
    assert template_in_use("notice") is None
    assert DocumentTemplate.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_document"),
        (b"%PDF-1.7", "not_a_document"),
        (b"x" * (2 * 1024 * 1024 + 1), "template_too_large"),
        (with_part("word/media/bomb.png", b"0" * (21 * 1024 * 1024)), "template_too_large"),
        (with_part("word/vbaProject.bin", b"macro"), "macros"),
        (with_part("word/embeddings/sheet.xlsx", b"PK"), "embedded"),
        (with_part("word/extra.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "not_a_document"),
        (
            with_part("word/_rels/header9.xml.rels", b'<R><r TargetMode="External"/></R>'),
            "external_links",
        ),
        (changed(document=("{{ addressee }}", "各地")), "field_missing"),
        (changed(document=("{{p body }}", "{{p text }}")), "unknown_field"),
        (changed(document=("{{ number }}", "{{ number | }}")), "template_syntax"),
        (changed(document=("{{ number }}", "{% if number %}{{ number }}")), "template_syntax"),
        (changed(header1=("{{ mark }}", "")), "mark_missing"),
        (changed(styles=("公文正文字符", "别的")), "style_missing"),
        # What a template must not do: call, reach inside, reckon, repeat without end.
        (changed(document=("{{ number }}", "{{ number.__class__.mro() }}")), "template_does_more"),
        (changed(document=("{{ number }}", "{{ number }}{{ 'a' * 10000000000 }}")), "template_does_more"),
        (
            changed(document=("{{ number }}", "{{ number }}{% for a in range(99999) %}a{% endfor %}")),
            "template_does_more",
        ),
        (changed(document=("{{ number }}", "{{ number }}{% include 'x' %}")), "template_does_more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_template_is_refused_with_the_reason(content, code, national_officer):
    with pytest.raises(Invalid) as refused:
        services.replace_template("notice", content, filename="模板.docx", by=national_officer)
    assert refused.value.code == code
    assert [each.pointer for each in refused.value.fields] == ["/file"]
    assert not DocumentTemplate.objects.exists()


def test_others_replace_nothing(national_leader, guangdong_officer, auditor):
    for person in (national_leader, guangdong_officer, auditor):
        with pytest.raises(NotAllowed):
            services.replace_template(
                "notice", shipped_template("notice"), filename="a.docx", by=person
            )


@pytest.mark.parametrize("kind", ["notice", "letter", "summary", "circular"])
def test_every_shipped_template_passes_its_own_check(kind, national_officer):
    services.replace_template(
        kind, shipped_template(kind), filename=f"{kind}.docx", by=national_officer
    )
    assert build_docx(document(kind), template_in_use(kind))


def test_the_page_says_why_a_file_is_refused_and_takes_a_good_one(client_for, national_officer):
    client = client_for(national_officer)

    def send(content: bytes):
        file = io.BytesIO(content)
        file.name = "新模板.docx"
        return client.post("/w/document-templates/notice/replace/", {"file": file}, follow=True)

    refused = send(changed(document=("{{ addressee }}", "各地")))
    assert refused.status_code == 422
    assert "addressee" in refused.content.decode()
    taken = send(with_own_words())
    assert taken.status_code == 200
    page = taken.content.decode()
    assert "新模板.docx" in page
    version = DocumentTemplate.objects.get()
    answer = client.get(f"/w/document-templates/versions/{version.pk}/")
    assert b"".join(answer.streaming_content) == bytes(version.content)
    back = client.post("/w/document-templates/notice/shipped/", follow=True)
    assert back.status_code == 200
    assert template_in_use("notice") is None
    again = client.post(f"/w/document-templates/versions/{version.pk}/use/", follow=True)
    assert again.status_code == 200
    assert template_in_use("notice") is not None
    sample = client.get("/w/document-templates/notice/sample/")
    told = texts(b"".join(sample.streaming_content))
    assert "样例发〔2026〕1号" in told
    assert "本机关自定的一行" in told
