"""The layers: which module may import which, which holds a key, and which decrypts."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources.syntax_trees import PRODUCT, ROOT, syntax_trees

OPENING = frozenset({"open", "open_all", "open_rows"})
OPENS = {"policy/disclosure.py": 2, "policy/crypto/subject_secrets.py": 1}
"""Who may open a sealed value, and how often it is called there: after an admission; or a secret, for an epoch."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path, module in syntax_trees(*PRODUCT):
        yield str(path), module


@pytest.mark.subprocess
def test_the_contracts_between_the_layers_hold(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


READ_NUMBERS = {
    "schema/execution/planning/argument_binding.py": "counted and recorded by the read executor, as the plan's lookups",
    "schema/consultations/mutations.py": "counted before, recorded with the consultation",
    "schema/corrections/mutations.py": "counted before, recorded after",
    "schema/execution/named_person.py": "counted before, recorded after",
}


def test_whoever_reads_a_number_counts_and_records_it() -> None:
    """A number may be tried at known entrances only, each of which counts and records it [5.1.6]."""
    read = {
        name
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and node.id == "parse_identifier" and name.startswith("schema/")
    }
    assert read == set(READ_NUMBERS)


SEARCH_TERMS = {
    "schema/execution/planning/argument_binding.py": "as above",
    "schema/consultations/mutations.py": "as above",
    "schema/execution/named_person.py": "as above",
    "schema/subjects/mutations.py": "after run_for_person, about the same person",
    "gateway/import_export/importing/candidates.py": "a row of a file or a push: counted before, recorded with both",
    "gateway/subjects/sealing_unit_of_work.py": "registers a person of run_for_person",
    "gateway/subjects/seal_registration.py": "writes the terms of a new subject",
    "gateway/account_links/link.py": "a first link: counted before, recorded with it or with its refusal",
    "gateway/subjects/change_identity.py": "the number of a correction, counted and recorded by its mutation",
}


def test_whoever_makes_a_search_term_of_a_number_is_known() -> None:
    """Only by its search terms can a number be found, so nobody looks one up past the entrances [5.1.6]."""
    made = {
        name
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "terms"
        if name.startswith(("schema/", "gateway/")) and not name.startswith("gateway/demo/")
    }
    assert made == set(SEARCH_TERMS)


def test_only_disclosure_opens_what_is_sealed() -> None:
    """`Keyring.open`, `open_all` and `open_rows` are called in one module: after the admission was asked."""
    found: dict[str, int] = {}
    for name, module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OPENING:
                receiver = ast.unparse(node.func.value)
                if "keyring" in receiver.lower() or receiver.rpartition(".")[2] == "_keyring":
                    found[name] = found.get(name, 0) + 1
    assert found == OPENS


def test_what_a_login_sealed_is_opened_by_login_alone() -> None:
    """It is of nobody's record, so no admission is asked: `Keyring.open_login` opens nothing of another table."""
    assert called_in("open_login", sources()) == {"gateway/login/login_flow.py", "gateway/login/sessions.py"}


def test_no_module_decrypts_without_recorded_disclosure() -> None:
    """Neither under another name nor through the module below the keyring."""
    for name, module in sources():
        for node in ast.walk(module):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module == "policy.crypto.field_encryption"
                and name != "policy/crypto/keyring.py"
            ):
                assert not {"unseal", "unwrap", "subject_ciphers", "value_opener"} & {
                    alias.name for alias in node.names
                }, name
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"unseal", "unwrap", "value_opener"}
                and name != "policy/crypto/keyring.py"
            ):
                assert ast.unparse(node.value) not in {"encryption", "policy.crypto.field_encryption"}, name
            if isinstance(node, ast.Attribute) and node.attr in OPENING and not is_called(module, node):
                assert "keyring" not in ast.unparse(node.value).lower(), f"{name} passes Keyring.open on"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
                assert not any(f"'{word}'" in ast.unparse(argument) for word in OPENING for argument in node.args), name


def is_called(module: ast.Module, attribute: ast.Attribute) -> bool:
    return any(isinstance(node, ast.Call) and node.func is attribute for node in ast.walk(module))


def called_in(what: str, found: Iterable[tuple[str, ast.Module]]) -> set[str]:
    """Return the files that call *what*, be it a name, an attribute of a module, or an import under another name."""
    return {name for name, module in found if what in called_names(module)}


@cache
def called_names(module: ast.Module) -> frozenset[str]:
    """Return the names of everything that a module calls; an imported name counts as what it was before `as`."""
    nodes = list(ast.walk(module))
    imported = {
        alias.asname or alias.name: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    names = {func.id for func in called if isinstance(func, ast.Name)}
    attributes = {func.attr for func in called if isinstance(func, ast.Attribute)}
    return frozenset(names | attributes | {imported[name] for name in names & imported.keys()})


ONE_PLACE = {
    "disclose": "schema/execution/disclosure.py",
    "opener": "schema/execution/disclosure.py",
    "RowOpener": "policy/crypto/keyring.py",
    "exec": "schema/execution/output/generated.py",
    "Admission": "schema/execution/disclosure.py",
    "RecordedBoxes": "schema/execution/disclosure.py",
    "Disclosure": "schema/execution/access_entries.py",
}
"""Each is called in one file alone: only a `RecordedDisclosure` opens, and entries have one builder [5.1.6]."""


RUN_MUTATION = "schema/core/mutations/mutation.py"
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
def test_opening_admitting_and_recording_have_one_caller_each(what: str, where: str) -> None:
    """So there is no text without a durable record, and no second way to build an entry."""
    assert called_in(what, sources()) == {where}


def test_a_durable_record_is_defined_in_one_place() -> None:
    """A record of another kind could decrypt everything and record nothing: it is reviewed beside the others."""
    kinds = {
        (name, node.name)
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and "DurableRecord" in {ast.unparse(base) for base in node.bases}
    }
    assert kinds == {
        ("schema/execution/durable_records.py", kind)
        for kind in ("AppendedDisclosures", "CommittedDisclosures", "CommittedMessage", "PublicRead")
    }


def test_the_old_access_log_gets_no_new_row() -> None:
    """Reads are disclosures: `access_entries` is closed, and only read."""
    writers = {
        name
        for name, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"insert", "insert_once"}
        if any(ast.unparse(argument).rpartition(".")[2] == "access_entries" for argument in node.args)
    }
    assert writers == set()


@pytest.mark.parametrize(
    "wrong",
    [
        "disclose(rows, [0], admission, keyring)",
        "policy.disclosure.disclose(rows, [0], admission, keyring)",
        "from policy.disclosure import disclose as show\nshow(rows, [0], admission, keyring)",
        "Admission(actor, purpose, version, opens)",
        "from policy.admission import Admission as Right\nRight(actor, purpose, version, opens)",
        "formats.Disclosure(**facts)",
        "RecordedBoxes(keyring.open, items)",
    ],
)
def test_a_second_place_would_be_found(wrong: str) -> None:
    found = [("gateway/wrong.py", ast.parse(wrong))]
    assert any(called_in(what, found) for what in ONE_PLACE), wrong


@pytest.mark.parametrize("wrong", ["schema", "gateway"])
def test_the_detector_finds_a_call_where_it_does_not_belong(wrong: str) -> None:
    """Otherwise the tests above would pass because they find nothing."""
    module = ast.parse(f"def {wrong}(self, box):\n    return self.keyring.open(box)\n")
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    assert any("keyring" in ast.unparse(call.func).lower() for call in calls)
