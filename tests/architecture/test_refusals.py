"""Refusals: a branch is a class that the schema shows as one type; a reason is a row with its code and texts."""

import ast
import importlib
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest
from graphql import GraphQLObjectType

from consent import errors as consent_errors
from consent.errors import ConsentError
from credit.core.errors import CreditError, InvalidItem, Problem
from credit.core.flaws import Flaw
from credit.core.refusals import Reason
from credit.joint_measures.source_answer import Source
from credit.notices.facts import NoticeKind
from gateway.import_export.errors import RowFlaw
from schema.core.mutations.refusals import to_graphql
from schema.core.words.refusal_codes import CODES
from tests import golden
from tests.architecture.sources.syntax_trees import syntax_trees
from tests.shipped_schema import shipped_schema, shipped_types

ROOT = Path(__file__).parents[2]


def module_of(path: Path) -> ModuleType:
    return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


MODULES = [
    consent_errors,
    *map(module_of, sorted([*ROOT.glob("credit/**/refusals.py"), ROOT / "credit/core/errors.py"])),
]
TREES = [
    module_of(path)
    for folder in ("consent", "credit", "gateway", "policy", "schema", "storage")
    for name in ("errors.py", "refusals.py")
    for path in sorted((ROOT / folder).rglob(name))
]
DAY = date(2026, 3, 5)
FACTS = {
    "until": DAY, "since": DAY, "on": DAY, "nearest": DAY, "earliest": DAY, "latest": DAY, "checked_on": DAY,
    "days": 30,
    "valid_until": DAY, "provisional": False, "memorandum": "M", "source": Source.RESTRAINT_LIST, "flaw": Flaw.LENGTH,
    "problems": (Problem.of("name", InvalidItem(Flaw.REQUIRED)),), "year": 2031, "file": "f.toml",
    "why": "why.", "topic": "T", "kind": NoticeKind.NOTICE, "names": ("telephone",), "labels": ("联系电话",),
    "characters": {"addressee": "𠮷"}, "template": "t.typ", "line": 3, "step": "VERIFIED", "status": "ENDED",
    "items": "basis", "incentive": "DEFERRAL", "state": Source.RESTRAINT_LIST, "outcome": Source.RESTRAINT_LIST,
    "most": 3, "made": 2, "ceiling": 1098, "where": "t.typ:3",
}  # fmt: skip
NOT_SHOWN = {
    "NotCanonical", "ConfidentialRecord", "CalendarNotLoaded", "CalendarRefused", "DataFileRefused", "NoTextInForce",
    "TooManyChecks", "InvalidIdNumber", "InvalidSocialCreditCode", "InvalidItem", "ProofRefused",
    "NoteRefused", "CheckpointRefused", "EdgeRefused", "PolicyFileRefused", "LogPromiseRefused", "SystemEntryRefused",
    "TileRefused", "ReceiptRefused",
}  # fmt: skip
"""No mutation answers with these: a bug, a file of ours, a field of a row, or an answer of another shape."""
IN_A_TABLE = {"NOT_REVIEWED": "NotYet"}
"""Raised by way of a table, so that no raise names the reason."""


def branches_of(module: ModuleType) -> Iterator[type[CreditError | ConsentError]]:
    for each in vars(module).values():
        if (
            isinstance(each, type)
            and issubclass(each, CreditError | ConsentError)
            and each.__module__ == module.__name__
        ):
            yield each


def rows_of(module: ModuleType) -> dict[str, Reason | consent_errors.ConsentReason]:
    return {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, Reason | consent_errors.ConsentReason) and f"\n{name} = " in inspect.getsource(module)
    }


BRANCHES = [branch for module in MODULES for branch in branches_of(module)]
ONE_REASON = [branch for branch in BRANCHES if "reason" in vars(branch)]
ROWS = [(module, name, row) for module in MODULES for name, row in rows_of(module).items()]
REASONS = [row for _, _, row in ROWS] + [branch.reason for branch in ONE_REASON]


def raised() -> dict[str, set[type[CreditError | ConsentError]]]:
    """Return under which branches each row is raised, by its code; consent's and credit's apart."""
    by_name: dict[str, list[type[CreditError | ConsentError]]] = {}
    for branch in BRANCHES:
        by_name.setdefault(branch.__name__, []).append(branch)
    found: dict[str, set[type[CreditError | ConsentError]]] = {}
    for _, module in syntax_trees("consent", "credit", "gateway", "schema", "storage"):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                called = "Collision" if called == "Collided" else called
                for branch in by_name.get(called, ()):
                    found.setdefault(f"{package_of(branch)}.{node.args[0].id}", set()).add(branch)
    for code, name in IN_A_TABLE.items():
        found.setdefault(f"credit.{code}", set()).add(by_name[name][0])
    return found


def package_of(each: type | ModuleType) -> str:
    return (each.__module__ if isinstance(each, type) else each.__name__).partition(".")[0]


def example_of(
    branch: type[CreditError | ConsentError], reason: Reason | consent_errors.ConsentReason | None = None
) -> Exception:
    parameters = inspect.signature(branch).parameters
    known = {name: FACTS[name] for name in parameters if name in FACTS}
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        known |= {name: FACTS[name] for name in placeholders(reason or branch.reason) - known.keys()}
    return branch(reason, **known) if reason is not None else branch(**known)


