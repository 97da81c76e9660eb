"""Runs the demo's stories. Cases come first, so that no restrained subject is granted anything [5.2.1]."""

from gateway.demo.stories.applications import at_the_window
from gateway.demo.stories.cases import cases_of_the_bureau
from gateway.demo.stories.effects import what_follows
from gateway.demo.stories.notices import on_paper
from gateway.demo.stories.story_runner import StoryRunner


async def stories(runner: StoryRunner) -> None:
    """Run all stories; the caller commits."""
    await cases_of_the_bureau(runner)
    await at_the_window(runner)
    await what_follows(runner)
    await on_paper(runner)
