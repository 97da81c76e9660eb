"""Inputs of the steps of an application [4]. References are stored in clear: no name and no number in them."""

import strawberry

from credit.applications.application import Outcome
from schema.core.inputs import AboutSomebodyInput, ApplicationStepInput, PaperInput, mutation_input


@mutation_input(description="申请：files an application at the clerk's own window [4.2].")
class FileApplicationInput(AboutSomebodyInput):
    matter: strawberry.ID = strawberry.field(description="What is applied for; the clerk's department handles it.")
    number: str | None = strawberry.field(
        default=None,
        description="办件编号：the window's own number, 40 characters at most, free of personal data; default: one is "
        "made.",
    )


@mutation_input(description="Names an application to accept or to withdraw [4.2].")
class ApplicationInput(ApplicationStepInput):
    pass


@mutation_input(
    description="对书面撤回提出异议：names an application whose withdrawal on paper is not one's own [4.2]."
)
class ContestWithdrawalInput(ApplicationStepInput):
    pass


@mutation_input(description="登记对书面撤回的书面异议：enters a contest that came by post or was handed in [4.2].")
class EnterWithdrawalContestInput(PaperInput):
    pass


@mutation_input(description="登记书面撤回申请：enters a withdrawal that came by post or was handed in [4.2].")
class EnterApplicationWithdrawalInput(PaperInput):
    pass


@mutation_input(description="办结：ends an application with an outcome [4.2].")
class DecideApplicationInput(ApplicationStepInput):
    outcome: Outcome = strawberry.field(description="Approved or refused; withdrawn is the applicant's own word.")
