"""The methods of dataclasses that are made without compiling do what those of the standard library do."""

import dataclasses
import sys
from collections.abc import Callable
from importlib import util
from types import ModuleType
from typing import Any

import pytest

from gateway.dataclass_methods import made_without_compiling


def standard() -> ModuleType:
    """Return a copy of the standard library's module, in which nothing was replaced."""
    spec = util.spec_from_file_location("standard_dataclasses", dataclasses.__file__)
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def classes(module: ModuleType, options: dict[str, bool]) -> dict[str, type]:
    """Return classes of each kind, made by *module*."""
    make = module.dataclass(**options)

    class Empty:
        pass

    class One:
        text: str

    class Two:
        text: str
        number: float = 1.5
        hidden: int = module.field(default=7, repr=False, compare=False)

    class Own:
        text: str

        def __repr__(self) -> str:
            return "its own"

    Base = make(Two)  # noqa: N806 - a class

    class Derived(Base):  # type: ignore[misc, valid-type]
        more: tuple[object, ...] = ()

    return {"Empty": make(Empty), "One": make(One), "Two": Base, "Own": make(Own), "Derived": make(Derived)}


def outcome(act: Callable[[], object]) -> object:
    """Return what *act* gives, or its error in words; the addresses in it differ."""
    try:
        return act()
    except (AttributeError, TypeError) as error:
        return type(error).__name__, str(error)


NAN = float("nan")
VALUES: dict[str, list[tuple[Any, ...]]] = {
    "Empty": [(), ()],
    "One": [("a",), ("a",), ("b",)],
    "Own": [("a",), ("a",)],
    "Two": [("a",), ("a", 1.5, 8), ("a", 2.0), ("a", NAN), ("a", NAN)],
    "Derived": [("a",), ("a", 1.5, 7, (1, "x")), ("a", 1.5, 7, (1, "x"))],
}


def behaviour(module: ModuleType, options: dict[str, bool]) -> list[object]:
    """Return what the classes do that *module* makes."""
    seen: list[object] = []
    for name, cls in classes(module, options).items():
        ones = [cls(*given) for given in VALUES[name]]
        seen += [name, [repr(one).rpartition(".")[2] for one in ones]]
        seen.append([[one == other for other in [*ones, "a", None]] for one in ones])
        seen.append([outcome(lambda one=one: hash(one)) if options.get("frozen") else None for one in ones])  # type: ignore[misc]
        seen.append([outcome(lambda one=one: setattr(one, "text", "c")) for one in ones])  # type: ignore[misc]
        seen.append([outcome(lambda one=one: delattr(one, "text")) for one in ones])  # type: ignore[misc]
        seen.append(cls.__eq__.__qualname__.rpartition(".")[2])
        if options.get("order"):
            seen.append([[outcome(lambda one=one, other=other: one < other) for other in ones] for one in ones])  # type: ignore[misc]
    return seen


@pytest.mark.parametrize(
    "options",
    [{}, {"frozen": True}, {"frozen": True, "slots": True}, {"order": True}, {"eq": False}, {"kw_only": False}],
    ids=str,
)
def test_they_do_what_the_standard_library_does(options: dict[str, bool]) -> None:
    with made_without_compiling():
        ours = behaviour(dataclasses, options)
    assert ours == behaviour(standard(), options)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the standard library compiles a class at once")
def test_they_are_functions_and_not_compiled_texts() -> None:
    with made_without_compiling():
        cls = dataclasses.make_dataclass("Cls", ["text"], frozen=True)
    made = {method.__code__.co_filename for method in (cls.__eq__, cls.__hash__, cls.__setattr__, cls.__delattr__)}
    assert made == {sys.modules[made_without_compiling.__module__].__file__}


def test_a_value_within_itself_is_shown_once() -> None:
    with made_without_compiling():
        cls = dataclasses.make_dataclass("Cls", ["within"])
    one = cls([])
    one.within.append(one)
    assert repr(one) == "Cls(within=[...])"
