"""Who may answer for a subject: a delegate whose own authority is recorded, with its scope and its end [5.1.6]."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntFlag, StrEnum
from typing import Final
from uuid import UUID

from consent.vocabulary import FieldGroup, civil_date


class DelegationKind(StrEnum):
    """The ground on which somebody acts for a subject."""

    AGENT = "AGENT"
    """委托代理人：by a power of attorney of the subject [Civil Code 165]."""
    GUARDIAN = "GUARDIAN"
    """监护人：of a minor, or of an adult without full capacity [Civil Code 23, 27, 28]."""
    OFFICER = "OFFICER"
    """法定代表人、负责人：of an organisation, by its office [Civil Code 61]."""
    CLOSE_RELATIVE = "CLOSE_RELATIVE"
    """近亲属：of a person who has died, for the relative's own lawful interest [PIPL 49]."""


class Power(IntFlag):
    """What a delegate may do for the subject besides reading the groups of its delegation."""

    CONSENT = 1
    """Answers requests for authorisations; narrows, withdraws and contests them."""
    DEFENCE = 2
    """States and defends, claims a rectification, has documents of a case issued [5.1.4(3)] [5.1.5]."""
    OBJECTION = 4
    """Contests records and has them corrected [5.1.4(6)]."""
    APPLICATIONS = 8
    """Withdraws applications, and the promises that they rest on [4.2]."""


EVERY_POWER: Final = Power.CONSENT | Power.DEFENCE | Power.OBJECTION | Power.APPLICATIONS
EVERY_GROUP: Final = FieldGroup(sum(FieldGroup))
OVERSIGHT: Final = Power.CONSENT | Power.OBJECTION
"""With one of these a delegate also sees the authorisations, the access log and the objections of the subject."""

LONGEST_DAYS: Final = 1096
"""The longest term of a delegation, in days, where no setting says otherwise: three years, as an officer is elected."""

POWERS_OF: Final[Mapping[DelegationKind, Power]] = {
    DelegationKind.AGENT: EVERY_POWER,
    DelegationKind.GUARDIAN: EVERY_POWER,
    DelegationKind.OFFICER: EVERY_POWER,
    DelegationKind.CLOSE_RELATIVE: Power.OBJECTION,
}
"""The powers that each kind can have. A relative of the dead reads, and has records corrected [PIPL 49]."""


class GuardianshipFinding(StrEnum):
    """How the contest of a recorded guardianship was decided."""

    HOLDS = "HOLDS"
    """The papers show it: the guardian acts again."""
    NEVER_HELD = "NEVER_HELD"
    """They do not: it is ended, and was in force on no day."""


def is_live_on(
    starts_on: date,
    expires_on: date,
    withdrawn_at: datetime | None,
    contested_at: datetime | None,
    contest_decided_at: datetime | None,
    today: date,
) -> bool:
    """Read off the columns of the same names whether the delegate may act *today*; what is in dispute rests."""
    rests = contested_at is not None and contest_decided_at is None
    return withdrawn_at is None and not rests and starts_on <= today <= expires_on


@dataclass(frozen=True, slots=True)
class Delegation:
    """A recorded authority to act. The fields are the columns of the table `delegations`.

    *withdrawn_at* is when it was ended before its last day; *department_code* is the office that recorded it. Only a
    guardianship is contested: its subject and its guardian do not end it themselves.
    """

    subject_id: UUID
    delegation_id: UUID
    kind: DelegationKind
    delegate_ref: str
    groups: FieldGroup
    powers: Power
    # References of papers; they are typed, so they stay out of the repr.
    evidence: str = field(repr=False)
    granted_at: datetime
    starts_on: date
    expires_on: date
    recorded_by: str
    recorded_as: str
    department_code: str | None = None
    withdrawn_at: datetime | None = None
    ended_by: str | None = None
    ended_as: str | None = None
    end_evidence: str | None = field(default=None, repr=False)
    contested_at: datetime | None = None
    contested_by: str | None = None
    # Of a contest on paper, which *contested_by* entered: its own day, and its references.
    contested_on: date | None = None
    contest_paper: str | None = field(default=None, repr=False)
    contest_decided_at: datetime | None = None
    contest_decided_by: str | None = None
    contest_finding: GuardianshipFinding | None = None
    contest_evidence: str | None = field(default=None, repr=False)
    version: int = 1

    @property
    def is_in_dispute(self) -> bool:
        """Whether it is contested and not yet decided on."""
        return self.contested_at is not None and self.contest_decided_at is None and self.withdrawn_at is None

    def is_live(self, today: date) -> bool:
        """Whether the delegate may act *today*; *expires_on* is the last day."""
        return is_live_on(
            self.starts_on, self.expires_on, self.withdrawn_at, self.contested_at, self.contest_decided_at, today
        )

    def was_in_force(self, day: date) -> bool:
        """Whether it was in force on a *day* of the past; that of its end counts.

        A contest changes nothing of it until it is decided: it takes the guardian's access, not the ward's protection.
        """
        if self.contest_finding is GuardianshipFinding.NEVER_HELD:
            return False
        ended_on = None if self.withdrawn_at is None else civil_date(self.withdrawn_at)
        return self.starts_on <= day <= self.expires_on and (ended_on is None or day <= ended_on)


def may_act(held: Iterable[Delegation], delegate_ref: str, power: Power, today: date) -> bool:
    """Return whether one of a subject's delegations gives *delegate_ref* this power *today*."""
    return any(one.delegate_ref == delegate_ref and power in one.powers and one.is_live(today) for one in held)


def guardian_consents(held: Iterable[Delegation], today: date, delegate_ref: str | None = None) -> bool:
    """Return whether a guardian with the power to consent is recorded *today*: any, or *delegate_ref*."""
    guardians = [one for one in held if one.kind is DelegationKind.GUARDIAN]
    return any(may_act([one], delegate_ref or one.delegate_ref, Power.CONSENT, today) for one in guardians)


def is_guarded(held: Iterable[Delegation], day: date) -> bool:
    """Return whether a guardian was recorded for the subject on that *day*."""
    return any(one.kind is DelegationKind.GUARDIAN and one.was_in_force(day) for one in held)
