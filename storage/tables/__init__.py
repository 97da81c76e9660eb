"""The database, one page for each topic.

Five kinds of table: *reference* (small, without personal data, the same on every shard), *subject-owned* (primary key
and every unique constraint begin with `subject_id`, so that a shard holds whole subjects), *shared* (a row tells of
several subjects of the shard, by an array of their ids), *derived* (copies of what subjects own, made by the database
itself), and *operational* (messages and the ledger's queue, without personal data). `Table.info["kind"]` says which; a
test checks it.

Personal text is stored as `<item>_sealed` (opened only by policy) beside `<item>_mask` (what a masked reader sees).
A status is never stored: it is read off dated facts.
"""

from storage.tables.applications import applications
from storage.tables.base import metadata
from storage.tables.cases import case_steps, published_cases, restraint_cases
from storage.tables.consent import (
    access_entries,
    authorisation_notices,
    authorisations,
    consent_events,
    deletion_duties,
    entry_delays,
)
from storage.tables.consultations_and_checks import consultation_lines, consultations, focused_checks, target_visits
from storage.tables.corrections_and_objections import (
    case_statements,
    clock_recounts,
    correction_told,
    corrections,
    deliveries,
    facts_versions,
    hearing_steps,
    objections,
)
from storage.tables.disclosures import (
    access_contexts,
    access_grounds,
    disclosed_subjects,
    disclosures,
    guard_refusals,
    number_lookups,
    unindexed_disclosures,
)
from storage.tables.files import file_attachments, files, uploads
from storage.tables.inbound_and_notifications import inbound_messages, notifications, quarantine
from storage.tables.issued_notices import issued_notices
from storage.tables.ledger import (
    disclosure_openings,
    erased_access_entries,
    erasures,
    held_groups,
    ledger_audits,
    ledger_entries,
    ledger_epochs,
    ledger_folds,
    ledger_recorders,
    ledger_restores,
    ledger_trees,
    mismatched_leaves,
    pending_entries,
    subject_blocks,
    subject_heads,
    system_entries,
)
from storage.tables.operational import (
    idempotency_keys,
    imports,
    leases,
    outbox,
    rate_limits,
    taken_numbers,
    write_checks,
)
from storage.tables.promises import application_steps, commitments, credit_checks, deferrals, incentive_grants
from storage.tables.reference import (
    areas,
    calendar_years,
    departments,
    matters,
    published_figures,
    sectors,
    trusted_documents,
)
from storage.tables.subjects import (
    account_links,
    attested_rows,
    delegation_events,
    delegations,
    entry_openings,
    identifier_terms,
    identifiers,
    key_checks,
    registrations,
    subject_events,
    subject_keys,
    subject_secrets,
    subjects,
    withheld_entries,
)

__all__ = [
    "access_contexts",
    "access_entries",
    "access_grounds",
    "account_links",
    "application_steps",
    "applications",
    "areas",
    "attested_rows",
    "authorisation_notices",
    "authorisations",
    "calendar_years",
    "case_statements",
    "case_steps",
    "clock_recounts",
    "commitments",
    "consent_events",
    "consultation_lines",
    "consultations",
    "correction_told",
    "corrections",
    "credit_checks",
    "deferrals",
    "delegation_events",
    "delegations",
    "deletion_duties",
    "deliveries",
    "departments",
    "disclosed_subjects",
    "disclosure_openings",
    "disclosures",
    "entry_delays",
    "entry_openings",
    "erased_access_entries",
    "erasures",
    "facts_versions",
    "file_attachments",
    "files",
    "focused_checks",
    "guard_refusals",
    "hearing_steps",
    "held_groups",
    "idempotency_keys",
    "identifier_terms",
    "identifiers",
    "imports",
    "inbound_messages",
    "incentive_grants",
    "issued_notices",
    "key_checks",
    "leases",
    "ledger_audits",
    "ledger_entries",
    "ledger_epochs",
    "ledger_folds",
    "ledger_recorders",
    "ledger_restores",
    "ledger_trees",
    "matters",
    "metadata",
    "mismatched_leaves",
    "notifications",
    "number_lookups",
    "objections",
    "outbox",
    "pending_entries",
    "published_cases",
    "published_figures",
    "quarantine",
    "rate_limits",
    "registrations",
    "restraint_cases",
    "sectors",
    "subject_blocks",
    "subject_events",
    "subject_heads",
    "subject_keys",
    "subject_secrets",
    "subjects",
    "system_entries",
    "taken_numbers",
    "target_visits",
    "trusted_documents",
    "unindexed_disclosures",
    "uploads",
    "withheld_entries",
    "write_checks",
]  # fmt: skip
