"""Whose consent counts for a child, and for an adult under guardianship [5.1.6]. Pure: time is a parameter.

In doubt for the ward: it consents to nothing by itself; less it may always do, so it refuses, narrows and withdraws.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from consent.authorisation import Authorisation, Status
from consent.delegation import Delegation, DelegationKind, is_guarded
from consent.delegation_rules import OF_AGE

CONSENTS_ALONE: Final = 14
"""Under this age, in full years, a guardian consents [PIPL 31]."""
_OPEN: Final = frozenset({Status.LIVE, Status.UNCONFIRMED})
"""What allows a read, or will once it is confirmed."""


def needs_guardian(age: int | None, held: Iterable[Delegation], today: date) -> bool:
    """Whether only a guardian consents: for a child under 14, and for an adult for whom one is recorded [PIPL 31].

    For the adult also while the record is contested: the guardian rests, the protection stands [Civil Code 21, 22].
    """
    if age is not None and age < OF_AGE:
        return age < CONSENTS_ALONE
    return is_guarded(held, today)


def gave_alone(given: Authorisation, recorded: Delegation, before: Iterable[Delegation], today: date) -> bool:
    """Whether an adult gave *given* by itself, although by *recorded* it was already a ward [Civil Code 144, 145].

    A guardianship can have begun before it is recorded. Among *before* are the delegations that were recorded earlier:
    what was given under one of them, its guardian gave.
    """
    given_at, starts_on = given.granted_at, given.starts_on
    if given_at is None or starts_on is None or given.status(today) not in _OPEN:
        return False
    earlier = [one for one in before if one.kind is DelegationKind.GUARDIAN and one.granted_at <= given_at]
    return (given.signed_on or starts_on) >= recorded.starts_on and not is_guarded(earlier, starts_on)


def gave_for_ward(given: Authorisation, never_held: Delegation, today: date) -> bool:
    """Whether the delegate of a guardianship that never held gave *given*, since that was recorded."""
    if given.granted_at is None or given.status(today) not in _OPEN:
        return False
    return given.granted_by == never_held.delegate_ref and given.granted_at >= never_held.granted_at
