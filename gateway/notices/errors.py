"""Why a notice is not made into a document.

    DocumentRefused
    ├── GlyphMissing        a fact has a character that the fonts cannot print
    ├── TemplateBroken      the template does not compile
    ├── SigningRefused      the key, the token or the time-stamp authority is not at hand
    ├── CodeKeyTooShort     no code worth anything can be made with that key
    └── CodeRefused         the code is not that of these facts

None of them quotes a fact, nor what the typesetter said: it quotes facts.
"""

from collections.abc import Mapping


class DocumentRefused(Exception):
    """Any refusal of this package."""


class GlyphMissing(DocumentRefused):
    """Characters that would come out as boxes, or not at all. *characters* are by fact; the message only counts them.

    A name with a box in it is not that person's name.
    """

    def __init__(self, characters: Mapping[str, str]) -> None:
        places = ", ".join(f"{name} ({len(each)})" for name, each in characters.items())
        super().__init__(f"the fonts cannot print every character of {places}")
        self.characters = dict(characters)


class TemplateBroken(DocumentRefused):
    """A template that does not compile. *line* is where, as far as it is known."""

    def __init__(self, template: str, line: int | None) -> None:
        where = f"{template}, line {line}" if line else template
        super().__init__(f"the template {where} cannot be made into a document")
        self.template = template
        self.line = line


class SigningRefused(DocumentRefused):
    """The key, the token or the time-stamp authority is not at hand. The message names which, and no path or secret."""


class CodeKeyTooShort(DocumentRefused):
    """A key of less than 32 bytes."""

    def __init__(self) -> None:
        super().__init__("the key of the codes on notices has fewer than 32 bytes")


class CodeRefused(DocumentRefused):
    """A code that is not that of these facts, or was made with another key."""

    def __init__(self) -> None:
        super().__init__("the code is not that of this document")
