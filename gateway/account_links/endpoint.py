"""POST /link and POST /unlink: a signed-in person or organisation links its account with its subject, or ends that.

201  linked now                                401  no token, or a bad one
200  linked before, the same answer; unlinked  403  not in the role of a subject; not verified well enough
400  no JSON                                   409  another name on record or a damaged one, another number linked,
                                                    nothing to link
                                               422  what the token states is missing or not well formed
                                               429  too many numbers
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from consent.vocabulary import DataClass
from credit.core.errors import CaseChangedMeanwhile, RegistrationRefused
from credit.subjects.refusals import NameConflict
from gateway.account_links.link import PURPOSE, Linked, LinkedOtherwise, link, unlink
from gateway.account_links.stated_identity import IdentityClaims
from gateway.auth.bearer_tokens import Authenticator, Verified
from gateway.http.content_negotiation import JSON
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body
from gateway.import_export.importing.recorded_opening import ItemDamaged
from gateway.json_input import InvalidJson, parse_json
from gateway.services import Services
from policy.actors import Actor, Role
from policy.decisions import Withheld
from queryplan.entities import Entity
from schema.core.errors import LookupQuota
from schema.core.global_ids import encode
from schema.execution.number_lookups import instant_text

LARGEST: Final = 1024
COMPARED: Final = (DataClass.SUBJECT, DataClass.PERSON_NAME, DataClass.ORGANISATION_NAME)
"""What the policy must let a subject see of itself: a compared name is a read of it."""


def link_routes(services: Services, authenticator: Authenticator) -> list[Route]:
    """Return the routes; none where the settings name no claims."""
    claims = IdentityClaims.chosen(services.settings)
    if claims is None:
        return []
    return [
        Route("/link", LinkEndpoint(services, authenticator, claims)),
        Route("/unlink", UnlinkEndpoint(services, authenticator)),
    ]


class LinkEndpoint:
    """The ASGI endpoint that links. Raises HttpRefusal, which the request handler answers."""

    def __init__(self, services: Services, authenticator: Authenticator, claims: IdentityClaims) -> None:
        self._services = services
        self._authenticator = authenticator
        self._claims = claims

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verified = await _verified(scope, self._services, self._authenticator)
        identity = self._claims.read(verified.claims)
        given = await _given(Headers(scope=scope), receive)
        try:
            linked = await link(self._services, verified.actor, identity, self._area(given))
        except RegistrationRefused as refused:
            problems = " ".join(f"{problem.field}:{problem.code}" for problem in refused.problems)
            raise HttpRefusal(Code.IDENTITY_NOT_WELL_FORMED, problems=problems) from None
        except NameConflict:
            raise HttpRefusal(Code.LINK_NAME_CONFLICT) from None
        except ItemDamaged:
            raise HttpRefusal(Code.RECORD_DAMAGED) from None
        except LinkedOtherwise:
            raise HttpRefusal(Code.LINKED_OTHERWISE) from None
        except CaseChangedMeanwhile:
            raise HttpRefusal(Code.LINK_COLLISION) from None
        except LookupQuota as used_up:
            raise HttpRefusal(Code.LOOKUP_QUOTA, until=str(used_up.facts["until"])) from None
        scope["facts"]["code"] = "LINKED"
        await _response(linked)(scope, receive, send)

    def _area(self, given: Mapping[str, Any]) -> str:
        area = given.get("area", self._services.settings.link_area)
        if not isinstance(area, str):
            raise HttpRefusal(Code.LINK_BODY)
        return area


class UnlinkEndpoint:
    """The ASGI endpoint that ends the link of the account. Raises HttpRefusal."""

    def __init__(self, services: Services, authenticator: Authenticator) -> None:
        self._services = services
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verified = await _verified(scope, self._services, self._authenticator)
        await unlink(self._services, verified.actor)
        scope["facts"]["code"] = "UNLINKED"
        await JSONResponse({"outcome": "UNLINKED"})(scope, receive, send)


async def _verified(scope: Scope, services: Services, authenticator: Authenticator) -> Verified:
    """Return the account that asks, in the role of a subject, and its claims."""
    if scope["method"] != "POST":
        raise HttpRefusal(Code.METHOD_NOT_ALLOWED)
    verified = await authenticator.verify(Headers(scope=scope))
    actor: Actor = verified.actor
    scope["facts"].update({"role": actor.role, "purpose": PURPOSE.value})
    answers = [services.policy.read(actor.role, PURPOSE, data_class) for data_class in COMPARED]
    if actor.role is not Role.SUBJECT or any(isinstance(answer, Withheld) for answer in answers):
        raise HttpRefusal(Code.LINK_NOT_ADMITTED)
    if actor.subject is not None:
        raise HttpRefusal(Code.LINK_NOT_NEEDED)
    return verified


async def _given(headers: Headers, receive: Receive) -> Mapping[str, Any]:
    """Return the members of the body; an empty body has none."""
    body = await read_body(headers, receive, LARGEST)
    if not body:
        return {}
    if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HttpRefusal(Code.CONTENT_TYPE_REFUSED)
    try:
        given = parse_json(body)
    except InvalidJson:
        raise HttpRefusal(Code.BAD_JSON) from None
    if not isinstance(given, dict) or set(given) - {"area"}:
        raise HttpRefusal(Code.LINK_BODY)
    return given


def _response(linked: Linked) -> JSONResponse:
    content = {
        "outcome": "LINKED",
        "subject": encode(Entity.SUBJECT, linked.subject_id),
        "linkedAt": instant_text(linked.linked_at),
    }
    return JSONResponse(content, 201 if linked.is_new else 200)
