"""Commitments in place of proof, one row each [4.2.3] [5.1.2d]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.core import late_entries
from credit.promises.commitment import Commitment, Verification, VerificationOutcome
from credit.promises.due_days import commitment_days
from credit.promises.take_step import PromiseStep
from credit.subjects.subject import CarriedText, Place, Sealed, SealedText
from storage.repositories.deadlines.due_days import CountingRepository
from storage.repositories.rows import (
    attributes,
    in_parts,
    of_application,
    sealed_text_columns,
    select_named,
    these,
    unsealed_names,
)
from storage.tables import commitments, subject_keys

COLUMNS = unsealed_names(commitments)
"""The columns that the rules need: no sealed text, and `step_version` as their version."""


class CommitmentRepository(CountingRepository):
    """The table `commitments`: implements `CommitmentStore`."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Commitment | None:
        """Return the commitment of the application, locked until the transaction ends, or None where it has none."""
        own = _is(subject_id, application_id)
        row = await self._row(select_named(commitments, COLUMNS).where(*own).with_for_update())
        return None if row is None else _commitment(row)

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Commitment]:
        """Return the commitments with these keys, each a subject and an application, without a lock."""
        found: list[Commitment] = []
        for part in in_parts(sorted(keys)):
            wanted = select_named(commitments, COLUMNS).where(these(commitments, part, "application_id"))
            found += [_commitment(row) for row in await self._rows(wanted)]
        return found

    async def add(self, commitment: Commitment) -> None:
        if await self._is_there(*_is(commitment.subject_id, commitment.application_id)):
            raise ApplicationChangedMeanwhile
        row = _row(commitment) | await self._days(commitment)
        await self._session.execute(insert(commitments), row | {"step_version": commitment.version})

    async def save(self, commitment: Commitment, facts: SealedText | None = None) -> None:
        found: dict[str, object] = {} if facts is None else sealed_text_columns(facts=facts)
        found |= await self._days(commitment)
        await self._update(commitment, _row(commitment) | found | {"step_version": commitment.version + 1})

    async def collected(self, commitment: Commitment, case_id: UUID) -> None:
        """Note the case that it became. The version stays: the applicant must not see that a case began."""
        await self._update(commitment, {"case_id": case_id})

    async def finding(self, subject_id: UUID, application_id: UUID) -> CarriedText | None:
        key = subject_keys.c.subject_id == commitments.c.subject_id
        rows = await self._session.fetch(
            select(commitments.c.facts_sealed, commitments.c.facts_mask, commitments.c.version, subject_keys.c.wrapped)
            .select_from(commitments.join(subject_keys, key))
            .where(*_is(subject_id, application_id), commitments.c.facts_sealed.is_not(None))
        )
        if not rows:
            return None
        text, mask, version, wrapped = rows[0]
        place = Place("commitments", "facts", subject_id, application_id, version)
        return CarriedText(Sealed(place, text, wrapped), mask or "")

    async def _days(self, commitment: Commitment) -> dict[str, object]:
        found = commitment.verification
        unmet_on = found.on if found is not None and found.outcome is VerificationOutcome.NOT_MET else None
        days = commitment_days(
            commitment.committed_on,
            commitment.limit_days,
            commitment.completed_on,
            commitment.verify_days,
            unmet_on,
            await self._calendar.get(),
        )
        return asdict(days)

    async def _update(self, commitment: Commitment, values: Mapping[str, Any]) -> None:
        # A case that was collected meanwhile does not raise the version, and must not be lost.
        known = {"step_version": commitment.version, "case_id": commitment.case_id}
        own = of_application(commitment.subject_id, commitment.application_id) | known
        if not await self._update_row(commitments, own, values):
            raise ApplicationChangedMeanwhile


def _is(subject_id: UUID, application_id: UUID) -> tuple[Any, ...]:
    return commitments.c.subject_id == subject_id, commitments.c.application_id == application_id


def _commitment(row: Mapping[str, Any]) -> Commitment:
    verification = None
    if row["verified_on"] is not None:
        verification = Verification(
            row["verified_on"],
            row["verified_by"],
            VerificationOutcome(row["outcome"]),
            evidence=tuple(row["evidence"] or ()),
            late=late_entries.of_step(row["late_entries"], PromiseStep.COMMITMENT_VERIFIED),
        )
    return Commitment(
        row["application_id"],
        row["subject_id"],
        row["department_code"],
        row["document"],
        row["commitment_ref"],
        row["committed_on"],
        row["limit_days"],
        row["verify_days"],
        row["completed_on"],
        verification,
        row["ended_on"],
        row["case_id"],
        row["step_version"],
        late_entries.of_step(row["late_entries"], PromiseStep.COMPLETED),
        late_entries.read_withdrawal(row["paper_withdrawal"]),
    )


def _row(commitment: Commitment) -> dict[str, Any]:
    """Return the columns of the row, without the sealed text and the versions."""
    found = commitment.verification
    names = (
        "subject_id", "application_id", "department_code", "document", "commitment_ref", "committed_on",
        "limit_days", "verify_days", "completed_on", "ended_on", "case_id",
    )  # fmt: skip
    return attributes(commitment, names) | {
        "verified_on": None if found is None else found.on,
        "verified_by": None if found is None else found.by,
        "outcome": None if found is None else found.outcome.value,
        "evidence": None if found is None else list(found.evidence),
        "paper_withdrawal": late_entries.written_withdrawal(commitment.paper_withdrawal),
        "late_entries": late_entries.column(
            [
                (PromiseStep.COMPLETED, commitment.completed_late),
                (PromiseStep.COMMITMENT_VERIFIED, None if found is None else found.late),
            ]
        ),
    }
