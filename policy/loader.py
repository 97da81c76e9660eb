"""The strict reader of a policy folder: every word is known and every row has an effect, or the folder is refused.

`policy.csv_rows` checks the format of a file. `policy.expand_rules` refuses rows that cannot take effect.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actions import FORM_REACH, REACH, Action, Effect
from policy.actors import Role
from policy.csv_rows import CsvRow, rows
from policy.errors import PolicyRefused
from policy.rules import CLASSES, FILES, GROUPS, MODEL, NEED, WHO, Groups, NeedRow, PolicyRules, WhoRow
from queryplan.scopes import Scope

Word = TypeVar("Word", bound=StrEnum)

_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    WHO: ("role", "purpose", "class", "action", "scope", "effect"),
    NEED: ("purpose", "role", "class", "form", "basis", "citation", "effect"),
    GROUPS: ("kind", "member", "group"),
    CLASSES: ("field", "class"),
}
REFUSAL_FIELDS: Final = frozenset({"code", "message", "messageEn", "clause", "wayOut", "wayOutEn"})
"""The fields that every refusal has. They answer the caller's own request, so they are SESSION without a row."""
_FIELD = re.compile(r"[A-Z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*")
_GROUP = re.compile(r"[a-z]+(-[a-z]+)*")
_CLAUSE = re.compile(r"(A|[3-6](\.[0-9]+){1,2}[a-e]?(\([0-9]\))?)")
_KINDS: Final[Mapping[str, type[StrEnum]]] = {
    "role": Role,
    "class": DataClass,
    "purpose": Purpose,
    "action": Action,
    "form": Form,
}
_OPEN: Final = "this is open to everybody without a purpose, and has no rows"
_PERSONAL: Final = tuple(word for word in DataClass if word not in WITHOUT_PURPOSE)


def read_rules(folder: Path, refusals: Iterable[str] = ()) -> PolicyRules:
    """Read the five files of *folder*; raises PolicyRefused naming file, line and word. Each file is read once.

    *refusals* are the fields of the refusal types, as `Type.field`. Those in REFUSAL_FIELDS get their class here.
    """
    contents = {name: _bytes(folder, name) for name in FILES}
    read = {name: list(rows(name, contents[name], _HEADERS[name])) for name in _HEADERS}
    groups = _groups(read[GROUPS])
    classes, class_lines = _classes(read[CLASSES], refusals)
    rules = PolicyRules(
        version=_version(contents),
        who=tuple(_who(row, groups) for row in read[WHO]),
        need=tuple(_need(row, groups) for row in read[NEED]),
        groups=groups,
        classes=classes,
        class_lines=class_lines,
        model=_text(contents[MODEL]),
    )
    _refuse_repeated(read[WHO], key=slice(0, 5))
    _refuse_repeated(read[NEED], key=slice(0, 4))
    _refuse_unused_groups(read[GROUPS], rules)
    return rules


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise PolicyRefused("the file cannot be read", file=name) from error


def _text(model: bytes) -> str:
    try:
        return model.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise PolicyRefused("the file is not UTF-8", file=MODEL) from error


