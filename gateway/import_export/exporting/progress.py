"""How an export tells how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is; 0 where that is not known."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Ignore the progress."""
