"""`chengxin db …`: the schema of the database."""

import os

from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from gateway.cli.services import with_database
from gateway.database_file import make_database_folder, revision
from gateway.settings.settings import connection_url, read
from storage.database.migrate import migrate as bring_up
from storage.database.revisions import head
from storage.repositories.due_days import keep_counted


def migrate(*, as_json: Json = False) -> None:
    """Bring the database to this release's revision, and count the due days that it stores by this release's rules.

    It does nothing where both are done already.
    """
    settings = read(os.environ)
    before = revision(settings)
    make_database_folder(settings)
    bring_up(connection_url(settings))
    with_database(settings, keep_counted)
    after = head()
    went = f"the database went from revision {before or 'none'} to {after}"
    line = f"the database was at revision {after} already" if before == after else went
    print_facts({"before": before, "after": after}, [line], as_json=as_json)
