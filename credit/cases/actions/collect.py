"""Begins a case: a handler collects it, or another action that found a breach does [5.1.3].

A handler's request calls `collect`. Other actions call `collect_breach` inside their own unit of work (a default
[5.1.2c], an unmet commitment [5.1.2d], a focused check [5.2.2]), after they have checked the caller's permission. A
collected case is not verified yet, so nobody outside the department is notified [5.1.4(2)].
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from credit.cases.actions.take_step import (
    AGENT,
    HANDLER,
    SUBJECT,
    TODAY,
    StepDetails,
    fact_of,
    record_number,
    record_step,
    reference,
    require_officer,
    text_of,
)
from credit.cases.breach import Breach
from credit.cases.case import Case
from credit.cases.rules import transitions
from credit.cases.rules.grounds import Grounds, as_recorded
from credit.cases.status import Circumstance, CollectionChannel
from credit.cases.steps import StepName
from credit.cases.texts import Texts
from credit.core.context import ActionContext, Caller
from credit.core.errors import StepNotWellFormed, UnknownCase
from credit.core.evidence_files import AttachedTo
from credit.core.flaws import Flaw
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork
from credit.subjects.subject import CarriedText, Place, SealedText


@dataclass(frozen=True, slots=True)
class Collected:
    """What is known about a breach when its case begins: the basic information of [5.1.3], and nothing more.

    Name, number and address come from the subject's record; the authority is the handler's department; determination,
    validity and the legal document come later.
    """

    subject_id: UUID
    number: str
    """The authority's own case number; it contains no personal data."""
    circumstance: Circumstance
    channel: CollectionChannel
    basis: str
    facts: str = field(repr=False)
    evidence: tuple[str, ...] = field(default=(), repr=False)
    """References to documents, never their content."""
    notes: str | None = field(default=None, repr=False)
    occurred_on: date | None = None
    application_id: UUID | None = None
    grounds: Grounds | None = None
    agents_case: CaseRef | None = None
    """The case against the agent, if this one is against its principal [3.2]."""


async def collect(work: UnitOfWork, context: ActionContext, collected: Collected) -> Case:
    """Begin a case of the handler's own department, assigned to that handler [5.1.1] [5.1.3]."""
    if context.actor.role != HANDLER or context.actor.department is None:
        raise UnknownCase
    collected = replace(collected, grounds=as_recorded(collected.grounds, None, context.today))
    return await _collect(work, context, collected, context.actor.department, context.actor.ref)


async def collect_breach(
    work: UnitOfWork,
    context: ActionContext,
    breach: Breach,
    *,
    number: str,
    basis: str,
    handler_ref: str,
    notes: str | None = None,
    source: AttachedTo | None = None,
    occurred_on: date | None = None,
    facts: CarriedText | None = None,
) -> Case:
    """Begin the case of a *breach* found by another action, for *handler_ref* of the breach's department.

    The files of its evidence are carried over from *source*, the record in which it was found.

    The calling action checks whether its caller may report the breach. An officer of another department is refused here
    all the same; a caller without a department (a regulator, a platform) hands the case to the department of the breach
    [5.1.3]. *facts* that are already sealed replace those of the breach. Raises what `collect` raises.
    """
    if context.actor.role in {SUBJECT, AGENT}:
        raise UnknownCase
    collected = Collected(
        subject_id=breach.subject_id,
        number=number,
        circumstance=breach.circumstance,
        channel=breach.channel,
        basis=basis,
        facts=breach.facts_zh,
        evidence=breach.evidence,
        notes=notes,
        occurred_on=occurred_on or breach.established_on,
        application_id=breach.application_id,
        grounds=breach.grounds,
    )
    handler = reference("handler", handler_ref)
    return await _collect(work, context, collected, breach.department_code, handler, facts, source)


async def _collect(
    work: UnitOfWork,
    context: ActionContext,
    given: Collected,
    department: str,
    handler_ref: str,
    carried: CarriedText | None = None,
    source: AttachedTo | None = None,
) -> Case:
    fact = fact_of(context, StepDetails(TODAY.on, given.evidence), StepName.COLLECTED)
    facts = text_of("facts", given.facts)
    if facts is None:
        raise StepNotWellFormed.of("facts", Flaw.REQUIRED)
    case = Case(
        subject_id=given.subject_id,
        case_id=context.new_id(),
        number=record_number(given.number),
        department_code=department,
        circumstance=given.circumstance,
        channel=given.channel,
        basis=reference("basis", given.basis),
        handler_ref=handler_ref,
        collected=fact,
        application_id=given.application_id,
        occurred_on=given.occurred_on,
        grounds=given.grounds,
    )
    where = await work.cases.whereabouts(given.subject_id, department, given.application_id)
    if where is None:
        raise UnknownCase
    agents_case = await _agents_case(work, context.actor, given.agents_case)
    case = transitions.collect(case, calendar=context.calendar, today=context.today, agents_case=agents_case)
    texts = Texts(
        facts=await _sealed_text(work, case, "facts", facts)
        if carried is None
        else await _carried(work, case, carried),
        evidence=await _sealed_text(work, case, "evidence", json.dumps(fact.evidence, ensure_ascii=False))
        if fact.evidence
        else None,
        notes=await _sealed_text(work, case, "notes", notes) if (notes := text_of("notes", given.notes)) else None,
    )
    await work.cases.open(case, where, texts, context.now)
    await record_step(work, context, StepName.COLLECTED, fact, case, source=source)
    return case


async def _agents_case(work: UnitOfWork, actor: Caller, which: CaseRef | None) -> Case | None:
    """Return the case against the agent, of the same department; UnknownCase if the handler may not know it [3.2]."""
    if which is None:
        return None
    return require_officer(await work.cases.load(which.subject_id, which.id), actor, HANDLER)


async def _sealed_text(work: UnitOfWork, case: Case, column: str, text: str) -> SealedText:
    return await work.seal(Place("restraint_cases", column, case.subject_id, case.case_id, 1), text)


async def _carried(work: UnitOfWork, case: Case, facts: CarriedText) -> SealedText:
    place = Place("restraint_cases", "facts", case.subject_id, case.case_id, 1)
    return SealedText(await work.reseal(facts.sealed, place), facts.mask)
