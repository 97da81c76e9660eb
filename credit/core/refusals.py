"""Reasons of refusals, as rows of data: each has its code, its clause and its sentences [5.1.6].

A *branch* is an exception class: what code catches, and what GraphQL shows as a type. A *reason* is a row under its
branch, in the `refusals.py` of its topic; a new reason is a new row, and nothing else. No sentence quotes a value: what
is refused may be an identity number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from credit.core.labels import Labelled


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to refuse, in both languages. A remedy says what can be done instead; it may be empty.

    Sentences name their facts as `{until}`: dates, codes, numbers and choices only.
    """

    code: str
    clause: str
    english: str
    chinese: str
    remedy_english: str = ""
    remedy_chinese: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A fact that each language phrases in its own way, such as an end that is a day or an event."""

    english: str
    chinese: str


def in_english(sentence: str, facts: Mapping[str, object]) -> str:
    """Return *sentence* with its *facts*: a choice by its wire name, a day as `2026-03-05`."""
    return sentence.format_map({name: _english(fact) for name, fact in facts.items()})


def in_chinese(sentence: str, facts: Mapping[str, object]) -> str:
    """Return *sentence* with its *facts*: a choice by its term, a day as `2026-03-05`."""
    return sentence.format_map({name: _chinese(fact) for name, fact in facts.items()})


def _english(fact: object) -> object:
    return fact.english if isinstance(fact, Phrase) else fact


def _chinese(fact: object) -> object:
    match fact:
        case Phrase():
            return fact.chinese
        case Labelled():
            return fact.zh
    return fact


# fmt: off
# --- reasons that several topics share -----------------------------------------------------------------------------

FINDING_UNSUPPORTED = Reason("FINDING_UNSUPPORTED", "5.1.1",
    "A finding against a subject needs facts and evidence.", "作出不利认定须载明事实并附证据。",
    "State the facts and attach the evidence by reference.", "请填写事实并登记证据档案编号。")
STEP_MISDATED = Reason("STEP_MISDATED", "5.1",
    "The step must be dated between {earliest} and {latest}.", "该步骤的日期应在{earliest}至{latest}之间。",
    "Correct the date.", "请更正日期。")
# fmt: on
