"""Why a notice cannot be made into a document.

    DocumentRefused
    ├── GlyphMissing        a fact has a character that the fonts cannot print
    ├── TemplateBroken      the template does not compile
    ├── SigningRefused      the key, the token or the time-stamp authority is not available
    ├── CodeKeyTooShort     the key is too short for a safe code
    └── CodeRefused         the code does not belong to these facts

No message quotes a fact or the typesetter, whose messages quote facts.
"""

from collections.abc import Mapping


class DocumentRefused(Exception):
    """Any refusal of this package."""


class GlyphMissing(DocumentRefused):
    """Characters that the fonts cannot print. *characters* are by fact; the message only counts them.

    A name with a missing character is not that person's name.
    """

    def __init__(self, characters: Mapping[str, str]) -> None:
        places = ", ".join(f"{name} ({len(each)})" for name, each in characters.items())
        super().__init__(f"the fonts cannot print every character of {places}")
        self.characters = dict(characters)


class TemplateBroken(DocumentRefused):
    """A template that does not compile. *line* is the place, if it is known."""

    def __init__(self, template: str, line: int | None) -> None:
        where = f"{template}, line {line}" if line else template
        super().__init__(f"the template {where} cannot be made into a document")
        self.template = template
        self.line = line


class SigningRefused(DocumentRefused):
    """The key, the token or the time-stamp authority is not available. The message says which; no path, no secret."""


class CodeKeyTooShort(DocumentRefused):
    """A key of less than 32 bytes."""

    def __init__(self) -> None:
        super().__init__("the key of the codes on notices has fewer than 32 bytes")


class CodeRefused(DocumentRefused):
    """The code does not belong to these facts, or was made with another key."""

    def __init__(self) -> None:
        super().__init__("the code is not that of this document")
