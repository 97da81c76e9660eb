"""Ids that examples name, independent of the seed: the personas' subjects, and their authorisations."""

from dataclasses import dataclass
from uuid import UUID

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import SubjectKind, identifier_kind
from gateway.demo.seed.numbers import id_number, social_credit_code

CLERK, HANDLER, REVIEWER, HEAD = "demo-clerk", "demo-handler", "demo-reviewer", "demo-head"
REGULATOR, SUBJECT, AGENT, ASSOCIATION = "demo-regulator", "demo-subject", "demo-agent", "demo-association"
PLATFORM, OFFICE, AUDITOR, ADMIN = "demo-platform", "demo-office", "demo-auditor", "demo-admin"
"""The personas' references, as in their tokens."""


@dataclass(frozen=True, slots=True)
class Known:
    """A subject that an example names: its id, and its index among the subjects of its kind."""

    subject_id: UUID
    kind: SubjectKind
    index: int

    @property
    def number(self) -> str:
        """Its identity number or social credit code."""
        if identifier_kind(self.kind) is IdentifierKind.ID_NUMBER:
            return id_number(self.index)
        return social_credit_code(self.kind, self.index)


_PERSON, _COMPANY = SubjectKind.NATURAL_PERSON, SubjectKind.LEGAL_PERSON
MYSELF = Known(UUID("0a1b2c3d-0000-4000-8000-000000000001"), _PERSON, 0)
"""The subject of the persona `subject`."""
PRINCIPAL = Known(UUID("0a1b2c3d-0000-4000-8000-000000000002"), _PERSON, 1)
UNASKED = Known(UUID("0a1b2c3d-0000-4000-8000-000000000003"), _PERSON, 2)
"""A subject that never gave an authorisation."""
CLIENT = Known(UUID("0a1b2c3d-0000-4000-8000-000000000004"), _COMPANY, 0)
"""The company that the persona `agent` acts for, beside PRINCIPAL."""
RATED = Known(UUID("0a1b2c3d-0000-4000-8000-000000000005"), _COMPANY, 1)
"""The company that authorised the association."""
CAST = tuple(
    Known(UUID(f"0a1b2c3d-0000-4000-8000-0000000000{0x10 + index:x}"), _PERSON, index) for index in range(3, 12)
)
TRADING = tuple(Known(UUID(f"0a1b2c3d-0000-4000-8000-0000000000{0x20 + index:x}"), _COMPANY, index) for index in (2, 3))
"""The subjects of the demo's stories: persons and companies without other records."""
WARD = Known(UUID("0a1b2c3d-0000-4000-8000-000000000006"), _PERSON, 12)
"""An adult whose recorded guardianship is contested: it has no case, and consents to nothing [3.2] [5.1.6]."""
ALL = (MYSELF, PRINCIPAL, UNASKED, CLIENT, RATED, *CAST, *TRADING, WARD)
BY_PLACE = {(known.kind, known.index): known.subject_id for known in ALL}

LIVE = UUID("0a1b2c3d-0000-4000-8000-0000000000a1")
"""MYSELF's authorisation for the clerk's department."""
AWAITED = UUID("0a1b2c3d-0000-4000-8000-0000000000a2")
"""An authorisation that MYSELF was asked for and has not answered."""
FILED = UUID("0a1b2c3d-0000-4000-8000-0000000000b1")
"""An application of UNASKED at the clerk's window, still to be decided."""
FILED_BY_PRINCIPAL = UUID("0a1b2c3d-0000-4000-8000-0000000000b2")
"""An application of PRINCIPAL at the same window, of a matter with a green channel."""
DEPUTY = UUID("0a1b2c3d-0000-4000-8000-0000000000d1")
"""MYSELF's delegation, which MYSELF may end."""
GUARDIANSHIP = UUID("0a1b2c3d-0000-4000-8000-0000000000d2")
"""The contested guardianship of WARD, which the head decides on."""
AWAITED_OF_PRINCIPAL = UUID("0a1b2c3d-0000-4000-8000-0000000000a3")
"""An authorisation that PRINCIPAL was asked for: the agent may answer."""


def _case(number: int) -> UUID:
    return UUID(f"0a1b2c3d-0000-4000-8000-0000000000c{number:x}")


IN_FORCE_OF_MYSELF, ENDED_OF_MYSELF, ANSWERABLE = _case(0), _case(1), _case(2)
"""MYSELF's cases: the restraint in force, the ended one, and the one with an open period for a statement [5.1.4(3)]."""
TO_NOTICE, TO_REVIEW, TO_ASSIGN, TO_DETERMINE, TO_CONFIRM, TO_CORRECT = map(_case, range(3, 9))
"""The market bureau's cases that wait for their next step."""
REPAIRED = _case(9)
"""PRINCIPAL's restraint, which has ended: repaired [5.1.5]."""
WATCHED = _case(10)
"""A restraint in force whose subject the supervisor has not visited yet."""


def _filed(number: int) -> UUID:
    return UUID(f"0a1b2c3d-0000-4000-8000-0000000000d{number:x}")


OWED, OVERDUE, DEFAULTED, COMMITTED, TO_VERIFY, UNMET, WITHDRAWN_ON_PAPER = map(_filed, range(7))
"""Applications with a promise: documents, or that a condition is met [4.2.2] [4.2.3]."""
OBJECTION, CORRECTION = (UUID(f"0a1b2c3d-0000-4000-8000-0000000000e{number}") for number in (1, 2))
"""An objection that waits for its answer, and an error that waits for its correction [5.1.4(6)]."""
