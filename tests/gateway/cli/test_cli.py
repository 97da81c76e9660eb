"""The command line: transcripts, exit codes, and what it refuses [6.2]."""

import io
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
import structlog

from gateway.auth.accounts import KEYED
from gateway.cli import NOUNS, VERBS, run
from gateway.cli.operations import policy
from gateway.demo.personas.personas import personas
from policy.actors import Role
from storage.database.revisions import head
from tests import golden
from tests.credit.subjects.synthetic_numbers import id_number
from tests.gateway.fakes import claim_reader
from tests.shipped_schema import shipped_schema

POLICY = Path(__file__).parents[3] / "policy"
DONE, REFUSED, MISUSED = 0, 1, 2


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give every command line a demo of its own, and a terminal of one width."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", f"sqlite:///{tmp_path}/var/chengxin.db")
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(tmp_path / "var" / "kek.key"))
    monkeypatch.setenv("CHENGXIN_DEV_KEY_FILE", str(tmp_path / "var" / "dev-issuer.json"))
    monkeypatch.delenv("CHENGXIN_MODE", raising=False)
    monkeypatch.setattr(policy, policy.build.__name__, shipped_schema)
    yield
    # `serve` sends log lines to the stderr of this test, which is gone after it.
    structlog.reset_defaults()


def transcript(capsys: pytest.CaptureFixture[str], *lines: str) -> str:
    """Carry the lines out, and write down what a terminal would show: `!` before what went to stderr."""
    text = []
    for line in lines:
        code = run(line.split())
        printed = capsys.readouterr()
        talk = "".join(f"! {each}\n" for each in printed.err.splitlines())
        text.append(f"$ chengxin {line}".rstrip() + f"\n{printed.out}{talk}[exit {code}]\n")
    return "\n".join(text)


def steady(text: str) -> str:
    """Leave out what another row in a table changes: line numbers, counts and the version."""
    text = re.sub(r"(who|need|classes)\.csv:\d+( ?) *", r"\1.csv:N\2", text)
    return re.sub(r"policy [0-9a-f]{32} holds: .*", "policy … holds: …", text)


HELP = (
    "", "--help", "serve --help", "db --help", "db migrate --help", "demo --help", "demo seed --help",
    "demo token --help", "policy --help", "policy check --help", "policy explain --help", "policy diff --help",
    "schema --help", "schema print --help", "calendar --help", "calendar add --help", "calendar check --help",
)  # fmt: skip


def test_golden_help(capsys: pytest.CaptureFixture[str]):
    golden.same("cli/help.txt", transcript(capsys, *HELP))


