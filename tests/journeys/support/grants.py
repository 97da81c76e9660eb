"""A subject reads the notice of a request and grants it, over HTTP [5.1.6]."""

from typing import Any

from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import GRANT

NOTICE = """query Notice($id: ID!) @purpose(is: SELF_ACCESS) { node(id: $id) {
  ... on Authorisation { notice { digest version language lines } noticeShown { digest lines } }
} }"""


def notice_of(server: RunningServer, who: str, authorisation: str) -> dict[str, Any] | None:
    """Give the notice of a request as *who* sees it; None where it sees none."""
    node = server.ask(who, NOTICE, {"id": authorisation}).data["node"]
    found: dict[str, Any] | None = node and node["notice"]
    return found


def grant(server: RunningServer, who: str, authorisation: str, **more: Any) -> dict[str, Any]:
    """Grant a request as it was read; gives what the mutation answers."""
    notice = notice_of(server, who, authorisation) or {"digest": "0" * 64}
    given = {"authorisation": authorisation, "notice": notice["digest"], **more}
    done: dict[str, Any] = server.ask(who, GRANT, {"input": given}).data["grantAuthorisation"]
    return done
