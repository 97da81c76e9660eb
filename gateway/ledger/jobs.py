"""What a process does for the ledger beside its requests: sequence, keep the trees of subjects, audit."""

from datetime import timedelta

import httpx

from gateway.job_lease import JobLease
from gateway.ledger.audit.daily_audit import JOB, DailyAudit
from gateway.ledger.build_sequencer import build_sequencer
from gateway.ledger.subject_trees.keep_trees import SubjectTreeKeeper, subject_tree_keeper
from gateway.ledger.witness_panel import WITNESS_SECONDS
from gateway.services import Services, subject_eraser


def subject_trees(services: Services) -> SubjectTreeKeeper:
    """Return what keeps the trees of all subjects and makes epochs of them."""
    every = timedelta(seconds=services.settings.ledger_epoch_seconds)
    return subject_tree_keeper(
        services.database,
        services.ledger.store,
        services.keyring,
        services.runtime,
        subject_eraser(services),
        every=every,
    )


async def sequence(services: Services) -> None:
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


def daily_audit(services: Services) -> DailyAudit:
    """Return the audit that runs beside the requests, in one process."""
    database, runtime = services.database, services.runtime
    every = timedelta(hours=services.settings.ledger_audit_hours)
    return DailyAudit(database, services.keyring, JobLease(database, JOB, runtime.new_id()), every, runtime.now)
