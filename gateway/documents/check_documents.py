"""Checks documents against the schema and the policy, before an operator loads them.

A document is refused by the name of its operation, with the line, where the gateway would not answer it: syntax, a
field that is not there, a limit, an id that is not its hash, a purpose that is missing, or roles that may not send it.

Tools drop the directive `@purpose` from queries that they generate, such as Relay's for the next page. Such a document
has the purpose of the operations of its manifest that share a fragment with it, if that is one purpose.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, cast

from graphql import FieldNode, GraphQLError, Node, StringValueNode, Visitor, visit

from consent.vocabulary import WITHOUT_PURPOSE, Purpose
from gateway.documents.manifests import DocumentTerms, ManifestDocument
from policy.actors import Role
from schema.core.enums import AccessOutcome
from schema.core.errors import PurposeRequired, SchemaError
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.field_collector import FieldCollector
from schema.execution.planning.operation_plan import PlanContext
from schema.execution.planning.operation_planner import OperationPlanner
from schema.execution.preparation.byte_cache import ByteCache
from schema.execution.preparation.document_gate import hash_of
from schema.execution.preparation.documents import DocumentCache, InvalidDocument, ParsedOperation
from schema.execution.preparation.source_locations import SourceLocations
from schema.execution.preparation.variables import NO_VARIABLES

_CACHE: Final = 64 * 1024 * 1024
_NUMBER: Final = re.compile(r"\d(?:[ -]?\d){7,}")
"""A literal that may be the number of a person: values belong in variables."""


_NAME: Final = re.compile(r"\b(?:query|mutation|subscription)\s+([_A-Za-z][_A-Za-z0-9]*)", re.ASCII)
"""The name of an operation, where the document cannot be read."""


class DocumentFlaw(NamedTuple):
    """Why a document is refused, and in which line of it, if one is to blame."""

    code: str
    message: str
    line: int | None = None


@dataclass(slots=True)
class CheckedDocument:
    """A document with what was found: its purpose, the roles that may send it, and its flaws.

    *roles* are those that its terms name, *admitted* those that the policy admits. *withheld* are the fields that none
    of these is ever shown.
    """

    document_id: str
    text: str
    name: str = ""
    hash: str = ""
    purpose: Purpose | None = None
    roles: frozenset[Role] = frozenset()
    admitted: frozenset[Role] = frozenset()
    withheld: Sequence[str] = ()
    flaws: list[DocumentFlaw] = field(default_factory=list)


@dataclass(slots=True)
class DocumentChecker:
    """Checks documents. *terms* name them by their operations or ids; *defaults* are those of the others."""

    plan_context: PlanContext
    terms: Mapping[str, DocumentTerms] = field(default_factory=dict)
    defaults: DocumentTerms = field(default_factory=DocumentTerms)
    _documents: DocumentCache = field(init=False)

    def __post_init__(self) -> None:
        schema, limits = self.plan_context.schema, self.plan_context.limits
        self._documents = DocumentCache(schema, limits, ByteCache(_CACHE), introspection=False)

    def check(self, documents: Sequence[ManifestDocument]) -> Sequence[CheckedDocument]:
        """Return the *documents* with what was found, in their order."""
        read = [self._read(each) for each in documents]
        shared = _purposes_of_fragments(operation for _, operation in read if operation is not None)
        for checked, operation in read:
            if operation is not None and not checked.flaws:
                self._authorise(checked, operation, shared)
        return [checked for checked, _ in read]

    def unknown_names(self, checked: Sequence[CheckedDocument]) -> Sequence[str]:
        """Return what the terms name and is no document."""
        known = {name for each in checked for name in (each.name, each.document_id)}
        return sorted(self.terms.keys() - known)

    def _read(self, document: ManifestDocument) -> tuple[CheckedDocument, ParsedOperation | None]:
        named = _NAME.search(document.text)
        checked = CheckedDocument(document.document_id, document.text, named[1] if named else "")
        if hash_of(document.text) != document.document_id:
            message = "the id is not SHA-256 of the text: let the tool use this algorithm"
            checked.flaws.append(DocumentFlaw("DOCUMENT_ID_DIFFERS", message))
        try:
            operation = self._documents.read(document.text, None)
        except InvalidDocument as refused:
            checked.flaws += [_flaw_of_entry(entry) for entry in refused.errors]
            return checked, None
        except SchemaError as refused:
            checked.flaws.append(_flaw_of_refusal(refused))
            return checked, None
        checked.hash = operation.hash
        checked.name = operation.node.name.value if operation.node.name else ""
        if not checked.name:
            checked.flaws.append(DocumentFlaw("OPERATION_WITHOUT_NAME", "the operation has no name", 1))
        numbers = _Numbers()
        visit(operation.document, numbers)
        checked.flaws += [
            DocumentFlaw("NUMBER_IN_DOCUMENT", "a number is written into the document: use a variable", line)
            for line in _lines(document.text, operation, numbers.found)
        ]
        return checked, operation

    def _authorise(
        self, checked: CheckedDocument, operation: ParsedOperation, shared: Mapping[str, frozenset[Purpose]]
    ) -> None:
        terms = self.terms.get(checked.document_id) or self.terms.get(checked.name) or self.defaults
        checked.roles = terms.roles
        purpose = _purpose(operation, terms, shared)
        if isinstance(purpose, DocumentFlaw):
            checked.flaws.append(purpose)
            return
        checked.purpose = purpose
        refused: dict[Role, DocumentFlaw] = {}
        withheld: list[frozenset[str]] = []
        for role in sorted(terms.roles or Role):
            try:
                decisions = self._decisions(operation, role, purpose)
            except PurposeRequired:
                checked.flaws.append(_purpose_required(checked.text, operation))
                return
            except SchemaError as error:
                refused[role] = _flaw_of_refusal(error)
                continue
            if purpose is None and any(each.data_class not in WITHOUT_PURPOSE for each in decisions):
                checked.flaws.append(_purpose_required(checked.text, operation))
                return
            roots = _refused_roots(decisions)
            if roots:
                line = _line_of(checked.text, operation, roots[0].path[0])
                message = f"{role} may not ask for {roots[0].field} for {purpose.value if purpose else 'no purpose'}"
                refused[role] = DocumentFlaw("ROOT_REFUSED", message, line)
            else:
                withheld.append(frozenset(_withheld(decisions)))
        checked.admitted = frozenset(terms.roles or Role) - refused.keys()
        checked.withheld = sorted(frozenset.intersection(*withheld)) if withheld else ()
        if terms.roles:
            checked.flaws += refused.values()
        elif not checked.admitted:
            checked.flaws.append(next(iter(refused.values()))._replace(message="no role may send it"))

    def _decisions(self, operation: ParsedOperation, role: Role, purpose: Purpose | None) -> Sequence[FieldDecision]:
        selections = FieldCollector(self.plan_context.schema, operation.fragments, NO_VARIABLES, lenient=True)
        planner = OperationPlanner(self.plan_context, selections, NO_VARIABLES, role, purpose, explaining=True)
        return planner.operation(operation.node).decisions


def _refused_roots(decisions: Sequence[FieldDecision]) -> Sequence[FieldDecision]:
    """Return the decisions on roots that are refused.

    `node` has a decision for each kind of object, as `node:application`: one kind of personal data admits it.
    """
    roots = [each for each in decisions if len(each.path) == 1]
    refused = [each for each in roots if each.outcome is AccessOutcome.WITHHELD]
    admitted = {
        each.path
        for each in roots
        if ":" in each.field and each.outcome is not AccessOutcome.WITHHELD and each.data_class not in WITHOUT_PURPOSE
    }
    return [each for each in refused if each.path not in admitted]


def _purpose_required(text: str, operation: ParsedOperation) -> DocumentFlaw:
    message = "the document states no purpose: name one by @purpose or accessPurpose, in the terms, or by --purpose"
    return DocumentFlaw(PurposeRequired.code, message, _line_of(text, operation))


def _line_of(text: str, operation: ParsedOperation, key: str | None = None) -> int | None:
    """Return the line of the root *key*, or of the operation."""
    roots = [
        node
        for node in operation.node.selection_set.selections
        if isinstance(node, FieldNode) and (node.alias or node.name).value == key
    ]
    return next(iter(_lines(text, operation, roots or [operation.node])), None)


def _lines(text: str, operation: ParsedOperation, nodes: Sequence[Node]) -> Sequence[int]:
    places = SourceLocations(operation.document, text)
    return [at["line"] for at in places.of(GraphQLError("", nodes=list(nodes)))]


class _Numbers(Visitor):
    """Collects the literals that may be numbers of persons."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[StringValueNode] = []

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        if _NUMBER.search(node.value):
            self.found.append(node)


