"""Wherever a mutation takes the reference of a paper, an uploaded file can be attached [5.1.1] [5.1.6].

Every text of an input is a paper or is said here to be something else. A paper goes to a function that records a step,
a consent, a delegation or a visit, and each of these attaches the files that are named in it.
"""

import ast

import pytest
from graphql import GraphQLInputField, GraphQLInputObjectType, get_named_type

from consent.vocabulary import DataClass, Purpose
from credit.core.evidence_files import READERS, FileRecord
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy.actors import Role
from policy.decisions import Withheld, load
from queryplan.scopes import Scope
from schema.core.fields import refusal_fields
from tests.architecture.sources.call_graph import by_name, mentioned, reached, resolver_of
from tests.architecture.sources.syntax_trees import ROOT
from tests.shipped_schema import shipped_types

SCHEMA = shipped_types()
assert SCHEMA.mutation_type is not None
MUTATIONS = SCHEMA.mutation_type.fields

PAPERS = {"evidence", "selfSupport", "commitment", "receipt", "paper", "proof"}
"""The fields of inputs that take the references of papers."""
NO_PAPERS = {
    "idempotencyKey": "a key of the client's",
    "handler": "staff", "reviewer": "staff", "helper": "staff", "delegate": "an account",
    "name": "sealed", "number": "sealed, or the number of a record", "phone": "sealed", "address": "sealed",
    "newNumber": "the number of a record", "documentNumber": "the number of a document that was not issued here",
    "postalNumber": "the number of a postal item", "legalDocument": "the number of a document of the authority",
    "text": "words", "facts": "words", "reasons": "words", "amendment": "words", "internalNotes": "words",
    "basis": "a law", "citation": "a law", "ground": "a law", "statute": "a law",
    "occasion": "the reference of an award", "incentive": "a code", "document": "a term of the matter's list",
    "notice": "the digest of a text", "reference": "the number of a record or of a law",
    "missing": "terms of the matter's list",
}  # fmt: skip
"""The other texts of inputs, and what they are."""

EVIDENCE_FILES = "credit.core.evidence_files"
ATTACHING = {
    f"{EVIDENCE_FILES}.attach_files",
    "consent.authorisations.records.attach",
    "consent.delegation_actions._attach",
}
"""What attaches the files that references name."""
RECORDING = {
    "credit.cases.actions.take_step.append_step",
    "credit.corrections.record_step.record_step",
    "credit.applications.actions.save_step",
    "credit.promises.take_step.record_step",
}
"""What records a step with its evidence."""


def inputs(mutation: str) -> GraphQLInputObjectType:
    given = get_named_type(MUTATIONS[mutation].args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    return given


def texts(given: GraphQLInputObjectType) -> dict[str, GraphQLInputField]:
    """Give the texts of an input, and of the inputs in it."""
    found: dict[str, GraphQLInputField] = {}
    for name, field in given.fields.items():
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLInputObjectType):
            found |= texts(inner)
        elif inner.name == "String":
            found[name] = field
    return found


TAKING = [name for name in MUTATIONS if PAPERS & set(texts(inputs(name)))]


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_every_text_of_an_input_is_a_paper_or_is_none(mutation: str) -> None:
    """So whoever adds a text says which it is."""
    assert set(texts(inputs(mutation))) <= PAPERS | set(NO_PAPERS)


def test_the_table_has_no_text_that_is_not_there() -> None:
    named = {name for mutation in MUTATIONS for name in texts(inputs(mutation))}
    assert PAPERS | set(NO_PAPERS) == named


@pytest.mark.parametrize("mutation", TAKING)
def test_a_mutation_that_takes_a_paper_attaches_its_files(mutation: str) -> None:
    assert reached(resolver_of(mutation)) & ATTACHING


def test_whatever_records_a_step_with_evidence_attaches_its_files() -> None:
    """The evidence of a step is the argument `evidence` of `recorded_step`: there is no step with a file beside it."""
    recording = set()
    for name, (names, node) in by_name().items():
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            called = call.func.id if isinstance(call.func, ast.Name) else ""
            if names.get(called) == "credit.core.recorded_step.recorded_step":
                evidence = [each.value for each in call.keywords if each.arg == "evidence"]
                if not any(isinstance(each, ast.Tuple) and not each.elts for each in evidence):
                    recording.add(name)
    assert recording == RECORDING
    for name in RECORDING:
        names, node = by_name()[name]
        assert f"{EVIDENCE_FILES}.attach_files" in mentioned(names, node), name


def test_each_kind_of_paper_is_refused_by_the_name_of_its_field() -> None:
    """`attach_files` is told the field, so that NO_SUCH_FILE says which one; by default it is `evidence`."""
    said = {"evidence"}
    for name in RECORDING:
        module = name.rpartition(".")[0].replace(".", "/")
        source = ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))
        said |= {node.value for node in ast.walk(source) if isinstance(node, ast.Constant)} & PAPERS
    assert said == PAPERS


SCOPES = {
    FileRecord.RESTRAINT_CASE: {Scope.ASSIGNED_OPEN, Scope.REVIEWING_OPEN},
    FileRecord.APPLICATION: {Scope.FILED_OPEN},
    FileRecord.AUTHORISATION: {Scope.SUBMITTED, Scope.CONTESTED, Scope.CONTESTED_HERE},
    FileRecord.OBJECTION: {Scope.REVIEWING_OPEN, Scope.ANSWERING},
    FileRecord.FOCUSED_CHECK: {Scope.SECTOR_AREA},
    FileRecord.DELEGATION: {Scope.RECORDED, Scope.RECORDED_CONTESTED, Scope.CONTESTED},
    FileRecord.CORRECTION: {Scope.DEPARTMENT, Scope.ASSIGNED_OPEN},
}
"""The scopes of officers that have the files of each kind of record (`tests/storage/queries/scopes/scope_table.py`)."""


def test_whoever_names_a_file_again_reads_it_there() -> None:
    """Which officers name a file of a record again is said in `credit`: those to whom the policy shows it [5.1.6]."""
    table = load(POLICY_OF_THIS_RELEASE, refusal_fields(SCHEMA))
    scopes: dict[str, set[Scope]] = {}
    for role in Role:
        for purpose in Purpose:
            grants = table.read(role, purpose, DataClass.EVIDENCE_FILE)
            if not isinstance(grants, Withheld):
                scopes.setdefault(role.value, set()).update(grant.scope for grant in grants)
    assert set(READERS) == set(SCOPES) == set(FileRecord)
    for record, roles in READERS.items():
        assert all(scopes[role] & SCOPES[record] for role in roles), record
