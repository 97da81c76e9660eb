"""What examples may name, whatever the seed: the subjects behind the personas, and their authorisations."""

from dataclasses import dataclass
from uuid import UUID

from credit.subjects.subject import IdentifierKind, SubjectKind, identifier_kind
from gateway.demo.seed.numbers import id_number, social_credit_code

CLERK, HANDLER, REVIEWER, HEAD = "demo-clerk", "demo-handler", "demo-reviewer", "demo-head"
REGULATOR, SUBJECT, AGENT, ASSOCIATION = "demo-regulator", "demo-subject", "demo-agent", "demo-association"
PLATFORM, OFFICE, AUDITOR, ADMIN = "demo-platform", "demo-office", "demo-auditor", "demo-admin"
"""The personas' references, as their tokens say them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A subject that an example names: its id, and which one of its kind it is."""

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
"""Whom the persona `subject` is."""
PRINCIPAL = Known(UUID("0a1b2c3d-0000-4000-8000-000000000002"), _PERSON, 1)
UNASKED = Known(UUID("0a1b2c3d-0000-4000-8000-000000000003"), _PERSON, 2)
"""Who never authorised anybody."""
CLIENT = Known(UUID("0a1b2c3d-0000-4000-8000-000000000004"), _COMPANY, 0)
"""The company that the persona `agent` acts for, beside PRINCIPAL."""
RATED = Known(UUID("0a1b2c3d-0000-4000-8000-000000000005"), _COMPANY, 1)
"""The company that let the association ask."""
CAST = tuple(
    Known(UUID(f"0a1b2c3d-0000-4000-8000-0000000000{0x10 + index:x}"), _PERSON, index) for index in range(3, 12)
)
TRADING = tuple(Known(UUID(f"0a1b2c3d-0000-4000-8000-0000000000{0x20 + index:x}"), _COMPANY, index) for index in (2, 3))
"""Whom the demo's stories are about: persons and companies of whom nothing else is told."""
ALL = (MYSELF, PRINCIPAL, UNASKED, CLIENT, RATED, *CAST, *TRADING)
BY_PLACE = {(known.kind, known.index): known.subject_id for known in ALL}

LIVE = UUID("0a1b2c3d-0000-4000-8000-0000000000a1")
"""MYSELF's authorisation for the clerk's department."""
AWAITED = UUID("0a1b2c3d-0000-4000-8000-0000000000a2")
"""What MYSELF has been asked for and not answered."""
FILED = UUID("0a1b2c3d-0000-4000-8000-0000000000b1")
"""An application of UNASKED at the clerk's window, still to be decided."""
FILED_BY_PRINCIPAL = UUID("0a1b2c3d-0000-4000-8000-0000000000b2")
"""An application of PRINCIPAL at the same window, of a matter with a green channel."""
AWAITED_OF_PRINCIPAL = UUID("0a1b2c3d-0000-4000-8000-0000000000a3")
"""What PRINCIPAL has been asked for: the agent may answer."""


def _case(number: int) -> UUID:
    return UUID(f"0a1b2c3d-0000-4000-8000-0000000000c{number:x}")


IN_FORCE_OF_MYSELF, ENDED_OF_MYSELF, ANSWERABLE = _case(0), _case(1), _case(2)
"""MYSELF's cases: the restraint in force, the one that has ended, and the one that it may answer to now [5.1.4(3)]."""
TO_NOTICE, TO_REVIEW, TO_ASSIGN, TO_DETERMINE, TO_CONFIRM, TO_CORRECT = map(_case, range(3, 9))
"""The market bureau's cases that wait for their next step."""
REPAIRED = _case(9)
"""PRINCIPAL's restraint, which has ended: repaired [5.1.5]."""
WATCHED = _case(10)
"""A restraint in force, of somebody whom the supervisor has not visited yet."""


def _filed(number: int) -> UUID:
    return UUID(f"0a1b2c3d-0000-4000-8000-0000000000d{number:x}")


OWED, OVERDUE, DEFAULTED, COMMITTED, TO_VERIFY, UNMET = map(_filed, range(6))
"""Applications that promised something: documents, or that a condition is met [4.2.2] [4.2.3]."""
OBJECTION, CORRECTION = (UUID(f"0a1b2c3d-0000-4000-8000-0000000000e{number}") for number in (1, 2))
"""An objection that waits for its answer, and an error that waits to be put right [5.1.4(6)]."""