def _version(contents: Mapping[str, bytes]) -> str:
    """Return a hash over names and contents, each preceded by its length, so no two folders give the same input."""
    digest = sha256()
    for name in FILES:
        for part in (name.encode(), contents[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


def _word(row: CsvRow, kind: type[Word], word: str) -> Word:
    try:
        return kind(word)
    except ValueError:
        raise row.refused(f"unknown word for {kind.__name__}", word) from None


def _group_word(row: CsvRow, known: Collection[str], what: str, word: str) -> str:
    if word not in known:
        raise row.refused(f"unknown word for {what}", word)
    return word


def _groups(written: list[CsvRow]) -> Groups:
    links: dict[str, list[tuple[str, str]]] = {kind: [] for kind in _KINDS}
    named: dict[str, str] = {}
    for row in written:
        kind, member, group = row.cells
        _group_word(row, _KINDS, "a kind of group", kind)
        _word(row, _KINDS[kind], member)
        if member in WITHOUT_PURPOSE:
            raise row.refused(_OPEN, member)
        if kind not in ("action", "form") and (not _GROUP.fullmatch(group) or group in list(Role)):
            raise row.refused("a group is written in small letters and hyphens, and is not itself a role", group)
        if named.setdefault(group, kind) != kind:
            raise row.refused("this name is already a group of another kind", group)
        if (member, group) in links[kind]:
            raise row.refused("this row stands twice", member)
        links[kind].append((member, group))
    _refuse_other_orders(written, links)
    return Groups(
        roles=_expansion(Role, tuple(Role), links["role"]),
        classes=_expansion(DataClass, _PERSONAL, links["class"]),
        purposes=_expansion(Purpose, tuple(Purpose), links["purpose"]),
        links={kind: tuple(pairs) for kind, pairs in links.items()},
    )


def _refuse_other_orders(written: list[CsvRow], links: Mapping[str, list[tuple[str, str]]]) -> None:
    """Refuse an order of actions or forms in `groups.csv` that differs from the one that the second reading uses."""
    orders: dict[str, Mapping[Any, tuple[Any, ...]]] = {"action": REACH[Effect.ALLOW], "form": FORM_REACH[Effect.ALLOW]}
    for kind, order in orders.items():
        fixed = [(more, less) for more, reach in order.items() for less in reach if less != more]
        for row in written:
            if row.cells[0] == kind and row.cells[1:] not in fixed:
                raise row.refused(f"the order of the {kind}s is fixed", ",".join(row.cells))
        if links[kind] != fixed:
            raise PolicyRefused(f"the order of the {kind}s is fixed, and missing", file=GROUPS)


def _expansion(
    kind: Callable[[str], Word], words: tuple[Word, ...], links: list[tuple[str, str]]
) -> Mapping[str, tuple[Word, ...]]:
    expansion: dict[str, tuple[Word, ...]] = {word.value: (word,) for word in words}
    for member, group in links:
        expansion[group] = (*expansion.get(group, ()), kind(member))
    return expansion


def _who(row: CsvRow, groups: Groups) -> WhoRow:
    role, purpose, data_class, action, scope, effect = row.cells
    who = WhoRow(
        line=row.line,
        role=_group_word(row, groups.roles, "Role", role),
        purpose=_group_word(row, groups.purposes, "Purpose", purpose),
        data_class=_data_class(row, groups, data_class),
        action=_word(row, Action, action),
        scope=_word(row, Scope, scope),
        effect=_word(row, Effect, effect),
    )
    if who.effect is Effect.DENY and who.scope is not Scope.ALL:
        # A narrower deny would leave the same rows visible through a wider scope.
        raise row.refused("a deny is for every row: its scope is all", scope)
    return who


def _need(row: CsvRow, groups: Groups) -> NeedRow:
    purpose, role, data_class, form, basis, citation, effect = row.cells
    if basis == "" and effect == Effect.ALLOW:
        raise row.refused("what is needed rests on a basis")
    if basis != "" and effect == Effect.DENY:
        raise row.refused("a deny has no basis", basis)
    for clause in citation.split(" "):
        if not _CLAUSE.fullmatch(clause):
            raise row.refused("a citation names clauses such as 5.1.4(3), with one space between", citation)
    return NeedRow(
        line=row.line,
        purpose=_group_word(row, groups.purposes, "Purpose", purpose),
        role=_group_word(row, groups.roles, "Role", role),
        data_class=_data_class(row, groups, data_class),
        form=_word(row, Form, form),
        basis=_word(row, Basis, basis) if basis else None,
        citation=citation,
        effect=_word(row, Effect, effect),
    )


def _data_class(row: CsvRow, groups: Groups, word: str) -> str:
    if word in WITHOUT_PURPOSE:
        raise row.refused(_OPEN, word)
    return _group_word(row, groups.classes, "DataClass", word)


def _classes(written: list[CsvRow], refusals: Iterable[str]) -> tuple[dict[str, DataClass], dict[str, int]]:
    """Return the class of each field, and the line of its row; the fields in REFUSAL_FIELDS have no line."""
    of_refusals = {name for name in refusals if name.partition(".")[2] in REFUSAL_FIELDS}
    classes = dict.fromkeys(of_refusals, DataClass.SESSION)
    lines: dict[str, int] = {}
    for row in written:
        name, data_class = row.cells
        if not _FIELD.fullmatch(name):
            raise row.refused("a field is written Type.field", name)
        if name in lines:
            raise row.refused(f"this field has its class on line {lines[name]}", name)
        if name in of_refusals and data_class == DataClass.SESSION:
            raise row.refused("what a refusal says of itself is SESSION without a row", name)
        classes[name], lines[name] = _word(row, DataClass, data_class), row.line
    return classes, lines


def _refuse_repeated(written: list[CsvRow], key: slice) -> None:
    """Refuse a row that repeats or contradicts another row with the same key."""
    seen: dict[tuple[str, ...], CsvRow] = {}
    for row in written:
        first = seen.setdefault(row.cells[key], row)
        if first is row:
            continue
        what = "stands twice" if first.cells == row.cells else "contradicts another"
        raise row.refused(f"this row {what}: see line {first.line}", ",".join(row.cells))


def _refuse_unused_groups(written: list[CsvRow], rules: PolicyRules) -> None:
    used = {word for who in rules.who for word in (who.role, who.purpose, who.data_class)}
    used |= {word for need in rules.need for word in (need.role, need.purpose, need.data_class)}
    for row in written:
        kind, _, group = row.cells
        if kind not in ("action", "form") and group not in used:
            raise row.refused("no row uses this group", group)
