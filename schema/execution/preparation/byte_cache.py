"""A cache that is bounded by the bytes of what it holds, measured once for each entry.

The measure follows what belongs to an entry (containers, nodes of documents, dataclasses of plans, closures and
generated code) and stops at what entries share: the schema, the policy, classes, modules, enums.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final
from uuid import UUID

OWN_PACKAGES: Final = ("graphql.language.", "schema.", "queryplan.", "storage.queries.")
"""Where the classes are defined whose instances may belong to one entry alone."""
SHARED_MODULES: Final = ("schema.core.", "schema.build")
SHARED: Final = (type, ModuleType, Enum, BuiltinFunctionType, bool, type(None))
ENTRY_OVERHEAD: Final = 400
"""Bytes that the cache itself takes for an entry: its places in three dictionaries and a list."""


class ByteCache:
    """The least recently used entries go first. An entry that is larger than the whole cache is not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        """Each value with its size, the least recently used first."""
        self.size = 0
        """The bytes of all entries."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Any:  # noqa: ANN401 - a cache of several kinds of value
        """Return the value of *key*, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, value: object) -> None:
        """Keep *value*, at the expense of what was not used for the longest time."""
        _, before = self._entries.pop(key, (None, 0))
        self.size -= before
        size = ENTRY_OVERHEAD + deep_size((key, value))
        if size > self._most:
            return
        self._entries[key] = value, size
        self.size += size
        while self.size > self._most:
            _, (_, freed) = self._entries.popitem(last=False)
            self.size -= freed

    def clear(self) -> None:
        """Forget every entry."""
        self._entries.clear()
        self.size = 0


def deep_size(thing: object) -> int:
    """Return the bytes of *thing* and of all that belongs to it, each object once."""
    seen: set[int] = set()
    waiting = [thing]
    total = 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        kind = type(one)
        parts = _PARTS.get(kind, _UNKNOWN)
        if parts is _UNKNOWN:
            parts = _PARTS[kind] = _parts_of(kind)
        if parts is not None:
            total += sys.getsizeof(one)
            waiting.extend(parts(one))
    return total


Parts = Callable[[Any], Iterable[object]]


def _none(_: object) -> Iterable[object]:
    return ()


def _unknown(one: object) -> Iterable[object]:
    raise TypeError(f"no parts of {type(one).__name__}")


def _function(one: FunctionType) -> Iterable[object]:
    """Return the closure of a function; of one that was generated for an entry also its code and its globals."""
    own = () if "__spec__" in one.__globals__ else (one.__code__, *one.__globals__.values())
    return (*own, *(one.__closure__ or ()), *(one.__defaults__ or ()))


def _cell(one: CellType) -> Iterable[object]:
    try:
        return (one.cell_contents,)
    except ValueError:  # it is empty
        return ()


_UNKNOWN: Final[Parts] = _unknown
_PARTS: dict[type, Parts | None] = {
    **dict.fromkeys((str, bytes, int, float, UUID, date), _none),
    **dict.fromkeys((list, tuple, set, frozenset), iter),
    dict: lambda one: (*one, *one.values()),
    FunctionType: _function,
    MethodType: lambda one: (one.__self__,),
    CellType: _cell,
    CodeType: lambda one: (*one.co_consts, one.co_code, one.co_names),
    partial: lambda one: (one.func, one.args, one.keywords),
}
"""What to follow from an instance of each class; None for what is shared. There are as many as classes."""


def _parts_of(kind: type) -> Parts | None:
    if issubclass(kind, SHARED):
        return None
    if issubclass(kind, dict):
        return _PARTS[dict]
    if issubclass(kind, list | tuple | set | frozenset):
        return iter
    if kind.__module__.startswith(SHARED_MODULES):
        return None
    if not kind.__module__.startswith(OWN_PACKAGES):
        return _none
    names = [name for base in kind.__mro__ for name in _slots(base)]
    return lambda one: (*getattr(one, "__dict__", {}).values(), *(getattr(one, name, None) for name in names))


def _slots(base: type) -> Sequence[str]:
    slots = base.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
