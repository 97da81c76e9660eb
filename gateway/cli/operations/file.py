"""`chengxin file …`: files that were uploaded as evidence [5.1.1]."""

from gateway.cli.arguments import Json
from gateway.cli.output import print_facts
from gateway.cli.services import with_services
from gateway.services import Services


def purge(*, as_json: Json = False) -> None:
    """Delete the uploads that were attached to nothing in time. The server does the same every ten minutes."""

    async def work(services: Services) -> int:
        return await services.uploads.purge()

    count = with_services(work)
    print_facts({"deleted": count}, [f"deleted {count}"], as_json=as_json)
