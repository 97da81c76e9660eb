"""[5.1.6] Who acts in a command: the bearer of a token, or the operator on behalf of an account, which records say."""

import asyncio
import io
import json
import os
import sys
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import insert

from credit.core.operator_acts import LONGEST_ACCOUNT, account_of, in_words, is_operator, operator_for
from gateway.auth.dev_issuer import DevIssuer, Persona
from gateway.cli import run
from gateway.runtime import utc_now
from gateway.services import build_services
from gateway.settings.settings import read
from policy.actors import Actor, Role
from policy.crypto.keyring import Keyring
from schema.core.ports import GraphQLRequest
from schema.execution.actor_binds import actor_binds
from storage import tables
from storage.database.database import Database
from tests.gateway.import_export.synthetic_cases import case, furnish, put, services_over, sheet

Command = Callable[..., tuple[int, str, str]]
WINDOW = {"department": "LZ-SPFW"}
TOKENS: dict[str, dict[str, Any]] = {
    "handler": {"sub": "handler-1", "roles": ["handler"], **WINDOW},
    "both": {"sub": "handler-1", "roles": ["handler", "clerk"], **WINDOW},
    "head and reviewer": {"sub": "head-1", "roles": ["head", "reviewer"], **WINDOW},
    "without department": {"sub": "handler-1", "roles": ["handler"]},
    "other department": {"sub": "handler-9", "roles": ["handler"], "department": "LZ-SCJG"},
}
AS = ("--as", "handler-1", "--department", "LZ-SPFW")


@pytest.fixture
def chengxin(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Command:
    """Run the command against a database with reference rows; gives exit code, stdout and stderr."""
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(tmp_path / "kek.key"))
    monkeypatch.setenv("CHENGXIN_DEV_KEY_FILE", str(tmp_path / "dev.json"))
    services_over(sqlite_url, tmp_path)  # makes the key file

    async def furnished(database: Database) -> None:
        await furnish(database)

    with_database(sqlite_url, furnished)

    def command(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return command


def with_database(url: str, work: Callable[[Database], Any]) -> Any:
    async def whole() -> Any:
        database = Database.open(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


def rows_of(url: str, table: Any) -> list[Any]:
    names = [column.name for column in table.c]

    async def fetch(database: Database) -> list[Any]:
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in await database.fetch(table.select())]

    return with_database(url, fetch)


def token(name: str, *, age: timedelta = timedelta(), **settings: str) -> str:
    persona = Persona(name, name, TOKENS[name], None, ())
    given = {**os.environ, **{f"CHENGXIN_{key}": value for key, value in settings.items()}}
    return DevIssuer(read(given), [persona], lambda: utc_now() - age).mint(name)


def token_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = put(folder, text, "token")
    path.chmod(mode)
    return path


def actors(url: str, key: Path) -> dict[str, set[str | None]]:
    """Return who acted, by every kind of record that an import leaves."""
    keyring = Keyring.load(key, os.urandom)
    refs = ("handler-1", "handler-9", operator_for("handler-1"))
    callers = {keyring.tag("caller", ref): ref for ref in refs}
    messages = [one for one in rows_of(url, tables.outbox) if one.topic == "import.written"]
    return {
        "steps": {one.actor_ref for one in rows_of(url, tables.case_steps)},
        "registrations": {one.actor_ref for one in rows_of(url, tables.registrations)},
        "reads": {one.actor_ref for one in rows_of(url, tables.disclosures)},
        "lookups": {callers.get(one.caller) for one in rows_of(url, tables.number_lookups)},
        "subjects": {one.registered_by for one in rows_of(url, tables.subjects)},
        "messages": {one.about["by"] for one in messages},
    }


@pytest.mark.parametrize(
    ("why", "way", "recorded"),
    [
        ("a token", ("--token-file",), "handler-1"),
        ("a token of several roles, in the usual one", ("both", "--token-file"), "handler-1"),
        ("the operator, on behalf of an account", AS, "operator/handler-1"),
    ],
)
def test_every_record_of_an_import_says_who_acted(why, way, recorded, chengxin, sqlite_url, tmp_path):
    """[5.1.6] The handler of the case stays the account, which goes on with it."""
    if "--token-file" in way:
        name = "both" if way[0] == "both" else "handler"
        way = ("--token-file", token_file(tmp_path, token(name) + "\n"))
    code, _, err = chengxin("import", put(tmp_path, sheet(case(1))), *way)
    assert code == 0, f"{why}: {err}"
    code, _, _ = chengxin("import", put(tmp_path, sheet(case(1, 失信事实="另一事实")), "changed.csv"), *way)
    assert code == 0
    found = actors(sqlite_url, tmp_path / "kek.key")
    assert len(found) == 6
    assert set(map(frozenset, found.values())) == {frozenset({recorded})}, found
    assert {one.handler_ref for one in rows_of(sqlite_url, tables.restraint_cases)} == {"handler-1"}


OWN = """query @purpose(is: SELF_ACCESS) {
  mySubject { registrations(first: 5) { nodes { operatorAct } } restraintCases(first: 5) { nodes { id } } }
  myAccessLog(first: 5) { nodes { operatorAct } }
}"""


def test_the_subject_reads_in_plain_words_that_the_operator_acted(chengxin, sqlite_url, tmp_path):
    """[5.1.6] In its access log and in its registrations; of the act of a token's bearer there is no such word."""
    by_token = "--token-file", token_file(tmp_path, token("both"))
    for at, way in enumerate((AS, by_token)):
        for kind in ("subjects", "basic-information"):
            code, _, err = chengxin("import", put(tmp_path, sheet(case(at))), "--kind", kind, *way)
            assert code == 0, err

    async def own_log(subject_id: UUID) -> set[str | None]:
        services = build_services(read(os.environ))
        person = Actor("person-1", Role.SUBJECT, subject=subject_id)
        asked = GraphQLRequest(query=OWN, actor=person, request_id="request-1")
        answer = orjson.loads((await services.graphql_service.execute(asked)).body)
        await services.close()
        data = answer["data"]
        registered, opened = data["mySubject"]["registrations"]["nodes"], data["myAccessLog"]["nodes"]
        assert registered
        assert opened
        return {one["operatorAct"] for one in (*registered, *opened)}

    registered_by = {one.registered_by: one.subject_id for one in rows_of(sqlite_url, tables.subjects)}
    logs = {ref: asyncio.run(own_log(subject_id)) for ref, subject_id in registered_by.items()}
    assert logs == {"operator/handler-1": {in_words("operator/handler-1")}, "handler-1": {None}}


def test_a_token_is_read_from_standard_input(chengxin, sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(token("handler").encode())))
    assert chengxin("import", put(tmp_path, sheet(case(1))), "--token-file", "-")[0] == 0
    assert {one.actor_ref for one in rows_of(sqlite_url, tables.case_steps)} == {"handler-1"}


