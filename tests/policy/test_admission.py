"""A refusal has one class for each reason, a code, and a sentence in both languages, without personal data [5.1.6]."""

import re

import pytest

from policy.admission import denied
from policy.decisions import Withheld, WithheldReason
from policy.errors import ConsentMissing, Denied, DeniedByNecessity, DeniedByRole, Unclassified, ValueDamaged


@pytest.mark.parametrize(
    ("reason", "refusal", "code"),
    [
        (WithheldReason.ROLE, DeniedByRole, "WITHHELD_ROLE"),
        (WithheldReason.NECESSITY, DeniedByNecessity, "WITHHELD_NECESSITY"),
        (WithheldReason.CONSENT, ConsentMissing, "WITHHELD_CONSENT"),
        (WithheldReason.UNCLASSIFIED, Unclassified, "WITHHELD_UNCLASSIFIED"),
        (WithheldReason.DAMAGED, ValueDamaged, "WITHHELD_DAMAGED"),
    ],
)
def test_the_class_of_the_refusal_is_the_reason(reason: WithheldReason, refusal: type[Denied], code: str):
    found = denied(Withheld(reason, "role:handler"))
    assert type(found) is refusal
    assert (found.code, found.unlock, str(found)) == (code, "role:handler", found.message)


def test_every_refusal_speaks_both_languages():
    for refusal in (Denied, *Denied.__subclasses__()):
        assert re.fullmatch(r"[\x20-\x7e]+\.", refusal.message)
        assert re.search(r"[\u4e00-\u9fff]", refusal.message_zh)
        assert refusal.message_zh.endswith("。")
    codes = [refusal.code for refusal in Denied.__subclasses__()]
    assert len(codes) == len(set(codes)) == len(WithheldReason)
