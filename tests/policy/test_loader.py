"""The loader refuses what is ambiguous, and names file, line and word [5.1.6]."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from consent.vocabulary import DataClass, Purpose
from policy.actors import Role
from policy.decisions import Decisions, load
from policy.errors import PolicyRefused
from policy.rules import CLASSES, FILES, GROUPS, NEED, WHO
from tests.policy.conftest import POLICY, Edit

FACTS_NEED = "FOCUSED_CHECK,everyone,FACTS,CLEAR,STATUTE,5.2.2,allow"

# What is written there | how the file is changed: `+` a row at the end, or old => new | the word named | why.
# `row` as the word is the row that came or was changed; `·` is a space, `⏎` a line's end.
REFUSALS = """
who.csv
a role that is unknown             | regulator,FOCUSED_CHECK,FACTS => regulater,FOCUSED_CHECK,FACTS | regulater   | unknown word for Role
a role in another case             | + Clerk,CREDIT_CHECK,PHONE,mask,all,allow                      | Clerk       | unknown word for Role
a wildcard                         | + *,CREDIT_CHECK,PHONE,mask,all,allow                          | *           | unknown word for Role
a purpose that is unknown          | + clerk,CURIOSITY,PHONE,mask,all,allow                         | CURIOSITY   | unknown word for Purpose
a pattern for a class              | + clerk,CREDIT_CHECK,PERSON.*,mask,all,allow                   | PERSON.*    | unknown word for DataClass
a class that looks alike           | + clerk,CREDIT_CHECK,РHONE,mask,all,allow                      | РHONE       | unknown word for DataClass
an action that is unknown          | + clerk,CREDIT_CHECK,PHONE,look,all,allow                      | look        | unknown word for Action
a scope that is unknown            | + clerk,CREDIT_CHECK,PHONE,mask,near,allow                     | near        | unknown word for Scope
an effect with a typing error      | + admin,AUDIT,SUBJECT,mask,all,denny                           | denny       | unknown word for Effect
an effect that is missing          | + admin,AUDIT,SUBJECT,mask,all                                 | all         | a row has 6 words, this one 5
an effect that is empty            | + admin,AUDIT,SUBJECT,mask,all,                                |             | unknown word for Effect
a word too many                    | + admin,AUDIT,SUBJECT,mask,all,deny,please                     | please      | a row has 6 words, this one 7
a comment behind a row             | + admin,AUDIT,SUBJECT,mask,all,deny·#·for·now                  | deny·#·for·now | a line of its own
a comment that is indented         | + ··#·admin                                                    | ··#·admin   | a row has 6 words, this one 1
a space before a word              | + admin,·AUDIT,SUBJECT,mask,all,deny                           | ·AUDIT      | a space before or after
a wide space behind a word         | + admin,AUDIT,SUBJECT,mask,all,deny　                          | deny　      | a space before or after
a quotation that is not closed     | + admin,AUDIT,SUBJECT,mask,all,"deny                           | row         | not well formed
a quotation over two lines         | + "admin⏎",AUDIT,SUBJECT,mask,all,deny                         | "admin      | not well formed
a row twice                        | + regulator,FOCUSED_CHECK,FACTS,read,sector-area,allow         | row         | stands twice
a row and its opposite             | + clerk,CREDIT_CHECK,name,read,all,deny                        | row         | contradicts another
a deny in one scope only           | + handler,DETERMINATION,FACTS,mask,assigned,deny               | assigned    | its scope is all
what needs no purpose              | + clerk,CREDIT_CHECK,REFERENCE,read,all,allow                  | REFERENCE   | open to everybody without a purpose
a header with other words          | role,purpose,class => role,class,purpose                       |             | the header must be
what no purpose needs              | + clerk,CREDIT_CHECK,PHONE,read,all,allow                      | row         | never takes effect: need.csv does not need it
what a deny of necessity forbids   | + anonymous,PUBLICITY,PHONE,mask,published,allow               | row         | never takes effect: need.csv does not need it
clear where only the mask is needed | + auditor,AUDIT,PERSON_NAME,read,all,allow                    | row         | never takes effect
an allow that a deny takes back    | + admin,AUDIT,SUBJECT,read,all,allow                           | row         | or a deny takes it back
a deny that takes back an allow    | + handler,DETERMINATION,EVIDENCE,mask,all,deny                 | handler,DETERMINATION,EVIDENCE,read,assigned-open,allow | or a deny takes it back
the mask beside the clear form     | + regulator,FOCUSED_CHECK,FACTS,mask,sector-area,allow         | row         | other rows say all of it
a member beside the group          | + clerk,CREDIT_CHECK,PERSON_NAME,read,all,allow                | row         | other rows say all of it
some rows beside every row         | + auditor,AUDIT,ACCESS_LOG,read,department,allow               | row         | other rows say all of it
a subject who may not be seen      | regulator,FOCUSED_CHECK,SUBJECT,read => anonymous,FOCUSED_CHECK,SUBJECT,read | sector-area | SUBJECT must be readable
a reader whom nobody authorises    | + handler,CREDIT_CHECK,SUBJECT,read,all,allow                  | handler     | given to others
another scope than the subject's   | FACTS,read,sector-area => FACTS,read,department                | department  | SUBJECT must be readable

