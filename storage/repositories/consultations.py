"""Consultations [5.2.3].

INVARIANT: whether a name belongs to a subject on record changes neither which statements run nor the number of their
parameter rows. Rows of a subject are inserted `WHERE EXISTS` that subject, so that a name without a subject costs the
same and leaves no row.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Table, Uuid, bindparam, exists, insert, literal, select
from sqlalchemy.engine import Dialect

from consent.leaves.effects import consultation_line_bytes
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import Provenance
from consent.templates import Templates
from consent.vocabulary import FieldGroup, Purpose
from credit.cases.status import UnrectifiedPolicy
from credit.consultations.actions import LoggedConsultation, NameLookup
from credit.consultations.consultation import Consultation, Reply
from storage.access_log.authorisation_uses import count_uses
from storage.database.array_binds import among
from storage.database.session import Session
from storage.queries.conditions.row_conditions import in_force, is_open
from storage.queries.consent_join import includes, is_live
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.rows import SqlRepository, attributes, column_names, known_subjects
from storage.repositories.subjects.subjects import SubjectRepository
from storage.tables import authorisations, consultation_lines, consultations, restraint_cases, subjects

LINE_COLUMNS = column_names(consultation_lines)


class ConsultationRepository(SqlRepository):
    """The tables `consultations` and `consultation_lines`: implements `ConsultationStore`."""

    def __init__(self, session: Session, dialect: Dialect, templates: Templates) -> None:
        super().__init__(session)
        self._dialect = dialect
        self._template = templates[Purpose.CONSULTATION]

    async def find(self, asked: Sequence[NameLookup]) -> Sequence[UUID | None]:
        terms = [(one.kind, term) for one in asked if one.kind is not None for term in one.terms]
        by_number = await SubjectRepository(self._session).find_all(terms)
        known = await known_subjects(
            self._session, self._dialect, {one.subject_id for one in asked if one.subject_id is not None}
        )
        found: list[UUID | None] = []
        for one in asked:
            if one.kind is None:
                found.append(one.subject_id if one.subject_id in known else None)
            else:
                numbered = (by_number.get((one.kind, term)) for term in one.terms)
                found.append(next((each for each in numbered if each is not None), None))
        return found

    async def authorised(self, subjects: Collection[UUID], recipient: str, today: date) -> Mapping[UUID, UUID]:
        """Return the live authorisation of each subject towards *recipient*: of several, the one that ends first.

        On PostgreSQL the rows are locked, in one order everywhere, so that none is withdrawn or used up before the end
        of the transaction.
        """
        row = authorisations.c
        found = await self._session.fetch(
            select(row.subject_id, row.authorisation_id, row.expires_on)
            .where(
                among(row.subject_id, "subjects", self._dialect),
                is_live(authorisations, self._template),
                includes(row.groups, FieldGroup.RESTRAINT),
            )
            .order_by(row.subject_id, row.authorisation_id)
            .with_for_update(key_share=True),
            {"subjects": sorted(subjects), "actor_department": recipient, "today": today},
        )
        by_end = sorted(found, key=lambda each: (each[2], each[1]), reverse=True)
        return {subject_id: authorisation_id for subject_id, authorisation_id, _ in by_end}

    async def restrained(
        self, subjects: Collection[UUID], today: date, unrectified: UnrectifiedPolicy
    ) -> frozenset[UUID]:
        row = restraint_cases.c
        found = await self._session.fetch(
            select(row.subject_id)
            .where(
                among(row.subject_id, "subjects", self._dialect),
                is_open(restraint_cases),
                in_force(restraint_cases, unrectified),
            )
            .distinct(),
            {"subjects": sorted(subjects), "today": today},
        )
        return frozenset(each[0] for each in found)

    async def use(self, authorisations: Mapping[UUID, UUID]) -> None:
        await count_uses(self._session, Counter(authorisations.items()))

    async def save(self, consultation: Consultation, lines: Sequence[LoggedConsultation]) -> None:
        await self._session.execute(
            insert(consultations),
            {
                "consultation_id": consultation.consultation_id,
                "kind": consultation.kind.value,
                "recipient_kind": consultation.recipient_kind.value,
                "recipient_code": consultation.recipient_code,
                "occasion": consultation.occasion,
                "statute": consultation.statute,
                "by_ref": consultation.by,
                "at": consultation.at,
                "names": len(consultation.names),
            },
        )
        ledger = ledger_of(self._session)
        made = dict.fromkeys(PROVENANCE) | ledger.provenance_columns
        await self._session.execute(KEEP_LINE, [_prefixed(_row(one) | made) for one in lines])
        known = await known_subjects(self._session, self._dialect, {one.log.subject_id for one in lines})
        for one in lines:
            if one.log.subject_id in known:
                written = _entry(one, ledger.provenance)
                append_committed(self._session, consultation_lines, _row(one), one.line_id, written)

    async def replies(self, consultation_id: UUID) -> tuple[int, bool, Mapping[int, Reply]] | None:
        head, line = consultations.c, consultation_lines.c
        found = await self._session.fetch(
            select(head.names, head.statute.is_not(None)).where(head.consultation_id == consultation_id)
        )
        if not found:
            return None
        rows = await self._session.fetch(select(line.line, line.reply).where(line.consultation_id == consultation_id))
        return int(found[0][0]), bool(found[0][1]), {at: Reply(reply) for at, reply in rows}


def _of_somebody(table: Table, names: Sequence[str]) -> Insert:
    """Insert a row of *table* if its subject, the bind `_subject`, is on record."""
    values = [bindparam(f"_{name}", type_=table.c[name].type).label(name) for name in names]
    there = exists(select(literal(1)).where(subjects.c.subject_id == bindparam("_subject", type_=Uuid())))
    return insert(table).from_select(list(names), select(*values).where(there))


KEEP_LINE = _of_somebody(consultation_lines, LINE_COLUMNS)


def _entry(line: LoggedConsultation, request: Provenance | None) -> bytes:
    log = line.log
    return consultation_line_bytes(
        request,
        subject_id=log.subject_id,
        line_id=line.line_id,
        consultation_id=log.consultation_id,
        line=log.line,
        kind=log.kind,
        recipient_code=log.recipient_code,
        at=log.at,
        ground=log.ground,
        citation=log.citation,
        authorisation_id=log.authorisation_id,
        reply=log.reply,
    )


def _row(line: LoggedConsultation) -> dict[str, Any]:
    row = attributes(line.log, [name for name in LINE_COLUMNS if name not in {"line_id", "salt", *PROVENANCE}])
    ground = None if line.log.ground is None else line.log.ground.value
    plain = {"kind": line.log.kind.value, "ground": ground, "reply": line.log.reply.value}
    return row | plain | {"line_id": line.line_id, "salt": line.salt}


def _prefixed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"_{name}": value for name, value in row.items()} | {"_subject": row["subject_id"]}
