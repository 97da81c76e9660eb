"""Every refusal has a name, a code, and a sentence in both languages [5.1.6]."""

from datetime import date

import pytest

from consent import errors
from consent.errors import ConsentError

FACTS = {
    "PeriodTooLong": date(2027, 3, 5),
    "TooManyUses": 3,
    "UsesAlreadyMade": 2,
    "NotForLife": 1098,
    "AskedBefore": date(2027, 3, 5),
}


def below(kind):
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


NAMED = [kind for kind in below(ConsentError) if not kind.__subclasses__()]


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_says_no_in_two_languages(kind):
    refusal = kind(FACTS[kind.__name__]) if kind.__name__ in FACTS else kind()
    assert str(refusal) == refusal.message
    assert refusal.message.isascii()
    assert refusal.message.endswith(".")
    assert refusal.message_zh.endswith("。")
    assert "{" not in refusal.message + refusal.message_zh
    assert refusal.message != ConsentError.says


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_the_tree_in_the_docstring_names_it(kind):
    assert kind.__name__ in errors.__doc__


def test_codes_are_stable_and_unique():
    assert len({kind.code for kind in below(ConsentError)}) == len(list(below(ConsentError)))
