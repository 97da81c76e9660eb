"""Good documents of the vectors, and changes by name, each of which makes another document of a good one."""

import json
from pathlib import Path

from consent.ledger.notes.log_policy import LogPolicy
from consent.ledger.notes.signed_notes import VerifierKey
from tests.hypothesis_profiles import examples

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ledger.json").read_text(encoding="utf-8"))
LOG, WITNESS, POST_QUANTUM = (VerifierKey.parse(each["vkey"]) for each in VECTORS["keys"])
SEEDS = [bytes.fromhex(each["seed"]) for each in VECTORS["keys"]]
POLICY = LogPolicy.parse(VECTORS["policy"].encode())
NOTE = VECTORS["notes"][1]["note"].encode()
COSIGNED = VECTORS["checkpoints"][2]["note"].encode()
"""A checkpoint of five entries with the signature of its log and both cosignatures."""
PROOF, LEAF = VECTORS["proofs"][1]["proof"].encode(), bytes.fromhex(VECTORS["proofs"][1]["leaf_hash"])
PROMISE = VECTORS["promises"][1]["note"].encode()
PROMISE_KEY = VerifierKey.parse(VECTORS["promises"][1]["vkey"])


def flips(content):
    """Give *content* with each of its bits changed; in the fast profile, with two bits of each byte."""
    for at, byte in enumerate(content):
        for bit in range(examples(8, few=2)):
            yield content[:at] + bytes([byte ^ 1 << (3 * at + bit) % 8]) + content[at + 1 :]


def is_another_order_of_signatures(changed, content):
    """Whether two notes have the same text and the same signatures."""
    before, after = (each.rpartition(b"\n\n") for each in (content, changed))
    return before[0] == after[0] and sorted(before[2].split(b"\n")) == sorted(after[2].split(b"\n"))


def of_each_line(change):
    """Give what *change* makes of each line, among the lines as they are."""

    def changed(content):
        lines = content.split(b"\n")
        for at, line in enumerate(lines[:-1]):
            yield b"\n".join([*lines[:at], *change(line), *lines[at + 1 :]])

    return changed


def of_the_whole(change):
    return lambda content: [change(content)]


def swapped_lines(content):
    lines = content.split(b"\n")
    for at in range(len(lines) - 2):
        yield b"\n".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])


CHANGES = {
    "a line is missing": of_each_line(lambda _: []),
    "a line is empty": of_each_line(lambda _: [b""]),
    "an empty line stands before a line": of_each_line(lambda line: [b"", line]),
    "an unknown line stands before a line": of_each_line(lambda line: [b"unknown", line]),
    "a line is broken in two": of_each_line(lambda line: [line[: len(line) // 2], line[len(line) // 2 :]]),
    "a line begins with a space": of_each_line(lambda line: [b" " + line]),
    "a line ends with a space": of_each_line(lambda line: [line + b" "]),
    "a line begins with a tab": of_each_line(lambda line: [b"\t" + line]),
    "a line ends with a carriage return": of_each_line(lambda line: [line + b"\r"]),
    "a line has a zero byte": of_each_line(lambda line: [line[:1] + b"\0" + line[1:]]),
    "a line has a byte that is no UTF-8": of_each_line(lambda line: [line[:1] + b"\xff" + line[1:]]),
    "a line has half a surrogate pair": of_each_line(lambda line: [line[:1] + b"\xed\xa0\x80" + line[1:]]),
    "a line has a character written too long": of_each_line(lambda line: [b"\xc1\x81" + line]),
    "a line has a no-break space": of_each_line(lambda line: ["\u00a0".encode() + line]),
    "a line has an invisible character": of_each_line(lambda line: ["\u200b".encode() + line]),
    "a line lacks its first byte": of_each_line(lambda line: [line[1:]]),
    "a line lacks its last byte": of_each_line(lambda line: [line[:-1]]),
    "a line has one byte more": of_each_line(lambda line: [line + b"0"]),
    "a line has a zero in front": of_each_line(lambda line: [b"0" + line]),
    "a line has other letters": of_each_line(lambda line: [line.swapcase()]),
    "two lines are swapped": swapped_lines,
    "the end of the last line is missing": of_the_whole(lambda content: content[:-1]),
    "an empty line follows": of_the_whole(lambda content: content + b"\n"),
    "the first half alone": of_the_whole(lambda content: content[: len(content) // 2]),
    "the second half alone": of_the_whole(lambda content: content[len(content) // 2 :]),
    "lines end as on Windows": of_the_whole(lambda content: content.replace(b"\n", b"\r\n")),
    "a byte order mark": of_the_whole(lambda content: b"\xef\xbb\xbf" + content),
    "UTF-16": of_the_whole(lambda content: content.decode().encode("utf-16")),
    "twice": of_the_whole(lambda content: content + content),
    "nothing": of_the_whole(lambda _: b""),
}
"""Of each the documents that it makes of one. Some make the document again, as where two lines are the same."""


def changed_documents(change, content):
    """Return the documents that a change makes, without the document itself."""
    return [each for each in CHANGES[change](content) if each != content]
