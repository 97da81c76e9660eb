"""A change of policy is reported cell by cell, and whether an actor would see or do more than before."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policy.diff import diff_folders
from policy.errors import PolicyRefused
from policy.rules import CLASSES, NEED, WHO

FACTS = "regulator,FOCUSED_CHECK,FACTS,read,sector-area,allow"
FACTS_NEED = "FOCUSED_CHECK,everyone,FACTS,CLEAR,STATUTE,5.2.2,allow"
PHONE = "regulator,FOCUSED_CHECK,PHONE,mask,sector-area,allow"
PHONE_NEED = "FOCUSED_CHECK,everyone,PHONE,MASKED,STATUTE,5.2.2,allow"


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({WHO: (FACTS, f"# why\n\n{FACTS}")}, "", id="a comment and a blank line change no cell"),
        pytest.param(
            {WHO: (FACTS, f"{FACTS}\n{PHONE}"), NEED: (FACTS_NEED, f"{FACTS_NEED}\n{PHONE_NEED}")},
            "wider     regulator  FOCUSED_CHECK  PHONE  read  withheld -> MASKED sector-area, STATUTE [5.2.2]",
            id="a further class",
        ),
        pytest.param(
            {WHO: (f"{FACTS}\n", ""), NEED: (f"{FACTS_NEED}\n", "")},
            "narrower  regulator  FOCUSED_CHECK  FACTS  read  CLEAR sector-area, STATUTE [5.2.2] -> withheld",
            id="a class less",
        ),
        pytest.param(
            {WHO: (FACTS, FACTS.replace("read", "mask")), NEED: (FACTS_NEED, FACTS_NEED.replace("CLEAR", "MASKED"))},
            (
                "narrower  regulator  FOCUSED_CHECK  FACTS  read  "
                "CLEAR sector-area, STATUTE [5.2.2] -> MASKED sector-area, STATUTE [5.2.2]"
            ),
            id="masked instead of clear",
        ),
        pytest.param(
            {WHO: ("auditor,AUDIT,ACCESS_LOG,read,all", "auditor,AUDIT,ACCESS_LOG,read,department")},
            (
                "narrower  auditor  AUDIT  ACCESS_LOG  read  "
                "CLEAR all, STATUTE [5.1.6 6.1] -> CLEAR department, STATUTE [5.1.6 6.1]"
            ),
            id="some rows instead of all",
        ),
        pytest.param(
            {WHO: ("reviewer,REVIEW,SUBJECT,read,reviewing", "reviewer,REVIEW,SUBJECT,read,all")},
            (
                "wider     reviewer  REVIEW  SUBJECT  read  "
                "CLEAR reviewing, STATUTE [5.1.4(4)] -> CLEAR all, STATUTE [5.1.4(4)]"
            ),
            id="all rows instead of some",
        ),
        pytest.param(
            {NEED: (FACTS_NEED, FACTS_NEED.replace("5.2.2", "5.2.2 5.1.6"))},
            (
                "ground    regulator  FOCUSED_CHECK  FACTS  read  "
                "CLEAR sector-area, STATUTE [5.2.2] -> CLEAR sector-area, STATUTE [5.2.2 5.1.6]"
            ),
            id="another citation",
        ),
        pytest.param(
            {NEED: ("association,CONSULTATION_REPLY,CLEAR,CONSENT", "association,CONSULTATION_REPLY,CLEAR,STATUTE")},
            (
                "wider     association  CONSULTATION  CONSULTATION_REPLY  read  "
                "CLEAR department, CONSENT [5.2.3 5.1.6] -> CLEAR department, STATUTE [5.2.3 5.1.6]"
            ),
            id="no longer on consent",
        ),
        pytest.param(
            {WHO: (FACTS, f"{FACTS}\nregulator,FOCUSED_CHECK,FACTS,write,sector-area,allow")},
            "wider     regulator  FOCUSED_CHECK  FACTS  write  withheld -> sector-area",
            id="a further action",
        ),
        pytest.param(
            {WHO: ("agent,SELF_ACCESS,AUTHORISATION,write,delegated,allow\n", "")},
            "narrower  agent  SELF_ACCESS  AUTHORISATION  write  delegated -> withheld",
            id="an action less",
        ),
        pytest.param(
            {CLASSES: ("Subject.idNumber,IDENTITY_NUMBER\n", "Subject.idNumber,PHONE\nSubject.name,PERSON_NAME\n")},
            (
                "field     Subject.idNumber  IDENTITY_NUMBER -> PHONE\n"
                "field     Subject.name  unclassified -> PERSON_NAME"
            ),
            id="fields",
        ),
    ],
)
def test_changes_are_reported(folder: Callable[..., Path], changes: Mapping[str, tuple[str, str]], expected: str):
    def replaced(old: str, new: str) -> Callable[[str], str]:
        def edit(text: str) -> str:
            assert old in text
            return text.replace(old, new)

        return edit

    new = folder({file: replaced(*change) for file, change in changes.items()}, "new")
    assert "\n".join(change.line() for change in diff_folders(folder(), new)) == expected


def test_a_change_of_scope_can_be_wider_and_narrower_at_once(folder: Callable[..., Path]):
    old = "auditor,AUDIT,ACCESS_LOG,read,all"
    before = folder({WHO: lambda text: text.replace(old, old.replace("all", "department"))}, "old")
    after = folder({WHO: lambda text: text.replace(old, old.replace("all", "restrained"))}, "new")
    assert [change.line()[:8].strip() for change in diff_folders(before, after)] == ["mixed"]


def test_only_on_consent_is_narrower(folder: Callable[..., Path]):
    row = "association,CONSULTATION_REPLY,CLEAR,"
    before = folder({NEED: lambda text: text.replace(f"{row}CONSENT", f"{row}STATUTE")}, "old")
    assert [change.line()[:8] for change in diff_folders(before, folder())] == ["narrower"]


def test_a_policy_that_does_not_load_has_no_differences(folder: Callable[..., Path]):
    broken = folder({WHO: lambda text: text + "nobody\n"}, "broken")
    with pytest.raises(PolicyRefused):
        diff_folders(folder(), broken)
