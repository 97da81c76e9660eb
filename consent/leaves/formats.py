"""Every format of an entry, by the log that has it. Each page of this folder, and `consent.disclosures`, shows its own.

A format never changes: a new format gets the next number, such as `case-step/2`. The real bytes have no line breaks;
the docstrings break them after a comma to fit the page. `tests/vectors/entries.json` and
`tests/vectors/log_entries.json` have more examples, byte for byte.
"""

from collections.abc import Mapping
from typing import Final

from consent.ports import Log

_WITH_REQUEST: Final = (
    "application-step",
    "case-step",
    "clock-recount",
    "consent-event",
    "consultation-line",
    "delegation-event",
    "file-attachment",
    "focused-check",
    "hearing-step",
    "issued-notice",
    "registration",
    "subject-event",
)
"""Of these, version 2 says by which way the act came in, and what it sealed (`consent.leaves.provenance`)."""

LOG_OF: Final[Mapping[str, Log]] = {
    "access-entry/1": "access",  # of reads before revision 25 of the database
    "disclosure/1": "access",  # consent.disclosures.formats
    "disclosure-opened/1": "access",
    "erased-access-entry/1": "access",
    "guard-refusals/1": "access",
    "number-lookup/1": "access",
    **{f"{kind}/{version}": "consent" for kind in _WITH_REQUEST for version in (1, 2)},
    "attested-row/1": "consent",
    "entry-opened/1": "consent",  # consent.ledger.entry_openings
    "subject-secret/1": "consent",
}
