"""Rules that close a case: rectification, dropping, referral; and the mark of confidentiality [5.1.6].

Repair itself is not a step: it happens by date [5.1.5] (`Case.free_on`). Removal belongs to
corrections and is in `credit.corrections.correction`.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from credit.cases.case import Case, Claim, Fact
from credit.cases.publicity import LISTED_WHILE_IN_FORCE, Publicity, Repair
from credit.cases.refusals import ALREADY_TAKEN, NOT_CLAIMED, NOT_VERIFIED, NotYet, TooLate
from credit.cases.rules.preconditions import (
    require_authority,
    require_evidence,
    require_first,
    require_not_before,
    require_open_record,
    require_running,
    require_today,
)
from credit.cases.status import CaseStatus, UnrectifiedPolicy

_MARKED: Final = "M-"
"""How the number of a case begins that is marked confidential."""


def claim_rectification(
    case: Case, fact: Fact, *, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> Case:
    """Record the subject's evidence that the breach is rectified, for the authority to answer [5.1.5].

    Another claim may follow once the last one has been answered. A letter that was posted before the open claim is
    added to it: it may be the one that was made in time.
    """
    _require_rectifiable(case, fact, today, unrectified)
    require_not_before(fact, case.noticed)
    if case.open_claim is not None and case.open_claim.made.on <= fact.on:
        raise TooLate(ALREADY_TAKEN, since=case.open_claim.made.on, step="RECTIFICATION_CLAIMED")
    return replace(case, claims=(*case.claims, Claim(fact)))


def refuse_claim(
    case: Case, fact: Fact, *, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS
) -> Case:
    """Refuse the open claim: the breach is not rectified, for reasons in the evidence [5.1.5]."""
    _require_rectifiable(case, fact, today, unrectified)
    _require_answer(case, fact)
    if case.open_claim is None:
        raise NotYet(NOT_CLAIMED)
    return replace(case, claims=_answered(case, fact))


def rectify(
    case: Case,
    fact: Fact,
    *,
    today: date,
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
    publicity: Publicity = LISTED_WHILE_IN_FORCE,
) -> Case:
    """Confirm with evidence that the breach is rectified, whether or not the subject claimed it [5.1.5].

    **Reading**: the day of confirmation counts, so that no past day changes its answer afterwards. Within the period
    the restraint still lasts to its end; after it, it ends with the confirmation. Where the rule of its publicity
    repairs on application, the day of confirmation is the first one without restraint, listing and sharing.
    **Reading**: a determination that is not published yet, and by the rule *publicity* of that day would be repaired on
    application, ends with the confirmation: there is nothing left to publish.
    """
    _require_rectifiable(case, fact, today, unrectified)
    _require_answer(case, fact)
    require_today(fact, today)
    repaired = repaired_by(case, fact)
    if case.published is None and case.determined is not None and publicity.repair is Repair.ON_APPLICATION:
        return replace(repaired, ends_on=today - timedelta(days=1))
    return repaired


def repaired_by(case: Case, fact: Fact) -> Case:
    """Return *case* with *fact* as its rectification, and with the end that this gives it, where repair ends it."""
    repaired = replace(case, rectified=fact, claims=_answered(case, fact))
    if case.published is None or case.ends_on is None or not repaired.is_repaired_on_application:
        return repaired
    # What is published is in force on that day at least.
    return replace(repaired, ends_on=min(case.ends_on, max(case.published.on, fact.on - timedelta(days=1))))


def drop(case: Case, fact: Fact, *, today: date) -> Case:
    """Drop the case, before any determination: unfounded, or not worth a listing [5.1.4].

    A determined case is corrected or removed instead [5.1.4(6)].
    """
    require_running(case, fact, today)
    require_authority(case, fact)
    require_first(CaseStatus.DETERMINED, case.determined)
    require_not_before(fact, case.verified, case.noticed, case.served, case.reviewed, *case.statements)
    return replace(case, dropped=fact)


def refer(case: Case, fact: Fact, *, today: date, unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> Case:
    """Refer a case that reaches a penalty, or another disciplinary measure: it leaves, in force or not [5.1.2]."""
    require_running(case, fact, today, unrectified)
    require_authority(case, fact)
    require_today(fact, today)
    require_evidence(fact)
    return replace(case, referred=fact)


def mark_confidential(case: Case, fact: Fact, *, today: date) -> Case:
    """Mark the record as one that touches state secrets: from now on every interface refuses it [5.1.6].

    Its number is free for another case, because a refusal of the number would show the record.
    """
    require_open_record(case, fact, today)
    require_authority(case, fact)
    number = f"{_MARKED}{case.case_id.hex}"
    return replace(case, confidential=True, marked=fact, unmarked=None, number=number, marked_number=case.number)


def unmark_confidential(case: Case, fact: Fact, *, today: date, number: str | None = None) -> Case:
    """Remove the mark, with evidence from the body that may lift it; the case has its number again, or *number*."""
    require_open_record(replace(case, confidential=False), fact, today)
    require_authority(case, fact)
    require_evidence(fact)
    require_not_before(fact, case.marked)
    number = number or case.marked_number or case.number
    return replace(case, confidential=False, unmarked=fact, number=number, marked_number=None)


def _require_rectifiable(case: Case, fact: Fact, today: date, unrectified: UnrectifiedPolicy) -> None:
    require_running(case, fact, today, unrectified)
    require_first(CaseStatus.ENDED, case.rectified)
    if case.verified is None and case.determined is None:
        raise NotYet(NOT_VERIFIED)
    require_evidence(fact)
    require_not_before(fact, case.verified)


def _require_answer(case: Case, fact: Fact) -> None:
    require_authority(case, fact)
    require_not_before(fact, *(claim.made for claim in case.claims))


def _answered(case: Case, fact: Fact) -> tuple[Claim, ...]:
    """Return the claims with *fact* as the answer to all that are open."""
    return tuple(claim if claim.answered is not None else replace(claim, answered=fact) for claim in case.claims)