COMMANDS = [(verb,) for verb in VERBS] + [(noun, verb) for noun, (_, _, verbs) in NOUNS.items() for verb in verbs]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_found_in_its_module(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    assert run([*words, "--help"]) == DONE
    assert capsys.readouterr().out.startswith(f"Usage: chengxin {' '.join(words)} ")


@pytest.mark.subprocess
def test_help_imports_no_command():
    packages = "{name.partition('.')[0] for name in sys.modules}"
    script = f"import sys; from gateway.cli import run; run(['--help']); print(*{packages}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "gateway" in done.stderr.split()
    assert not {"schema", "storage", "sqlalchemy", "uvicorn"} & set(done.stderr.split())


@pytest.mark.slow
def test_golden_policy(capsys: pytest.CaptureFixture[str]):
    text = transcript(
        capsys,
        "policy check",
        "policy explain regulator FOCUSED_CHECK RestraintCase.facts",
        "policy explain clerk CREDIT_CHECK NaturalPerson.name",
        "policy explain clerk credit_check NaturalPerson.phone",
        "policy explain admin FOCUSED_CHECK NaturalPerson.name",
        "policy explain anonymous none NaturalPerson.name",
        "policy explain anonymous none Department.telephone",
        "policy explain subject SELF_ACCESS NaturalPerson.identifierRevealed",
    )
    golden.same("cli/policy.txt", steady(text))


@pytest.mark.slow
def test_golden_policy_diff(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new", "broken"):
        shutil.copytree(POLICY, tmp_path / name)
    who = "regulator,FOCUSED_CHECK,FACTS,{},sector-area,allow\n"
    need = "FOCUSED_CHECK,everyone,FACTS,{},STATUTE,5.2.2,allow\n"
    _replace(tmp_path / "new" / "need.csv", need.format("CLEAR"), need.format("MASKED"))
    _replace(tmp_path / "new" / "who.csv", who.format("read"), who.format("mask"))
    _replace(tmp_path / "broken" / "who.csv", who.format("read"), "")
    text = transcript(
        capsys,
        "policy diff old new",
        "policy diff new old",
        "policy diff old old",
        "policy diff old broken",
        "policy diff old gone",
    )
    golden.same("cli/policy-diff.txt", steady(text))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def uncounted(text: str) -> str:
    """Leave away how much there is of what depends on the day: chance is asked again where a step is on a holiday."""
    return re.sub(r"\d+ (applications|restraint cases|authorisations|disclosures)", r"… \1", text)


@pytest.mark.slow
def test_golden_first_day(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Afterwards the files with secrets are their owner's alone."""
    text = transcript(
        capsys,
        "demo seed",
        "db migrate",
        "db migrate",
        "db migrate --json",
        "demo seed --subjects 40",
        "demo seed --subjects 40",
        "demo seed --json",
    )
    golden.same("cli/first-day.txt", uncounted(text))
    assert run(["demo", "token", "clerk"]) == DONE
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
    assert {mode for name, mode in modes.items()} == {0o600}, modes
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]):
    assert run(["--version"]) == DONE
    assert capsys.readouterr().out == f"chengxin {version('chengxin-gateway')}\n"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("chengxin le", {"ledger"}),
        ("chengxin ledger a", {"attest", "audit"}),
        ("chengxin ledger audit --si", {"--since"}),
    ],
)
def test_the_shell_completes_nouns_verbs_and_options(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str, offered: set[str]
):
    monkeypatch.setenv("_CHENGXIN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    with suppress(SystemExit):
        run([])
    assert set(capsys.readouterr().out.split()) == offered


@pytest.mark.slow
def test_a_demo_begins_again(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Not while somebody has its database open; the keys stay, so that what a browser holds still works."""
    assert run(["db", "migrate"]) == DONE
    assert run(["demo", "seed", "--subjects", "40"]) == DONE
    folder = tmp_path / "var"
    key, published = (folder / "kek.key").read_bytes(), folder / "ledger" / "consent" / "checkpoint"
    published.parent.mkdir(parents=True)
    published.write_text("of before")
    with sqlite3.connect(folder / "chengxin.db") as elsewhere:
        subjects = "SELECT subject_id FROM subjects ORDER BY 1"
        before = elsewhere.execute(subjects).fetchall()
        assert run(["demo", "reset", "--yes"]) == REFUSED
    elsewhere.close()
    assert run(["demo", "reset", "--yes", "--subjects", "40"]) == DONE
    assert not published.exists()
    assert (folder / "kek.key").read_bytes() == key
    with sqlite3.connect(folder / "chengxin.db") as again:
        assert len(again.execute(subjects).fetchall()) == len(before)
    again.close()
    assert "open elsewhere" in capsys.readouterr().err


@pytest.mark.postgres
def test_the_first_day_is_the_same_on_postgresql(
    capsys: pytest.CaptureFixture[str], empty_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", empty_postgresql_url)
    text = transcript(capsys, "demo seed", "db migrate", "db migrate", "demo seed --subjects 40", "demo seed --json")
    sqlite = (golden.FOLDER / "cli" / "first-day.txt").read_text(encoding="utf-8")
    assert all(part in sqlite for part in uncounted(text).split("\n\n"))


def test_golden_refusals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    text = transcript(
        capsys,
        "nonsense",
        "demo token",
        "demo token nobody",
        "demo seed --subjects 3",
        "demo seed --subjects many",
        "policy explain nobody AUDIT NaturalPerson.phone",
        "policy explain clerk NOTHING NaturalPerson.phone",
        "policy explain clerk AUDIT NaturalPerson.fone",
        "policy explain clerk AUDIT nothing-like-it",
        "policy check --policy gone",
        "serve --workers 2",
        "serve --port 99999",
        "serve --host 0.0.0.0",
    )
    monkeypatch.setenv("CHENGXIN_MODE", "production")
    text += "\n" + transcript(capsys, "demo token clerk", "demo seed", "serve")
    monkeypatch.setenv("CHENGXIN_MODE", "demo")
    monkeypatch.setenv("CHENGXIN_COLOUR", "blue")
    text += "\n" + transcript(capsys, "db migrate")
    golden.same("cli/refusals.txt", text)


@pytest.mark.parametrize("persona", [persona.name for persona in personas(date(2026, 11, 20))])
def test_a_token_is_all_that_is_printed(persona: str, capsys: pytest.CaptureFixture[str]):
    assert run(["demo", "token", persona]) == DONE
    printed = capsys.readouterr()
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", printed.out)
    assert printed.err == ""


def test_the_references_of_accounts_are_printed_and_not_their_ids(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    number = id_number()

    def ask(*options: str, ids: str = f"{number}\r\nhandler-7\n\n") -> tuple[int, list[str]]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(ids))
        code = run(["account", "reference", *options])
        printed = capsys.readouterr()
        assert number not in printed.out + printed.err
        return code, (printed.out or printed.err).splitlines()

    run(["key", "create", str(tmp_path / "kek.key")])
    capsys.readouterr()
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(tmp_path / "kek.key"))
    assert ask(ids="handler-7") == (DONE, ["handler-7"]), "the demo's references are plain"
    code, lines = ask()
    assert (code, lines[0].split(":")[1]) == (REFUSED, " REFERENCE_REFUSED")
    assert ask("--keep")[0] == REFUSED
    monkeypatch.setenv("CHENGXIN_OIDC_ACCOUNT_REFERENCES", "keyed")
    code, (of_number, keyed) = ask()
    assert code == DONE
    assert KEYED.fullmatch(of_number)
    assert KEYED.fullmatch(keyed)
    assert ask("--keep", ids="handler-7") == (DONE, [f'{keyed} = "handler-7"'])
    (tmp_path / "kept.toml").write_text(f'{keyed} = "handler-7"\n', encoding="utf-8")
    monkeypatch.setenv("CHENGXIN_OIDC_KEPT_REFERENCES_FILE", str(tmp_path / "kept.toml"))
    assert ask() == (DONE, [of_number, "handler-7"])


def test_there_is_a_persona_for_every_role_but_everybody():
    held = [claim_reader().read({**persona.claims, "exp": 1}) for persona in personas(date(2026, 11, 20))]
    roles = {role for bearer in held for role in bearer.roles}
    assert roles == set(Role) - {Role.ANONYMOUS}
    for bearer in held:
        for role in bearer.roles:
            assert bearer.act(role).role is role, "a token must say what its role needs"


def test_the_schema_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]):
    assert run(["schema", "print"]) == DONE
    assert capsys.readouterr().out.rstrip("\n") == shipped_schema().as_str().rstrip("\n")


@pytest.mark.parametrize(
    ("case", "words", "key"),
    [
        ("a check", ["policy", "check"], "version"),
        ("a field that is shown", ["policy", "explain", "regulator", "FOCUSED_CHECK", "RestraintCase.facts"], "rows"),
        ("a field that is not", ["policy", "explain", "admin", "AUDIT", "NaturalPerson.name"], "decision"),
        ("no change", ["policy", "diff", str(POLICY), str(POLICY)], "changes"),
    ],
)
def test_machines_get_json_and_nothing_else(case: str, words: list[str], key: str, capsys: pytest.CaptureFixture[str]):
    assert run([*words, "--json"]) == DONE
    printed = capsys.readouterr()
    assert key in json.loads(printed.out)
    assert printed.err == ""


def test_a_port_that_is_taken_is_refused_before_anything_is_made(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["serve", "--port", str(taken.getsockname()[1])]) == REFUSED
    printed = capsys.readouterr().err.splitlines()
    assert printed[0].startswith("error: cannot listen on 127.0.0.1:")
    assert printed[1].startswith("hint: choose another port")
    assert not (tmp_path / "var").exists()


def test_production_is_not_served_before_it_is_migrated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "var").mkdir()
    assert run(["key", "create", str(tmp_path / "var" / "kek.key")]) == DONE
    capsys.readouterr()
    monkeypatch.delenv("CHENGXIN_DEV_KEY_FILE")
    for name, value in {
        "MODE": "production",
        "DATABASE_URL": f"sqlite:///{tmp_path}/other.db",
        "OIDC_ISSUER": "https://issuer.example",
        "OIDC_AUDIENCE": "chengxin",
        "OIDC_JWKS_URL": "https://issuer.example/keys",
        "LEDGER_STORE": f"file:{tmp_path}/ledger",
        "LEDGER_ORIGIN": "credit.linzi.example",
        "PORT": str(_free_port()),
    }.items():
        monkeypatch.setenv(f"CHENGXIN_{name}", value)
    assert run(["serve"]) == REFUSED
    assert capsys.readouterr().err == (
        f"error: the database is at revision none, and this release needs {head()}\nhint: run 'chengxin db migrate'\n"
    )
    assert not (tmp_path / "other.db").exists(), "looking makes nothing"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
