"""Subjects and their cases, made up, sealed and masked."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from credit.cases.status import period_end
from credit.subjects.registration import register
from credit.subjects.subject import Capacity, Place, SubjectKind
from gateway.subjects.seal_registration import new_subject, sealed
from policy.crypto.keyring import Keyring
from policy.crypto.masking import mask_text
from storage.repositories.case_row import CaseRow
from storage.repositories.subjects.subjects import NewSubject
from tests.builders.district import AREAS, DISTRICT, LONG_AGO, MARKET, NOW, SCJG, TODAY
from tests.builders.handles import Case, Party
from tests.credit.subjects.synthetic_numbers import id_number, social_credit_code

KINDS: Mapping[str, tuple[SubjectKind, str, tuple[str, str]]] = {
    # Kind: what it is, how its code begins, and the names of the one in each sub-district.
    "person": (SubjectKind.NATURAL_PERSON, "", ("演示甲", "演示丙")),
    "company": (SubjectKind.LEGAL_PERSON, "91", ("演示商贸有限公司", "演示物业有限公司")),
    "trader": (SubjectKind.SOLE_TRADER, "92", ("临淄区演示乙小吃店", "临淄区演示丁理发店")),
    "club": (SubjectKind.OTHER_ORGANISATION, "51", ("演示邻里互助会", "演示书画社")),
}


def particulars(kind: str, place: int, area: str, serial: int = 0) -> dict[str, Any]:
    """Give what is registered of the *serial*-th subject of a kind in the sub-district: in clear, and made up."""
    what, prefix, names = KINDS[kind]
    if what is SubjectKind.NATURAL_PERSON:
        number = id_number(area=DISTRICT, born=f"190{place}0203", sequence=f"{990 - serial:03}")
    else:
        number = social_credit_code(prefix, DISTRICT, f"MA{place}{kind[0].upper()}{serial:04}")
    return {
        "kind": what,
        "name": names[place - 1] if serial == 0 else f"演示戊{_letter(serial)}",
        "number": number,
        "area_code": area,
        "phone": f"1390{place}{len(kind)}{serial:05}",
        "address": f"临淄区{AREAS[area]}示例路{place}{serial:03}号",
    }


def _letter(serial: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(serial))


def enrol(keyring: Keyring, new_id: Callable[[], UUID], by: str = "import", **given: Any) -> tuple[Party, NewSubject]:
    """Seal and mask a subject's particulars; gives its handle and what is to be registered."""
    accepted = register(areas=AREAS, today=TODAY, capacities=given.pop("capacities", Capacity(0)), **given)
    new = new_subject(accepted, keyring, area_name=AREAS[given["area_code"]], by=by, at=LONG_AGO, new_id=new_id)
    party = Party(
        new.subject_id, accepted.kind, given["area_code"], accepted.name, accepted.identifier.text,
        accepted.phone, accepted.address, new.key.wrapped,
    )  # fmt: skip
    return party, new


def case_row(
    keyring: Keyring, new_id: Callable[[], UUID], party: Party, number: str, **facts: Any
) -> tuple[Case, CaseRow]:
    """Seal a case's texts; it is in force in the market sector unless *facts* say otherwise."""
    case_id = new_id()
    case = Case(party.subject_id, case_id, number, f"{number} 的失信事实", f"{number} 的证据", f"{number} 的内部记录")
    texts = {
        item: sealed(
            keyring, party.wrapped, Place("restraint_cases", item, party.subject_id, case_id, 1), text, mask_text(text)
        )
        for item, text in (("facts", case.facts), ("evidence", case.evidence), ("notes", case.notes))
    }
    published = facts.pop("published_on", date(2026, 11, 2))
    row: dict[str, Any] = {
        "department_code": SCJG, "sector_code": MARKET, "area_code": party.area, "circumstance": "FALSE_MATERIAL",
        "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号", "handler_ref": "handler-1",
        "collected_at": NOW - timedelta(days=40), "changed_at": NOW - timedelta(days=18),
        "determined_on": published, "published_on": published, "ends_on": published and period_end(published),
    }  # fmt: skip
    return case, CaseRow(subject_id=party.subject_id, case_id=case_id, number=number, **(row | texts | facts))
