"""`chengxin documents …`: what an operator of a front-end types, and what is refused."""

import json
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.cli.operations import documents
from tests.gateway.documents.manifests import FIRST, ME, NEXT, apollo, codegen, hash_of, relay, written
from tests.shipped_schema import shipped_schema

BAD = "query Bad {\n  viewer {\n    nothing\n  }\n}"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, migrated_sqlite: Path, kek: Path, tmp_path: Path) -> None:
    """Give the commands a database of their own, which is migrated."""
    database = tmp_path / "chengxin.db"
    database.write_bytes(migrated_sqlite.read_bytes())
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(kek))
    monkeypatch.setattr(documents, documents.build.__name__, shipped_schema)


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = run(["documents", *map(str, words)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_documents_are_checked_loaded_listed_and_retired(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    old, new = written(tmp_path / "old.json", codegen(FIRST, ME)), written(tmp_path / "new.json", relay(FIRST, NEXT))
    first = f"Targets {hash_of(FIRST)[:12]} for FOCUSED_CHECK, sent by regulator\n  never shown: NaturalPerson.phone\n"
    me = f"Me {hash_of(ME)[:12]} for no purpose, sent by every role\n"
    in_order = [line for _, line in sorted([(hash_of(FIRST), first), (hash_of(ME), me)])]
    assert said(capsys, "check", old) == (0, "".join(in_order), "")
    assert said(capsys, "load", old) == (0, "2 new documents, 2 are loaded now\n", "")
    assert said(capsys, "load", new) == (0, "1 new documents, 3 are loaded now\n", "")
    assert said(capsys, "retire", old, "--keep", new) == (0, "1 documents retired, 2 are loaded now\n", "")
    code, listed, _ = said(capsys, "list")
    assert (code, first in listed, listed.splitlines()[-1]) == (0, True, "2 documents are loaded")


def test_two_versions_of_an_operation_keep_their_own_terms(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for text, given in ((FIRST, ("--roles", "regulator")), (FIRST.replace("endsOn", "endsOn id"), ())):
        assert said(capsys, "load", written(tmp_path / "m.json", relay(text)), *given)[0] == 0
    code, listed, _ = said(capsys, "list", "--json")
    assert code == 0
    assert sorted(each["roles"] for each in json.loads(listed)["documents"]) == [[], ["regulator"]]


def test_nothing_is_loaded_of_a_manifest_with_a_flaw(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    manifest = written(tmp_path / "m.json", apollo(ME, BAD))
    line = f"Bad {hash_of(BAD)[:12]} line 3: GRAPHQL_VALIDATION_FAILED: Cannot query field 'nothing' on type 'Viewer'."
    refused = "error: 1 of 2 documents are refused\nhint: mend them, and run 'chengxin documents check' again\n"
    code, shown, told = said(capsys, "check", manifest)
    assert (code, line in shown, told) == (1, True, refused)
    assert said(capsys, "load", manifest) == (1, "", f"{line}\n{refused}")
    assert said(capsys, "list") == (0, "0 documents are loaded\n", "")


def test_terms_that_name_no_document_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    terms = tmp_path / "terms.toml"
    terms.write_text('[Nobody]\npurpose = "AUDIT"\n')
    code, _, told = said(capsys, "check", written(tmp_path / "m.json", relay(ME)), "--terms", terms)
    assert (code, told.splitlines()[0]) == (1, "error: the terms name Nobody, which no document is")
    for given in (("--purpose", "X"), ("--roles", "nobody")):
        assert said(capsys, "check", tmp_path / "m.json", *given)[0] == 2
