"""The synthetic people of the demo: one for each kind of user, with example queries for its tasks."""

from collections.abc import Mapping
from datetime import date

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import Persona
from gateway.demo.district.district import ASSOCIATION, AUDIT, DISTRICT, MARKET, OFFICE, PLATFORM
from gateway.demo.personas.examples import examples_of_personas
from gateway.demo.seed import well_known_ids as ids
from policy.actors import Role

PERSONAS: tuple[tuple[str, str, Role, Purpose | None, Mapping[str, str]], ...] = (
    ("clerk", "窗口人员 · Window clerk", Role.CLERK, Purpose.CREDIT_CHECK,
     {"sub": ids.CLERK, "department": MARKET}),
    ("subject", "本人 · A subject", Role.SUBJECT, Purpose.SELF_ACCESS,
     {"sub": ids.SUBJECT, "subject": str(ids.MYSELF.subject_id)}),
    ("handler", "案件经办人 · Case handler", Role.HANDLER, Purpose.DETERMINATION,
     {"sub": ids.HANDLER, "department": MARKET}),
    ("reviewer", "复核人 · Reviewer", Role.REVIEWER, Purpose.REVIEW,
     {"sub": ids.REVIEWER, "department": MARKET}),
    ("head", "部门负责人 · Head of a department", Role.HEAD, Purpose.SUPERVISION,
     {"sub": ids.HEAD, "department": MARKET}),
    ("regulator", "监管人员 · Regulator", Role.REGULATOR, Purpose.FOCUSED_CHECK,
     {"sub": ids.REGULATOR, "department": MARKET, "sector": "market", "area": DISTRICT}),
    ("agent", "代理人 · Agent of two subjects", Role.AGENT, Purpose.SELF_ACCESS,
     {"sub": ids.AGENT}),
    ("association", "行业协会 · Trade association", Role.ASSOCIATION, Purpose.CONSULTATION,
     {"sub": ids.ASSOCIATION, "department": ASSOCIATION}),
    ("platform", "市平台 · City platform", Role.PLATFORM, Purpose.PLATFORM_EXCHANGE,
     {"sub": ids.PLATFORM, "department": PLATFORM}),
    ("office", "区办公室 · District office", Role.OFFICE, Purpose.SUPERVISION,
     {"sub": ids.OFFICE, "department": OFFICE}),
    ("auditor", "审计人员 · Auditor", Role.AUDITOR, Purpose.AUDIT,
     {"sub": ids.AUDITOR, "department": AUDIT}),
    ("admin", "系统管理员 · Administrator, who sees no personal data", Role.ADMIN, None,
     {"sub": ids.ADMIN}),
)  # fmt: skip
"""Name, title, role, usual purpose, and further claims of the token; in the order in which a case meets them."""


def personas(today: date) -> tuple[Persona, ...]:
    """Return the personas; some of their examples contain a date."""
    examples = examples_of_personas(today)
    return tuple(
        Persona(name, title, {"roles": [role.value], **claims}, purpose, examples[name])
        for name, title, role, purpose, claims in PERSONAS
    )
