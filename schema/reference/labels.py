"""The words of every choice, for clients: introspection, which has them as descriptions, is off in production."""

import re
from enum import Enum
from typing import Final

import strawberry

from credit.core.labels import Labelled
from schema.core.enums import ENUMS, term_of
from schema.core.errors import BadArgument

_CLAUSES: Final = re.compile(r"(?: \[[^\]]*\])+$")


@strawberry.type(description="选项名称：one value of an enum, in words.")
class EnumLabel:
    value: str = strawberry.field(description="The value, as the schema names it.")
    zh: str = strawberry.field(description="中文名称。The term that users read.")
    en: str = strawberry.field(description="The same in English.")
    clauses: str | None = strawberry.field(description="The clauses of the governing document that name it.")


@strawberry.type(description="An enum of this schema, each value in words.")
class EnumLabels:
    name: str = strawberry.field(description="The name of the enum.")
    values: list[EnumLabel] = strawberry.field(description="Its values, in the order of the schema.")


def _label(enum_name: str, member: Enum) -> EnumLabel:
    term = term_of(enum_name, member)
    clauses = _CLAUSES.search(term)
    return EnumLabel(
        value=member.name,
        zh=_CLAUSES.sub("", term),
        en=in_english(member),
        clauses=None if clauses is None else clauses[0].strip(),
    )


def in_english(member: Enum) -> str:
    """Return a choice in English: its sentence, where it has one, or the words of its name."""
    sentence = getattr(member, "en", "") if isinstance(member, Labelled) else ""
    return sentence or member.name.replace("_", " ").capitalize()


_LABELS: Final = {
    name: EnumLabels(name=name, values=[_label(name, member) for member in enum]) for enum, name, _ in ENUMS
}


_BY_VALUE: Final = {name: {each.value: each for each in labels.values} for name, labels in _LABELS.items()}


def label_of(enum_name: str, value: str) -> EnumLabel:
    """Return the words of one value, as the schema names it. Raises KeyError for what the schema has not."""
    return _BY_VALUE[enum_name][value]


@strawberry.type(description="The words of the schema.")
class LabelQuery:
    @strawberry.field(
        description="选项名称：the values of enums in Chinese and English, to show them. They change with "
        "a release only. For everybody, without a purpose."
    )
    def labels(self, of: list[str] | None = None) -> list[EnumLabels]:
        if of is None:
            return list(_LABELS.values())
        if not set(of) <= _LABELS.keys():
            raise BadArgument(argument="of")
        return [_LABELS[name] for name in dict.fromkeys(of)]
