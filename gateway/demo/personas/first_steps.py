"""What the first page of a demo offers to try: three queries that tell one story."""

from collections.abc import Sequence

from gateway.demo.personas.examples import example, public_examples
from gateway.portal.start_page import Bilingual, FirstStep


def first_steps() -> Sequence[FirstStep]:
    """Return the public list, a supervisor's look at targets, and what one of these sees of it."""
    return (
        FirstStep(
            "public-list",
            None,
            public_examples()[0],
            Bilingual(
                "公示期内的名单，任何人可查；姓名、证件号码已隐去。",
                "What is public, for everybody; names of persons are masked.",
            ),
        ),
        FirstStep(
            "focused-check",
            "regulator",
            example("监管人员查重点核查对象 · A supervisor looks at the targets of focused checks", "FirstTargets"),
            Bilingual(
                "核查所必需的给出，证件号码只给掩码，电话不予提供；这次查询已经留痕。",
                "What the check needs is shown, the number as a mask, the phone not at all; and the read is on record.",
            ),
        ),
        FirstStep(
            "who-looked",
            "subject",
            example("其中一人看谁看过自己 · One of them sees who looked", "WhoLooked"),
            Bilingual(
                "刚才那次查询就在其中：哪个部门、以何身份、为何、看了哪些字段。",
                "The read of a moment ago is there: which department, in which role, why, and which fields.",
            ),
        ),
    )
