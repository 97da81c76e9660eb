"""The floors of the house: who may import whom, who holds a key, and who opens what is sealed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import policy.crypto.keyring

ROOT = Path(policy.crypto.keyring.__file__).resolve().parents[2]
ROOMS = ("gateway", "schema", "policy", "consent", "credit", "storage", "queryplan")
OPENS = {"policy/disclosure.py": 1}
"""Who may open a sealed value, and how often it is called there."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def test_the_contracts_between_the_floors_are_kept(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_disclosure_opens_what_is_sealed() -> None:
    """`Keyring.open` is called in one place: after the admission was asked."""
    found: dict[str, int] = {}
    for name, module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "open":
                receiver = ast.unparse(node.func.value)
                if "keyring" in receiver.lower() or receiver.rpartition(".")[2] == "_keyring":
                    found[name] = found.get(name, 0) + 1
    assert found == OPENS


def test_nobody_takes_the_opening_apart_or_around() -> None:
    """Neither under another name nor through the module below the keyring."""
    for name, module in sources():
        for node in ast.walk(module):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module == "policy.crypto.field_encryption"
                and name != "policy/crypto/keyring.py"
            ):
                assert not {"unseal", "unwrap", "subject_ciphers"} & {alias.name for alias in node.names}, name
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"unseal", "unwrap"}
                and name != "policy/crypto/keyring.py"
            ):
                assert ast.unparse(node.value) not in {"encryption", "policy.crypto.field_encryption"}, name
            if isinstance(node, ast.Attribute) and node.attr == "open" and not is_called(module, node):
                assert "keyring" not in ast.unparse(node.value).lower(), f"{name} passes Keyring.open on"
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
                assert not any("'open'" in ast.unparse(argument) for argument in node.args), name


def is_called(module: ast.Module, attribute: ast.Attribute) -> bool:
    return any(isinstance(node, ast.Call) and node.func is attribute for node in ast.walk(module))


def test_whoever_discloses_records_it() -> None:
    """`disclose` is called where an answer is read and recorded, and where an import records what it compares.

    And where a person looks into quarantine: on nobody's record yet, so a message of the outbox is the record of it,
    committed before the box is opened (tests/gateway/inbound/test_quarantine.py).
    """
    callers = {
        name
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "disclose"
    }
    assert callers == {
        "schema/execution/read_executor.py",
        "schema/credit_checks/mutations.py",
        "gateway/import_export/importing/recorded_opening.py",
        "gateway/inbound/quarantine.py",
    }


@pytest.mark.parametrize("wrong", ["schema", "gateway"])
def test_the_detector_finds_a_call_where_it_does_not_belong(wrong: str) -> None:
    """Else the tests above would pass for want of sight."""
    module = ast.parse(f"def {wrong}(self, box):\n    return self.keyring.open(box)\n")
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    assert any("keyring" in ast.unparse(call.func).lower() for call in calls)