@pytest.mark.parametrize(
    ("why", "given", "code", "message"),
    [
        ("nobody acts", (), 2, "one of --token-file and --as says who acts"),
        ("two act", (*AS, "handler"), 2, "one of --token-file and --as says who acts"),
        ("what the token says is said again", ("handler", "--department", "LZ-SCJG"), 2, "the token says"),
        ("a file that others can read", ("open",), 1, "others can read the token file"),
        ("no file", ("absent",), 1, "the token file cannot be read"),
        ("an empty file", ("empty",), 1, "the token file holds no token"),
        ("two lines", ("lines",), 1, "the token file holds no token"),
        ("no token", ("word",), 1, "TOKEN_REFUSED"),
        ("another audience", ("audience",), 1, "TOKEN_REFUSED"),
        ("an expired token", ("expired",), 1, "TOKEN_EXPIRED"),
        ("a role that the token does not hold", ("handler", "--role", "head"), 1, "ROLE_NOT_HELD"),
        ("several roles, and none of them the usual one", ("head and reviewer",), 1, "ROLE_NOT_HELD"),
        ("a token without a department", ("without department",), 1, "ROLE_INCOMPLETE"),
        ("a department that may not", ("both", "--role", "clerk"), 1, "NOT_ADMITTED"),
        ("no department for the account", ("--as", "handler-1"), 1, "ROLE_INCOMPLETE"),
        ("a name", ("--as", "张三", "--department", "LZ-SPFW"), 1, "REFERENCE"),
        ("an operator of an operator", ("--as", "operator/handler-1", "--department", "LZ-SPFW"), 1, "REFERENCE"),
        ("a long account", ("--as", "a" * (LONGEST_ACCOUNT + 1), "--department", "LZ-SPFW"), 1, "REFERENCE"),
    ],
)
def test_whoever_is_not_known_does_nothing(why, given, code, message, chengxin, sqlite_url, tmp_path):
    files: dict[str, Callable[[], Path]] = {
        **{name: lambda name=name: token_file(tmp_path, token(name)) for name in TOKENS},
        "open": lambda: token_file(tmp_path, token("handler"), 0o640),
        "absent": lambda: tmp_path / "absent",
        "empty": lambda: token_file(tmp_path, "\n"),
        "lines": lambda: token_file(tmp_path, "a\nb"),
        "word": lambda: token_file(tmp_path, "word"),
        "audience": lambda: token_file(tmp_path, token("handler", OIDC_AUDIENCE="other")),
        "expired": lambda: token_file(tmp_path, token("handler", age=timedelta(days=2))),
    }
    arguments: list[object] = []
    for word in given:
        arguments += ["--token-file", files[word]()] if word in files else [word]
    found, out, err = chengxin("import", put(tmp_path, sheet(case(1))), *arguments)
    assert (found, out) == (code, ""), why
    assert message in err.splitlines()[0]
    assert rows_of(sqlite_url, tables.subjects) == []


