"""The steps of an application, at the window and by the applicant: file, accept, decide, withdraw [4.2]."""

from typing import Annotated
from uuid import UUID

import strawberry

from credit.applications import actions, application
from credit.applications.application import Outcome
from credit.core.context import ActionContext
from credit.core.late_entries import Means
from credit.promises.settle import resume_promises, settle_promises
from credit.subjects.registration_record import RegistrationChannel
from queryplan.entities import Entity
from schema.applications.inputs import (
    ApplicationInput,
    ContestWithdrawalInput,
    DecideApplicationInput,
    EnterApplicationWithdrawalInput,
    EnterWithdrawalContestInput,
    FileApplicationInput,
)
from schema.applications.types import Application
from schema.core.context import Info
from schema.core.errors import BadArgument
from schema.core.fields import read_back
from schema.core.global_ids import code_of
from schema.core.inputs import application_ref, step_details
from schema.core.mutations.mutation import MutationResult, RecordMutation, record_result, step_mutation
from schema.core.mutations.refusals import ApplicationNotReady, Collision, NameConflict, NotFound, NotWellFormed
from schema.core.ports import CommittingWork
from schema.execution.named_person import run_about_somebody


@strawberry.type(description="It is done. The application is read back like any query.")
class ApplicationChanged:
    application: Application | None = read_back(Entity.APPLICATION, "The application as it now stands.")


APPLICATION_CHANGED: MutationResult[application.Application] = record_result(
    ApplicationChanged, "application", subject_id="subject_id", application_id="application_id"
)
change_application = RecordMutation(application_ref, APPLICATION_CHANGED)


FileApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NameConflict | NotWellFormed | NotFound | Collision,
    strawberry.union("FileApplicationResult", description="The result of filing."),
]
AcceptApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("AcceptApplicationResult", description="The result of accepting."),
]
DecideApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("DecideApplicationResult", description="The result of deciding."),
]
EnterApplicationWithdrawalResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterApplicationWithdrawalResult", description="The result of entering a withdrawal."),
]
ContestWithdrawalResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("ContestWithdrawalResult", description="The result of contesting a withdrawal."),
]
EnterWithdrawalContestResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterWithdrawalContestResult", description="The result of entering a contest of a withdrawal."),
]
WithdrawApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("WithdrawApplicationResult", description="The result of withdrawing an application."),
]


@strawberry.type(description="The steps of an application [4.2].")
class ApplicationMutation:
    @strawberry.mutation(description="申请：puts an application on record at the clerk's own window [4.2].")
    async def file_application(self, info: Info, input: FileApplicationInput) -> FileApplicationResult:
        matter = code_of(input.matter, Entity.MATTER)

        async def file(work: CommittingWork, by: ActionContext, subject_id: UUID) -> application.Application:
            return await actions.file(work, by, subject_id=subject_id, matter_code=matter, number=input.number)

        return await run_about_somebody(info, input, APPLICATION_CHANGED, RegistrationChannel.APPLICATION, file)

    @step_mutation("受理：takes an application in hand; its subject is notified [4.2].")
    async def accept_application(self, info: Info, input: ApplicationInput) -> AcceptApplicationResult:
        return await change_application(info, input, actions.accept)

    @step_mutation(
        "办结：ends an application; its subject is notified. Refused, what was promised ends, and no "
        "default follows; approved, it completes a commitment, and missing documents stay owed [4.2] [4.2.2] [4.2.3]."
    )
    async def decide_application(self, info: Info, input: DecideApplicationInput) -> DecideApplicationResult:
        if input.outcome is Outcome.WITHDRAWN:
            raise BadArgument(argument="outcome")
        return await change_application(info, input, actions.decide, input.outcome, settle_promises)

    @step_mutation(
        "撤回申请：ends an application by the applicant's own word, at any time before it is decided; by "
        "the applicant or its delegate [4.2]."
    )
    async def withdraw_application(self, info: Info, input: ApplicationInput) -> WithdrawApplicationResult:
        return await change_application(info, input, actions.withdraw, settle_promises)

    @step_mutation(
        "登记书面撤回申请：an officer of the department enters a withdrawal that came on paper, with its reference and "
        "its own day. The applicant is notified, and contests a paper that is not its own [4.2] [5.1.6]."
    )
    async def enter_application_withdrawal(
        self, info: Info, input: EnterApplicationWithdrawalInput
    ) -> EnterApplicationWithdrawalResult:
        details = step_details(input)
        return await change_application(info, input, actions.withdraw, settle_promises, details, Means.PAPER)

    @step_mutation(
        "对书面撤回提出异议：the applicant or its delegate says that a withdrawal on paper is not its own. The "
        "application, and what was promised with it, goes on at once, and no officer enters another paper [4.2] "
        "[5.1.6]."
    )
    async def contest_withdrawal(self, info: Info, input: ContestWithdrawalInput) -> ContestWithdrawalResult:
        return await change_application(info, input, actions.contest_withdrawal, resume_promises)

    @step_mutation(
        "登记对书面撤回的书面异议：an officer of the department enters that the applicant contests a withdrawal on "
        "paper, as `contestWithdrawal`; never who entered the withdrawal. The applicant is notified [4.2] [5.1.6]."
    )
    async def enter_withdrawal_contest(
        self, info: Info, input: EnterWithdrawalContestInput
    ) -> EnterWithdrawalContestResult:
        details = step_details(input)
        return await change_application(info, input, actions.contest_withdrawal, resume_promises, details, Means.PAPER)
