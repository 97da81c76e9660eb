"""What examples may name, whatever the seed: the subjects behind the personas, and their authorisations."""

from dataclasses import dataclass
from uuid import UUID

from credit.subjects import IdentifierKind, SubjectKind, identifier_kind
from gateway.demo.numbers import id_number, social_credit_code

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
ALL = (MYSELF, PRINCIPAL, UNASKED, CLIENT, RATED)
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
