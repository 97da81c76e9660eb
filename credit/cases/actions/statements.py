"""Statement and defence in its own words: by the subject, its delegate, or the handler who opens a letter [5.1.4(3)].

That there was one, when and by whom is a step of the case; its words are kept sealed under the step's id.
"""

from collections.abc import Iterable

from credit.cases.actions.take_step import (
    Admit,
    Rules,
    Said,
    Which,
    current,
    fact_of,
    its_handler,
    its_subject,
    record,
    require_own,
    text_of,
)
from credit.cases.case import Case, Fact
from credit.cases.refusals import StatementEmpty
from credit.cases.rules import transitions
from credit.cases.rules.preconditions import require_evidence
from credit.cases.steps import StepName
from credit.cases.texts import CaseStatement
from credit.core.ports import By, Moment, SealingCaseWork
from credit.subjects.subject import Place


async def state(
    work: SealingCaseWork,
    by: By,
    moment: Moment,
    rules: Rules,
    which: Which,
    evidence: Iterable[str] = (),
    text: str | None = None,
) -> Case:
    """Take the statement and defence of the subject, or of its delegate, today [5.1.4(3)]."""
    await require_own(work, by, moment, which.subject_id)
    fact = fact_of(by, moment, Said(None, tuple(evidence)))
    return await _state(work, by, moment, rules, which, fact, text, its_subject)


async def enter_statement(
    work: SealingCaseWork, by: By, moment: Moment, rules: Rules, which: Which, said: Said, text: str | None = None
) -> Case:
    """Enter a statement that came on paper, by the handler: its day is that of posting, the paper its evidence."""
    fact = fact_of(by, moment, said)
    return await _state(work, by, moment, rules, which, fact, text, its_handler)


async def _state(
    work: SealingCaseWork, by: By, moment: Moment, rules: Rules, which: Which, fact: Fact, raw: str | None, admit: Admit
) -> Case:
    case = current(admit(await work.procedure.load(which.subject_id, which.case_id), by), which)
    text = text_of("text", raw)
    if admit is its_handler:
        require_evidence(fact)
    if text is None and not fact.evidence:
        raise StatementEmpty
    stated = transitions.state(case, fact, calendar=rules.calendar, today=moment.today)
    await work.procedure.save(stated, case.version, moment.now)
    step_id = await record(work, by, moment, StepName.STATED, fact, stated)
    place = Place("case_statements", "text", case.subject_id, step_id, 1)
    await work.procedure.keep_statement(
        CaseStatement(
            subject_id=case.subject_id,
            statement_id=step_id,
            case_id=case.case_id,
            stated_on=fact.on,
            entered_at=moment.now,
            entered_by=by.ref,
            entered_as=by.role,
            text=None if text is None else await work.seal(place, text),
        )
    )
    return stated
