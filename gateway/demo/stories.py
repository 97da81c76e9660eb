"""The demo's stories. Cases come first, so that nobody is granted anything while restrained [5.2.1]."""

from gateway.demo.case_stories import cases_of_the_bureau
from gateway.demo.effect_stories import what_follows
from gateway.demo.paper_stories import on_paper
from gateway.demo.stage import Stage
from gateway.demo.window_stories import at_the_window


async def stories(stage: Stage) -> None:
    """Play them all; the caller commits."""
    await cases_of_the_bureau(stage)
    await at_the_window(stage)
    await what_follows(stage)
    await on_paper(stage)