def test_the_other_commands_say_it_too(chengxin, sqlite_url, tmp_path):
    """[5.1.6] [5.2.3] Exports, consultations and quarantine take the same options."""
    chengxin("import", put(tmp_path, sheet(case(1))), *AS)
    common = ("--purpose", "DETERMINATION", "--kind", "cases", "--yes")
    for way in (("--role", "handler", *AS), ("--token-file", token_file(tmp_path, token("handler")))):
        code, _, err = chengxin("export", *common, *way, "--output", tmp_path / "out.csv")
        assert code == 0, err
        assert "LZ-2026-0001" in (tmp_path / "out.csv").read_text("utf-8")
    assert {one.actor_ref for one in rows_of(sqlite_url, tables.disclosures)} == {"handler-1", "operator/handler-1"}
    asked_as = {(one.channel, one.known_by) for one in rows_of(sqlite_url, tables.access_contexts)}
    assert asked_as == {("COMMAND_LINE", "OPERATOR"), ("COMMAND_LINE", "DEMO_TOKEN")}
    asked = ("--kind", "AWARD", "--occasion", "评优-2026", "--output", tmp_path / "replies.csv")
    for arguments in (("consult", tmp_path / "out.csv", *asked), ("quarantine", "show", "x")):
        code, _, err = chengxin(*arguments)
        assert (code, err.splitlines()[0]) == (2, "error: one of --token-file and --as says who acts")
    code, _, err = chengxin("export", *common, *AS, "--output", tmp_path / "out.csv")
    assert (code, err.splitlines()[0]) == (2, "error: --as needs --role")


def test_a_refused_token_is_refused_for_machines_too(chengxin, tmp_path):
    code, out, _ = chengxin(
        "import", put(tmp_path, sheet(case(1))), "--json", "--token-file", token_file(tmp_path, "word")
    )
    assert (code, json.loads(out)["error"]["code"]) == (1, "TOKEN_REFUSED")


def test_an_account_is_found_behind_the_operator():
    ref = operator_for("handler-7")
    assert (is_operator(ref), account_of(ref), account_of("handler-7")) == (True, "handler-7", "handler-7")
    assert str(in_words(ref)).startswith("系统运维人员代 handler-7 操作")
    assert in_words("handler-7") is None
    assert len(operator_for("a" * LONGEST_ACCOUNT)) == 64


def test_the_operator_sees_what_the_account_sees():
    """[5.1.6] Scopes such as "its own cases" are those of the account."""
    binds = actor_binds(Actor(operator_for("handler-7"), Role.HANDLER, "LZ-SPFW"), date(2026, 3, 5), 30)
    assert binds["actor_ref"] == "handler-7"


@pytest.mark.parametrize("kind", ["basic-information", "subjects"])
def test_a_list_is_kept_under_a_keyed_hash_and_known_by_that_of_earlier_releases(kind, chengxin, sqlite_url, tmp_path):
    """[5.1.6] A plain SHA-256 would show that a list was imported to anybody who has the list."""
    path = put(tmp_path, sheet(case(1), case(2)))
    plain = sha256(path.read_bytes()).hexdigest()
    earlier = plain if kind == "basic-information" else sha256(f"{kind}\n{plain}".encode()).hexdigest()
    way = ("--kind", kind, *AS, "--per-row", "--json")

    async def done_by_an_earlier_release(database: Database) -> None:
        async with database.writing() as session:
            await session.execute(
                insert(tables.imports), [{"file_hash": earlier, "row": 2, "outcome": "TAKEN_IN", "at": utc_now()}]
            )

    with_database(sqlite_url, done_by_an_earlier_release)
    code, out, _ = chengxin("import", path, *way)
    counts = json.loads(out)["counts"]
    assert (code, counts["taken_in"], counts["already_there"]) == (0, 1, 1)

    mark = json.loads(out)["file"]["mark"]
    keyring = Keyring.load(tmp_path / "kek.key", os.urandom)
    assert mark == keyring.import_marks(kind, bytes.fromhex(plain))[0]
    assert {(one.file_hash, one.row) for one in rows_of(sqlite_url, tables.imports)} == {(earlier, 2), (mark, 3)}
    code, out, _ = chengxin("import", path, *way)
    assert json.loads(out)["counts"]["already_there"] == 2
