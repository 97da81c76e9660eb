"""The demo's stories. Cases come first, so that nobody is granted anything while restrained [5.2.1]."""

from gateway.demo.stories.applications import at_the_window
from gateway.demo.stories.cases import cases_of_the_bureau
from gateway.demo.stories.effects import what_follows
from gateway.demo.stories.notices import on_paper
from gateway.demo.stories.story_runner import StoryRunner


async def stories(stage: StoryRunner) -> None:
    """Play them all; the caller commits."""
    await cases_of_the_bureau(stage)
    await at_the_window(stage)
    await what_follows(stage)
    await on_paper(stage)
