"""DocumentsRefused
├── ManifestRefused     a file that is no manifest of GraphQL documents, or none of their terms
└── TooMuchText         more documents than a process may hold
"""  # noqa: D205, D400, D415 - the tree of the refusals

from typing import Final

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of the texts of all loaded documents: each process holds them in memory."""


class DocumentsRefused(Exception):
    """Documents that are not loaded. *hint* says what to correct."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class ManifestRefused(DocumentsRefused):
    """A file that cannot be read as a manifest, or as the terms of its documents."""


class TooMuchText(DocumentsRefused):
    """The documents would take more memory than a process may give them."""

    def __init__(self, found: int) -> None:
        super().__init__(
            f"all documents together would have {found} bytes, and {MOST_BYTES} are allowed",
            "retire what no front-end in use sends: chengxin documents retire OLD --keep NEW",
        )
