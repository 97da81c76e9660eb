"""The items of an input that are stored in clear: none of them may name the person that the record is about [5.1.6].

One rule for every mutation. What has the form of a number is refused where the item is read
(`credit.core.references.parse_reference`); a name has no form, so it is compared with the one on record.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from credit.core.errors import StepNotWellFormed
from credit.core.flaws import Flaw
from credit.core.references import names_in_clear
from schema.core.ports import CommittingWork

SEALED: Final = frozenset({"text", "facts", "amendment", "reasons", "internal_notes"})
"""Items that are stored sealed, by their names in the inputs, beside the particulars of a person."""
NOT_STORED: Final = frozenset({"idempotency_key"})


async def require_unnamed(work: CommittingWork, given: object, subject_id: UUID | None) -> None:
    """Raise StepNotWellFormed if an item of *given* names the subject, or a person whose particulars it gives."""
    items = dict(_in_clear(given))
    for field, texts in items.items():
        if any(names_in_clear(name, text) for name in _names(given) for text in texts):
            raise StepNotWellFormed.of(field, Flaw.HOLDS_PERSONAL_DATA)
    if subject_id is None or not any(items.values()):
        return
    if await work.is_named_in(subject_id, [text for texts in items.values() for text in texts]):
        for field, texts in items.items():
            if await work.is_named_in(subject_id, texts):
                raise StepNotWellFormed.of(field, Flaw.HOLDS_PERSONAL_DATA)


def _in_clear(given: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - any input, and what is in it
    """Return the texts that *given* keeps in clear, by the name of their field; a person's particulars are sealed."""
    if hasattr(given, "name"):
        return
    for field in fields(given):
        value = getattr(given, field.name)
        if is_dataclass(value):
            for inner, texts in _in_clear(value):
                yield f"{to_camel_case(field.name)}.{inner}", texts
        elif field.name not in SEALED | NOT_STORED:
            texts = [text for text in (value if isinstance(value, list) else [value]) if type(text) is str]
            if texts:
                yield to_camel_case(field.name), texts


def _names(given: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    """Return the names of the persons whose particulars *given* contains."""
    for field in fields(given):
        value = getattr(given, field.name)
        name = getattr(value, "name", None) if is_dataclass(value) else None
        if isinstance(name, str):
            yield name
