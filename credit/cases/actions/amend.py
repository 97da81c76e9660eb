"""Changes the facts or the basis of a case, and keeps every version of them [5.1.4(4)] [5.1.4(6)].

A review that amends, a correction, and a later file of a case that is only collected keep them in the same way. The
case itself holds the version in force, so that all that reads a case shows it: fields, documents, publication, push and
exports.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from credit.cases.case import Case, Fact
from credit.cases.steps import StepName
from credit.cases.texts import FactsVersion
from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.core.unit_of_work import UnitOfWork
from credit.subjects.reseal import reseal
from credit.subjects.subject import CarriedText, Place, SealedText

TABLE: Final = "facts_versions"
_CASES: Final = "restraint_cases"


async def keep_version(
    work: UnitOfWork, context: ActionContext, step: StepName, fact: Fact, before: Case, after: Case, facts: str | None
) -> Mapping[str, Any]:
    """Put *facts*, unless None, in the place of those of the case, and keep the version that the *step* leaves.

    The first change also keeps the version as it was collected. Returns the decisions that the leaf of the step has to
    commit to.
    """
    number = await keep_former_version(work, context, before)
    decisions = await keep_new_version(work, context, step, fact, after, number + 1, facts)
    if facts is not None:
        await reseal(work, context, _CASES, before.subject_id, before.case_id, {"facts": facts})
    return decisions


async def keep_former_version(work: UnitOfWork, context: ActionContext, before: Case) -> int:
    """Return how many versions of *before* are kept; if there is none, keep the one in force, as it was collected."""
    number = await work.cases.count_versions(before.subject_id, before.case_id)
    if number:
        return number
    stored = await _stored(work, before)
    await _keep(work, context, StepName.COLLECTED, before.collected, before, stored, 1)
    return 1


async def keep_new_version(
    work: UnitOfWork,
    context: ActionContext,
    step: StepName,
    fact: Fact,
    after: Case,
    number: int,
    facts: str | None = None,
) -> Mapping[str, Any]:
    """Keep the version that the *step* leaves: with *facts*, or with those that are stored now.

    Returns the decisions that the leaf of the step has to commit to: the number of the version, and the digest of its
    box. The box has a random nonce and opens with the subject's key only, so the digest says nothing about the text.
    """
    kept = await _keep(work, context, step, fact, after, await _stored(work, after) if facts is None else facts, number)
    digest = None if kept.facts is None else sha256(kept.facts.sealed).hexdigest()
    return {"version": kept.number, "sealed_facts": digest}


async def are_stored(work: UnitOfWork, case: Case, facts: str) -> bool:
    """Return whether *facts* are those that *case* has already, so that they change nothing."""
    stored = await _stored(work, case)
    return stored is not None and await work.is_text(stored.sealed, facts)


async def _stored(work: UnitOfWork, case: Case) -> CarriedText | None:
    """Return the stored facts of *case*, still sealed; raises UnknownCase without a row or a key."""
    row = await work.sealed_rows.load(_CASES, case.subject_id, case.case_id)
    if row is None:
        raise UnknownCase
    box = row.boxes["facts"]
    return None if box is None else CarriedText(box, row.masks["facts"] or "")


async def _keep(
    work: UnitOfWork,
    context: ActionContext,
    step: StepName,
    fact: Fact,
    case: Case,
    facts: str | CarriedText | None,
    number: int,
) -> FactsVersion:
    version_id = context.new_id()
    place = Place(TABLE, "facts", case.subject_id, version_id, 1)
    version = FactsVersion(
        subject_id=case.subject_id,
        version_id=version_id,
        case_id=case.case_id,
        number=number,
        step=step.value,
        on=fact.on,
        at=fact.instant if step is StepName.COLLECTED else context.now,
        by_ref=fact.by or case.handler_ref,
        basis=case.basis,
        facts=await _sealed(work, place, facts),
    )
    await work.cases.add_version(version)
    return version


async def _sealed(work: UnitOfWork, place: Place, facts: str | CarriedText | None) -> SealedText | None:
    """Return the facts sealed for *place*; those that are stored already stay unread."""
    match facts:
        case CarriedText():
            return SealedText(await work.reseal(facts.sealed, place), facts.mask)
        case str():
            return await work.seal(place, facts)
    return None
