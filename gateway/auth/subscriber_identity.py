"""Who a subscriber is now: authenticates the headers of its first request anew, each time it is asked."""

from starlette.datastructures import Headers

from gateway.auth.bearer_tokens import Authenticator
from gateway.http.errors import WORDS, HttpRefusal
from policy.actors import Actor
from schema.core.errors import IdentityEnded
from schema.core.subscription_ports import Identify


def identify(authenticate: Authenticator, headers: Headers) -> Identify:
    """Return what authenticates *headers*; it raises IdentityEnded with the code and words of the refusal."""

    async def now() -> Actor:
        try:
            return await authenticate.again(headers)
        except HttpRefusal as refused:
            _, message_zh, message = WORDS[refused.code]
            raise IdentityEnded(refused.code, message_zh, message, status=refused.status, **refused.facts) from None

    return now
