"""What one answer shows becomes one record: a part for each subject, with a ground for each right [5.1.6]."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.disclosures.formats import Disclosure, Part, ground
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from credit.calendar.deadlines import civil_date
from policy.actors import Actor, Role
from schema.core.ports import RequestOrigin, Runtime
from schema.execution.access_entries import Disclosed, DisclosureBuilder, SubjectParts
from tests.builders import NOW

ONE, TWO, USED, DELAY = (UUID(int=number) for number in range(1, 5))
NAME, FACTS = ("NaturalPerson.name", "PERSON_NAME", "MASKED"), ("RestraintCase.facts", "FACTS", "CLEAR")
OPENS = date(2026, 12, 1)
OPERATOR = Actor("operator/handler-1", Role.HANDLER, "LZ-SPFW", known_by=KnownBy.OPERATOR)
RUNTIME = Runtime(lambda: NOW, civil_date, bytes, uuid4, lambda _: uuid4())
ORIGIN = RequestOrigin("ab" * 32, Channel.COMMAND_LINE, UUID(int=7))


def built(*shown: Disclosed) -> list[Disclosure]:
    return DisclosureBuilder.of(RUNTIME, OPERATOR, Purpose.DETERMINATION, ORIGIN).build(shown)


def by_statute(subject: UUID, *fields: tuple[str, str, str], citation: str = "5.1.4", **more: object) -> Disclosed:
    return Disclosed(subject, Basis.STATUTE, citation, None, fields, **more)  # type: ignore[arg-type]  # a delay


def by_consent(subject: UUID, *fields: tuple[str, str, str]) -> Disclosed:
    return Disclosed(subject, Basis.CONSENT, "4.1", USED, fields)


def told(disclosure: Disclosure) -> dict[int, list[tuple[str, UUID | None, list[str]]]]:
    """Return what each subject's part says: the citation, the authorisation, and the fields."""
    return {
        subject.int: [(each.citation, used, [name for name, *_ in each.fields]) for each, used in part]
        for subject, part in zip(disclosure.subjects, disclosure.parts, strict=True)
    }


@pytest.mark.parametrize(
    ("why", "shown", "parts"),
    [
        (
            "subjects keep the order of the page, each once",
            [by_statute(TWO, NAME), by_statute(ONE, NAME), by_statute(TWO, NAME)],
            {2: [("5.1.4", None, [NAME[0]])], 1: [("5.1.4", None, [NAME[0]])]},
        ),
        (
            "fields by the same right are one ground, in the order shown",
            [by_statute(ONE, FACTS), by_statute(ONE, NAME, FACTS)],
            {1: [("5.1.4", None, [FACTS[0], NAME[0]])]},
        ),
        (
            "another clause is another ground of the same part",
            [by_statute(ONE, FACTS), by_statute(ONE, NAME, citation="5.2.2")],
            {1: [("5.1.4", None, [FACTS[0]]), ("5.2.2", None, [NAME[0]])]},
        ),
        (
            "a use stands beside its ground, also where another subject has it without",
            [by_statute(ONE, FACTS), by_consent(ONE, NAME), by_statute(TWO, FACTS)],
            {1: [("5.1.4", None, [FACTS[0]]), ("4.1", USED, [NAME[0]])], 2: [("5.1.4", None, [FACTS[0]])]},
        ),
    ],
)
def test_a_page_is_one_record(why: str, shown: list[Disclosed], parts: dict[int, object]) -> None:
    del why
    (made,) = built(*shown)
    assert told(made) == parts
    assert list(told(made)) == list(parts)
    assert made.counted == len(parts)
    assert (made.request_id, made.context.channel, made.context.known_by) == (
        ORIGIN.request_id, Channel.COMMAND_LINE, KnownBy.OPERATOR,
    )  # fmt: skip


def test_what_a_delay_covers_is_a_record_of_its_own_that_counts_for_nobody_yet() -> None:
    """[5.1.6] The same subject may be in both: its read for another case opens at once."""
    at_once, delayed = built(by_statute(ONE, NAME), by_statute(TWO, FACTS, delay=(DELAY, OPENS)), by_statute(TWO, NAME))
    assert (at_once.delay_id, at_once.opens_on, at_once.counted) == (None, None, 2)
    assert (delayed.delay_id, delayed.opens_on, delayed.counted) == (DELAY, OPENS, 0)
    assert (delayed.subjects, delayed.request_id) == ([TWO], at_once.request_id)


@pytest.mark.parametrize(
    ("why", "shown", "sizes"),
    [
        ("no more subjects than an entry counts", [by_statute(UUID(int=n), NAME) for n in range(1, 4_100)], [4_096, 3]),
        (
            "no more grounds than the column counts",
            [by_statute(UUID(int=n), NAME, citation=str(n)) for n in range(1, 131)],
            [127, 3],
        ),
    ],
)
def test_more_than_one_record_holds_are_several(why: str, shown: list[Disclosed], sizes: list[int]) -> None:
    del why
    made = built(*shown)
    assert [len(each.subjects) for each in made] == sizes
    assert [subject for each in made for subject in each.subjects] == [one.subject_id for one in shown]
    assert len({each.disclosure_id for each in made}) == len({each.entry() for each in made}) == len(sizes)


PARTS = [
    ((ground(Basis.STATUTE, citation, (field,)), None),) for citation in ("5.1.4", "5.2.2") for field in (NAME, FACTS)
]


@given(st.lists(st.lists(st.tuples(st.sampled_from([ONE, TWO, USED]), st.sampled_from(PARTS)), max_size=4), max_size=3))
def test_the_rows_of_a_statement_at_once_say_the_same_as_one_by_one(statements: list[list[tuple[UUID, Part]]]) -> None:
    at_once, one_by_one = SubjectParts(), SubjectParts()
    for rows in statements:
        at_once.add(None, [subject for subject, _ in rows], [part for _, part in rows])
        for subject, part in rows:
            one_by_one.add(None, [subject], [part])
    found, wanted = (list(each.delays().get(None, {}).items()) for each in (at_once, one_by_one))
    assert found == wanted
