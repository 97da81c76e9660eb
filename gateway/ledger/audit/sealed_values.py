"""Sealed values against what stands in clear beside them: search terms, masks, digests, and the version of the row.

A box opens only at its own place and version: one that was put back from an earlier version does not. No text leaves
the keyring; a rule is asked of it. Of an erased subject no key is left, nor its name: its texts are passed over.
Where a key alone is gone, its name does not open.
"""

from base64 import b64decode
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Table, select

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import Place, Sealed, SubjectKind
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from policy.crypto.masking import mask_text, masks_for
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.folds.records import keys_of
from storage.ledger.audit.sealed_content import sealed_content
from storage.ledger.audit.walks import AuditWalk, Position
from storage.ledger.recomputed_entries import UNREADABLE, Key
from storage.tables import (
    areas,
    case_statements,
    commitments,
    facts_versions,
    files,
    focused_checks,
    identifier_terms,
    identifiers,
    issued_notices,
    objections,
    restraint_cases,
    subject_keys,
    subjects,
)

Rule = Callable[[str], bool]
Content = Mapping[tuple[str, UUID], Collection[bytes]]
"""The digests of what was sealed last, by place and row."""
PARTICULARS: Final = ("name", "phone", "address")
TEXTS: Final[Sequence[tuple[Table, str, Sequence[str]]]] = (
    (restraint_cases, "case_id", ("facts", "evidence", "notes")),
    (case_statements, "statement_id", ("text",)),
    (facts_versions, "version_id", ("facts",)),
    (objections, "objection_id", ("text", "reasons")),
    (focused_checks, "check_id", ("facts",)),
    (commitments, "application_id", ("facts",)),
)
"""The tables of free texts, whose masks hide them whole."""
CONTENTS: Final = ((files, "file_id", "content"), (issued_notices, "notice_id", "pdf"))
"""The tables of files, whose digests stand beside them."""
FEW: Final = 20
"""How many files are opened at once: each may have some megabytes."""


def sealed_walks(keyring: Keyring) -> list[AuditWalk]:
    """Return the walks that need the keys."""
    found = [AuditWalk("sealed subjects", _paged(subjects, "subject_id", partial(_subjects, keyring)))]
    found += [
        AuditWalk(f"sealed {table.name}", _paged(table, key, partial(_texts, keyring, table, key, items)))
        for table, key, items in TEXTS
    ]
    found += [
        AuditWalk(f"sealed {table.name}", _paged(table, key, partial(_contents, keyring, table, key, item), FEW))
        for table, key, item in CONTENTS
    ]
    return found


Compare = Callable[[Session, Sequence[Key]], Any]


def _paged(table: Table, key: str, compare: Compare, most: int = 1_000) -> Any:  # noqa: ANN401 - a `Page`
    async def page(
        session: Session, position: Position | None, limit: int
    ) -> tuple[list[Contradiction], Position | None]:
        after = None if position is None else tuple(map(UUID, position))
        rows = min(limit, most)
        keys = await keys_of(session, table, key, after, rows)
        findings = await compare(session, keys) if keys else []
        return findings, [str(one) for one in keys[-1]] if len(keys) == rows else None

    return page


# --- particulars ------------------------------------------------------------------------------------------------------


async def _subjects(keyring: Keyring, session: Session, keys: Sequence[Key]) -> list[Contradiction]:
    """Compare the particulars and the numbers of subjects, each with its mask, and numbers with their search terms."""
    ids = [key[0] for key in keys]
    names = (
        "subject_id",
        "kind",
        "version",
        *(f"{item}_{face}" for item in PARTICULARS for face in ("sealed", "mask")),
    )
    columns = [subjects.c[name] for name in names]
    wanted = select(*columns, areas.c.name_zh, subject_keys.c.wrapped).where(subjects.c.subject_id.in_(ids))
    wanted = wanted.outerjoin(areas, areas.c.code == subjects.c.area_code)
    wanted = wanted.outerjoin(subject_keys, subject_keys.c.subject_id == subjects.c.subject_id)
    rows = await _rows(session, wanted, (*names, "area_name", "wrapped"))
    numbers = await _numbers(session, ids)
    terms, content = await _terms(session, ids), await sealed_content(session, ids)
    findings: list[Contradiction] = []
    for row in rows:
        subject_id = row["subject_id"]
        findings += _particulars(keyring, row, content)
        for number in numbers.get(subject_id, ()):
            findings += _number(keyring, row, number, terms.get((subject_id, number["kind"]), ()), content)
        kinds = {number["kind"] for number in numbers.get(subject_id, ())}
        findings += [
            Contradiction(ContradictionCode.TERM_DIFFERS, "identifier_terms", subject_id=subject_id, columns=("kind",))
            for of, kind in terms
            if of == subject_id and kind not in kinds
        ]
    return findings


def _particulars(keyring: Keyring, row: Mapping[str, Any], content: Content) -> list[Contradiction]:
    subject_id, kind, area = row["subject_id"], SubjectKind(row["kind"]), row["area_name"] or ""
    findings = []
    for item in PARTICULARS:
        place = Place("subjects", item, subject_id, subject_id, row["version"])
        mask = row[f"{item}_mask"]

        box = _box(place, row[f"{item}_sealed"], row["wrapped"])
        findings += _compared(keyring, box, partial(_is_masked, kind, area, item, mask), mask, content)
    return findings


def _is_masked(kind: SubjectKind, area: str, item: str, mask: str | None, text: str) -> bool:
    given: dict[str, str | None] = dict.fromkeys((*PARTICULARS, "number"))
    given[item] = text
    masks = masks_for(
        kind, name=given["name"], number=given["number"], phone=given["phone"], address=given["address"], area_name=area
    )
    return bool(getattr(masks, item) == mask)


