"""The places, departments and actors of the sample data, its clock, and its ids."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

from credit.calendar.deadlines import civil_date
from credit.core.context import ActionContext
from gateway.auth.dev_issuer import Persona
from policy.actors import ANONYMOUS, Actor, Role
from policy.crypto.keyring import Keyring
from tests.action_context import action_context

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""A Friday, 10:00 in the morning in Shanghai."""
TODAY = civil_date(NOW)
LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NAMESPACE = UUID("00000000-0000-4000-8000-000000000001")

MARKET, HEALTH = "market", "health"
DISTRICT, WENSHAO, XUEGONG, ELSEWHERE = "370305", "370305001", "370305002", "370306001"
SCJG, WJJ, SPFW, GUILD = "LZ-SCJG", "LZ-WJJ", "LZ-SPFW", "LZ-GUILD"
AREAS = {DISTRICT: "临淄区", WENSHAO: "闻韶街道", XUEGONG: "雪宫街道", ELSEWHERE: "邻区街道"}
SECTORS = {MARKET: "市场监管", HEALTH: "卫生健康"}
DEPARTMENTS = {
    SCJG: ("临淄区市场监督管理局", MARKET),
    WJJ: ("临淄区卫生健康局", HEALTH),
    SPFW: ("临淄区行政审批服务局", MARKET),
    GUILD: ("临淄区演示行业协会", MARKET),
}
MATTERS = {"SCJG-01": (SCJG, "食品经营许可"), "SCJG-02": (SCJG, "小作坊登记"), "WJJ-01": (WJJ, "公共场所卫生许可")}

ACTORS: Mapping[str, Actor] = {
    "anonymous": ANONYMOUS,
    "clerk": Actor("clerk-1", Role.CLERK, SCJG),
    "other clerk": Actor("clerk-2", Role.CLERK, WJJ),
    "handler": Actor("handler-1", Role.HANDLER, SCJG),
    "other handler": Actor("handler-2", Role.HANDLER, SCJG),
    "reviewer": Actor("reviewer-1", Role.REVIEWER, SCJG),
    "handling reviewer": Actor("handler-2", Role.REVIEWER, SCJG),
    "head": Actor("head-1", Role.HEAD, SCJG),
    "regulator": Actor("regulator-1", Role.REGULATOR, None, MARKET, DISTRICT),
    "regulator of wenshao": Actor("regulator-2", Role.REGULATOR, None, MARKET, WENSHAO),
    "regulator of health": Actor("regulator-3", Role.REGULATOR, None, HEALTH, DISTRICT),
    "regulator elsewhere": Actor("regulator-4", Role.REGULATOR, None, MARKET, "370306"),
    "association": Actor("guild-1", Role.ASSOCIATION, GUILD),
    "platform": Actor("city-platform", Role.PLATFORM),
    "office": Actor("office-1", Role.OFFICE),
    "auditor": Actor("auditor-1", Role.AUDITOR),
    "admin": Actor("admin-1", Role.ADMIN),
    "agent": Actor("agent-1", Role.AGENT),
    "stranger": Actor("agent-9", Role.AGENT),
}
"""Who may ask, besides the subjects themselves (`World.actor("person-1")`)."""


def persona(name: str, actor: Actor) -> Persona:
    """Give *actor* as the issuer knows it: the claims of its tokens."""
    given = {"department": actor.department, "sector": actor.sector, "area": actor.area}
    given["subject"] = None if actor.subject is None else str(actor.subject)
    claims = {"sub": actor.ref, "roles": [actor.role.value]} | {k: v for k, v in given.items() if v is not None}
    return Persona(name, name, claims)


def new_keyring(folder: Path) -> Path:
    """Make a key file in *folder*; gives its path."""
    path = folder / "kek.key"
    Keyring.create(path, os.urandom)
    return path


@dataclass(slots=True)
class Ids:
    """New ids that are the same in every run, so that pages come in the same order."""

    taken: int = 0

    def __call__(self) -> UUID:
        self.taken += 1
        return uuid5(NAMESPACE, str(self.taken))


def moment(new_id: Callable[[], UUID], at: datetime = NOW) -> ActionContext:
    return action_context(at, new_id)