need.csv
a need of nobody                   | + AUDIT,everyone,PHONE,MASKED,STATUTE,6.1,allow                | row         | gives it to nobody
a clearer need than any right      | AUDIT,everyone,name,MASKED => AUDIT,everyone,name,CLEAR        | AUDIT,everyone,name,CLEAR,STATUTE,5.1.6 6.1,allow | gives it to nobody
a need of a role without it        | + AUDIT,admin,FACTS,MASKED,STATUTE,6.1,allow                   | row         | gives it to nobody
two bases for one cell             | + FOCUSED_CHECK,regulator,FACTS,CLEAR,CONSENT,5.2.2,allow      | row         | says already what is needed
the mask beside the clear need     | + FOCUSED_CHECK,everyone,FACTS,MASKED,STATUTE,5.2.2,allow      | row         | says already what is needed
a need with another citation       | + FOCUSED_CHECK,everyone,FACTS,CLEAR,STATUTE,6.1,allow         | row         | contradicts another
consent nobody is asked for        | ACCESS_LOG,CLEAR,STATUTE => ACCESS_LOG,CLEAR,CONSENT           | ACCESS_LOG  | nobody can be asked to authorise
a form that is withheld            | + AUDIT,everyone,PHONE,WITHHELD,STATUTE,6.1,allow              | WITHHELD    | unknown word for Form
a basis that is unknown            | FACTS,CLEAR,STATUTE,5.2.2 => FACTS,CLEAR,HABIT,5.2.2           | HABIT       | unknown word for Basis
a basis that is missing            | FACTS,CLEAR,STATUTE,5.2.2 => FACTS,CLEAR,,5.2.2                |             | rests on a basis
a deny with a basis                | PHONE,MASKED,,5.1.6,deny => PHONE,MASKED,STATUTE,5.1.6,deny    | STATUTE     | a deny has no basis
a citation that is missing         | FACTS,CLEAR,STATUTE,5.2.2 => FACTS,CLEAR,STATUTE,              |             | a citation names clauses
a citation of nothing              | FACTS,CLEAR,STATUTE,5.2.2 => FACTS,CLEAR,STATUTE,above         | above       | a citation names clauses

