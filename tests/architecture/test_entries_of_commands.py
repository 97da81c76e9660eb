"""Every command leaves an entry in the ledger, or stands in a list with the reason why it does not [5.1.6]."""

import re

from consent.leaves.formats import LOG_OF
from consent.ledger.system_entries import TYPES
from gateway.cli import NOUNS, VERBS
from tests.architecture.sources.entries_of_acts import COMMANDS_WITHOUT, OF_COMMANDS, OF_MUTATIONS

COMMANDS = {f"{noun} {verb}" for noun, (_, _, verbs) in NOUNS.items() for verb in verbs} | set(VERBS)


def test_each_command_leaves_an_entry_or_has_a_reason_not_to() -> None:
    assert OF_COMMANDS.keys() | COMMANDS_WITHOUT.keys() == COMMANDS
    assert not OF_COMMANDS.keys() & COMMANDS_WITHOUT.keys()


def test_every_kind_of_entry_exists() -> None:
    known = {re.sub("/[0-9]+$", "", each) for each in [*LOG_OF, *TYPES]}
    left = {kind for kinds in [*OF_COMMANDS.values(), *OF_MUTATIONS.values()] for kind in kinds}
    assert left <= known
