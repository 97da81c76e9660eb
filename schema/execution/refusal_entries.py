"""Records of disclosures outside a query: calls to the city module, refusals that reveal a record [5.1.6]."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from consent.disclosures.formats import Disclosure
from consent.vocabulary import INVESTIGATING, Basis, DataClass, Form, Purpose
from credit.cases import refusals as cases_refusals
from credit.core.errors import CreditError, NamedInClear
from credit.incentives import refusals
from credit.subjects.subject import SubjectKind
from policy.decisions import Withheld
from schema.core.context import RequestContext
from schema.core.entities import KIND_OF
from schema.core.errors import RootRefused
from schema.core.inputs import application_ref, case_ref
from schema.core.ports import CommittingWork
from schema.execution.access_entries import Disclosed, DisclosureBuilder
from schema.execution.durable_records import CommittedDisclosures

Shown = tuple[str, DataClass, Form]

TYPE_OF_KIND = {SubjectKind(kind): name for name, kind in KIND_OF.items()}
UNTIL: Shown = ("RestraintCase.endsOn", DataClass.RESTRAINT_PARTICULARS, Form.CLEAR)
FOUND: Sequence[Shown] = (("CreditCheck.finding", DataClass.CREDIT_FINDING, Form.CLEAR),)
MEMORANDUM: Sequence[Shown] = (("CaseStep.decided", DataClass.CASE_PROCEDURE, Form.CLEAR),)
REVEALING = (refusals.GovernedByMemorandum, refusals.Restrained, refusals.AdverseRecord)
"""The refusals of an incentive that reveal something of the subject. They follow a check that the subject allowed."""


def restrained(kind: SubjectKind) -> list[Shown]:
    """Return the field that shows that a subject of this kind is restrained today."""
    return [(f"{TYPE_OF_KIND[kind]}.isRestrained", DataClass.RESTRAINT_FLAG, Form.CLEAR)]


def disclosed(
    context: RequestContext,
    subject_id: UUID,
    shown: Sequence[Shown],
    citation: str,
    purpose: Purpose = Purpose.CREDIT_CHECK,
    basis: Basis = Basis.CONSENT,
    authorisation_id: UUID | None = None,
) -> Disclosure:
    """Return the record of what is disclosed outside a query: for a credit check on an authorisation, or by statute."""
    fields = tuple((field, data_class.value, form.value) for field, data_class, form in shown)
    builder = DisclosureBuilder.of(context.runtime, context.actor, purpose, context.origin, context.now)
    (made,) = builder.build([Disclosed(subject_id, basis, citation, authorisation_id, fields)])
    return made


async def record_refusal(context: RequestContext, error: CreditError, given: Any) -> None:  # noqa: ANN401 - any input that names an application or a case
    """Record what *error* reveals of the subject, durable before it is returned; nothing where it reveals nothing."""
    if isinstance(error, NamedInClear) and context.purpose is not Purpose.SELF_ACCESS:
        await _record_named(context, error.subject_id)
    if isinstance(error, cases_refusals.UnderMemorandum):
        await _record_memorandum(context, case_ref(given).subject_id)
    if not isinstance(error, REVEALING):
        return
    which = application_ref(given)
    async with context.begin() as work:
        check = await work.credit_checks.last(which.subject_id, which.id)
        kind = await work.checking.kind(which.subject_id)
        if check is not None and kind is not None:
            shown = [*restrained(kind), UNTIL] if isinstance(error, refusals.Restrained) else FOUND
            of_check = check.authorisation_id
            made = disclosed(context, which.subject_id, shown, "4.1 5.2.1", authorisation_id=of_check)
            await CommittedDisclosures(work, [made], context.committed).write()


async def name_shown(
    context: RequestContext, work: CommittingWork, subject_id: UUID, kind: SubjectKind, citation: str | None = None
) -> Disclosed:
    """Return what opening the name of a subject, for a comparison, discloses; raises RootRefused."""
    field = f"{TYPE_OF_KIND[kind]}.name"
    data_class = context.policy.classes[field]
    purpose = context.purpose
    answer = context.policy.read(context.actor.role, purpose, data_class)
    if isinstance(answer, Withheld):
        raise RootRefused(
            status=403, at=[field], field=field, dataClass=data_class, reason=answer.reason, unlock=answer.unlock
        )
    delay = None
    if purpose in INVESTIGATING:
        delay = await work.subjects.delay_of(subject_id, context.actor.department, context.today)
    shown = ((field, data_class.value, Form.CLEAR.value),)
    return Disclosed(subject_id, answer[0].basis, citation or answer[0].citation, None, shown, delay)


async def _record_named(context: RequestContext, subject_id: UUID) -> None:
    """Record that a name was confirmed to an officer who wrote it into an item in clear [5.1.6]."""
    async with context.begin() as work:
        kind = await work.checking.kind(subject_id)
        if kind is None or context.purpose is None:
            return
        shown = await name_shown(context, work, subject_id, kind)
        builder = DisclosureBuilder.of(context.runtime, context.actor, context.purpose, context.origin, context.now)
        await CommittedDisclosures(work, builder.build([shown]), context.committed).write()


async def _record_memorandum(context: RequestContext, subject_id: UUID) -> None:
    """Record that a memorandum that governs the subject was named to the officer who would determine a case [3.3]."""
    async with context.begin() as work:
        made = disclosed(context, subject_id, MEMORANDUM, "3.3", Purpose.DETERMINATION, Basis.STATUTE)
        await CommittedDisclosures(work, [made], context.committed).write()
