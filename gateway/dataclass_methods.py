"""Makes the methods of dataclasses without compiling each of them, while a process that serves imports its code.

Before Python 3.13 the standard library writes the text of each method of each class and compiles it by itself: 3,500
texts, a sixth of the processor time of a start. Here all but `__init__` are functions over the names of the fields,
which do the same. `dataclasses` has no public name for what makes a method; where a private one is missing, nothing is
replaced. The tests run with these methods too (`tests/gateway/quick_dataclasses.py`).
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import Field, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, Final, cast

Values = Callable[[object], tuple[object, ...]]


@contextmanager
def made_without_compiling() -> Iterator[None]:
    """Make the methods of the classes that the block defines as functions, where the standard library compiles each."""
    compile_each: dict[str, object] = {name: getattr(dataclasses, name, None) for name in _MAKERS}
    if None in compile_each.values():
        yield
        return
    _replace(_MAKERS)
    try:
        yield
    finally:
        _replace(compile_each)


def _replace(makers: dict[str, Any]) -> None:
    for name, maker in makers.items():
        setattr(dataclasses, name, maker)


def _values(names: Sequence[str]) -> Values:
    """Return what gives the values of these attributes, always as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _repr(fields: Sequence[Field[Any]], _: object) -> Callable[[object], str]:
    names = [field.name for field in fields]

    @recursive_repr()
    def __repr__(self: object) -> str:  # noqa: N807 - its name in the class, as below
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({shown})"

    return __repr__


def _comparison(name: str, operator: str, own: str, others: str, **module: object) -> Callable[..., Any]:
    """Return a comparison; *own* is the text of a tuple: `(self.kind,self.number,)`."""
    if name != "__eq__":
        return cast("Callable[..., Any]", _compiled_comparison(name, operator, own, others, **module))
    values = _values(re.findall(r"self\.(\w+)", own))

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        if other.__class__ is self.__class__:
            return values(self) == values(other)
        return NotImplemented

    return __eq__


def _hash(fields: Sequence[Field[Any]], _: object) -> Callable[[object], int]:
    values = _values([field.name for field in fields])

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(values(self))

    return __hash__


def _frozen(cls: type, fields: Sequence[Field[Any]], _: object) -> tuple[Callable[..., None], Callable[..., None]]:
    names = frozenset(field.name for field in fields)

    def __setattr__(self: object, name: str, value: object) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)  # type: ignore[arg-type] # mypy knows no super of a variable

    def __delattr__(self: object, name: str) -> None:  # noqa: N807
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)  # type: ignore[arg-type] # as above

    return __setattr__, __delattr__


_compiled_comparison: Final[Any] = getattr(dataclasses, "_cmp_fn", None)
_MAKERS: Final[dict[str, Any]] = {
    "_repr_fn": _repr,
    "_cmp_fn": _comparison,
    "_hash_fn": _hash,
    "_frozen_get_del_attr": _frozen,
}
