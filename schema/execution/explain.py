"""What the guard would decide, field by field, without running anything."""

from collections.abc import Sequence

import schema.core.enums  # noqa: F401 - enums get their names and words before any type of the schema uses them
from schema.core.access_explanation import FieldAccess
from schema.execution.planning.decisions import FieldDecision


def field_access(decisions: Sequence[FieldDecision]) -> list[FieldAccess]:
    """Return the decisions as the schema shows them."""
    return [
        FieldAccess(
            path=list(one.path),
            field=one.field,
            types=list(dict.fromkeys(one.types)),
            data_class=one.data_class,
            outcome=one.outcome,
            reason=one.reason.value if one.reason else None,
            unlock=one.unlock or None,
            basis=one.grants[0].basis if one.grants else None,
            citation=one.grants[0].citation or None if one.grants else None,
            scopes=list(dict.fromkeys(grant.scope.value for grant in one.grants)),
        )
        for one in decisions
    ]
