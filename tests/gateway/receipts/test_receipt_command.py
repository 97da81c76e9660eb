"""`chengxin receipt verify`: what it says, and how it ends; and the published schema of a receipt [5.1.6]."""

import json
from pathlib import Path

import pytest

from consent.receipts import statements
from gateway.cli import run
from tests.consent.receipts.samples import OTHER, POLICY, SUBJECT, made

DONE, REFUSED, MISUSED = 0, 1, 2
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "receipt.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def files(tmp_path: Path):
    receipt, policy = tmp_path / "receipt.json", tmp_path / "policy"
    receipt.write_bytes(made("access").receipt().encode())
    policy.write_bytes(POLICY.encode())
    return str(receipt), str(policy)


def test_it_says_what_a_receipt_proves(files, capsys):
    receipt, policy = files
    assert run(["receipt", "verify", receipt, "--policy", policy]) == DONE
    said = capsys.readouterr().out
    for each in (str(SUBJECT), "entry 5 of 11", "见证 cosigned: w0", "purpose: FOCUSED_CHECK", "NaturalPerson.name"):
        assert each in said
    assert run(["receipt", "verify", receipt, "--policy", policy, "--subject", str(SUBJECT), "--json"]) == DONE
    facts = json.loads(capsys.readouterr().out)
    assert (facts["result"], facts["subject_id"], facts["index"]) == ("proved", str(SUBJECT), 5)


def test_it_refuses_by_name(files, capsys, tmp_path):
    receipt, policy = files
    assert run(["receipt", "verify", receipt, "--policy", policy, "--subject", str(OTHER)]) == REFUSED
    assert "RECEIPT_REFUSED OTHER_SUBJECT" in capsys.readouterr().err
    Path(receipt).write_bytes(Path(receipt).read_bytes().replace(b"staff-1", b"staff-2"))
    assert run(["receipt", "verify", receipt, "--policy", policy]) == REFUSED
    assert run(["receipt", "verify", str(tmp_path / "none"), "--policy", policy]) == MISUSED
    assert run(["receipt", "verify", receipt, "--policy", str(tmp_path / "none")]) == MISUSED


def test_the_schema_names_the_fields_that_a_receipt_has():
    fields = SCHEMA["properties"]
    plain, read = (it["properties"].keys() for it in fields["entry"]["oneOf"])
    statement = fields["statement"]["properties"]
    assert statement.keys() == statements.FIELDS
    for log, entry in (("consent", plain), ("access", read)):
        values = json.loads(made(log).receipt().encode())
        assert values.keys() == fields.keys()
        assert values["entry"].keys() == entry
        for name in ("purposes", "events"):
            assert values["statement"][name][0].keys() == statement[name]["items"]["properties"].keys()
