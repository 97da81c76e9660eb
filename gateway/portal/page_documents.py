"""The GraphQL documents of the portal's pages. They are committed beside the pages, and pages run no others.

A document's name is its path in the folder `documents`, such as `everybody/public-list`. It states its purpose itself.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("documents")


@cache
def page_documents() -> Mapping[str, str]:
    """Return the text of every document, by its name."""
    return {
        path.relative_to(FOLDER).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in sorted(FOLDER.rglob("*.graphql"))
    }
