"""The demo's subjects, of all four kinds [3.2]: names, numbers and addresses that are plainly synthetic."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from uuid import UUID

from credit.subjects.registration import Registration, register
from credit.subjects.subject import Capacity, SubjectKind
from gateway.demo.district.district import AREAS, TOWNSHIP_WEIGHTS, TOWNSHIPS
from gateway.demo.seed.numbers import id_number, phone, social_credit_code
from gateway.demo.seed.seeded_random import new_id, some_hours_before
from gateway.demo.seed.well_known_ids import ALL, BY_PLACE

FEWEST = 20
"""With fewer subjects, a persona would have nothing to see."""
SHARES: Mapping[SubjectKind, int] = {
    SubjectKind.NATURAL_PERSON: 60,
    SubjectKind.LEGAL_PERSON: 22,
    SubjectKind.SOLE_TRADER: 12,
    SubjectKind.OTHER_ORGANISATION: 6,
}
STEMS, BRANCHES, NUMERALS = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥", "一二三四五六七八九十"
COMPANIES = ("商贸", "机械制造", "建筑工程", "物流", "餐饮管理", "化工", "信息技术", "农业科技")
SHOPS = ("小吃店", "便利店", "理发店", "五金店", "服装店", "修车铺", "水果店", "茶馆")
OTHERS = ("养老服务中心", "志愿服务社", "技能培训学校", "康复服务站")
AREA_NAMES = {code: name for code, name, _ in AREAS}


@dataclass(frozen=True, slots=True)
class Person:
    """A subject of the demo, before its particulars are sealed."""

    subject_id: UUID
    registration: Registration
    registered_at: datetime

    @property
    def kind(self) -> SubjectKind:
        """The kind of the subject."""
        return self.registration.kind

    @property
    def area_code(self) -> str:
        """The code of the subject's area."""
        return self.registration.area_code


def people(chance: Random, count: int, now: datetime, today: date) -> Iterator[Person]:
    """Yield *count* subjects of all kinds; those of `well_known_ids` are among them for every seed."""
    for running, (kind, index) in enumerate(_kinds(count)):
        drawn = new_id(chance)
        area = chance.choices(TOWNSHIPS, TOWNSHIP_WEIGHTS)[0]
        yield Person(
            subject_id=BY_PLACE.get((kind, index), drawn),
            registration=register(
                kind=kind,
                name=name(kind, index),
                number=number(kind, index),
                area_code=area[0],
                areas=AREA_NAMES,
                today=today,
                phone=phone(running + 1),
                address=f"临淄区{area[1]}演示路{running + 1}号",
                capacities=_capacities(chance, kind),
            ),
            registered_at=some_hours_before(chance, now, days=(200, 900)),
        )


def name(kind: SubjectKind, index: int) -> str:
    """Return the name of the demo's subject *index* of its kind."""
    if kind is SubjectKind.NATURAL_PERSON:
        stem, branch = STEMS[index % len(STEMS)], BRANCHES[index % len(BRANCHES)]
        # Stem and branch repeat every sixty: the sexagenary cycle.
        again = index // 60
        return f"演示{stem}{branch}" + (NUMERALS[again % len(NUMERALS)] * (1 + again // len(NUMERALS)))
    serial = f"临淄演示第{index + 1:03d}"
    if kind is SubjectKind.LEGAL_PERSON:
        return f"{serial}{COMPANIES[index % len(COMPANIES)]}有限公司"
    if kind is SubjectKind.SOLE_TRADER:
        return f"{serial}{SHOPS[index % len(SHOPS)]}"
    return f"{serial}{OTHERS[index % len(OTHERS)]}"


def number(kind: SubjectKind, index: int) -> str:
    """Return the subject's identity number or social credit code."""
    return id_number(index) if kind is SubjectKind.NATURAL_PERSON else social_credit_code(kind, index)


def _kinds(count: int) -> Sequence[tuple[SubjectKind, int]]:
    """Yield each subject's kind and its index within the kind; persons first."""
    shares = {kind: max(count * share // 100, _needed(kind)) for kind, share in SHARES.items()}
    shares[SubjectKind.NATURAL_PERSON] += count - sum(shares.values())
    return [(kind, index) for kind, of_kind in shares.items() for index in range(of_kind)]


def _needed(kind: SubjectKind) -> int:
    return 1 + max((known.index for known in ALL if known.kind is kind), default=0)


def _capacities(chance: Random, kind: SubjectKind) -> Capacity:
    if chance.random() > 0.06:  # noqa: PLR2004 - about one in sixteen acts for others
        return Capacity(0)
    if kind is SubjectKind.NATURAL_PERSON:
        return Capacity.AGENT
    return chance.choice((Capacity.AGENCY, Capacity.INTERMEDIARY, Capacity.AGENCY | Capacity.INTERMEDIARY))
