"""Every format of an entry, by the log that has it. Each page of this folder, and `consent.disclosures`, shows its own.

A format never changes: a new format gets the next number, such as `case-step/2`. The real bytes have no line breaks;
the docstrings break them after a comma to fit the page. `tests/vectors/entries.json` and
`tests/vectors/log_entries.json` have more examples, byte for byte.
"""

from collections.abc import Mapping
from typing import Final

from consent.ports import Log

LOG_OF: Final[Mapping[str, Log]] = {
    **dict.fromkeys(
        (
            "access-entry/1",  # of reads before revision 25 of the database
            "disclosure/1",  # consent.disclosures.formats
            "number-lookup/1",
        ),
        "access",
    ),
    **dict.fromkeys(
        (
            "application-step/1",
            "case-step/1",
            "clock-recount/1",
            "consent-event/1",
            "consultation-line/1",
            "delegation-event/1",
            "file-attachment/1",
            "focused-check/1",
            "hearing-step/1",
            "issued-notice/1",
            "registration/1",
        ),
        "consent",
    ),
}
