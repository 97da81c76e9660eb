"""`chengxin documents …`: the GraphQL documents of front-ends, which an operator checks and loads."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from consent.vocabulary import Purpose
from gateway.cli.arguments import Json, one_of
from gateway.cli.output import CommandRefused, print_facts, print_progress
from gateway.cli.services import require_migrated, with_database
from gateway.documents import stored_documents
from gateway.documents.check_documents import CheckedDocument, DocumentChecker
from gateway.documents.manifests import DocumentTerms, ManifestDocument, read_manifest, read_terms
from gateway.runtime import utc_now
from gateway.services import load_policy
from gateway.settings.settings import Settings, read
from policy.actors import Role
from policy.crypto.keyring import Keyring
from schema.build import build
from schema.core.fields import core, field_map
from schema.core.measured.costs import field_costs
from schema.execution.planning.operation_plan import PlanContext

Manifest = Annotated[
    Path, typer.Argument(metavar="FILE", help="A manifest of graphql-codegen, of Relay, or of Apollo.")
]
Terms = Annotated[
    Path | None,
    typer.Option("--terms", metavar="FILE", help="A TOML file with purpose and roles, by the names of operations."),
]
ForPurpose = Annotated[
    str | None,
    typer.Option("--purpose", metavar="PURPOSE", help="The purpose of documents that state none and have no terms."),
]
OfRoles = Annotated[
    str | None,
    typer.Option(
        "--roles", metavar="ROLES", help="The roles that may send documents without terms, such as clerk,head."
    ),
]
SHOWN = 12
"""How many characters of an id are shown to people."""


def check(
    path: Manifest, terms: Terms = None, purpose: ForPurpose = None, roles: OfRoles = None, *, as_json: Json = False
) -> None:
    """Check every document of FILE against the schema and the policy. Nothing is loaded."""
    checked = _checked(read(os.environ), path, terms, purpose, roles)
    print_facts({"documents": [_facts(each) for each in checked]}, _lines(checked), as_json=as_json)
    _refuse_flawed(checked)


def load(
    path: Manifest, terms: Terms = None, purpose: ForPurpose = None, roles: OfRoles = None, *, as_json: Json = False
) -> None:
    """Check the documents of FILE, and load them if each of them holds. Servers take them over within seconds.

    The log `system` states what is loaded then: this needs the key file.
    """
    settings, now = read(os.environ), utc_now()
    require_migrated(settings)
    checked = _checked(settings, path, terms, purpose, roles)
    if any(each.flaws for each in checked):
        for line in _lines([each for each in checked if each.flaws]):
            print_progress(line)
    _refuse_flawed(checked)
    new, there = with_database(settings, lambda database: stored_documents.load(database, checked, now), _tag(settings))
    print_facts({"new": new, "there": there}, [f"{new} new documents, {there} are loaded now"], as_json=as_json)


def list_(*, as_json: Json = False) -> None:
    """List the loaded documents, and check each against the schema and the policy as they are now."""
    settings = read(os.environ)
    require_migrated(settings)
    rows, is_stated = with_database(settings, stored_documents.stored)
    terms = {row["document_id"]: _terms_of(row) for row in rows}
    documents = [ManifestDocument(row["document_id"], row["text"]) for row in rows]
    checked = DocumentChecker(_plan_context(settings), terms).check(documents)
    facts = {"documents": [_facts(each) for each in checked], "stated": is_stated}
    print_facts(facts, [*_lines(checked), f"{len(rows)} documents are loaded"], as_json=as_json)
    if not is_stated:
        raise CommandRefused(
            "the log states other documents than are there", "no server takes these over: load them again"
        )
    _refuse_flawed(checked)


def retire(
    path: Manifest,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="FILE", help="A manifest whose documents stay: that of a newer release."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Take the documents of FILE away. Front-ends that still send their ids are not answered any more."""
    settings, now = read(os.environ), utc_now()
    require_migrated(settings)
    kept = {each.document_id for each in read_manifest(keep)} if keep is not None else set()
    ids = {each.document_id for each in read_manifest(path)} - kept
    gone, left = with_database(settings, lambda database: stored_documents.retire(database, ids, now), _tag(settings))
    print_facts({"retired": gone, "there": left}, [f"{gone} documents retired, {left} are loaded now"], as_json=as_json)


def _checked(
    settings: Settings, path: Path, terms: Path | None, purpose: str | None, roles: str | None
) -> Sequence[CheckedDocument]:
    defaults = DocumentTerms(
        None if purpose is None else one_of(Purpose, purpose, "purpose"),
        frozenset(one_of(Role, each.strip(), "role") for each in roles.split(",")) if roles else frozenset(),
    )
    named = read_terms(terms) if terms is not None else {}
    checker = DocumentChecker(_plan_context(settings), named, defaults)
    checked = checker.check(read_manifest(path))
    unknown = checker.unknown_names(checked)
    if unknown:
        raise CommandRefused(f"the terms name {unknown[0]}, which no document is", "name operations of the manifest")
    return checked


def _plan_context(settings: Settings) -> PlanContext:
    schema = build()
    policy, types = load_policy(settings, schema), core(schema)
    return PlanContext(types, field_map(types), policy, settings.limits, lambda content: content, field_costs(types))


def _tag(settings: Settings) -> Any:  # noqa: ANN401 - what the session writes entries with
    return Keyring.load(settings.kek_file, os.urandom).pending_tag


def _terms_of(row: Mapping[str, Any]) -> DocumentTerms:
    purpose = None if row["purpose"] is None else Purpose(row["purpose"])
    return DocumentTerms(purpose, frozenset(map(Role, row["roles"])))


def _refuse_flawed(checked: Sequence[CheckedDocument]) -> None:
    flawed = sum(bool(each.flaws) for each in checked)
    if flawed:
        raise CommandRefused(
            f"{flawed} of {len(checked)} documents are refused", "mend them, and run 'chengxin documents check' again"
        )


def _facts(checked: CheckedDocument) -> Mapping[str, object]:
    return {
        "id": checked.document_id,
        "name": checked.name,
        "hash": checked.hash,
        "purpose": checked.purpose,
        "roles": sorted(checked.roles),
        "admitted": sorted(checked.admitted),
        "withheld": checked.withheld,
        "flaws": [flaw._asdict() for flaw in checked.flaws],
    }


def _lines(checked: Sequence[CheckedDocument]) -> Sequence[str]:
    lines = []
    for each in checked:
        name = f"{each.name or '(no name)'} {each.document_id[:SHOWN]}"
        for flaw in each.flaws:
            place = "" if flaw.line is None else f" line {flaw.line}:"
            lines.append(f"{name}{place} {flaw.code}: {flaw.message}")
        if not each.flaws:
            who = ", ".join(sorted(each.admitted)) if len(each.admitted) < len(Role) else "every role"
            lines.append(f"{name} for {each.purpose or 'no purpose'}, sent by {who}")
            if each.withheld:
                lines.append(f"  never shown: {', '.join(each.withheld)}")
    return lines
