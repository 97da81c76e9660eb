"""Notices as documents: every character there, nothing taken for markup, the same bytes for the same facts [A]."""

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest

from credit.notices.facts import Notice, NoticeKind, items
from credit.subjects.subject import SubjectKind
from gateway.notices.errors import GlyphMissing, TemplateBroken
from gateway.notices.font_coverage import fonts
from gateway.notices.render import TEMPLATES, pictures, render, template_of
from gateway.notices.samples import sample
from tests.gateway.notices import page_image

pytestmark = pytest.mark.pdf

CODE = "ABCD-EFGH-IJKL-MN23"
LONG = "演示事实，" * 60
SELDOM_SHOWN = {"subject_kind"}
"""Facts that choose words and are not printed themselves."""


def text_of(document: bytes) -> str:
    """Return the text of all pages, without what only breaks lines."""
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return flat("".join(page.extract_text() for page in pages))


def flat(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def printed(notice: Notice) -> dict[str, list[str]]:
    whole = {item.name: [item.text] if isinstance(item.text, str) else list(item.text) for item in items(notice)}
    return {name: [flat(part) for part in services] for name, services in whole.items()}


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_fact_comes_out_of_the_document_as_it_went_in(kind: NoticeKind):
    notice = sample(kind)
    text = text_of(render(notice, code=CODE))
    assert kind.zh in text
    assert f"核验码：{CODE}" in text
    for name, services in printed(notice).items():
        assert name in SELDOM_SHOWN or all(part in text for part in services), name


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_same_facts_make_the_same_bytes(kind: NoticeKind):
    assert render(sample(kind), code=CODE) == render(sample(kind), code=CODE)


def test_other_facts_make_other_bytes():
    notice = sample(NoticeKind.NOTICE)
    assert render(notice, code=CODE) != render(sample(NoticeKind.NOTICE, addressee="演示乙"), code=CODE)
    assert render(notice, code=CODE) != render(notice, code="ABCD-EFGH-IJKL-MN24")


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_document_is_archival_and_carries_its_fonts_and_no_date_but_its_own(kind: NoticeKind):
    reader = pypdf.PdfReader(io.BytesIO(render(sample(kind), code=CODE)))
    described = reader.trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]  # what a catalogue has
    assert "<pdfaid:part>2</pdfaid:part>" in described
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in described
    assert str(reader.metadata and reader.metadata.creation_date).startswith("1912-03-05")
    for font in pypdf_fonts(reader):
        assert "+NotoS" in font, "a subset of a font of ours"


def pypdf_fonts(reader: pypdf.PdfReader) -> list[str]:
    names = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]  # what a page has
            below = font["/DescendantFonts"][0].get_object()
            assert "/FontFile3" in below["/FontDescriptor"] or "/FontFile2" in below["/FontDescriptor"]
            names.append(str(below["/BaseFont"]))
    assert names
    return names


def test_no_font_of_the_machine_takes_part():
    assert fonts().families() == ["Noto Sans SC", "Noto Serif SC"]


@pytest.mark.parametrize("kind", NoticeKind)
def test_without_a_code_every_page_says_that_it_is_a_specimen(kind: NoticeKind):
    document = render(sample(kind, addressee="演示" * 700), code=None)
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    assert len(pages) > 1
    for page in pages:
        assert "样张，不具效力" in flat(page.extract_text())
        assert "核验码" not in page.extract_text()


@pytest.mark.parametrize(
    "name",
    ['#panic("x")', "*bold*", "$x$", "_a_", "`raw`", "= heading", "- item", "\\", '"q" -- ...', '#read("letter.typ")',
     "@ref <label>", "https://example.invalid", "//no comment", "/*", "]#[", "${facts}", "<b>", "{{x}}", "\\u{41}"],
)  # fmt: skip
@pytest.mark.parametrize("kind", [NoticeKind.NOTICE, NoticeKind.RECEIPT_OF_SERVICE])
def test_what_looks_like_markup_is_printed_as_it_is(kind: NoticeKind, name: str):
    notice = sample(kind, addressee=f"演示{name}甲", department=f"部门{name}")
    text = text_of(render(notice, code=CODE))
    assert flat(f"演示{name}甲") in text
    assert flat(f"部门{name}") in text


@pytest.mark.parametrize(
    ("case", "kind", "other", "pages"),
    [
        ("a company's name of 120 characters", "NOTICE", {"addressee": "演示" * 60}, 1),
        ("a name of 120 Latin letters without a space", "NOTICE", {"addressee": "W" * 120}, 1),
        ("a name of 120 accented letters", "RECEIPT_OF_SERVICE", {"addressee": "É" * 120}, 1),
        ("a department's name of 120 characters", "DETERMINATION", {"department": "演示" * 60}, 2),
        ("a number of 120 characters", "REVIEW_DECISION", {"number": "X-" * 60}, 1),
        ("facts of two paragraphs over two pages", "NOTICE", {"conduct": f"{LONG}\n{LONG}\n\n{LONG}"}, 2),
        ("thirty documents", "REMINDER", {"documents": tuple(f"演示材料{n}" for n in range(30))}, 2),
        ("a rare character that the fonts have", "NOTICE", {"addressee": "演示㛃䶮"}, 1),
        ("a person's name with a middle dot", "NOTICE", {"addressee": "演示·甲"}, 1),
    ],
)
def test_long_and_rare_facts_are_whole_and_on_the_sheet(case: str, kind: str, other: dict[str, Any], pages: int):
    notice = sample(NoticeKind(kind), subject_kind=SubjectKind.LEGAL_PERSON, **other)
    document = render(notice, code=CODE)
    text = text_of(document)
    for name, value in other.items():
        for part in [value] if isinstance(value, str) else value:
            for paragraph in part.split("\n"):
                assert flat(paragraph) in across_pages(text), (case, name)
    assert len(pypdf.PdfReader(io.BytesIO(document)).pages) == pages
    assert all(page_image.is_between_margins(page) for page in pictures(notice, code=CODE, ppi=24))


