"""A batch consultation by file: the input has numbers, the output has line numbers and replies only [5.2.3].

The consultation is an ordinary GraphQL mutation: guarded, answered at its moment, and in the access log of every
subject before a line is written. The same file for the same occasion on the same day is the same request, so a second
run after a crash uses no authorisation twice.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from consent.idempotency import request_hash
from consent.vocabulary import Channel
from credit.consultations.consultation import ConsultationKind, Reply
from credit.core.values.blanks import is_blank
from credit.core.values.characters import clean
from credit.core.values.identifiers import IdentifierKind
from gateway.import_export.authorize import check_actor
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.atomic_write import check_output, write_whole
from gateway.import_export.files.detect import SourceFile, examine, records_of, text_of
from gateway.import_export.files.xlsx_writer import workbook_of
from gateway.import_export.reference_lists import load_lists
from gateway.services import Services
from policy.actors import Actor
from schema.core.ports import GraphQLRequest

COLUMNS: Final[Mapping[str, IdentifierKind]] = {
    "身份证号": IdentifierKind.ID_NUMBER,
    "身份证号码": IdentifierKind.ID_NUMBER,
    "统一社会信用代码": IdentifierKind.SOCIAL_CREDIT_CODE,
}
"""The columns that may hold a number. The column decides the kind of number; nothing is guessed."""
HEADER: Final = ("行号", "答复")
_DELIMITERS: Final = (",", ";", "\t")
_HEAD: Final = 10
_DOCUMENT: Final = """mutation Consult($input: ConsultInput!) @purpose(is: CONSULTATION) {
  consult(input: $input) {
    __typename
    ... on ConsultationAnswered { answeredAt lines { line reply } }
    ... on NotWellFormed { problems { field code message messageEn } }
    ... on Refusal { code message messageEn }
  }
}"""


@dataclass(frozen=True, slots=True)
class ConsultationQuestion:
    """What a consultation asks, besides the names."""

    kind: ConsultationKind
    occasion: str
    statute: str | None = None


@dataclass(frozen=True, slots=True)
class Consulted:
    """The result: its moment (UTC), and the count of each reply."""

    at: str
    counts: Mapping[Reply, int]

    def facts(self) -> dict[str, object]:
        """Return the result as JSON-ready values."""
        return {"answered_at": self.at, "counts": {reply.value: number for reply, number in self.counts.items()}}


async def consult_file(
    services: Services,
    source: Path,
    output: Path,
    actor: Actor,
    question: ConsultationQuestion,
    *,
    replace: bool = False,
) -> Consulted:
    """Consult about every subject in *source*; write replies to *output*. Writes nothing on ExchangeRefused."""
    check_output(output, replace=replace)
    check_actor(actor, await load_lists(services.database))
    found = examine(source)
    names = list(_names(found))
    given = {
        "kind": question.kind.value,
        "occasion": question.occasion,
        "statute": question.statute,
        "names": [{"kind": kind.value, "number": number} for _, kind, number in names],
        "idempotencyKey": _key(services, found, question),
    }
    graphql_request = GraphQLRequest(
        query=_DOCUMENT,
        actor=actor,
        request_id=str(services.runtime.new_id()),
        variables={"input": given},
        channel=Channel.COMMAND_LINE,
    )
    answer = orjson.loads((await services.graphql_service.execute(graphql_request)).body)
    done = _done(answer, [line for line, _, _ in names])
    replies = [Reply(one["reply"]) for one in done["lines"]]
    rows = [(str(line), reply.zh) for (line, _, _), reply in zip(names, replies, strict=True)]
    write_whole(output, _written(output, rows), replace=replace)
    return Consulted(done["answeredAt"], {reply: replies.count(reply) for reply in Reply})


def _key(services: Services, source: SourceFile, question: ConsultationQuestion) -> str:
    today = services.runtime.today(services.runtime.now()).isoformat()
    [mark, *_] = services.keyring.import_marks("consultation", source.digest)
    parts = [mark, question.kind.value, question.occasion, question.statute or "", today]
    return f"file-{request_hash('consult-file', {'asked': parts})[:48]}"


def _names(source: SourceFile) -> Iterator[tuple[int, IdentifierKind, str]]:
    """Yield each number with its line and kind; raises ExchangeRefused where a line has none, or two."""
    columns: dict[int, IdentifierKind] = {}
    for line, cells in _records(source):
        if not columns:
            columns = {at: COLUMNS[clean(cell)] for at, cell in enumerate(cells) if clean(cell) in COLUMNS}
            if not columns and line >= _HEAD:
                break
            continue
        if all(is_blank(cell) for cell in cells):
            continue
        filled = [
            (kind, clean(cells[at])) for at, kind in columns.items() if at < len(cells) and not is_blank(cells[at])
        ]
        if len(filled) != 1:
            raise ExchangeRefused(ImportRefusal.ONE_NUMBER, line=line)
        yield line, *filled[0]
    if not columns:
        raise ExchangeRefused(ImportRefusal.MISSING_COLUMNS, hint="、".join(COLUMNS))


def _records(source: SourceFile) -> Iterator[tuple[int, list[str]]]:
    if source.is_workbook:
        yield from records_of(source)
        return
    with text_of(source) as text:
        lines = list(text)
    head = lines[:_HEAD]
    delimiter = next((one for one in _DELIMITERS if any(one in line for line in head)), ",")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error:
        raise ExchangeRefused(ImportRefusal.QUOTES, line=reader.line_num) from None  # its message may quote a cell


def _done(answer: Mapping[str, Any], lines: Sequence[int]) -> Mapping[str, Any]:
    """Return the answered consultation; raises ExchangeRefused with the message of GraphQLService."""
    for error in answer.get("errors", ()):
        facts = error["extensions"]
        raise ConsultationFailed(facts["code"], facts["messageEn"], error["message"], hint=str(facts.get("until", "")))
    done: Mapping[str, Any] = answer["data"]["consult"]
    if done["__typename"] == "ConsultationAnswered":
        return done
    for problem in done.get("problems", ()):
        place = problem["field"].split(".")
        line = lines[int(place[1])] if place[0] == "names" else None
        raise ConsultationFailed(problem["code"], problem["messageEn"], problem["message"], line)
    raise ConsultationFailed(done["code"], done["messageEn"], done["message"])


class ConsultationFailed(ExchangeRefused):
    """GraphQLService refused the consultation; the message is its own, and quotes no number."""

    def __init__(self, code: str, message: str, message_zh: str, line: int | None = None, hint: str = "") -> None:
        super().__init__(ImportRefusal.COUNTER, line=line, hint=hint, code=code)
        self.message, self.message_zh = message, message_zh


def _written(output: Path, rows: Sequence[Sequence[str]]) -> bytes:
    if output.suffix.lower() == ".xlsx":
        return workbook_of("征求意见答复", HEADER, rows)
    return "".join(",".join(row) + "\r\n" for row in (HEADER, *rows)).encode("utf-8-sig")
