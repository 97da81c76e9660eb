"""The pages of docs/front-end/, and the blocks of code on them: each has its file's name behind the language.

```js client.mjs
```sh compile
"""

import re
from dataclasses import dataclass
from pathlib import Path

from graphql import parse, validate

from tests.shipped_schema import shipped_types

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "front-end"
DOCUMENTS = ROOT / "docs" / "examples" / "clients"
_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def errors_of(document: Path) -> list[str]:
    """Return why a document is not valid for the schema."""
    found = validate(shipped_types(), parse(document.read_text(encoding="utf-8")))
    return [error.message for error in found]


@dataclass(frozen=True, slots=True)
class Block:
    """One block: the page, the language, the name of its file, and what is in it."""

    page: str
    language: str
    name: str
    text: str


def blocks_of(page: str) -> list[Block]:
    """Return every block of a page, in order. Raises ValueError for one without a name."""
    found = []
    for heading, text in _BLOCK.findall((PAGES / f"{page}.md").read_text(encoding="utf-8")):
        language, _, name = heading.partition(" ")
        if not name:
            raise ValueError(f"a block of {page}.md has no name")
        found.append(Block(page, language, name, text))
    return found


def write_files(page: str, folder: Path) -> None:
    """Write the files that the blocks of a page are, into *folder*."""
    for block in blocks_of(page):
        if block.language != "sh":
            path = folder / block.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def command(page: str, name: str) -> str:
    """Return the command line *name* of a page."""
    (found,) = [block.text for block in blocks_of(page) if (block.language, block.name) == ("sh", name)]
    return found.strip()
