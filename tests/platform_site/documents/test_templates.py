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


def without_part(name: str, *, put: dict[str, str], **parts: tuple[str, str]) -> bytes:
    """The shipped template, changed, with one part gone and others in its place."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(changed(**parts))) as source,
        zipfile.ZipFile(target, "w") as copy,
    ):
        for each in source.namelist():
            if each != name:
                copy.writestr(each, source.read(each))
        for each, text in put.items():
            copy.writestr(each, text)
    return target.getvalue()


def part(name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(shipped_template("notice"))) as source:
        return source.read(name).decode()


def with_relation(kind: str, target: str, more: str = "") -> bytes:
    relation = (
        f'<Relationship Id="rId99" Type="http://x/relationships/{kind}" Target="{target}" {more}/>'
    )
    ending = "</Relationships>"
    return changed(**{"_rels/document.xml.rels": (ending, relation + ending)})


def with_markup(markup: str, *, where: str = "document") -> bytes:
    """Markup in a paragraph of its own."""
    ending = {"document": "<w:sectPr ", "header1": "</w:hdr>", "footer1": "</w:ftr>"}[where]
    return changed(**{where: (ending, f"<w:p>{markup}</w:p>{ending}")})


def run(content: str) -> str:
    return f"<w:r>{content}</w:r>"


def word_field(*instructions: str, shows: str = "1") -> str:
    said = "".join(run(f"<w:instrText>{each}</w:instrText>") for each in instructions)
    return (
        run('<w:fldChar w:fldCharType="begin"/>')
        + said
        + run('<w:fldChar w:fldCharType="separate"/>')
        + run(f"<w:t>{shows}</w:t>")
        + run('<w:fldChar w:fldCharType="end"/>')
    )


def damaged(at: int) -> bytes:
    """Packed, with bytes of the packed document overwritten."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        copy.writestr("word/document.xml", part("word/document.xml"))
    content = bytearray(target.getvalue())
    content[at : at + 20] = b"\xff" * 20
    return bytes(content)


def packed(method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as copy:
        copy.writestr("word/document.xml", part("word/document.xml"))
        copy.writestr("[Content_Types].xml", part("[Content_Types].xml"))
    return target.getvalue()


def broken_lzma() -> bytes:
    content = bytearray(packed(zipfile.ZIP_LZMA))
    content[80:140] = b"\xff" * 60
    return bytes(content)


def cut_short() -> bytes:
    """The list of members says that the first is longer, and packed longer, than the file is."""
    content = bytearray(packed(zipfile.ZIP_STORED))
    entry = content.index(b"PK\x01\x02")
    content[entry + 20 : entry + 28] = (500_000).to_bytes(4, "little") * 2
    return bytes(content)


def longer_than_said() -> bytes:
    content = bytearray(packed(zipfile.ZIP_DEFLATED))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    return bytes(content)


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


EVIL = "http://evil.example/a"
INCLUDED = f'INCLUDEPICTURE "{EVIL}" \\d'
#: docxtpl unescapes what lies in braces; ``raw`` would print it.
UNESCAPED = (
    "{% raw %}{{ &lt;/w:t&gt;&lt;/w:r&gt;&lt;w:fldSimple w:instr='INCLUDEPICTURE x'/&gt;"
    "&lt;w:r&gt;&lt;w:t&gt; }}{% endraw %}"
)
MOVED = {
    "_rels/.rels": ('Target="word/document.xml"', 'Target="word/main.xml"'),
    "[Content_Types]": ("/word/document.xml", "/word/main.xml"),
}
FOOTNOTES = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
)


def header_in_a_picture() -> bytes:
    """docxtpl goes by the relation, whatever the part is called."""
    return without_part(
        "word/header1.xml",
        put={
            "word/media/a.png": part("word/header1.xml").replace(
                "{{ mark }}", "{{ mark }}{{ 1+1 }}"
            )
        },
        **{"_rels/document.xml.rels": ('Target="header1.xml"', 'Target="media/a.png"')},
        **{"[Content_Types]": ("/word/header1.xml", "/word/media/a.png")},
    )


