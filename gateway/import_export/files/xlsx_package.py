"""The package of a workbook: its parts by relationship, and their XML as a stream [ECMA-376 part 2].

A small file can unpack to any size, so nothing is held whole: a part is unpacked by 64 KB, a token of its XML is at
most 1 MB, and XML with a document type is refused, so that no entity expands.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from posixpath import dirname, join, normpath
from typing import BinaryIO, Final, Protocol
from xml.parsers import expat

from gateway.import_export.errors import ExchangeRefused, FileFlaw, ImportRefusal

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
)
"""Errors of the libraries for a file that only looks like a workbook; their messages may quote the file."""
MOST_BYTES: Final = 200 * 2**20
"""The most that a workbook may contain unpacked."""
_AT_ONCE: Final = 1 << 16
_LONGEST_TOKEN: Final = 1 << 20
_DEEPEST: Final = 64
_MOST_NAMES: Final = 4096
"""The parser remembers every name of an element or attribute; a workbook has some hundred."""
_SEPARATOR: Final = " "
_NAMESPACES: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/package/2006/relationships",
    }
)
"""The namespaces of what is read: transitional and strict workbooks, and relationships. Others are passed over."""
_RELATIONSHIP_ID: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
        "http://purl.oclc.org/ooxml/officeDocument/relationships id",
    }
)
_ROOT: Final = "_rels/.rels"

Attributes = Mapping[str, str]


class Reader(Protocol):
    """Takes the elements of one part, by their local names; `read` passes over elements of other namespaces."""

    def start(self, name: str, attributes: Attributes) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def unreadable(flaw: FileFlaw, line: int | None = None) -> ExchangeRefused:
    """Return the refusal of a workbook for *flaw*; *line* is 0 before the first row."""
    return ExchangeRefused(ImportRefusal.WORKBOOK, flaw=flaw, line=line or None)


@contextmanager
def opened(file: BinaryIO) -> Iterator["Package"]:
    """Open the package in *file*; raises ExchangeRefused for whatever is wrong with it."""
    with zipfile.ZipFile(file) as packed:
        yield Package(packed)


class Package:
    """A workbook's archive. Names of parts are compared without case, as the standard demands."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._parts = {info.filename.replace("\\", "/").lower(): info for info in packed.infolist()}
        if sum(info.file_size for info in self._parts.values()) > MOST_BYTES:
            raise ExchangeRefused(ImportRefusal.TOO_LARGE)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    @property
    def names(self) -> frozenset[str]:
        """The names of its parts, in small letters."""
        return frozenset(self._parts)

    def related(self, source: str = "") -> Mapping[str, tuple[str, str]]:
        """Return the relationships of the part *source*, or of the package: by id, the last word of the type, the part.

        The type is `…/2006/relationships/worksheet`; a strict workbook has another beginning.
        """
        folder = dirname(source)
        name = join(folder, "_rels", source.rsplit("/", 1)[-1] + ".rels") if source else _ROOT
        reader = _Relationships(folder)
        if name in self:
            self.read_whole(name, reader)
        return reader.found

    def read(self, name: str, reader: Reader) -> Iterator[None]:
        """Let *reader* take the part *name* by pieces, and yield after each. Raises ExchangeRefused, or BROKEN."""
        parser = _parser(reader)
        given = 0
        with self._part(name) as part:
            while piece := part.read(_AT_ONCE):
                parser.Parse(piece, False)
                given += len(piece)
                # A token that goes on and on is kept by the parser until it ends; nothing of a workbook is so long.
                if given - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN or len(parser.intern) > _MOST_NAMES:
                    raise unreadable(FileFlaw.MARKUP)
                yield
        parser.Parse(b"", True)
        yield

    def read_whole(self, name: str, reader: Reader) -> None:
        """Let *reader* take the part *name*."""
        for _ in self.read(name, reader):
            pass

    def _part(self, name: str) -> zipfile.ZipExtFile:
        info = self._parts.get(name.lower())
        if info is None:
            raise unreadable(FileFlaw.DAMAGED)
        if info.flag_bits & 1:
            raise unreadable(FileFlaw.PASSWORD)
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise unreadable(FileFlaw.COMPRESSION)
        return self._packed.open(info)  # type: ignore[return-value]  # opened for reading, it is always this class


class _Relationships:
    def __init__(self, folder: str) -> None:
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = normpath(join("/", self._folder, attributes.get("Target", ""))).lstrip("/")
            kind = attributes.get("Type", "").rsplit("/", 1)[-1]
            self.found[attributes.get("Id", "")] = kind, target

    def end(self, name: str) -> None:
        """Nothing: a relationship has attributes only."""

    def text(self, data: str) -> None:
        """Nothing: likewise."""


def _parser(reader: Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    local_names: dict[str, str] = {}
    depth = 0

    def local(name: str) -> str:
        known = local_names.get(name)
        if known is None:
            namespace, _, word = name.rpartition(_SEPARATOR)
            known = local_names[name] = word if namespace in _NAMESPACES else ""
        return known

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise unreadable(FileFlaw.MARKUP)
        if word := local(name):
            reader.start(word, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if word := local(name):
            reader.end(word)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def _refuse_document_type(*_: object) -> None:
    raise unreadable(FileFlaw.ENTITIES)


def relationship_id(attributes: Attributes) -> str:
    """Return the relationship that an element names by its attribute `r:id`."""
    return next((value for name, value in attributes.items() if name in _RELATIONSHIP_ID), "")
