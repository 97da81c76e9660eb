"""Stories of cases: each waits for another step of the procedure, or has gone wrong in another way [5.1]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from credit.calendar.deadlines import correction_due, notice_due, review_due
from credit.cases.actions import procedure, rectification, statements
from credit.cases.actions.collect import Collected, collect
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.actions.take_step import StepDetails
from credit.cases.case import RemovalCause, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef, ObjectionRef
from credit.corrections import actions
from credit.corrections.actions import DiscoverError
from credit.corrections.correction import RecordItem, Remedy
from credit.joint_measures.source_answer import DatedAnswer, Finding, Source, SourceAnswer
from credit.objections import actions as objections_actions
from credit.objections.actions import ContestedRecord, ObjectionDecision
from credit.objections.objection import ObjectionAnswer, RecordKind
from gateway.demo.records.cases import BASIS, FACTS
from gateway.demo.seed.well_known_ids import (
    ANSWERABLE,
    CAST,
    CORRECTION,
    MYSELF,
    OBJECTION,
    PRINCIPAL,
    REPAIRED,
    TO_ASSIGN,
    TO_CONFIRM,
    TO_CORRECT,
    TO_DETERMINE,
    TO_NOTICE,
    TO_REVIEW,
    TRADING,
    WATCHED,
)
from gateway.demo.stories.story_runner import HANDLER, HEAD, MATTER, REVIEWER, StoryRunner, each_of, papers

FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = each_of(CAST[:6])
COMPANY, OTHER_COMPANY = each_of(TRADING)
STATEMENT = "（演示）材料是中介代为准备的，本人并不知情，现提交与中介的往来记录，请予核实。"


@dataclass(slots=True)
class Story:
    """One case, step by step."""

    runner: StoryRunner
    which: CaseRef

    async def verified(self, day: date) -> "Story":
        """Verify the facts [5.1.4(1)]."""
        details = StepDetails(evidence=papers("核实笔录"))
        context = self.runner.context(HANDLER, day, 15)
        await procedure.verify(self.runner.work, context, VerifyCase(self.which, details, Severity.SHORT_OF_PENALTY))
        return self

    async def noticed(self, day: date) -> "Story":
        """Issue the notice [5.1.4(2)]."""
        details = StepDetails(evidence=papers("告知书存根"))
        await procedure.notice(self.runner.work, self.runner.context(HANDLER, day, 16), self.which, details)
        return self

    async def served(self, day: date, means: ServiceMeans = ServiceMeans.ON_THE_SPOT) -> "Story":
        """Serve the notice [5.1.4(2)]."""
        details = StepDetails(evidence=papers("送达回证"))
        await procedure.serve(self.runner.work, self.runner.context(HANDLER, day, 16, 30), self.which, details, means)
        return self

    async def stated(self, day: date) -> "Story":
        """Submit the subject's statement [5.1.4(3)]."""
        by = self.runner.applicant(self.which.subject_id)
        details = StepDetails(evidence=papers("往来记录复印件"))
        await statements.state(self.runner.work, self.runner.context(by, day, 17), self.which, details, STATEMENT)
        return self

    async def received(self, posted: date, day: date) -> "Story":
        """Enter a letter posted in time that arrived after the determination: the case rests [5.1.4(3)]."""
        details = StepDetails(posted, papers("陈述书及信封"))
        context = self.runner.context(HANDLER, day, 10)
        await statements.state(self.runner.work, context, self.which, details, STATEMENT, Means.PAPER)
        return self

    async def assigned(self, day: date) -> "Story":
        """Assign the reviewer [5.1.4(4)]."""
        context = self.runner.context(HEAD, day, 17, 30)
        await procedure.assign_reviewer(self.runner.work, context, self.which, REVIEWER.ref)
        return self

    async def reviewed(self, day: date, outcome: ReviewOutcome = ReviewOutcome.UPHELD) -> "Story":
        """Record the review [5.1.4(4)]."""
        details = StepDetails(evidence=papers("复核意见"))
        await procedure.review(
            self.runner.work, self.runner.context(REVIEWER, day, 11), ReviewCase(self.which, details, outcome)
        )
        return self

    async def published(self, day: date) -> "Story":
        """Determine in the morning, publish in the afternoon [5.1.4(5)] [5.1.5]."""
        work = self.runner.work
        await procedure.determine(
            work,
            self.runner.context(HANDLER, day, 9),
            DetermineCase(
                self.which,
                StepDetails(evidence=papers("审批表")),
                Severity.SHORT_OF_PENALTY,
                f"演示决〔1912〕第{self.which.id.int % 900 + 100}号",
                SIX_MONTHS,
            ),
            DatedAnswer(SourceAnswer(Source.JOINT_MEASURES, Finding.CLEAN), self.runner.context(HANDLER, day, 9).now),
        )
        await procedure.publish(work, self.runner.context(HANDLER, day, 16), self.which)
        return self

    async def claimed(self, day: date) -> "Story":
        """Submit the subject's claim of rectification [5.1.5]."""
        by = self.runner.applicant(self.which.subject_id)
        details = StepDetails(evidence=papers("整改照片", "整改说明"))
        await rectification.claim(self.runner.work, self.runner.context(by, day), self.which, details)
        return self

    async def rectified(self, day: date) -> "Story":
        """Confirm the rectification [5.1.5]."""
        context, evidence = self.runner.context(HANDLER, day, 11), papers("整改核查记录")
        await procedure.confirm_rectification(self.runner.work, context, self.which, evidence)
        return self


