"""From the arguments of a list to the rows of its page: how many, from which end, between which cursors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, cast

from graphql import FieldNode, GraphQLField

from credit.calendar.deadlines import civil_date
from queryplan.plan import Filter, Moving, Order, mirrored
from schema.core.errors import BadArgument, LimitExceeded
from schema.core.fields import ManySource
from schema.execution.cursors import BEGINNING, beginning, lowest, position, walk_position
from schema.execution.planning.argument_binding import Binder, FieldArguments, SearchTerms, arguments, compared, plain

PAGE_ARGUMENTS: Final = ("first", "after", "last", "before")
"""The arguments that every list takes (`schema.core.fields.planned`)."""

IS: Final = "is"
"""The operator of a filter whose value is part of the plan."""


@dataclass(frozen=True, slots=True)
class PageSlice:
    """Which rows of a list a page has, as its arguments say [Relay cursor connections].

    *tag* names the list and its order in cursors. *backward*: the rows come from the end, so *order* is mirrored.
    *size_from*, *after* and *until* are the names of the arguments that give the size, the cursor from which the rows
    go on, and the cursor that bounds them.
    """

    tag: str
    size: int
    backward: bool
    order: tuple[Order, ...]
    moving: Moving | None
    size_from: str
    after: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class PageArguments:
    """The slice of a page, its filters, and what they read. *after* and *until* are the binds of the cursors."""

    slice: PageSlice
    after: str | None
    until: str | None
    filters: tuple[Filter, ...]
    reads: tuple[str, ...]
    binder: Binder


def page_slice(source: ManySource, given: Mapping[str, Any], most: int) -> PageSlice:
    """Return which rows the arguments *given* name; raises BadArgument, LimitExceeded.

    `first` counts from the beginning, or from `after`, and `last` from the end, or from `before`; the other cursor
    bounds the page. With a cursor alone the page begins there, and has the size of the list.
    """
    listed = source.choice(given.get("orderBy")).ordering
    asked = {name for name in PAGE_ARGUMENTS if given.get(name) is not None}
    if {"first", "last"} <= asked:
        raise BadArgument(argument="last")  # which rows are meant, the specification leaves open
    backward = "last" in asked or asked == {"before"}
    size_from, start, end = ("last", "before", "after") if backward else ("first", "after", "before")
    if end in asked and listed.moving is not None:
        raise BadArgument(argument=end)  # where rows move, a place is passed in one direction only
    size = int(given[size_from]) if size_from in asked else source.size
    if size < 0:
        raise BadArgument(argument=size_from)
    if size > most:
        raise LimitExceeded(limit="page", allowed=most, found=size)
    tag = f"{source.relation or 'root'}:{source.entity}:{'.'.join(map(str, listed.order))}"
    order = mirrored(listed.order) if backward else listed.order
    after, until = (name if name in asked else None for name in (start, end))
    return PageSlice(tag, size, backward, order, listed.moving, size_from, after, until)


def page_arguments(
    statement: int,
    source: ManySource,
    definition: GraphQLField,
    node: FieldNode,
    variables: object,
    most: int,
    *,
    explaining: bool,
) -> PageArguments:
    """Return the slice and the filters of a page; raises BadArgument, LimitExceeded."""
    given = arguments(definition, node, variables, explaining=explaining)
    wanted = page_slice(source, given, most)
    asked = {name: one for name, one in source.choices.items() if given.get(name) is not None}
    chosen = {name: one for name, one in asked.items() if one.operator != IS}
    filters = [Filter(one.of, one.column, one.operator, f"s{statement}_{name}") for name, one in chosen.items()]
    filters += [
        Filter(one.of, one.column, IS, "", _states(given[name], name))
        for name, one in asked.items()
        if one.operator == IS
    ]
    if source.always is not None:
        filters.append(Filter("", source.always, "=", f"s{statement}_always"))
    cursors = {
        f"s{statement}_{name}": argument
        for name, argument in (("after", wanted.after), ("until", wanted.until))
        if argument is not None
    }
    each = FieldArguments(definition, node)

    def bind(variables: object, search_terms: SearchTerms) -> dict[str, object]:
        now = each.of(variables)
        binds: dict[str, object] = {} if source.always is None else {f"s{statement}_always": True}
        binds |= {f"s{statement}_{name}": compared(now[name], name, one) for name, one in chosen.items()}
        if source.since is not None:
            binds |= search_terms.shared(_since(now.get(source.since), source.since), source.since)
        for name, argument in cursors.items():
            cursor = str(now[argument])
            if wanted.moving is not None:
                binds |= _walked(name, cursor, wanted, wanted.moving, search_terms.days)
            else:
                binds |= _numbered(name, position(wanted.tag, cursor, [one.name for one in wanted.order]))
        return binds

    by = source.choice(given.get("orderBy")).reads
    reads = (*(one.reads for one in asked.values()), *([] if by is None else [by]))
    after, until = (name if (name := f"s{statement}_{place}") in cursors else None for place in ("after", "until"))
    return PageArguments(wanted, after, until, tuple(filters), reads, bind)


def _walked(name: str, cursor: str, wanted: PageSlice, moving: Moving, days: str) -> dict[str, object]:
    """Return the binds of what is left of a walk. A place that is None has no row after it.

    Whoever turns round among the rows that came again has the whole order ahead, and after it what changed since.
    """
    columns = [each.name for each in wanted.order]
    at = walk_position(wanted.tag, cursor, columns, moving.keys)
    if at.is_again and at.is_backward is wanted.backward:
        nowhere = dict.fromkeys(_numbered(name, columns))
        return {f"{name}_since": at.walk.since, **nowhere, **_numbered(f"{name}_key", at.values)}
    # Another calendar or day has moved rows that did not change, so every row comes again.
    since = BEGINNING if moving.by_day and at.walk.days != days else at.walk.since
    place = [beginning(each) for each in wanted.order] if at.is_again else at.values
    start = [lowest(key) for key in moving.keys]
    return {f"{name}_since": since, **_numbered(name, place), **_numbered(f"{name}_key", start)}


def _states(value: object, name: str) -> tuple[str, ...]:
    """Return the states that a filter of the plan itself names, each once; raises BadArgument for none at all."""
    if isinstance(value, bool):
        return (str(value).lower(),)
    found = sorted({str(one.value) for one in (value if isinstance(value, list) else [value]) if isinstance(one, Enum)})
    if not found:
        raise BadArgument(argument=name)
    return tuple(found)


def _numbered(name: str, values: Sequence[object]) -> dict[str, object]:
    return {f"{name}_{index}": value for index, value in enumerate(values)}


def _since(instant: datetime | None, name: str) -> dict[str, object]:
    """Return the instant and its day in Asia/Shanghai, by the bind names of the derived tables."""
    at = None if instant is None else cast("datetime", plain(instant, name, ""))
    return {"changes_seen_at": at, "changes_seen_on": None if at is None else civil_date(at)}