groups.csv
a kind of group that is unknown    | + scope,own,mine                                               | scope       | unknown word for a kind of group
a member that is unknown           | + role,clark,everyone                                          | clark       | unknown word for Role
a group in a group                 | + role,everyone,whoever                                        | everyone    | unknown word for Role
a group called like a role         | + role,clerk,handler                                           | handler     | not itself a role
a group called like a class        | + class,FACTS,PHONE                                            | PHONE       | written in small letters
a group of two kinds               | + class,FACTS,everyone                                         | everyone    | a group of another kind
a member twice                     | + role,clerk,everyone                                          | clerk       | stands twice
a group that no row uses           | + role,clerk,idlers                                            | idlers      | no row uses this group
what needs no purpose, in a group  | + class,SESSION,personal                                       | SESSION     | open to everybody without a purpose
writing that includes reading      | + action,write,read                                            | row         | the order of the actions is fixed
a mask that includes the clear     | form,CLEAR,MASKED => form,MASKED,CLEAR                         | form,MASKED,CLEAR | the order of the forms is fixed
reading without the mask           | action,read,mask => #                                          |             | the order of the actions is fixed, and missing

classes.csv
a class that is unknown            | + Subject.phone,TELEPHONE                                      | TELEPHONE   | unknown word for DataClass
a group as a class                 | + Subject.phone,personal                                       | personal    | unknown word for DataClass
a field twice                      | + Subject.id,PHONE                                             | Subject.id  | has its class on line 2
a field without its type           | + phone,PHONE                                                  | phone       | a field is written Type.field
all fields of a type               | + Subject.*,PHONE                                              | Subject.*   | a field is written Type.field
"""  # noqa: E501 - a table is read across


def refusals() -> list[object]:
    """Give (file, edit, word, why) for each line of the table."""
    file, cases = "", []
    for line in REFUSALS.replace("·", " ").splitlines():
        if " | " not in line:
            file = line or file
            continue
        case, change, word, why = (cell.removeprefix(" ") for cell in line.split("|"))
        old, arrow, new = change.rstrip(" ").partition(" => ")
        row = old.removeprefix("+ ")
        edit = instead(old, new) if arrow else also(row.replace("⏎", "\n"))
        named = row if word.strip() == "row" else word.rstrip(" ")
        cases.append(pytest.param(file, edit, named, why.strip(), id=f"{file}: {case.strip()}"))
    return cases


def instead(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def also(row: str) -> Edit:
    return lambda text: f"{text}{row}\n"


@pytest.mark.sampled
@pytest.mark.parametrize(("file", "edit", "word", "why"), refusals())
def test_what_is_not_certain_is_refused(folder: Callable[..., Path], file: str, edit: Edit, word: str, why: str):
    target = folder({file: edit})
    with pytest.raises(PolicyRefused) as refusal:
        load(target)
    refused = refusal.value
    assert (refused.file, refused.word) == (file, word)
    assert why in refused.why
    assert refused.line == (0 if "missing" in why else _line_of(target / file, refused))
    assert str(refused).startswith(f"{file}:{refused.line}: " if refused.line else f"{file}: ")


def _line_of(path: Path, refused: PolicyRefused) -> int:
    """Check that the line named is one where the word stands (for an empty word, whichever was named)."""
    lines = path.read_text("utf-8").split("\n")
    return refused.line if refused.word in lines[refused.line - 1] else -1


def test_an_empty_file_is_refused(folder: Callable[..., Path]):
    with pytest.raises(PolicyRefused, match=r"who\.csv:1: the header must be"):
        load(folder({WHO: lambda _: ""}))


@pytest.mark.parametrize("file", FILES)
def test_no_file_may_be_missing(folder: Callable[..., Path], file: str):
    target = folder()
    (target / file).unlink()
    with pytest.raises(PolicyRefused, match="cannot be read") as refusal:
        load(target)
    assert refusal.value.file == file


def test_what_is_not_utf_8_is_refused_on_its_line(folder: Callable[..., Path]):
    target = folder()
    (target / WHO).write_bytes(b"# one\r\n# two\r\n" + "# 三\n".encode("gb18030") + (target / WHO).read_bytes())
    with pytest.raises(PolicyRefused, match="not UTF-8") as refusal:
        load(target)
    assert (refusal.value.file, refusal.value.line) == (WHO, 3)


@pytest.mark.slow
def test_a_spreadsheet_may_leave_its_marks(folder: Callable[..., Path], table: Decisions):
    """A byte-order mark, CRLF and words in quotation marks change no cell, but do change the version."""
    target = folder(
        {
            WHO: lambda text: "\ufeff" + text.replace("\n", "\r\n"),
            NEED: instead(FACTS_NEED, ",".join(f'"{word}"' for word in FACTS_NEED.split(","))),
        }
    )
    saved = load(target)
    cells = [(role, purpose, data_class) for role in Role for purpose in Purpose for data_class in DataClass]
    assert [saved.read(*cell) for cell in cells] == [table.read(*cell) for cell in cells]
    assert saved.version != load(folder(name="plain")).version


def test_blank_lines_and_comments_are_skipped(folder: Callable[..., Path]):
    noisy = folder({file: lambda text: "# 首行\n\n" + text + "\n   \n#,,,,\n" for file in (WHO, NEED, GROUPS, CLASSES)})
    assert isinstance(load(noisy), Decisions)


@pytest.mark.parametrize("file", FILES)
def test_the_version_changes_with_every_file(folder: Callable[..., Path], file: str):
    assert load(folder({file: lambda text: text + "\n"}, "changed")).version != load(folder()).version


def test_the_version_is_that_of_the_bytes(folder: Callable[..., Path]):
    first, second = load(folder(name="first")), load(folder(name="second"))
    assert first.version == second.version
    assert first is not second


def test_every_field_of_the_schema_has_a_class(folder: Callable[..., Path]):
    load(folder()).require({"Subject.id", "RestraintCase.facts", "Subject.idNumber"})


def test_fields_without_class_and_classes_without_field_are_all_named(folder: Callable[..., Path]):
    table = load(folder())
    with pytest.raises(PolicyRefused) as refusal:
        table.require({"Subject.id", "Subject.phone", "Subject.name"})
    assert refusal.value.why == (
        "these fields have no class: Subject.name, Subject.phone; "
        "these rows have no field: RestraintCase.facts, Subject.idNumber"
    )
    with pytest.raises(PolicyRefused) as refusal:
        table.require({"Subject.id", "Subject.idNumber"})
    assert (refusal.value.why, refusal.value.line) == ("these rows have no field: RestraintCase.facts", 3)


def test_loading_the_policy_takes_a_bounded_number_of_calls():
    """35,000 calls of Python functions take about 40 ms. Unlike the time, their number is the same on every machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        load(POLICY)
    finally:
        sys.setprofile(before)
    assert calls <= 70_000


