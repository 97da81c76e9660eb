"""Every table is compared with the ledger by the audit, or stands here with the reason why it is not [5.1.6].

So is what each test decides: which module of tests does not compare stands here as well.

A new table enters one of these lists: as rows that have entries (`storage/ledger/entry_sources.py`), as records that
are folded from acts (`storage/ledger/audit/folds/kinds.py`), with the walk that compares it, or as an exception.
"""

import ast
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.dialects import sqlite

from gateway.ledger.audit.sealed_values import sealed_walks
from policy.crypto.keyring import Keyring
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.audit.walks import walks
from storage.ledger.entry_sources import DISCLOSURES, OPENINGS, SOURCES
from storage.tables import metadata
from tests.architecture.sources.syntax_trees import ROOT

BY_WALK: Final[Mapping[str, str]] = {
    "access_contexts": "entries access",  # what a disclosure says of it is part of its entry
    "access_grounds": "entries access",
    "account_links": "account links",
    "areas": "reference data",
    "authorisation_notices": "notices",
    "departments": "reference data",
    "erasures": "rows erasures",
    "files": "sealed files",  # and its attachments have its digest
    "held_groups": "groups held",
    "identifier_terms": "sealed subjects",
    "identifiers": "sealed subjects",
    "ledger_entries": "tree consent",
    "ledger_recorders": "groups",
    "ledger_trees": "tree access",
    "matters": "reference data",
    "mismatched_leaves": "leaves mismatched",
    "pending_entries": "groups",
    "published_cases": "published cases",
    "sectors": "reference data",
    "subject_keys": "sealed subjects",  # without its key nothing of a subject opens
    "subjects": "subjects",
    "system_entries": "rows system_entries",
    "trusted_documents": "reference data",
    "withheld_entries": "withheld acts",
}
"""Tables that are neither rows with entries nor records of acts, each with a walk that compares it."""

EXEMPT: Final[Mapping[str, str]] = {
    "calendar_years": "`system` states a digest over the file of a year; due days are counted anew from the table",
    "case_statements": "the texts are compared by the digests of the steps STATED; a row has days that only show",
    "consultations": "its lines have entries, with recipient and kind; the rest is a reference of the one who asked",
    "disclosed_subjects": "an index over disclosures, on SQLite: its subject sees by its head that one is missing",
    "idempotency_keys": "responses to repeated requests, which show nothing by themselves",
    "imports": "which row of a file was imported; each imported row leaves its own entries",
    "inbound_messages": "which message was processed; each accepted case leaves its own entries",
    "key_checks": "check values of keys, which `system` states; a key that is another opens nothing",
    "leases": "which process does a job",
    "ledger_audits": "how far this audit is; who changes it delays an audit, which `…audited_timestamp` shows",
    "ledger_epochs": "the roots of `system`, and where their trees lie in the store, which gives them again",
    "ledger_folds": "derived from the entries; where it is wrong an epoch does not add up, and none is published",
    "ledger_restores": "ranges that `system` states as lost; a monitor compares them with the entries from outside",
    "login_attempts": "logins on their way to the provider; what a session reads or does leaves its own entries",
    "login_sessions": "as login_attempts: a login or a logout alone reads nothing of anybody",
    "notifications": "messages about facts that stand elsewhere; that one was seen is an event with an entry",
    "outbox": "messages about facts that stand elsewhere; what went out is a delivery, with an event",
    "published_figures": "counts of a past year, which `system` states by a digest",
    "quarantine": "on nobody's record yet",
    "rate_limits": "counters of minutes",
    "subject_blocks": "as ledger_folds",
    "subject_heads": "as ledger_folds; a subject compares its own head",
    "taken_numbers": "which numbers are used; the records have them",
    "target_visits": "until which instant a supervisor has looked through its list",
    "unindexed_disclosures": "which disclosures the index has yet to take up, on SQLite",
    "uploads": "attached to nobody's record yet",
    "write_checks": "whether a process can write",
}
"""Tables that no walk compares, each with the reason."""

NO_USES: Final = "its reads use no authorisation, so there is nothing to compare"
UNCOMPARED: Final[Mapping[str, str]] = {
    "tests/drill/ledger_processes.py": NO_USES,
    "tests/gateway/ledger/subject_trees/epoch_world.py": NO_USES,
    "tests/gateway/telemetry/test_lookup_alarms.py": NO_USES,
    "tests/storage/access_log/crash.py": NO_USES,
    "tests/storage/access_log/test_partitions.py": NO_USES,
    **{
        f"tests/storage/access_log/recorder/{name}.py": "how uses are counted is tested on rows of nothing else"
        for name in ("conftest", "test_chain", "test_recorder", "test_uses")
    },
    "tests/storage/ledger/test_integrate.py": NO_USES,
    "tests/storage/ledger/test_subject_fold.py": NO_USES,
    "tests/storage/outages/test_postgresql.py": NO_USES,
    "tests/storage/outages/test_sqlite.py": NO_USES,
}
"""Modules of tests that make a recorder which takes authorisations by their rows alone, each with the reason.

Every other test decides as the gateway does: rows that it lays down itself it takes over (`tests/builders`).
"""


def test_tests_compare_with_the_ledger_or_have_a_reason() -> None:
    """No test exchanges the comparison by another one, which would find every record as the ledger says."""
    uncompared, exchanged = set(), set()
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        if "GroupCommitRecorder(" in text and any(map(_is_uncompared_recorder, ast.walk(ast.parse(text)))):
            uncompared.add(name)
        if re.search(r"def (require_cases|is_granted)\(|[\"'.]LedgerComparer[\"']", text):
            exchanged.add(name)
    assert uncompared == UNCOMPARED.keys()
    assert exchanged == set()


def _is_uncompared_recorder(node: ast.AST) -> bool:
    is_recorder = isinstance(node, ast.Call) and ast.unparse(node.func) == GroupCommitRecorder.__name__
    return is_recorder and any(ast.unparse(each.value) == granted_by_its_row.__name__ for each in node.keywords)


def test_every_table_is_compared_or_has_a_reason() -> None:
    with_entries = [source.table.name for source in SOURCES] + [DISCLOSURES.name, OPENINGS.name]
    records = [kind.table.name for kind in KINDS]
    named = Counter({*with_entries, *records}) + Counter([*BY_WALK, *EXEMPT])
    assert {name for name, times in named.items() if times > 1} == set()
    assert named.keys() == metadata.tables.keys()


def test_every_walk_that_is_named_exists(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "kek.key", bytes)
    keyring = Keyring.load(tmp_path / "kek.key", bytes)
    there = {walk.name for walk in [*walks(sqlite.dialect(), keyring.pending_tag), *sealed_walks(keyring)]}
    assert set(BY_WALK.values()) <= there