def with_footnotes(text: str, name: str = "footnotes.xml", markup: bool = True) -> bytes:
    relation = f'<Relationship Id="rId98" Type="http://x/relationships/footnotes" Target="{name}"/>'
    override = f'<Override PartName="/word/{name}" ContentType="{FOOTNOTES[0]}"/>'
    noted = f'<w:footnotes xmlns:w="{FOOTNOTES[1]}"><w:t>{text}</w:t></w:footnotes>'
    return without_part(
        "",
        put={f"word/{name}": noted if markup else text},
        **{"_rels/document.xml.rels": ("</Relationships>", f"{relation}</Relationships>")},
        **{"[Content_Types]": ("</Types>", f"{override}</Types>")},
    )


@pytest.mark.parametrize(
    ("make", "code"),
    [
        # Fetched by whoever opens the document.
        (lambda: with_relation("attachedTemplate", EVIL, 'TargetMode="Extern&#97;l"'), "external_links"),
        (lambda: with_relation("image", EVIL, "TargetMode=' external'"), "external_links"),
        (lambda: with_relation("hyperlink", EVIL, 'TargetMode="External"'), "external_links"),
        (lambda: with_relation("image", EVIL), "external_links"),
        (lambda: with_relation("aFChunk", "a.html"), "embedded"),
        (lambda: with_part("word/_rels/a.xml.rels", '<R TargetMode="External"/>'.encode("utf-16")), "not_a_document"),
        (lambda: with_part("word/a.xml", "<?xml version='1.0' encoding='utf-16be'?><a/>".encode("utf-16-be")), "not_a_document"),
        (lambda: with_part("word/a.xml", b"<?xml version='1.0' encoding='GBK'?><a/>"), "not_a_document"),
        (lambda: with_part("word/a.xml", b"<a>"), "not_a_document"),
        (lambda: with_part("word/media/a.svg", f'<svg><image href="{EVIL}"/></svg>'.encode()), "external_links"),
        (lambda: with_part("WORD/DOCUMENT.XML", b"<a/>"), "not_a_document"),
        (lambda: with_markup(f"<w:fldSimple w:instr='{INCLUDED}'/>"), "external_links"),
        (lambda: with_markup(f"<w:fldSimple w:instr='{INCLUDED}'/>", where="header1"), "external_links"),
        (lambda: with_markup(word_field(INCLUDED)), "external_links"),
        (lambda: with_markup(word_field("INCLU", "DEPIC", f'TURE "{EVIL}"'), where="footer1"), "external_links"),
        (lambda: with_markup(word_field("DDEAUTO c:\\\\a.exe")), "external_links"),
        (lambda: with_markup(word_field(f'HYPERLINK "{EVIL}"')), "external_links"),
        (lambda: with_markup(word_field("RD a.docx")), "external_links"),
        (lambda: with_markup(word_field("MACROBUTTON a b")), "template_does_more"),
        (lambda: with_markup(word_field("PAGE INCLU", "xDEPICTURE")), "template_does_more"),
        (
            lambda: with_markup(
                word_field("QU").replace("<w:instrText>QU", f"{word_field('PAGE')}<w:instrText>PAGE")
            ),
            "template_does_more",
        ),
        (lambda: with_markup(run(f"<w:instrText>{INCLUDED}</w:instrText>")), "external_links"),
        (lambda: with_markup(word_field("{% if number %}PAGE{% endif %}")), "template_does_more"),
        (lambda: with_markup(run(f"<w:t>{UNESCAPED}</w:t>")), "template_does_more"),
        (lambda: with_markup('</w:p><w:altChunk r:id="rId1"/><w:p>'), "embedded"),
        (lambda: with_markup('<w:subDoc r:id="rId1"/>'), "embedded"),
        (lambda: with_markup(run("<w:object><o:OLEObject/></w:object>")), "embedded"),
        (lambda: changed(settings=("<w:zoom", "<w:mailMerge/><w:zoom")), "external_links"),
        # Run by docxtpl, wherever it stands.
        *(
            (lambda old=old, new=new: changed(**{"docProps/core": (old, new)}), "template_does_more")
            for old, new in (
                ("<dc:title>", "<dc:title>{{ ('z'*300000000)|length }}"),
                ("<dc:title>", "<dc:title>&#123;&#123; number }}"),
                ("<dc:subject/>", "<dc:subject>{% for a in number %}{% endfor %}</dc:subject>"),
                ("<cp:keywords/>", "<cp:keywords>{# a #}</cp:keywords>"),
            )
        ),
        (lambda: changed(**{"docProps/app": ("<Manager/>", "<Manager>{{ number }}</Manager>")}), "template_does_more"),
        (lambda: with_part("docProps/custom.xml", b"<a>{{ number }}</a>"), "template_does_more"),
        (
            lambda: without_part(
                "",
                put={"word/main.xml": part("word/document.xml").replace("{{ number }}", "{{ number.a() }}")},
                **MOVED,
            ),
            "not_a_document",
        ),
        (header_in_a_picture, "not_a_document"),
        (lambda: changed(document=("{{ number }}", "{{ number }}&#123;&#123; number.a() }}")), "template_does_more"),
        (lambda: changed(document=("{{ number }}", "{{ number }}{_{ number }_}")), "template_does_more"),
        (lambda: with_footnotes("{{ number }}"), "template_does_more"),
        (lambda: with_footnotes("{_{ number.a() }_}"), "template_does_more"),
        (lambda: with_footnotes("{</w:t><w:t>{ number }}"), "template_does_more"),
        (lambda: with_footnotes("{{ number.a() }}", name="media/b.png", markup=False), "template_does_more"),
        # Damaged, or made to be.
        (lambda: damaged(60), "not_a_document"),
        (broken_lzma, "not_a_document"),
        (cut_short, "not_a_document"),
        (longer_than_said, "not_a_document"),
        (lambda: changed(document=("{{ number }}", "{{ %s }}" % ("9" * 5000))), "template_does_more"),
        (lambda: changed(document=("{{ number }}", "{{ " + "(" * 9000 + "1" + ")" * 9000 + " }}")), "template_does_more"),
        (lambda: changed(document=("{{ number }}", "{{ %s number }}" % ("not " * 9000))), "template_does_more"),
        (lambda: changed(document=("{{ number }}", "{{ %s number }}" % ("not " * 90))), "template_does_more"),
        (lambda: changed(document=("{{ number }}", "{{" * 200_000)), "template_does_more"),
    ],
)  # fmt: skip
def test_what_is_made_to_slip_through_is_refused(make, code, national_officer):
    content = make()
    with pytest.raises(Invalid) as refused:
        services.replace_template("notice", content, filename="模板.docx", by=national_officer)
    assert refused.value.code == code
    assert [each.pointer for each in refused.value.fields] == ["/file"]
    assert not DocumentTemplate.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        with_markup(word_field(" PAGE ", "  \\* MERGEFORMAT ", shows="{{ number }}")),
        with_markup(word_field('DATE \\@ "yyyy年M月d日" \\* MERGEFORMAT')),
        with_markup("<w:fldSimple w:instr=' NUMPAGES  \\* Arabic '><w:r><w:t>1</w:t></w:r></w:fldSimple>"),
        # A condition over two runs, a field that Word has scattered.
        with_markup(
            run("<w:t>{% if notes %}甲</w:t>") + run("<w:rPr><w:b/></w:rPr><w:t>乙{% endif %}</w:t>")
        ),
        with_markup(run("<w:t>{</w:t>") + run("<w:t>{ num</w:t>") + run("<w:t>ber }}</w:t>")),
        changed(**{"_rels/.rels": ('"word/document.xml"', '"/word/document.xml"')}),
        with_part("word/media/a.png", b"\x89PNG\r\n\x1a\n"),
        with_footnotes("一"),
    ],
)  # fmt: skip
def test_what_word_writes_is_taken(content, national_officer):
    services.replace_template("notice", content, filename="模板.docx", by=national_officer)
    assert build_docx(document(), template_in_use("notice"))


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
    for content in (damaged(60), changed(document=("{{ number }}", "{{ %s }}" % ("9" * 5000)))):
        assert send(content).status_code == 422
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
