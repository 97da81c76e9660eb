"""Nothing outside of a subscriber's scope makes an event, not even one without content: it cannot even tell the time.

The two that may see it hear of it in the same test, so that silence has its reason.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from consent.disclosures.formats import Ground
from consent.vocabulary import Basis
from tests.builders import HEALTH, NOW, WJJ
from tests.databases import on_both, on_sqlite
from tests.schema.service import ServiceUnderTest
from tests.schema.subscriptions.acts import NOTES, OURS, READS, TARGETS, WORK, collect, notice, publish, read
from tests.schema.subscriptions.listeners import listen
from tests.shipped_schema import shipped_types
from tests.storage.disclosure_rows import DisclosureRows, Page

Act = Callable[[ServiceUnderTest], Awaitable[object]]
OF_LAW = Ground(Basis.STATUTE, "5.2.2", (("NaturalPerson.name", "PERSON_NAME", "MASKED"),))


async def notice_to_another(service: ServiceUnderTest) -> None:
    """Notify another person."""
    await notice(service, await collect(service, "案-1", "person-2"))


async def read_of_another(service: ServiceUnderTest) -> None:
    """Show another subject to a supervisor."""
    parts = {service.world.party("person-2").subject_id: ((OF_LAW, None),)}
    await DisclosureRows(service.services.database).put([Page("other", parts, NOW)])


async def delayed_read(service: ServiceUnderTest) -> None:
    """Show the subject to an investigation, whose entry opens later [5.1.6]."""
    subject_id = service.world.party("person-1").subject_id
    values = {"delay_id": service.world.new_id(), "opens_on": date(2026, 12, 1)}
    await DisclosureRows(service.services.database).put(
        [Page("late", {subject_id: ((OF_LAW, None),)}, NOW, values=values)]
    )


async def earlier_read(service: ServiceUnderTest) -> None:
    """Record, only now, what was read an hour ago."""
    subject_id = service.world.party("person-1").subject_id
    page = Page("early", {subject_id: ((OF_LAW, None),)}, NOW - timedelta(hours=1))
    await DisclosureRows(service.services.database).put([page])


UNHEARD: list[tuple[str, str, str, Act]] = [
    ("a colleague's case", "other handler", WORK, lambda service: collect(service, "案-1")),
    ("a case of another department", "head", WORK,
     lambda service: collect(service, "案-1", department_code=WJJ, sector_code=HEALTH, handler_ref="handler-9")),
    ("a confidential case", "head", WORK, lambda service: collect(service, "案-1", confidential=True)),
    ("an investigation, to its subject", "person-1", WORK.replace("DETERMINATION", "SELF_ACCESS"),
     lambda service: collect(service, "案-1")),
    ("a target of another sector", "regulator of health", TARGETS, lambda service: publish(service, "案-1")),
    ("a target elsewhere in the district", "regulator of wenshao", TARGETS,
     lambda service: publish(service, "案-1", "person-2")),
    ("a case that is not published", "regulator", TARGETS, lambda service: collect(service, "案-1")),
    ("a confidential case in force", "regulator", TARGETS, lambda service: publish(service, "案-1", confidential=True)),
    ("another's notification", "person-1", NOTES, notice_to_another),
    ("a delegate of somebody else", "stranger", NOTES, notice_to_another),
    ("a subject's notification, to the head", "head", OURS, notice_to_another),
    ("a read of another", "person-1", READS, read_of_another),
    ("a read whose entry is delayed", "person-1", READS, delayed_read),
    ("a read of long ago", "person-1", READS, earlier_read),
]  # fmt: skip


def test_every_subscription_is_in_both_tables() -> None:
    fields = shipped_types().subscription_type
    assert fields is not None
    for table in (UNHEARD, HEARD):
        documents = " ".join(document for _, _, document, _ in table)
        assert [name for name in fields.fields if f" {name}" not in documents] == []


@on_both
@pytest.mark.parametrize(("case", "who", "document", "act"), UNHEARD, ids=[case for case, *_ in UNHEARD])
async def test_what_is_not_ones_own_makes_no_event(
    service: ServiceUnderTest, case: str, who: str, document: str, act: Act
) -> None:
    heard = await listen(service, document, who)
    before = len(await service.entries())
    await act(service)
    after = len(await service.entries())
    assert await heard.hears() is None, case
    assert len(await service.entries()) == after, "and leaves no entry"
    assert after >= before


HEARD: list[tuple[str, str, str, Act]] = [
    ("the own case", "handler", WORK, lambda service: collect(service, "案-1")),
    ("a case of the department", "head", WORK, lambda service: collect(service, "案-1")),
    ("a target", "regulator of wenshao", TARGETS, lambda service: publish(service, "案-1")),
    ("the other's own notification", "person-2", NOTES, notice_to_another),
    ("the own data", "person-1", READS, read),
    ("the other's own data", "person-2", READS, read_of_another),
]


@on_sqlite
@pytest.mark.parametrize(("case", "who", "document", "act"), HEARD, ids=[case for case, *_ in HEARD])
async def test_whoever_may_see_it_hears_of_it(
    service: ServiceUnderTest, case: str, who: str, document: str, act: Act
) -> None:
    heard = await listen(service, document, who)
    await act(service)
    answer = await heard.hears()
    assert answer is not None, case
    assert "errors" not in answer
