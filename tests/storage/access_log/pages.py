"""The record of a page, as the recorder takes it."""

from dataclasses import replace
from itertools import count as numbers
from uuid import UUID

from consent.disclosures.formats import AccessContext, Disclosure, Ground
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from tests.consent.samples import AUTHORISATION_ID, BUREAU, NOW, SUBJECT_ID

NUMBERS = numbers(1)
USE = (SUBJECT_ID, AUTHORISATION_ID)

CONTEXT = AccessContext("clerk", BUREAU, Purpose.CREDIT_CHECK, Channel.GRAPHQL, KnownBy.TOKEN, "a" * 64)
SHOWN = (("Subject.name", "PERSON_NAME", "CLEAR"), ("RestraintCase.facts", "FACTS", "MASKED"))
BY_CONSENT = Ground(Basis.CONSENT, "四（一）", SHOWN)
BY_STATUTE = Ground(Basis.STATUTE, "5.2.2", SHOWN)


def page(*subjects: UUID, ground: Ground = BY_CONSENT, **facts: object) -> Disclosure:
    used = AUTHORISATION_ID if ground is BY_CONSENT else None
    shown = list(subjects or (SUBJECT_ID,))
    plain = Disclosure(
        disclosure_id=UUID(int=next(NUMBERS)),
        request_id=UUID(int=7),
        at=NOW,
        actor_ref="staff-1",
        context=CONTEXT,
        subjects=shown,
        parts=[((ground, used),)] * len(shown),
        seed=bytes(range(16)),
    )
    return replace(plain, **facts)
