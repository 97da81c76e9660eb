"""An explanation names the rows that decide, says why not, and what would unlock [5.1.6]."""

from collections.abc import Callable
from pathlib import Path

import pytest

from consent.vocabulary import DataClass, Purpose
from policy.actors import Role
from policy.decisions import Decisions, Withheld, WithheldReason, load
from policy.explain import explain
from policy.rules import CLASSES, NEED, WHO
from tests.policy.conftest import POLICY


@pytest.fixture
def few(folder: Callable[..., Path]) -> Decisions:
    return load(folder({CLASSES: lambda text: text + "Viewer.role,SESSION\nSubject.phone,PHONE\n"}))


def place(file: str, row: str) -> str:
    """Return where *row* stands, found by whoever searches the file for it."""
    lines = (POLICY / file).read_text("utf-8").splitlines()
    return f"{file}:{lines.index(row) + 1}"


def test_what_is_shown_cites_both_rows(few: Decisions):
    who, need = (
        "regulator,FOCUSED_CHECK,FACTS,read,sector-area,allow",
        "FOCUSED_CHECK,everyone,FACTS,CLEAR,STATUTE,5.2.2,allow",
    )
    at_who, at_need = place(WHO, who), place(NEED, need)
    width = max(len(at_who), len(at_need))
    assert explain(few, Role.REGULATOR, Purpose.FOCUSED_CHECK, "RestraintCase.facts").lines() == (
        "RestraintCase.facts for regulator, FOCUSED_CHECK",
        "class     FACTS  (classes.csv:3)",
        "shown     CLEAR in scope sector-area, by STATUTE [5.2.2]",
        f"rows      {at_who:<{width}}  {who}",
        f"          {at_need:<{width}}  {need}",
    )


def test_more_than_one_grant_is_shown_line_by_line(few: Decisions):
    explanation = explain(few, Role.HANDLER, Purpose.DETERMINATION, "Subject.idNumber").lines()
    assert explanation[2:4] == (
        "shown     CLEAR in scope assigned-open, by STATUTE [5.1.3]",
        "          MASKED in scope department-open, by STATUTE [5.1.3]",
    )


def test_what_rests_on_consent_says_so(few: Decisions):
    explanation = explain(few, Role.CLERK, Purpose.CREDIT_CHECK, "Subject.idNumber")
    assert (explanation.why, explanation.unlock) == (
        "only while the subject's authorisation for it is live",
        "authorisation",
    )


DENIED_IN_PUBLIC = place(NEED, "PUBLICITY,everyone,PHONE,MASKED,,5.1.6,deny")
DENIED_TO_ADMIN = place(WHO, "admin,beyond-publicity,personal,mask,all,deny")
WITHHELD = f"""
clerk     | FOCUSED_CHECK | RestraintCase.facts | role         | who.csv has no row by which clerk may read FACTS for FOCUSED_CHECK      | role:regulator      | need.csv
head      | DETERMINATION | Subject.phone       | role         | who.csv has no row by which head may read PHONE for DETERMINATION       | role:handler        | need.csv
regulator | FOCUSED_CHECK | Subject.phone       | necessity    | need.csv has no row by which FOCUSED_CHECK needs PHONE for regulator    |                     |
anonymous | PUBLICITY     | Subject.phone       | necessity    | {DENIED_IN_PUBLIC} denies it                                            |                     | need.csv
admin     | AUDIT         | Subject.id          | role         | {DENIED_TO_ADMIN} denies it                                             | purpose:PUBLICITY   | who.csv need.csv
subject   |               | Subject.phone       | necessity    | personal data is shown only for a stated purpose [5.1.6]                | purpose:SELF_ACCESS |
regulator | FOCUSED_CHECK | Subject.shoeSize    | unclassified | classes.csv has no row for this field                                   |                     |
"""  # noqa: E501 - a table is read across


@pytest.mark.parametrize("row", WITHHELD.strip().splitlines(), ids=lambda row: row.split("|")[4].strip())
def test_what_is_withheld_says_why_and_what_would_unlock(few: Decisions, row: str):
    who, purpose, field, reason, why, unlock, cites = (cell.strip() for cell in row.split("|"))
    explanation = explain(few, Role(who), Purpose(purpose) if purpose else None, field)
    assert explanation.decision == Withheld(WithheldReason(reason), unlock)
    assert (explanation.why, explanation.unlock) == (why, unlock)
    assert [cited.file for cited in explanation.rows] == cites.split()
    assert f"why       {why}" in explanation.lines()


def test_what_is_open_to_everybody_says_so(few: Decisions):
    explanation = explain(few, Role.ANONYMOUS, None, "Viewer.role")
    assert explanation.data_class is DataClass.SESSION
    assert explanation.why == "it is about nobody else: everybody may read it without a purpose"


def test_a_deny_of_the_clear_form_alone_is_cited_but_not_blamed(folder: Callable[..., Path]):
    row = "case-officers,DETERMINATION,INTERNAL_NOTES,read,all,deny"
    refused = "handler,DETERMINATION,INTERNAL_NOTES,read,assigned-open,allow"
    table = load(
        folder(
            {
                WHO: lambda text: text.replace(refused, refused.replace("read", "mask")) + row + "\n",
                NEED: lambda text: text.replace(
                    "DETERMINATION,everyone,INTERNAL_NOTES,CLEAR", "DETERMINATION,everyone,INTERNAL_NOTES,MASKED"
                ),
                CLASSES: lambda text: text + "RestraintCase.notes,INTERNAL_NOTES\n",
            }
        )
    )
    explanation = explain(table, Role.HEAD, Purpose.DETERMINATION, "RestraintCase.notes")
    assert explanation.why == "who.csv has no row by which head may read INTERNAL_NOTES for DETERMINATION"
    assert row in [cited.text for cited in explanation.rows]
