"""The access log: who read what of a subject, by which right, and what is delayed [5.1.6]."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry

from consent.vocabulary import Basis, DataClass, Form, Purpose
from queryplan.entities import Entity
from schema.core.day import EvaluationDay
from schema.core.enums import RoleName
from schema.core.fields import (
    acting_role,
    column,
    filled_column,
    function,
    global_id,
    one,
    operator_act,
    role_text,
    structure,
)
from schema.core.global_ids import encode_shown
from schema.objections.types import Objection
from schema.reference.types import Department, Node, SubjectLink


@strawberry.type(description="One field that a read showed, and its form.")
class FieldShown:
    field: str = structure("field", "The field, as `Type.field` of this schema.")
    data_class: DataClass = structure("dataClass", "The kind of data it is.")
    form: Form = structure("form", "Clear or masked.")


@strawberry.type(
    description="依据：one legal basis by which a read showed fields of a subject, with what was shown by it. A read "
    "that shows some fields by law and others by consent has two."
)
class AccessGround:
    basis: Basis = structure("basis", "The legal basis.")
    citation: str = structure("citation", "The clauses of the legal basis.")
    clear: list[str] = structure("clear", "The fields that it showed clear, as `Type.field` of this schema.")
    masked: list[str] = structure("masked", "The fields that it showed masked.")
    authorisation: strawberry.ID | None = structure(
        "authorisation", "The global id of the authorisation that was used; null where the law needs none."
    )


Ground = tuple[str, str, Sequence[Sequence[str]], UUID | None]
"""A legal basis, its clauses, the fields that were shown by it, and the authorisation that was used."""


def _first_basis(grounds: Sequence[Ground], _day: EvaluationDay) -> str | None:
    return grounds[0][0] if grounds else None


def _first_citation(grounds: Sequence[Ground], _day: EvaluationDay) -> str | None:
    return grounds[0][1] if grounds else None


def _grounds(
    purpose: Purpose | None, subject_id: UUID, grounds: Sequence[Ground], _day: EvaluationDay
) -> list[dict[str, object]]:
    return [
        {
            "basis": basis,
            "citation": citation,
            "clear": [field for field, _, form in fields if form == Form.CLEAR.value],
            "masked": [field for field, _, form in fields if form != Form.CLEAR.value],
            "authorisation": None if used is None else encode_shown(purpose, Entity.AUTHORISATION, subject_id, used),
        }
        for basis, citation, fields, used in grounds
    ]


def _fields(grounds: Sequence[Ground], _day: EvaluationDay) -> list[dict[str, str]]:
    """Return what was shown by any ground, each field once: clear, if one of them showed it clear."""
    best: dict[str, Sequence[str]] = {}
    for _, _, fields, _ in grounds:
        for field in fields:
            if field[0] not in best or field[2] == Form.CLEAR.value:
                best[field[0]] = field
    return [{"field": field, "dataClass": data_class, "form": form} for field, data_class, form in best.values()]


def _commitment(leaf: bytes, _day: EvaluationDay) -> str:
    return bytes(leaf)[-32:].hex()


@strawberry.type(description="One act of a delay: the order, or an extension.")
class EntryDelayAct:
    ordered_at: datetime = structure("orderedAt", "When it was ordered (UTC).")
    ordered_by: str = structure("orderedBy", "The staff reference of the head who ordered it.")
    ground: str = structure("ground", "法律依据：the law that provides it.")
    opens_on: date = structure("opensOn", "The day on which the entries open by it.")


def _acts(acts: list[dict[str, str]], _day: EvaluationDay) -> list[dict[str, object]]:
    return [
        {
            "orderedAt": datetime.fromisoformat(act["at"]),
            "orderedBy": act["by"],
            "ground": act["ground"],
            "opensOn": date.fromisoformat(act["opens_on"]),
        }
        for act in acts
    ]


@strawberry.type(
    description="延期公开：a lawful delay of the access entries of an open investigation. Its subject sees it, and the "
    "entries that it covers, from the day on which they open, or from the notice [5.1.6]."
)
class EntryDelay(Node):
    id: strawberry.ID = global_id(Entity.ENTRY_DELAY, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whose entries they are.")
    department: Department | None = one("department", Entity.DEPARTMENT, "The authority that ordered it.")
    ordered_at: datetime | None = filled_column("ordered_at", "When it was ordered (UTC).")
    opens_on: date | None = filled_column(
        "opens_on", "公开日期：the day on which the entries open, with every extension."
    )
    acts: list[EntryDelayAct] | None = function(
        _acts, "acts", description="The order and its extensions: by whom, by which law, until when."
    )


@strawberry.type(description="访问记录：one read of a subject's data. It was durable before data was shown [5.1.6].")
class AccessEntry(Node):
    id: strawberry.ID = global_id(Entity.ACCESS_ENTRY, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whose data it was.")
    at: datetime | None = column("at", "When (UTC).")
    actor: str | None = column("actor_ref", "Who: a staff or account reference.")
    operator_act: str | None = operator_act()
    acting_role: RoleName | None = acting_role()
    role: str | None = role_text()
    department: Department | None = one("department", Entity.DEPARTMENT, "From which department.")
    purpose: Purpose | None = column("purpose", "For which purpose.")
    basis: Basis | None = function(
        _first_basis, "grounds", description="The legal basis; where there are several, the first of `grounds`."
    )
    citation: str | None = function(_first_citation, "grounds", description="The clauses of that legal basis.")
    grounds: list[AccessGround] | None = function(
        _grounds,
        "subject_id",
        "grounds",
        description="依据：every legal basis by which something was shown, in the order of the request.",
        shows_ids=True,
    )
    delay: EntryDelay | None = one(
        "delay", Entity.ENTRY_DELAY, "延期公开：the delay that kept it from its subject; null where none did."
    )
    fields_shown: list[FieldShown] | None = function(
        _fields, "grounds", description="What was shown, by whatever ground, field by field, clear or masked."
    )
    question: Objection | None = one(
        "question",
        Entity.OBJECTION,
        "质疑：that the subject does not recognise this read, and the answer of the department that read; the newest, "
        "where there are several. `raiseObjection` with the id of the entry asks one.",
    )
    document_hash: str | None = column(
        "document_hash",
        "SHA-256 of the GraphQL document that was run, without its literal values; equal documents have equal hashes.",
    )
    leaf_index: int | None = column(
        "leaf_index", "Its place in the public log `access`; null in the seconds before the log has it."
    )
    commitment: str | None = function(
        _commitment,
        "leaf",
        description="What the public log has of it, 64 hexadecimal digits: `/log/access/proof/{commitment}` proves it. "
        "Null where `leafIndex` is.",
    )