async def cases_of_the_bureau(runner: StoryRunner) -> None:
    """Run all stories of cases."""
    await _waiting(runner)
    await _ended(runner)
    await _twice(runner)
    await _wrong(runner)


async def _waiting(runner: StoryRunner) -> None:
    """Make one case for each next step: late, due soon, or with time left [5.1.4]."""
    await _begun(runner, THIRD, 1, runner.ago(2))
    late = await _begun(runner, FOURTH, 2, runner.ago(9))
    await late.verified(runner.ago(8))
    soon = runner.started(notice_due)
    story = await _begun(runner, FIFTH, 3, soon - timedelta(days=1), TO_NOTICE)
    await story.verified(soon)
    await _to_service(await _begun(runner, MYSELF.subject_id, 4, runner.ago(4), ANSWERABLE), (3, 2, 1))

    stated = runner.started(review_due)
    back = next(number for number in range(1, 60) if runner.ago(number) == stated)
    story = await _begun(runner, SIXTH, 5, runner.ago(back + 4), TO_REVIEW)
    await _to_service(story, (back + 3, back + 2, back + 1))
    await (await story.stated(stated)).assigned(runner.ago(back - 1))

    story = await _begun(runner, COMPANY, 6, runner.ago(7), TO_ASSIGN)
    await _to_service(story, (6, 5, 4))
    await story.stated(runner.ago(3))

    story = await _begun(runner, FIRST, 7, runner.ago(24), TO_DETERMINE)
    await _to_service(story, (23, 22, 21))
    await (await (await story.stated(runner.ago(19))).assigned(runner.ago(18))).reviewed(runner.ago(6))


async def _ended(runner: StoryRunner) -> None:
    """Make two waiting claims, an overdue rectification, a late letter, a repaired and a dropped case [5.1.5]."""
    story = await _published(runner, SECOND, 8, runner.ago(60), TO_CONFIRM)
    await story.claimed(runner.ago(3))
    story = await _published(runner, FOURTH, 16, runner.ago(160))
    await story.claimed(runner.ago(40))
    story = await _published(runner, SECOND, 17, runner.ago(12))
    await story.received(runner.ago(16), runner.ago(5))
    await _published(runner, OTHER_COMPANY, 9, runner.ago(150))
    story = await _published(runner, PRINCIPAL.subject_id, 10, runner.ago(200), REPAIRED)
    await (await story.claimed(runner.ago(140))).rectified(runner.ago(135))
    await _published(runner, THIRD, 11, runner.ago(30), WATCHED)
    story = await _begun(runner, FOURTH, 12, runner.ago(50))
    await _to_service(story, (49, 48, 47))
    await (await (await story.stated(runner.ago(45))).assigned(runner.ago(44))).reviewed(
        runner.ago(35), ReviewOutcome.DROPPED
    )