def across_pages(text: str) -> str:
    """Leave out the foot of a page, where a paragraph runs over it."""
    services = text.split(f"核验码：{CODE}第")
    return services[0] + "".join(part.partition("页，共")[2].partition("页")[2] for part in services[1:])


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_page_has_its_ink_between_its_margins(kind: NoticeKind):
    [page] = pictures(sample(kind), code=CODE, ppi=24)
    assert page_image.is_between_margins(page)


def test_ink_in_a_margin_would_be_seen(tmp_path: Path):
    wide = tmp_path / "wide.typ"
    wide.write_text(f'#set page(paper: "a4", margin: 2.8cm)\n{"W" * 60}', encoding="utf-8")
    [page] = pictures(sample(NoticeKind.NOTICE), code=CODE, template=wide, ppi=24)
    assert not page_image.is_between_margins(page)


@pytest.mark.parametrize(
    ("case", "character"),
    [
        ("rarer than the fonts", "𠮷"),
        ("a private character of some registry", "\ue863"),
        ("a picture", "🀄"),
        ("turns the reading order", "\u202e"),
        ("hides between letters", "\u200b"),
        ("chooses another form of the one before", "\U000e0100"),
        ("no text at all", "\x07"),
        ("half a character", "\ud842"),
    ],
)
def test_a_character_that_cannot_be_printed_is_refused_by_the_fact_it_stands_in(case: str, character: str):
    with pytest.raises(GlyphMissing) as refused:
        render(sample(NoticeKind.NOTICE, addressee=f"演{character}示甲", basis=f"依据{character}"), code=CODE)
    assert refused.value.characters == {"addressee": character, "basis": character}, case
    assert "演" not in str(refused.value)
    assert "addressee" in str(refused.value)


def test_every_missing_character_is_reported_once():
    with pytest.raises(GlyphMissing) as refused:
        render(sample(NoticeKind.REMINDER, documents=("𠮷甲", "🀄𠮷")), code=CODE)
    assert refused.value.characters == {"documents": "𠮷🀄"}


BROKEN = [
    ("quotes its input", "#panic(sys.inputs.notice)", 1),
    ("joins a name and a number", "\n#(json(bytes(sys.inputs.notice)).facts.addressee.text + 1)", 2),
    ("asks for a fact that there is not", "#json(bytes(sys.inputs.notice)).facts.nothing", 1),
    ("looks outside its folder", '#read("../../etc/passwd")', 1),
    ("fetches from the network", 'a\n\n#import "@preview/x:1.0.0"', 3),
    ("is not closed", "#[", 1),
    ("has a character that no font has", "公文𠮷", 1),
]


@pytest.mark.parametrize(("case", "source", "line"), BROKEN)
def test_a_broken_template_is_refused_by_name_and_line_without_a_fact(
    case: str, source: str, line: int, tmp_path: Path
):
    template = tmp_path / "own.typ"
    template.write_text(source, encoding="utf-8")
    with pytest.raises(TemplateBroken) as refused:
        render(sample(NoticeKind.NOTICE), code=CODE, template=template)
    assert (refused.value.template, refused.value.line) == ("own.typ", line), case
    assert str(tmp_path) not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None, "a traceback would show what the typesetter quoted"


def test_a_template_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(TemplateBroken):
        render(sample(NoticeKind.NOTICE), code=CODE, template=tmp_path / "none.typ")


def test_a_department_may_put_its_own_form_in_place(tmp_path: Path):
    own = tmp_path / "own.typ"
    own.write_text(
        "#let notice = json(bytes(sys.inputs.notice))\n#set document(title: notice.title, date: auto)\n"
        '#set text(font: "Noto Sans SC", lang: "zh")\n本部门格式：#notice.facts.addressee.text　#notice.code',
        encoding="utf-8",
    )
    notice = sample(NoticeKind.NOTICE, addressee="#演示*甲*")
    document = render(notice, code=CODE, template=own)
    assert text_of(document) == f"本部门格式：#演示*甲*{CODE}"
    assert document == render(notice, code=CODE, template=own)


def test_every_kind_has_a_template_and_every_template_a_kind():
    assert {template_of(kind).name for kind in NoticeKind} | {"letter.typ"} == {
        path.name for path in TEMPLATES.iterdir()
    }
