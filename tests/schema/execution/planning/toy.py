"""A schema of three types with a small policy, and what the planner makes of a document over them.

    planned("handler", "{ cases { nodes { number } } }").query_plan.statements

A case belongs to an application, and both to a department. The policy has one purpose for two roles: a handler sees
the facts of its own cases clear and those of the department masked, a head sees facts masked. Notes are shown to
nobody. Consent, the third role's, covers the flag of an application alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import strawberry
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import get_variable_values

from consent.vocabulary import Purpose
from policy.actors import Role
from policy.decisions import Decisions, load
from queryplan.entities import Entity
from queryplan.plan import Order, SelectPlan
from schema.core.connections import Connection
from schema.core.fields import (
    FilterColumn,
    ManySource,
    RootLookup,
    RootSource,
    column,
    core,
    field_map,
    function,
    global_id,
    one,
    sealed,
)
from schema.core.fields import planned as planned_field
from schema.core.limits import Limits
from schema.core.measured.costs import field_costs
from schema.execution.planning.field_collector import FieldCollector
from schema.execution.planning.operation_plan import OperationPlan, PlanContext
from schema.execution.planning.operation_planner import OperationPlanner

POLICY = Path(__file__).parents[4] / "policy"
ORDER = (Order("changed_at", "desc"), Order("case_id"))


def _days(published_on: object, ends_on: object, _day: object) -> object:
    return (published_on, ends_on)


@strawberry.type
class Department:
    code: str = column("code", "Its code.")


@strawberry.type
class RestraintCase:
    id: strawberry.ID = global_id(Entity.RESTRAINT_CASE, "Its id.")
    number: str | None = column("number", "Its number.")
    facts: str | None = sealed("restraint_cases", "facts", "Clear, masked, or neither.")
    notes: str | None = sealed("restraint_cases", "notes", "For nobody.")
    days: int | None = function(_days, "published_on", "ends_on", description="Made of two columns.")
    department: Department | None = one("department", Entity.DEPARTMENT, "Whose it is.")
    application: Application | None = one("application", Entity.APPLICATION, "What it came of.")


@strawberry.type
class Application:
    id: strawberry.ID = global_id(Entity.APPLICATION, "Its id.")
    status: str | None = column("status", "Its status.")
    outcome: str | None = column("outcome", "Covered by consent.")

    @planned_field(ManySource(Entity.RESTRAINT_CASE, ORDER, "restraint_cases"), "Its cases.")
    def cases(self) -> Connection[RestraintCase] | None: ...


@strawberry.type
class Query:
    @planned_field(
        ManySource(
            Entity.RESTRAINT_CASE,
            ORDER,
            choices={
                "number": FilterColumn("number", "=", "RestraintCase.number"),
                "facts": FilterColumn("facts", "=", "RestraintCase.facts"),
            },
        ),
        "A page of cases.",
    )
    def cases(self, number: str | None = None, facts: str | None = None) -> Connection[RestraintCase]: ...

    @planned_field(RootSource(RootLookup.ID, Entity.RESTRAINT_CASE), "One case.")
    def case(self, id: strawberry.ID) -> RestraintCase | None: ...  # noqa: A002 - the argument's name

    @planned_field(RootSource(RootLookup.ID, Entity.APPLICATION), "One application.")
    def application(self, id: strawberry.ID) -> Application | None: ...  # noqa: A002 - as above

    @planned_field(ManySource(Entity.DEPARTMENT, (Order("code"),)), "Every department.")
    def departments(self) -> Connection[Department]: ...


WHO = """role,purpose,class,action,scope,effect
handler,DETERMINATION,SUBJECT,read,department,allow
handler,DETERMINATION,SUBJECT,read,assigned,allow
head,DETERMINATION,SUBJECT,read,all,allow
clerk,CREDIT_CHECK,SUBJECT,read,all,allow
handler,DETERMINATION,RESTRAINT_PARTICULARS,read,department,allow
handler,DETERMINATION,FACTS,read,assigned,allow
handler,DETERMINATION,FACTS,mask,department,allow
handler,DETERMINATION,APPLICATION,read,assigned,allow
head,DETERMINATION,RESTRAINT_PARTICULARS,read,all,allow
head,DETERMINATION,FACTS,mask,all,allow
clerk,CREDIT_CHECK,APPLICATION,read,all,allow
clerk,CREDIT_CHECK,RESTRAINT_FLAG,read,all,allow
"""
NEED = """purpose,role,class,form,basis,citation,effect
DETERMINATION,handler,SUBJECT,CLEAR,STATUTE,5.1,allow
DETERMINATION,head,SUBJECT,CLEAR,STATUTE,5.1,allow
CREDIT_CHECK,clerk,SUBJECT,CLEAR,CONSENT,4.1,allow
DETERMINATION,handler,RESTRAINT_PARTICULARS,CLEAR,STATUTE,5.1,allow
DETERMINATION,head,RESTRAINT_PARTICULARS,CLEAR,STATUTE,5.1,allow
DETERMINATION,handler,FACTS,CLEAR,STATUTE,5.1,allow
DETERMINATION,head,FACTS,MASKED,STATUTE,5.1,allow
DETERMINATION,handler,APPLICATION,CLEAR,STATUTE,5.1,allow
CREDIT_CHECK,clerk,APPLICATION,CLEAR,CONSENT,4.1,allow
CREDIT_CHECK,clerk,RESTRAINT_FLAG,CLEAR,CONSENT,4.1,allow
"""
CLASSES = """field,class
Query.cases,RESTRAINT_PARTICULARS
Query.case,RESTRAINT_PARTICULARS
Query.application,APPLICATION
Query.departments,REFERENCE
RestraintCase.id,RESTRAINT_PARTICULARS
RestraintCase.number,RESTRAINT_PARTICULARS
RestraintCase.facts,FACTS
RestraintCase.notes,INTERNAL_NOTES
RestraintCase.days,RESTRAINT_PARTICULARS
RestraintCase.department,RESTRAINT_PARTICULARS
RestraintCase.application,APPLICATION
Application.id,APPLICATION
Application.status,APPLICATION
Application.outcome,RESTRAINT_FLAG
Application.cases,RESTRAINT_PARTICULARS
Department.code,REFERENCE
"""
GROUPS = "kind,member,group\naction,read,mask\nform,CLEAR,MASKED\n"
PURPOSES = {"handler": Purpose.DETERMINATION, "head": Purpose.DETERMINATION, "clerk": Purpose.CREDIT_CHECK}


@cache
def plan_context() -> PlanContext:
    """Give what a document is planned against."""
    schema = core(strawberry.Schema(query=Query))
    limits = Limits(page=50, cost=5_000, values=5_000)
    return PlanContext(schema, field_map(schema), _table(), limits, lambda raw: raw[:16], field_costs(schema))


def _table() -> Decisions:
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(POLICY / "model.conf", folder)
        for file, text in (("who", WHO), ("need", NEED), ("classes", CLASSES), ("groups", GROUPS)):
            (folder / f"{file}.csv").write_text(text, encoding="utf-8")
        return load(folder)


def planned(
    who: str, document: str, variables: Mapping[str, Any] | None = None, *, explaining: bool = False
) -> OperationPlan:
    """Plan the only operation of *document* for this role and its purpose; raises what refuses the whole of it."""
    against, parsed = plan_context(), parse(document)
    assert validate(against.schema, parsed) == []
    (operation,) = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    values = get_variable_values(against.schema, operation.variable_definitions or (), dict(variables or {}))
    assert not isinstance(values, list), values
    fragments = {node.name.value: node for node in parsed.definitions if node is not operation}
    selections = FieldCollector(against.schema, fragments, values, lenient=explaining)
    return OperationPlanner(
        against, selections, values, Role(who), PURPOSES.get(who), explaining=explaining
    ).operation(operation)  # fmt: skip


def columns(statement: SelectPlan) -> list[str]:
    """Give the columns as `alias.name`, with the form where it is sealed and the scopes that it is narrowed to.

    Left out is what every read of an officer has: the delay that runs for its row.
    """
    return [
        ".".join(filter(None, (one.of, one.name)))
        + ("" if one.show == "plain" else f":{one.show}")
        + (f"@{'+'.join(one.within)}" if one.within else "")
        for one in statement.columns
        if not one.name.startswith("delay:")
    ]


def rows(*of: object) -> SimpleNamespace:
    """Give what came back for each statement."""
    return SimpleNamespace(of=list(of))