def _purposes_of_fragments(operations: Iterator[ParsedOperation]) -> Mapping[str, frozenset[Purpose]]:
    found: dict[str, frozenset[Purpose]] = {}
    for operation in operations:
        if operation.purposes.written is not None:
            for name in map(_written_name, operation.fragments):
                found[name] = found.get(name, frozenset()) | {operation.purposes.written}
    return found


def _written_name(fragment: str) -> str:
    """Return the name as it was written: Relay appends a hash of its arguments, as in `CaseList_cases_yu5n1`."""
    module, *rest = fragment.split("_")
    return "_".join([module, *rest[:1]])


def _purpose(
    operation: ParsedOperation, terms: DocumentTerms, shared: Mapping[str, frozenset[Purpose]]
) -> Purpose | DocumentFlaw | None:
    """Return the purpose of a document: its own, that of its terms, or that of the operations that share a fragment."""
    if operation.purposes.written is not None:
        if terms.purpose not in {None, operation.purposes.written}:
            return DocumentFlaw("PURPOSE_CONFLICT", "the terms name another purpose than the document")
        return operation.purposes.written
    if terms.purpose is not None:
        return terms.purpose
    purposes = frozenset[Purpose]().union(
        *(shared.get(_written_name(name), frozenset()) for name in operation.fragments)
    )
    if len(purposes) > 1:
        listed = ", ".join(sorted(purpose.value for purpose in purposes))
        return DocumentFlaw("PURPOSE_UNCLEAR", f"its fragments serve {listed}: name its purpose in the terms")
    return next(iter(purposes), None)


def _withheld(decisions: Sequence[FieldDecision]) -> Iterator[str]:
    """Yield the fields that a role is never shown; one that an authorisation would show is not among them."""
    for each in decisions:
        if each.outcome is AccessOutcome.WITHHELD:
            yield each.field


def _flaw_of_entry(entry: Mapping[str, object]) -> DocumentFlaw:
    extensions = cast("Mapping[str, object]", entry["extensions"])
    places = cast("Sequence[Mapping[str, int]]", entry.get("locations") or ())
    return DocumentFlaw(str(extensions["code"]), str(entry["message"]), places[0]["line"] if places else None)


def _flaw_of_refusal(refused: SchemaError) -> DocumentFlaw:
    facts = ", ".join(
        f"{name} {value}" for name, value in refused.facts.items() if name in {"limit", "allowed", "found"}
    )
    return DocumentFlaw(refused.code, f"{refused.message} ({facts})" if facts else refused.message)
