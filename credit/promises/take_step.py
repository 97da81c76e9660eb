"""How a step of a promise is taken: check permission and version, save, record, notify [4.2.2] [4.2.3].

The officers of the application's own department take the steps; the applicant can withdraw. All other callers get
UnknownCase, whether or not the application exists. The caller commits.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from credit.applications.actions import OFFICERS, entered_paper, load_application, load_own
from credit.applications.application import Application
from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.cases.actions.take_step import AGENT, SUBJECT, StepDetails
from credit.core.context import ActionContext, Caller
from credit.core.errors import UnknownCase
from credit.core.evidence_files import AttachedTo, FileRecord, attach_files
from credit.core.labels import Labelled
from credit.core.late_entries import Means
from credit.core.outbox import enqueue, topic_of
from credit.core.record_refs import ApplicationRef
from credit.core.recorded_step import recorded_step
from credit.core.unit_of_work import UnitOfWork
from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral
from credit.promises.ports import P, PromiseStore


class PromiseStep(Labelled):
    """The steps of deferred documents and of commitments, recorded with their actors."""

    DEFERRED = "DEFERRED", "容缺受理", "4.2.2"
    HANDED_IN = "HANDED_IN", "补交材料", "4.2.2"
    REMINDED = "REMINDED", "发出催告", "5.1.2c"
    REMINDER_SERVED = "REMINDER_SERVED", "催告送达", "5.1.2c"
    DEFERRAL_WITHDRAWN = "DEFERRAL_WITHDRAWN", "撤回容缺承诺", "4.2.2"
    DEFERRAL_ENDED = "DEFERRAL_ENDED", "容缺承诺终止", "4.2.2"
    DEFERRAL_RESUMED = "DEFERRAL_RESUMED", "容缺承诺恢复", "4.2.2"
    COMMITTED = "COMMITTED", "作出告知承诺", "4.2.3"
    COMPLETED = "COMPLETED", "承诺事项办结", "4.2.3"
    COMMITMENT_VERIFIED = "COMMITMENT_VERIFIED", "核验承诺", "4.2.3"
    COMMITMENT_WITHDRAWN = "COMMITMENT_WITHDRAWN", "撤回告知承诺", "4.2.3"
    COMMITMENT_ENDED = "COMMITMENT_ENDED", "告知承诺终止", "4.2.3"
    COMMITMENT_RESUMED = "COMMITMENT_RESUMED", "告知承诺恢复", "4.2.3"


_PAPER: Final[Mapping[PromiseStep, str]] = {
    PromiseStep.DEFERRED: "commitment",
    PromiseStep.HANDED_IN: "receipt",
    PromiseStep.REMINDED: "paper",
    PromiseStep.REMINDER_SERVED: "proof",
    PromiseStep.COMMITTED: "commitment",
}
"""The item of the input that names the paper of a step; that of any other is `evidence`."""


async def require_application(work: UnitOfWork, actor: Caller, which: ApplicationRef, *roles: str) -> Application:
    """Return the application to an officer of its department; UnknownCase if it is another's or confidential.

    The caller's version is that of the promise; `load_promise` compares it.
    """
    return await load_application(work, actor, ApplicationRef(which.subject_id, which.id), *roles)


async def load_promise(
    work: UnitOfWork, store: PromiseStore[P], actor: Caller, which: ApplicationRef, *roles: str
) -> P:
    """Return the promise to an officer of the application's department, in one of *roles*.

    Raises UnknownCase, and ApplicationChangedMeanwhile if the caller saw another version.
    """
    await require_application(work, actor, which, *roles)
    return await _load(store, which)


async def withdraw_promise(
    work: UnitOfWork,
    store: PromiseStore[P],
    context: ActionContext,
    which: ApplicationRef,
    step: PromiseStep,
    end: Callable[..., P],
    details: StepDetails,
    means: Means,
) -> P:
    """Take the *step* by which the applicant withdraws, with its pure rule *end*, and return the ended promise.

    The applicant or its delegate withdraws today; an officer enters a paper with its own day, which can be contested.
    """
    paper, evidence = entered_paper(context, details, step, means)
    if paper is None:
        await load_own(work, context, which)
        promise, on = await _load(store, which), context.today
    else:
        promise, on = await load_promise(work, store, context.actor, which, *OFFICERS), paper.on
    withdrawn = end(promise, on=on, today=context.today, paper=paper)
    await store.save(withdrawn)
    await record_step(work, context, step, withdrawn, on=on, evidence=evidence, notify=paper is not None)
    return withdrawn


async def _load(store: PromiseStore[P], which: ApplicationRef) -> P:
    """Return the promise if it has the version that the caller saw; raises UnknownCase, ApplicationChangedMeanwhile."""
    promise = await store.load(which.subject_id, which.id)
    if promise is None:
        raise UnknownCase
    if not which.is_current(promise.version):
        raise ApplicationChangedMeanwhile
    return promise


async def record_step(
    work: UnitOfWork,
    context: ActionContext,
    step: PromiseStep,
    promise: Deferral | Commitment,
    *,
    on: date | None = None,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
    notify: bool = False,
) -> None:
    """Append the step, and notify the subject if *notify*. References, terms and days only."""
    await work.applications.append(
        recorded_step(
            context,
            step,
            subject_id=promise.subject_id,
            about=promise.application_id,
            on=on or context.today,
            department_code=None if context.actor.role in {SUBJECT, AGENT} else context.actor.department,
            evidence=evidence,
            facts=facts,
        )
    )
    application_id = promise.application_id
    to, item = AttachedTo(FileRecord.APPLICATION, application_id), _PAPER.get(step, "evidence")
    await attach_files(work, context, promise.subject_id, *to, evidence, item)
    if notify:
        topic = topic_of("promise", step)
        await enqueue(work, context, topic, "subject", promise, application_id=application_id)
