"""What somebody has to do for the ledger at all times: sequence, keep the trees of subjects, audit."""

from datetime import timedelta
from typing import Protocol

import httpx

from credit.cases.status import UnrectifiedPolicy
from gateway.jobs.background_jobs import Job
from gateway.jobs.job_lease import JobLease
from gateway.ledger.audit.daily_audit import JOB, DailyAudit
from gateway.ledger.build_sequencer import build_sequencer
from gateway.ledger.factory import Ledger
from gateway.ledger.subject_trees.keep_trees import SubjectTreeKeeper, subject_tree_keeper
from gateway.ledger.witness_panel import WITNESS_SECONDS
from gateway.settings.settings import Settings
from gateway.subjects.erase import SubjectEraser
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database


class LedgerServices(Protocol):
    """What these jobs work with."""

    @property
    def settings(self) -> Settings:
        """Return the settings."""

    @property
    def runtime(self) -> Runtime:
        """Return clock, ids and randomness."""

    @property
    def database(self) -> Database:
        """Return the database whose entries wait."""

    @property
    def keyring(self) -> Keyring:
        """Return the keys, of which the secrets of subjects are sealed."""

    @property
    def ledger(self) -> Ledger:
        """Return the store of the logs, and who signs them."""


def ledger_jobs(services: LedgerServices) -> dict[str, Job]:
    """Return all jobs, by their names in the log. Each waits while another process does it, by its lease."""
    is_audited = services.settings.ledger_audit_hours > 0
    return {
        "sequencer": lambda: sequence(services),
        "subject-trees": subject_trees(services).keep_running,
        **({"ledger-audit": daily_audit(services).keep_running} if is_audited else {}),
    }


async def sequence(services: LedgerServices) -> None:
    """Integrate and publish the entries of the ledger until cancelled, whenever no other process does."""
    logs, clock_and_ids = services.ledger, services.runtime
    async with httpx.AsyncClient(timeout=WITNESS_SECONDS) as client:
        sequencer = build_sequencer(
            services.database,
            logs.store,
            logs.signers,
            logs.policy,
            client,
            new_id=clock_and_ids.new_id,
            now=clock_and_ids.now,
        )
        await sequencer.keep_running()


def subject_trees(services: LedgerServices) -> SubjectTreeKeeper:
    """Return what keeps the trees of all subjects and makes epochs of them."""
    database, keyring, runtime, settings = services.database, services.keyring, services.runtime, services.settings
    eraser = SubjectEraser(database, keyring, runtime, UnrectifiedPolicy(settings.unrectified))
    every = timedelta(seconds=settings.ledger_epoch_seconds)
    return subject_tree_keeper(database, services.ledger.store, keyring, runtime, eraser, every=every)


def daily_audit(services: LedgerServices) -> DailyAudit:
    """Return the audit that compares everything with the ledger, in one process."""
    database, runtime = services.database, services.runtime
    every = timedelta(hours=services.settings.ledger_audit_hours)
    return DailyAudit(database, services.keyring, JobLease(database, JOB, runtime.new_id()), every, runtime.now)