async def _twice(runner: StoryRunner) -> None:
    """Let one subject commit a second breach: its first period starts again at the second publication [5.1.5]."""
    first = await _published(runner, FIFTH, 13, runner.ago(85))
    await first.rectified(runner.ago(70))
    await _published(runner, FIFTH, 14, runner.ago(20))


async def _wrong(runner: StoryRunner) -> None:
    """Make an error that waits for its correction, a waiting objection and an answered one [5.1.4(6)]."""
    story = await _published(runner, SIXTH, 15, runner.ago(40), TO_CORRECT)
    found = runner.started(correction_due)
    await actions.discover_error(
        runner.work,
        runner.context(HANDLER, found, first=CORRECTION),
        DiscoverError(
            story.which,
            StepDetails(evidence=papers("核对表")),
            Remedy.CORRECT,
            RemovalCause.WRONG,
            frozenset({RecordItem.FACTS}),
        ),
    )
    await _objected(runner, ContestedRecord(THIRD, RecordKind.RESTRAINT_CASE, WATCHED), 4, OBJECTION)
    answered = await _objected(runner, ContestedRecord(SIXTH, RecordKind.RESTRAINT_CASE, TO_CORRECT), 12)
    decided = ObjectionDecision(ObjectionAnswer.REJECTED, "（演示）经核对，认定依据和事实无误。")
    details = StepDetails(evidence=papers("异议答复"))
    await objections_actions.answer_objection(
        runner.work, runner.context(REVIEWER, runner.ago(6)), answered, details, decided
    )


# --- common steps ---------------------------------------------------------------------------------------------------


async def _begun(runner: StoryRunner, subject_id: UUID, number: int, day: date, case_id: UUID | None = None) -> Story:
    collected = Collected(
        subject_id,
        f"临市监信认〔演示〕{number:04d}号",
        Circumstance.FALSE_MATERIAL,
        CollectionChannel.FACT_FINDING,
        BASIS,
        FACTS[Circumstance.FALSE_MATERIAL].format(matter=MATTER.name_zh),
        papers("申请材料"),
        occurred_on=day - timedelta(days=3),
    )
    case = await collect(runner.work, runner.context(HANDLER, day, 14, first=case_id), collected)
    return Story(runner, CaseRef(subject_id, case.case_id))


async def _to_service(story: Story, back: Iterable[int]) -> None:
    """Verify, notify and serve, each so many working days ago."""
    verified, noticed, served = map(story.runner.ago, back)
    await (await (await story.verified(verified)).noticed(noticed)).served(served)


async def _published(
    runner: StoryRunner, subject_id: UUID, number: int, day: date, case_id: UUID | None = None
) -> Story:
    """Bring a case to its publication on *day*, without a statement."""
    back = next(each for each in range(1, 400) if runner.ago(each) <= day)
    story = await _begun(runner, subject_id, number, runner.ago(back + 9), case_id)
    await _to_service(story, (back + 8, back + 7, back + 6))
    return await story.published(day)


async def _objected(runner: StoryRunner, record: ContestedRecord, back: int, first: UUID | None = None) -> ObjectionRef:
    """Raise an objection so many working days ago, and assign it to the reviewer."""
    by, text = runner.applicant(record.subject_id), "（演示）认定的事实与实际不符，请予核实。"
    context = runner.context(by, runner.ago(back), 10, first=first)
    raised = await objections_actions.raise_objection(runner.work, context, record, text, StepDetails())
    which = ObjectionRef(record.subject_id, raised.objection_id)
    await objections_actions.assign_objection(
        runner.work, runner.context(HEAD, runner.ago(back - 1)), which, REVIEWER.ref
    )
    return which
