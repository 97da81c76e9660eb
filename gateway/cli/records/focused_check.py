"""`chengxin focused-check …`: notifies supervisors of what changed among their targets [5.2.2]."""

import os
from typing import cast
from uuid import uuid4

from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from credit.core import unit_of_work
from credit.focused_checks import visits
from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from gateway.cli.services import require_migrated, with_database
from gateway.runtime import utc_now
from gateway.settings.settings import read
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork


def tell(*, as_json: Json = False) -> None:
    """Notify every subscribed supervisor whose list of targets has changed, by event or by date [5.2.2].

    Run it daily or more often: a change is reported once only. This command notices a target that leaves by date
    alone; the target has left from midnight, whether or not this command was run [5.1.5].
    """
    settings = read(os.environ)
    require_migrated(settings)
    now, unrectified = utc_now(), UnrectifiedPolicy(settings.unrectified)

    async def notify(database: Database) -> int:
        async with SqlUnitOfWork(database) as work:
            keyless = cast("unit_of_work.UnitOfWork", work)  # notifying supervisors seals nothing, and needs no key
            notified = await visits.notify_subscribers(keyless, now, civil_date(now), unrectified, uuid4)
            await work.commit()
            return notified

    notified = with_database(settings, notify)
    print_facts({"told": notified}, [f"{notified} supervisors told"], as_json=as_json)