def test_what_a_refusal_says_of_itself_is_open_without_a_row(folder: Callable[..., Path]):
    refusals = ["NotYet.code", "NotYet.message", "NotYet.clause", "NotYet.until"]
    table = load(folder(), refusals)
    assert {name for name in refusals if name in table.classes} == {"NotYet.code", "NotYet.message", "NotYet.clause"}
    assert {table.classes[name] for name in refusals[:3]} == {DataClass.SESSION}


def test_any_other_field_of_a_refusal_needs_its_row(folder: Callable[..., Path]):
    table = load(folder(), ["NotYet.code", "NotYet.until"])
    with pytest.raises(PolicyRefused, match=r"no class: NotYet\.until"):
        table.require([*table.classes, "NotYet.until"])


def test_a_type_that_is_no_refusal_needs_a_row_for_its_code(folder: Callable[..., Path]):
    table = load(folder(), ["NotYet.code"])
    with pytest.raises(PolicyRefused, match=r"no class: Matter\.code"):
        table.require([*table.classes, "Matter.code"])


def test_a_refusals_words_may_be_closed_by_a_row_and_are_not_opened_twice(folder: Callable[..., Path]):
    stricter = folder({CLASSES: lambda text: text + "Restrained.message,RESTRAINT_PARTICULARS\n"}, "stricter")
    assert load(stricter, ["Restrained.message"]).classes["Restrained.message"] is DataClass.RESTRAINT_PARTICULARS
    idle = folder({CLASSES: lambda text: text + "Restrained.message,SESSION\n"}, "idle")
    with pytest.raises(PolicyRefused, match="SESSION without a row"):
        load(idle, ["Restrained.message"])