def _is_hidden(mask: str | None, text: str) -> bool:
    return mask_text(text) == mask


def _is_digest(digest: bytes, text: str) -> bool:
    return sha256(b64decode(text)).digest() == digest


def _number(
    keyring: Keyring, subject: Mapping[str, Any], row: Mapping[str, Any], terms: Sequence[bytes], content: Content
) -> list[Contradiction]:
    subject_id, kind = subject["subject_id"], SubjectKind(subject["kind"])
    place = Place("identifiers", "number", subject_id, row["identifier_id"], row["version"])
    box = _box(place, row["number_sealed"], subject["wrapped"])
    rule = partial(_is_masked, kind, "", "number", row["number_mask"])
    findings = _compared(keyring, box, rule, row["number_mask"], content)
    if box is None or (findings and findings[0].code is ContradictionCode.SEAL_BROKEN):
        return findings
    of_number = IdentifierKind(row["kind"])
    if not terms or not all(keyring.is_indexed(box, of_number, term) for term in terms):
        findings.append(
            Contradiction(
                ContradictionCode.TERM_DIFFERS, "identifier_terms", row["identifier_id"], subject_id, columns=("term",)
            )
        )
    return findings


async def _numbers(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    names = ("subject_id", "identifier_id", "kind", "version", "number_sealed", "number_mask")
    wanted = select(*(identifiers.c[name] for name in names)).where(identifiers.c.subject_id.in_(ids))
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in await _rows(session, wanted, names):
        found.setdefault(row["subject_id"], []).append(row)
    return found


async def _terms(session: Session, ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[bytes]]:
    table = identifier_terms.c
    wanted = select(table.subject_id, table.kind, table.term).where(table.subject_id.in_(ids))
    found: dict[tuple[UUID, str], list[bytes]] = {}
    for subject_id, kind, term in await session.fetch(wanted):
        found.setdefault((subject_id, kind), []).append(bytes(term))
    return found


# --- texts and files --------------------------------------------------------------------------------------------------


async def _texts(
    keyring: Keyring, table: Table, key: str, items: Sequence[str], session: Session, keys: Sequence[Key]
) -> list[Contradiction]:
    findings: list[Contradiction] = []
    content = await sealed_content(session, {one[0] for one in keys})
    faces = tuple(f"{item}_{face}" for item in items for face in ("sealed", "mask"))
    for row in await _with_keys(session, table, key, faces, keys):
        for item in items if row["wrapped"] is not None else ():
            mask = row[f"{item}_mask"]
            place = Place(table.name, item, row["subject_id"], row[key], row["version"])
            box = _box(place, row[f"{item}_sealed"], row["wrapped"])
            findings += _compared(keyring, box, partial(_is_hidden, mask), mask, content)
    return findings


async def _contents(
    keyring: Keyring, table: Table, key: str, item: str, session: Session, keys: Sequence[Key]
) -> list[Contradiction]:
    findings: list[Contradiction] = []
    for row in await _with_keys(session, table, key, (f"{item}_sealed", "digest"), keys):
        if row["wrapped"] is None:
            continue
        place = Place(table.name, item, row["subject_id"], row[key], row["version"])
        box = _box(place, row[f"{item}_sealed"], row["wrapped"])
        digest = bytes(row["digest"])
        try:
            same = box is None or keyring.compares(box, partial(_is_digest, digest))
        except (SealBroken, ValueError):
            findings.append(_finding(ContradictionCode.SEAL_BROKEN, place))
            continue
        if not same:
            code = ContradictionCode.STATE_DIFFERS
            findings.append(Contradiction(code, table.name, place.row_id, place.subject_id, columns=("digest",)))
    return findings


async def _with_keys(
    session: Session, table: Table, key: str, faces: Sequence[str], keys: Sequence[Key]
) -> list[dict[str, Any]]:
    names = ("subject_id", key, "version", *faces)
    columns = [table.c[name] for name in names]
    wanted = select(*columns, subject_keys.c.wrapped).where(table.c[key].in_([one[-1] for one in keys]))
    wanted = wanted.where(table.c.subject_id.in_(sorted({one[0] for one in keys})))
    wanted = wanted.outerjoin(subject_keys, subject_keys.c.subject_id == table.c.subject_id)
    return await _rows(session, wanted, (*names, "wrapped"))


async def _rows(session: Session, wanted: Select[Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows by these names; none where one of them cannot be read, which the comparison of records names."""
    try:
        return [dict(zip(names, row, strict=True)) for row in await session.fetch(wanted)]
    except UNREADABLE:
        return []


def _box(place: Place, text: bytes | None, wrapped: bytes | None) -> Sealed | None:
    return None if text is None else Sealed(place, bytes(text), bytes(wrapped or b""))


def _compared(
    keyring: Keyring, box: Sealed | None, rule: Rule, mask: str | None, content: Content
) -> list[Contradiction]:
    """Return what contradicts a box: it does not open here, its mask is another text's, or so is its last act."""
    if box is None:
        return []
    try:
        fits = keyring.compares(box, rule)
    except SealBroken:
        return [_finding(ContradictionCode.SEAL_BROKEN, box.place)]
    place = box.place
    digests = content.get((f"{place.table}.{place.column}", place.row_id))
    findings = [] if fits and mask is not None else [_finding(ContradictionCode.MASK_DIFFERS, place)]
    if digests is not None and keyring.content_digest_of(box) not in digests:
        findings.append(_finding(ContradictionCode.CONTENT_DIFFERS, place))
    return findings


def _finding(code: ContradictionCode, place: Place) -> Contradiction:
    return Contradiction(code, place.table, place.row_id, place.subject_id, columns=(place.column,))
