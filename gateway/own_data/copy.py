"""Reads the copy page by page through GraphQLService: guarded and recorded like any request, in bounded memory.

Nothing is kept on disk. A page is read when the one before was sent, so the memory is that of one page.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from consent.vocabulary import Channel, Purpose
from gateway.import_export.exporting.paged_query import PageRequest, Path, ResultPage, pages
from gateway.import_export.exporting.table_spec import OUTER, ExportTable
from gateway.own_data.sections import PERSON, SECTIONS
from gateway.services import Services
from policy.actors import Actor

Node = Mapping[str, Any]
PAGE: Final = 100


@dataclass(slots=True)
class OwnData:
    """The data of one subject, for *actor*: the subject itself, or a delegate, who gets what its groups show.

    *subject* is the global id of the principal of a delegate; None for the only one.
    """

    services: Services
    actor: Actor
    subject: str | None
    withheld: dict[str, set[Path]] = field(default_factory=dict)
    """By section: the paths that are withheld in some or all of the rows that were read."""

    async def person(self) -> Node:
        """Return the subject's own record. Raises ExchangeRefused where there is none for this caller."""
        (node,) = [node async for nodes in self.rows(PERSON) for node in nodes]
        self.subject = str(node["id"])
        return node

    async def rows(self, section: str) -> AsyncIterator[Sequence[Node]]:
        """Yield the rows of a section, a page at a time. Raises ExchangeRefused."""
        table = SECTIONS[section]
        async for page in self._pages(table):
            self.withheld.setdefault(section, set()).update(page.withheld)
            yield page.nodes

    def _pages(self, table: ExportTable) -> AsyncIterator[ResultPage]:
        named = {"id" if table.is_one else "subject": ("ID", self.subject)}
        most = OUTER if table.within else PAGE
        asked = PageRequest(table.root, table.selection, Purpose.SELF_ACCESS, named, most, table.within, table.is_one)
        return pages(self.services, self.actor, asked, None, Channel.DOCUMENT)
