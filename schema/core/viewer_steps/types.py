"""What a viewer may do with a record now, as GraphQL shows it."""

from datetime import date
from typing import Any

import strawberry

from schema.core.fields import structure, viewer_steps
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import StepTopic


@strawberry.type(description="不能办理的原因：why a step cannot be taken now, as its mutation would refuse it.")
class ViewerStepRefusal:
    code: str = structure("code", "A stable code, for programs: that of the refusal of the mutation.")
    message: str = structure("message", "给用户看的说明。A sentence in Chinese, for users.")
    message_en: str = structure("messageEn", "The same in English.")
    way_out: str | None = structure("wayOut", "可以怎么办。What can be done instead, in Chinese.")
    way_out_en: str | None = structure("wayOutEn", "The same in English.")
    clause: str = structure("clause", "The clause of the governing document that says so.")
    until: date | None = structure("until", "The last day on which something else is open; the step is for after it.")
    since: date | None = structure("since", "The day that ended it.")


@strawberry.type(
    description="可办步骤：a step of a record that the viewer's role may take for this purpose, and whether it may now."
)
class ViewerStep:
    name: ViewerStepName = structure("name", "Which step; `labels` has its words.")
    mutation: str = structure("mutation", "The mutation that takes it, as `verifyCase`.")
    allowed: bool = structure("allowed", "Whether it may be taken now.")
    refusal: ViewerStepRefusal | None = structure("refusal", "Why not; null where it is allowed.")
    needs: list[str] = structure(
        "needs", "The fields that its input must have, besides the id of the record: `evidence`, `means`."
    )


def viewer_can(topic: StepTopic, further: str = "") -> Any:  # noqa: ANN401 - stands as a field's default value
    """Declare the field that tells which steps of *topic* the viewer may take now; *further* ends its description."""
    return viewer_steps(
        topic,
        "我能办什么：the steps that the viewer's role may take on it for this purpose, each with whether it may be "
        "taken now, and why not: what its mutation would answer to an input without a fault. Only the mutation itself "
        "compares with the ledger, asks other services, and looks at a person's age. Empty for who takes no step."
        + further,
    )
