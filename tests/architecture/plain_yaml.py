"""A reader of the plain part of YAML that `k8s/` is written in. What is not plain is refused, never guessed.

Plain are: comments, documents, mappings, sequences that stand deeper than their key, and on one line plain words, whole
numbers, `true`, `false`, `null`, texts in double quotes, `[]` and `{}`. Refused is all that people and programs read
differently: tabs, anchors, tags, `on` and `yes`, numbers with a leading zero, a name that stands twice.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Value = None | bool | int | str | list["Value"] | dict[str, "Value"]

COMMENT = re.compile(r"""^((?:[^"#]|"(?:[^"\\]|\\.)*"|(?<=\S)\#)*?)(?:(?:^|(?<=\s))\#.*)?$""")
PAIR = re.compile(r'("(?:[^"\\]|\\.)*"|[A-Za-z][A-Za-z0-9_./-]*):(?: +(.*))?')
WORD = re.compile(r"(?!-(?: |$))[A-Za-z0-9./_<-][^:#\[\]{},&*!|>'\"%@`\t]*(?::[^ ][^ #]*)*(?<!:)")
AMBIGUOUS = re.compile(r"(?i)yes|no|on|off|y|n|~|0[0-9]+|0x[0-9a-f]+|[0-9]+\.[0-9]*|[0-9.]+e[0-9]+|[0-9]+(:[0-9]+)+")
PLAIN: dict[str, Callable[[], Value]] = {
    "true": lambda: True,
    "false": lambda: False,
    "null": lambda: None,
    "[]": list,
    "{}": dict,
}


class NotPlain(Exception):
    """A line that is no YAML, or more YAML than `k8s/` should need."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its comment: its number, how deep it stands, and what it says."""

    number: int
    depth: int
    text: str


def documents(text: str) -> list[Value]:
    """Read every document of *text*. Raises NotPlain with the number of the line."""
    found: list[Value] = []
    lines: list[Line] = []
    for line in [*_lines(text), Line(0, 0, "---")]:
        if line.text != "---":
            lines.append(line)
        elif lines:
            found.append(_block(lines, lines[0].depth))
            if lines:
                raise NotPlain(f"line {lines[0].number}: this stands at no depth of its own")
    return found


def _lines(text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        if "\t" in raw:
            raise NotPlain(f"line {number}: a tab")
        match = COMMENT.match(raw)
        if match is None:
            raise NotPlain(f"line {number}: a quotation that does not end")
        said = match[1].rstrip()
        if said:
            yield Line(number, len(said) - len(said.lstrip()), said.lstrip())


def _block(lines: list[Line], depth: int) -> Value:
    """Take the block that begins here and stands at *depth*."""
    return _sequence(lines, depth) if _is_item(lines[0]) else _mapping(lines, depth)


def _is_item(line: Line) -> bool:
    return line.text == "-" or line.text.startswith("- ")


def _sequence(lines: list[Line], depth: int) -> list[Value]:
    found: list[Value] = []
    while lines and lines[0].depth == depth and _is_item(lines[0]):
        line = lines.pop(0)
        rest = line.text[1:].lstrip()
        if rest and (PAIR.fullmatch(rest) or _is_item(Line(0, 0, rest))):
            # What follows the dash is the first line of a block that stands where it begins.
            inner = depth + len(line.text) - len(rest)
            lines.insert(0, Line(line.number, inner, rest))
            found.append(_block(lines, inner))
        else:
            found.append(_value(rest, line, lines, depth))
    return found


def _mapping(lines: list[Line], depth: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while lines and lines[0].depth == depth and not _is_item(lines[0]):
        line = lines.pop(0)
        match = PAIR.fullmatch(line.text)
        if match is None:
            raise NotPlain(f"line {line.number}: neither a name with a value nor an item")
        name = json.loads(match[1]) if match[1].startswith('"') else match[1]
        if name in found or AMBIGUOUS.fullmatch(name):
            raise NotPlain(f"line {line.number}: a name that stands twice, or is no plain text")
        found[name] = _value(match[2] or "", line, lines, depth)
    return found


def _value(text: str, line: Line, lines: list[Line], depth: int) -> Value:
    if text:
        return _scalar(text, line)
    return _block(lines, lines[0].depth) if lines and lines[0].depth > depth else None


def _scalar(text: str, line: Line) -> Value:
    if text in PLAIN:
        return PLAIN[text]()
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            raise NotPlain(f"line {line.number}: a quotation that JSON does not know") from None
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        return int(text)
    if AMBIGUOUS.fullmatch(text) or not WORD.fullmatch(text):
        raise NotPlain(f"line {line.number}: put this in double quotes")
    return text
