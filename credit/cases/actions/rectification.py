"""The subject says that the breach is rectified, and gets an answer [5.1.5]. `procedure` confirms it.

A reading of [5.1.5]: the claim starts a clock of the authority (`credit.cases.rules.deadlines`), else a restraint could
stay for ever because nobody looks at the evidence.
"""

from collections.abc import Iterable

from credit.cases.actions.take_step import Rules, Said, Which, its_handler, its_subject, require_own, take
from credit.cases.case import Case, Fact
from credit.cases.rules import closing
from credit.cases.steps import StepName
from credit.core.ports import By, CaseWork, Moment


async def claim(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, evidence: Iterable[str]) -> Case:
    """Take the evidence of the subject, or of its delegate, that the breach is rectified, today [5.1.5]."""
    await require_own(work, by, moment, which.subject_id)

    def step(case: Case, fact: Fact) -> Case:
        return closing.claim_rectification(case, fact, today=moment.today, lapse=rules.lapse)

    said = Said(None, tuple(evidence))
    return await take(work, by, moment, which, said, StepName.RECTIFICATION_CLAIMED, its_subject, step)


async def refuse(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, said: Said) -> Case:
    """Answer the open claim: not rectified, for the reasons in the evidence; the subject is told."""

    def step(case: Case, fact: Fact) -> Case:
        return closing.refuse_claim(case, fact, today=moment.today, lapse=rules.lapse)

    return await take(work, by, moment, which, said, StepName.RECTIFICATION_REFUSED, its_handler, step)
