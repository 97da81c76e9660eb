"""The layers: which module may import which, which holds a key, and which decrypts."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
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


@pytest.mark.subprocess
def test_the_contracts_between_the_layers_hold(tmp_path: Path) -> None:
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


def test_no_module_decrypts_without_recorded_disclosure() -> None:
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


def called_in(what: str, found: Iterable[tuple[str, ast.Module]]) -> set[str]:
    """Return the files that call *what*, be it a name, an attribute of a module, or an import under another name."""
    callers: set[str] = set()
    for name, module in found:
        aliases = {
            alias.asname or alias.name
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name == what
        }
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in aliases or called.rpartition(".")[2] == what:
                    callers.add(name)
    return callers


ONE_PLACE = {
    "disclose": "schema/execution/disclosure.py",
    "Admission": "schema/execution/disclosure.py",
    "RecordedBoxes": "schema/execution/disclosure.py",
    "AccessEntry": "schema/execution/access_entries.py",
}
"""What is called in one file, and no other: only a `RecordedDisclosure` opens, and entries have one builder [5.1.6]."""


RUN_MUTATION = "schema/core/mutation.py"
COMMITS = {RUN_MUTATION, "schema/execution/durable_records.py"}
"""Records of what is shown are durable before it is shown, whether or not a mutation succeeds [5.1.6]."""


def test_a_mutation_is_run_in_one_place() -> None:
    """One module opens its transaction, stores its key, commits it, and answers its expected refusals."""
    schema = [(name, module) for name, module in sources() if name.startswith("schema/")]
    commits = {
        name
        for name, module in schema
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func).lower().endswith("work.commit")
    }
    assert called_in("once_for_ids", schema) == {RUN_MUTATION}
    assert called_in("to_graphql", schema) == {RUN_MUTATION}
    assert commits == COMMITS


@pytest.mark.parametrize(("what", "where"), ONE_PLACE.items())
def test_opening_admitting_and_recording_stand_in_one_place_each(what: str, where: str) -> None:
    """So there is no text without a durable record, and no two ways to write an entry down."""
    assert called_in(what, sources()) == {where}


def test_a_durable_record_is_defined_in_one_place() -> None:
    """A record of another kind could open everything and keep nothing: it is reviewed where the others stand."""
    kinds = {
        (name, node.name)
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and "DurableRecord" in {ast.unparse(base) for base in node.bases}
    }
    assert kinds == {
        ("schema/execution/durable_records.py", kind)
        for kind in ("AppendedEntries", "CommittedEntries", "CommittedMessage", "PublicRead")
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "disclose(rows, [0], admission, keyring)",
        "policy.disclosure.disclose(rows, [0], admission, keyring)",
        "from policy.disclosure import disclose as show\nshow(rows, [0], admission, keyring)",
        "Admission(actor, purpose, version, opens)",
        "from policy.admission import Admission as Right\nRight(actor, purpose, version, opens)",
        "log_entries.AccessEntry(**facts)",
        "RecordedBoxes(keyring.open, items)",
    ],
)
def test_a_second_place_would_be_found(wrong: str) -> None:
    found = [("gateway/wrong.py", ast.parse(wrong))]
    assert any(called_in(what, found) for what in ONE_PLACE), wrong


@pytest.mark.parametrize("wrong", ["schema", "gateway"])
def test_the_detector_finds_a_call_where_it_does_not_belong(wrong: str) -> None:
    """Else the tests above would pass for want of sight."""
    module = ast.parse(f"def {wrong}(self, box):\n    return self.keyring.open(box)\n")
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    assert any("keyring" in ast.unparse(call.func).lower() for call in calls)
