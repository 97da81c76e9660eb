"""The alarm of contradictions between records and ledger: log events and a count, by codes and ids alone.

The ids are random. Whose records they are, only the guard says, and it records who asks.
"""

from uuid import UUID

import structlog

from storage.ledger.audit.findings import Contradiction


def report_finding(finding: Contradiction) -> None:
    """Log what an audit has found."""
    structlog.get_logger().error(
        "ledger.contradiction",
        code=finding.code.value,
        table=finding.table,
        row=None if finding.row_id is None else str(finding.row_id),
        log=finding.log,
        index=finding.leaf_index,
        column=" ".join(finding.columns) or None,
    )


def report_contradiction(table: str, _: UUID) -> None:
    """Log that a decision was refused, because what it rests on is not what the ledger says."""
    structlog.get_logger().error("ledger.decision-refused", table=table)
