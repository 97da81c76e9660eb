"""`chengxin db …`: the schema of the database."""

import os
from collections.abc import Mapping

from sqlalchemy import select

from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from gateway.cli.services import require_migrated, with_database
from gateway.database_file import make_database_folder, revision
from gateway.settings.settings import connection_url, read
from storage.database.database import Database
from storage.database.migrate import migrate as bring_up
from storage.database.revisions import head
from storage.repositories.deadlines.due_days import keep_counted
from storage.repositories.published_cases import rebuild as rebuild_published_cases
from storage.tables import mismatched_leaves


def migrate(*, as_json: Json = False) -> None:
    """Bring the database to this release's revision, and count the due days that it stores by this release's rules.

    It does nothing where both are done already, and names each leaf of the ledger's queue that did not fit its row when
    revision 25 converted it.
    """
    settings = read(os.environ)
    before = revision(settings)
    make_database_folder(settings)
    bring_up(connection_url(settings))
    with_database(settings, keep_counted)
    after = head()
    went = f"the database went from revision {before or 'none'} to {after}"
    line = f"the database was at revision {after} already" if before == after else went
    unfit = with_database(settings, _mismatched)
    facts = {"before": before, "after": after, "mismatched_leaves": unfit}
    print_facts(facts, [line, *map(_as_line, unfit)], as_json=as_json)


def rebuild(*, as_json: Json = False) -> None:
    """Compare the stored lists of published cases with the cases themselves, and rebuild what differs.

    The database keeps them in the transaction of each change, so nothing differs unless somebody changed them by SQL.
    """
    settings = read(os.environ)
    require_migrated(settings)
    found = with_database(settings, rebuild_published_cases)
    line = "nothing differed" if found == 0 else f"{found} row{'s' * (found > 1)} differed, and were rebuilt"
    print_facts({"rebuilt": found}, [line], as_json=as_json)


async def _mismatched(database: Database) -> list[dict[str, str]]:
    """Return the leaves of before revision 25 that do not fit their row, by the id of the row."""
    row = mismatched_leaves.c
    found = await database.fetch(select(row.log, row.entry_id, row.reason).order_by(row.appended_at, row.entry_id))
    return [{"log": log, "entry_id": str(entry_id), "reason": reason} for log, entry_id, reason in found]


def _as_line(unfit: Mapping[str, str]) -> str:
    what = "no row has its id" if unfit["reason"] == "MISSING" else "its row was changed"
    return f"warning: a leaf of the log '{unfit['log']}' does not fit, {what}: {unfit['entry_id']}"
