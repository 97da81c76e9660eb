"""Generated code and GraphQL's executor give the same bytes, for random documents, readers and purposes.

A few in `make test`; `make fuzz` goes on for an hour, or FUZZ_MINUTES. FUZZ_SEED=7 begins at another place.
"""

import os
import time
from random import Random

import pytest

from consent.vocabulary import Purpose
from policy.decisions import Withheld
from schema.core.fields import core
from tests.hypothesis_profiles import examples
from tests.schema.fuzz.test_laws import ASKERS, ROOTS, USUALLY, Author
from tests.schema.noninterference.questions import MINUTES, ids_of
from tests.schema.service import ServiceUnderTest

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("FUZZ_SEED", "1"))
MOST_REFUSED = 200


async def test_generated_code_and_executor_agree_on_every_document(shared_service: ServiceUnderTest) -> None:
    rounds = answered = 0
    until = time.monotonic() + MINUTES * 60
    while answered < examples(60, few=12) or time.monotonic() < until:
        answered += await agree(shared_service, SEED * 1_000_000 + rounds)
        rounds += 1
        assert rounds < MOST_REFUSED * (answered + 1), "nearly every document is refused"


async def agree(service: ServiceUnderTest, seed: int) -> bool:
    """Ask a document three times: for its nodes, generated code, and the executor. Says whether it is answered."""
    chance = Random(seed)  # noqa: S311 - chooses documents, no secrets
    table, graphql_service = service.services.policy, service.services.graphql_service
    actor = service.world.actor(chance.choice(ASKERS))
    purpose = chance.choice([*table.purposes_of(actor.role) * 3, chance.choice(list(Purpose))])
    allowed = [
        root
        for root in ROOTS
        if not isinstance(table.read(actor.role, purpose, table.classes[f"Query.{root}"]), Withheld)
    ]
    roots = allowed if allowed and chance.random() < USUALLY else ROOTS
    document, _ = Author(core(service.services.schema), chance, ids_of(service.world), roots).document()
    first, entries = await service.recorded(document, actor, purpose=purpose.value)
    if "myAccessLog" in document or any(entry["authorisation_id"] for entry in entries):
        return False  # asking again shows one entry more in the log, and one use less of an authorisation
    generated = await service.ask(document, actor, purpose=purpose.value)
    graphql_service.always_execute = True
    try:
        executed = await service.ask(document, actor, purpose=purpose.value)
    finally:
        graphql_service.always_execute = False
    assert service.failures == [], (seed, document)
    assert first.body == generated.body == executed.body, (seed, actor, purpose, document)
    return first.executed
