"""docs/internals.md follows one document from its text to SQL: the page must show what the code produces."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from schema.execution.preparation.prepared_operation import PreparedOperation
from tests.schema.service import ServiceUnderTest, open_service, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from queryplan.plan import PreparedQuery, QueryPlan, SelectPlan
    from storage.queries.query_runner import PreparedPlan

PAGE = (Path(__file__).parents[2] / "docs" / "internals.md").read_text(encoding="utf-8")
EXPLAIN = """
query Explain($document: String!) {
  explainAccess(document: $document) { fields { field dataClass outcome scopes basis citation reason } }
}
"""


def block(heading: str, language: str) -> str:
    """Return the first block in *language* below the heading that begins with *heading*."""
    part = PAGE.split(f"\n## {heading}")[1]
    return part.split(f"```{language}\n")[1].split("\n```")[0]


def squeezed(text: str) -> str:
    """Return *text* with one space for each run of white space: the page breaks lines where it likes."""
    return " ".join(text.split())


@pytest.fixture
async def service(sqlite_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give the services over a district on SQLite."""
    async with open_service(settings_for(kek, sqlite_url)) as opened:
        yield opened


async def prepared(service: ServiceUnderTest) -> tuple[SelectPlan, PreparedPlan]:
    """Ask the page's document as a supervisor, and return its only statement, planned and prepared."""
    runner, seen = service.services.query_runner, []
    prepare = runner.prepare

    def seeing(plan: QueryPlan) -> PreparedQuery:
        ready = prepare(plan)
        seen.append((plan, ready))
        return ready

    runner.prepare = seeing  # type: ignore[method-assign, assignment]  # to look, and change nothing
    reply = await service.ask(block("1.", "graphql"), "regulator")
    assert reply.status == 200, reply.body
    ((plan, ready),) = seen
    (statement,) = plan.statements
    return statement, cast("PreparedPlan", ready)


def listed(statement: SelectPlan) -> Iterable[str]:
    """Return the columns of *statement* as the page lists them: where from, how shown, and for which kinds."""
    for column in statement.columns:
        name = f"{column.of}.{column.name}" if column.of else column.name
        kinds = f"  only for {', '.join(column.kinds)}" if column.kinds else ""
        yield squeezed(f"{name} {column.show}{kinds}")


async def test_the_decisions_are_those_of_explain_access(service: ServiceUnderTest) -> None:
    reply = await service.ask(EXPLAIN, "regulator", {"document": block("1.", "graphql")})
    found = {
        (one["field"], one["dataClass"], one["outcome"], one["citation"] or "", one["reason"] or "")
        for one in reply.data["explainAccess"]["fields"]
    }
    rows = [
        row.strip("|").split("|") for row in PAGE.splitlines() if re.match(r"\| `[A-Z]\w+\.\w+` \| [A-Z_]+ \|", row)
    ]
    assert {tuple(cell.strip(" `") for cell in row) for row in rows} == found


async def test_the_plan_is_the_one_that_is_made(service: ServiceUnderTest) -> None:
    statement, _ = await prepared(service)
    shown = block("4.", "text").split("columns\n")[1].splitlines()
    assert [squeezed(line) for line in shown] == list(listed(statement))


async def test_the_sql_is_the_one_that_runs(service: ServiceUnderTest) -> None:
    _, ready = await prepared(service)
    (step,) = ready.steps
    assert squeezed(block("5.", "sql")) == squeezed(step.rows.text)


async def test_the_generated_code_is_the_one_that_answers(service: ServiceUnderTest) -> None:
    await service.ask(block("1.", "graphql"), "regulator")
    reply = await service.ask(block("1.", "graphql"), "regulator")
    assert reply.status == 200, reply.body
    cached = [entry for entry, _ in service.services.graphql_service._preparer.cache._entries.values()]
    (ready,) = [entry for entry in cached if isinstance(entry, PreparedOperation)]
    assert ready.code is not None
    # The page lays it out in its own way.
    shown, made = (ast.unparse(ast.parse(text)) for text in (block("7.", "python"), ready.code.generated.source))
    assert shown == made