def placeholders(reason: Reason | consent_errors.ConsentReason) -> set[str]:
    sentences = [value for name, value in asdict(reason).items() if name not in {"code", "clause"}]
    return {name for sentence in sentences for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_a_reason_says_everything_in_both_languages(reason: Reason | consent_errors.ConsentReason) -> None:
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", reason.code)
    assert re.fullmatch(r"A|[3-6](\.[0-9]+){0,2}[a-e]?(\([0-9]\))?", reason.clause)
    assert reason.english.isascii()
    assert reason.english.endswith((".", "}"))
    assert reason.chinese.endswith(("。", "}"))
    remedies = getattr(reason, "remedy_english", ""), getattr(reason, "remedy_chinese", "")
    assert all(remedies) or not any(remedies)


def test_a_row_has_the_name_of_its_code_and_no_code_stands_twice_in_a_topic() -> None:
    assert all(name == row.code for _, name, row in ROWS)
    for module in MODULES:
        codes = [row.code for row in rows_of(module).values()]
        codes += [branch.reason.code for branch in branches_of(module) if branch in ONE_REASON]
        assert len(codes) == len(set(codes)), module.__name__


def test_every_row_is_raised_under_a_branch_of_its_own_package() -> None:
    found = raised()
    assert [name for module, name, _ in ROWS if f"{package_of(module)}.{name}" not in found] == []


@pytest.mark.parametrize("module", TREES, ids=lambda module: module.__name__)
def test_the_tree_in_the_docstring_names_every_error_of_its_module(module: ModuleType) -> None:
    own = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__]
    errors = [each.__name__ for each in own if isinstance(each, type) and issubclass(each, Exception)]
    assert [name for name in errors if not re.search(rf"\b{name}\b", module.__doc__ or "")] == []


def test_every_branch_is_shown_as_one_type_which_finds_all_its_facts() -> None:
    shipped_schema()
    shown: dict[type[Exception], set[str]] = {}
    for branch, reason in examples():
        try:
            types = {type(to_graphql(example_of(branch, reason))).__name__}
        except branch:
            types = set()
        shown.setdefault(branch, set()).update(types)
    assert {branch.__name__ for branch, types in shown.items() if not types} == NOT_SHOWN
    assert {branch: types for branch, types in shown.items() if len(types) > 1} == {}


def test_every_type_has_an_enum_of_the_codes_that_its_branches_are_raised_with() -> None:
    said_in_the_schema = {"NotFound": {"NO_SUCH_MESSAGE"}, "OrdinaryChannel": {"ORDINARY_CHANNEL"}}
    raised_with = {name: set(codes) for name, codes in said_in_the_schema.items()}
    for branch, reason in examples():
        if branch.__name__ not in NOT_SHOWN:
            shown = to_graphql(example_of(branch, reason))
            raised_with.setdefault(type(shown).__name__, set()).add(shown.code)
    assert {name: {each.value for each in codes} for name, codes in CODES.items()} == raised_with
    for name in CODES:
        refusal = shipped_types().type_map[name]
        assert isinstance(refusal, GraphQLObjectType)
        field = refusal.fields[f"{name[0].lower()}{name[1:]}Code"]
        assert str(field.type) == f"{name}Code!"


def examples() -> Iterator[tuple[type[CreditError | ConsentError], Reason | consent_errors.ConsentReason | None]]:
    """Give every branch that is raised, with each of its reasons."""
    rows = {f"{package_of(module)}.{name}": row for module, name, row in ROWS}
    for code, branches in raised().items():
        yield from ((branch, rows[code]) for branch in branches if code in rows)
    yield from ((branch, None) for branch in ONE_REASON)
    yield from ((branch, None) for branch in BRANCHES if branch.__name__ == "InvalidItem")


def test_the_way_out_of_a_refusal_names_fields_that_exist() -> None:
    """Whoever is refused by one name is sent on by another: it has to be in the schema."""
    words = {
        (reason.code, word)
        for _, reason in examples()
        if isinstance(reason, Reason)
        for text in (reason.remedy_english, reason.remedy_chinese)
        for word in re.findall(r"\b[a-z]+[A-Z]\w+", text or "")
    }
    fields = {name for kind in shipped_types().type_map.values() for name in getattr(kind, "fields", {})}
    assert {(code, word) for code, word in words if word not in fields} == set()


def test_refusals_equal_the_golden_file() -> None:
    """Codes, clauses and sentences are read by clients and by courts: a change of one is meant, and reviewed."""
    texts = sorted(
        {
            json.dumps({"branch": branch.__name__} | asdict(reason or branch.reason), ensure_ascii=False)
            for branch, reason in examples()
            if branch.__name__ != "InvalidItem"
        },
        key=lambda text: (json.loads(text)["branch"], json.loads(text)["code"], text),
    )
    golden.same("refusals.json", "[\n" + ",\n".join(texts) + "\n]\n")


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_of_a_value_says_what_to_do(flaw):
    """[5.1.6] Nobody is refused without the way out."""
    problem = Problem.of("name", InvalidItem(flaw))
    assert problem.remedy.endswith(".")
    assert problem.remedy_zh.endswith("。")


@pytest.mark.parametrize("flaw", RowFlaw)
def test_every_flaw_of_a_row_says_what_to_do(flaw):
    problem = flaw.at("案件编号")
    assert problem.remedy.endswith(".")
    assert problem.remedy_zh.endswith("。")
