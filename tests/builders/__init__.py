"""Sample data, written through the real stores: sealed, masked, indexed and scoped as by a running server.

    world = await build_world(database, keyring)
    world.party("person-1").gid          # a natural person of the first sub-district
    world.case("in-force").number        # its restraint, handled by handler-1
    world.actor("clerk")                 # whoever asks

Two sectors (market, health), two sub-districts of the district and one outside it, and of each of the four kinds
of subject one in each sub-district. Everybody is plainly synthetic: births 1900-1912, sequences never given.
"""

from tests.builders.applications import APPLICATIONS, COMMITMENT_FACTS, credit_check_of
from tests.builders.consent_records import ANSWERS, AUTHORISATIONS, answer, ask_for, live_authorisation
from tests.builders.district import (
    ACTORS,
    AREAS,
    DEPARTMENTS,
    DISTRICT,
    ELSEWHERE,
    GUILD,
    HEALTH,
    LONG_AGO,
    MARKET,
    MATTERS,
    NAMESPACE,
    NOW,
    SCJG,
    SECTORS,
    SPFW,
    TODAY,
    WENSHAO,
    WJJ,
    XUEGONG,
    Ids,
    moment,
    new_keyring,
    persona,
)
from tests.builders.handles import Case, Held, Party, World
from tests.builders.subjects import KINDS, case_row, enrol, particulars
from tests.builders.world import CASES, DELEGATIONS, build_world, crowd

__all__ = [
    "ACTORS",
    "ANSWERS",
    "APPLICATIONS",
    "AREAS",
    "AUTHORISATIONS",
    "CASES",
    "COMMITMENT_FACTS",
    "DELEGATIONS",
    "DEPARTMENTS",
    "DISTRICT",
    "ELSEWHERE",
    "GUILD",
    "HEALTH",
    "KINDS",
    "LONG_AGO",
    "MARKET",
    "MATTERS",
    "NAMESPACE",
    "NOW",
    "SCJG",
    "SECTORS",
    "SPFW",
    "TODAY",
    "WENSHAO",
    "WJJ",
    "XUEGONG",
    "Case",
    "Held",
    "Ids",
    "Party",
    "World",
    "answer",
    "ask_for",
    "build_world",
    "case_row",
    "credit_check_of",
    "crowd",
    "enrol",
    "live_authorisation",
    "moment",
    "new_keyring",
    "particulars",
    "persona",
]
