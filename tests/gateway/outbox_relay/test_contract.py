"""The messages are those of docs/city-platform.md: the same keys, the same words, no more."""

import re
from pathlib import Path
from typing import Any

import orjson

from credit.cases.status import Circumstance
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import SubjectKind
from gateway.inbound.parse import HEADER
from gateway.inbound.parse import SCHEMA as PUSHED
from gateway.outbox_relay.payloads import SCHEMA, PayloadState
from tests.gateway.outbox_relay.relay_and_peer import RelayAndPeer

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "city-platform.md").read_text(encoding="utf-8")
LETTER, PUSH = (orjson.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def keys(schema: dict[str, Any]) -> set[str]:
    assert set(schema["required"]) == set(schema["properties"])
    assert schema["additionalProperties"] is False
    return set(schema["required"])


async def test_a_letter_has_the_keys_of_its_schema(sqlite_relay_and_peer: RelayAndPeer) -> None:
    await sqlite_relay_and_peer.enqueue(sqlite_relay_and_peer.world.case("in-force"), "published")
    await sqlite_relay_and_peer.round()
    letter = sqlite_relay_and_peer.peer.last
    restraint = LETTER["properties"]["restraint"]
    assert set(letter) == keys(LETTER)
    assert set(letter["restraint"]) == keys(restraint)
    assert set(letter["restraint"]["subject"]) == keys(restraint["properties"]["subject"])


def test_the_words_are_those_of_the_gateway() -> None:
    assert (LETTER["title"], PUSH["schema"]) == (SCHEMA, PUSHED)
    properties = LETTER["properties"]
    restraint = properties["restraint"]["properties"]
    assert properties["state"]["enum"] == [state.value for state in PayloadState]
    assert set(restraint["circumstance"]["enum"]) == {each.value for each in Circumstance} | {None}
    assert set(restraint["subject"]["properties"]["kind"]["enum"]) == {each.value for each in SubjectKind} | {None}
    kinds = restraint["subject"]["properties"]["identifier_kind"]["enum"]
    assert set(kinds) == {each.value for each in IdentifierKind} | {None}
    assert set(PUSH) == set(HEADER) | {"schema", "evidence", "handler", "occurred_on"}
