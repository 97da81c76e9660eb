"""Names on record in an older form: rewritten once, recorded, shown to nobody, on both databases [5.1.3] [5.1.6]."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from credit.core.values.identifiers import IdNumber
from credit.subjects.registration import Registration
from credit.subjects.subject import Place, Sealed, SubjectKind
from gateway.cli import run
from gateway.runtime import runtime
from gateway.subjects import refold as names
from gateway.subjects.refold import RefoldCounts, refold
from gateway.subjects.seal_registration import new_subject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOW, WENSHAO
from tests.credit.subjects.synthetic_numbers import id_number
from tests.world_snapshots import record_world

OLD = {"刘\ue863": "刘䶮", "买买提⋅吐尔逊": "买买提·吐尔逊", "\u2f45明": "方明", "\uf9c4飞": "龍飞"}
STAYS = "演示不变"
WRONG = "张？"
RUNTIME = runtime(lambda: NOW)


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


@pytest.fixture
async def keyring(database_url: str, database: Database, kek: Path) -> Keyring:
    """Give the keys of a district in which some names are on record as they came in before."""
    keyring = Keyring.load(kek, os.urandom)
    await record_world(database_url, keyring)
    async with SqlUnitOfWork(database) as work:
        for at, name in enumerate((*OLD, STAYS, WRONG)):
            number = IdNumber.parse(id_number(born="19050101", sequence=f"{100 + at}"))
            person = Registration(
                SubjectKind.NATURAL_PERSON, name, number, WENSHAO, "13800000000", "临淄区闻韶街道\u2f00号"
            )
            if name == STAYS:
                person = replace(person, address=None)
            made = new_subject(person, keyring, area_name="闻韶街道", by="clerk-1", at=NOW, new_id=RUNTIME.new_id)
            await work.subjects.register(made)
        await work.commit()
    return keyring


async def on_record(database: Database, keyring: Keyring) -> dict[str, dict[str, Any]]:
    """Return the rows of subjects by their names, with what is opened of them."""
    found, columns = {}, tables.subjects.c
    wanted = select(*columns, tables.subject_keys.c.wrapped).join(
        tables.subject_keys, tables.subject_keys.c.subject_id == columns.subject_id
    )
    for row in await database.fetch(wanted):
        values = dict(zip([*columns.keys(), "wrapped"], row, strict=True))
        for item in ("name", "phone", "address"):
            place = Place("subjects", item, values["subject_id"], values["subject_id"], values["version"])
            box = values[f"{item}_sealed"]
            values[item] = None if box is None else keyring.open(Sealed(place, box, values["wrapped"]))
        found[values["name"]] = values
    return found


async def test_names_and_addresses_are_rewritten_once(database: Database, keyring: Keyring):
    before = await on_record(database, keyring)
    counted = await refold(database, keyring, RUNTIME, dry_run=True, progress=no_progress)
    assert await on_record(database, keyring) == before

    done = await refold(database, keyring, RUNTIME, dry_run=False, progress=no_progress)
    assert done == counted == RefoldCounts(subjects=len(before), refolded=len(OLD) + 1, refused_names=1)
    after = await on_record(database, keyring)
    for old, new in OLD.items():
        assert (after[new]["version"], after[new]["address"]) == (2, "临淄区闻韶街道一号")
        assert after[new]["phone"] == "13800000000"
        assert after[new]["name_mask"] == f"{new[0]}＊"
        for mask in ("phone_mask", "address_mask"):
            assert after[new][mask] == before[old][mask]
    untouched = {name: row for name, row in before.items() if name not in OLD and name != WRONG}
    assert {name: row for name, row in after.items() if name in untouched} == untouched

    again = await refold(database, keyring, RUNTIME, dry_run=False, progress=no_progress)
    assert again == replace(done, refolded=0)
    assert await on_record(database, keyring) == after


async def test_each_subject_has_a_record_with_its_leaf(database: Database, keyring: Keyring):
    """[5.1.6] No value is in it."""
    await refold(database, keyring, RUNTIME, dry_run=False, progress=no_progress)
    records = await database.fetch(select(*tables.registrations.c).where(tables.registrations.c.channel == "REFOLDED"))
    assert len(records) == len(OLD) + 1
    columns = tables.registrations.c
    acts = {(row[columns.keys().index("actor_ref")], row[columns.keys().index("role")]) for row in records}
    assert acts == {("operator", "operator")}
    assert not any(name in str(records) for name in (*OLD, *OLD.values()))


async def test_a_run_that_is_broken_off_goes_on(database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(names, "AT_ONCE", 2)
    seen: list[tuple[int, int]] = []

    def break_off(_what: str, done: int, total: int) -> None:
        seen.append((done, total))
        if done == total - total % 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await refold(database, keyring, RUNTIME, dry_run=False, progress=break_off)
    assert seen[0][0] == 2
    rest = await refold(database, keyring, RUNTIME, dry_run=False, progress=no_progress)
    assert rest.refolded < len(OLD) + 1
    assert set(OLD.values()) <= (await on_record(database, keyring)).keys()
    assert (
        len(await database.fetch(select(tables.registrations.c.at).where(tables.registrations.c.channel == "REFOLDED")))
        == len(OLD) + 1
    )


def test_the_command_prints_counts(
    sqlite_url: str, kek: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(kek))
    monkeypatch.setenv("CHENGXIN_DEV_KEY_FILE", str(tmp_path / "dev-issuer.json"))
    assert run(["subject", "refold", "--dry-run"]) == 0
    assert capsys.readouterr().out == "0 of 0 subjects would be written in the one form\n"
    assert run(["subject", "refold", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "subjects": 0, "refolded": 0, "refused_names": 0, "damaged": 0, "damaged_subjects": [],
    }  # fmt: skip


async def test_a_damaged_subject_is_counted_by_its_id_and_the_others_are_rewritten(
    database: Database, keyring: Keyring
):
    subjects = tables.subjects.c
    of = (await on_record(database, keyring))[next(iter(OLD))]["subject_id"]
    damaged = update(tables.subjects).where(subjects.subject_id == of).values(phone_sealed=b"damaged")
    await database.write((damaged, None))
    done = await refold(database, keyring, RUNTIME, dry_run=False, progress=no_progress)
    assert (done.refolded, done.damaged) == (len(OLD), [of])
