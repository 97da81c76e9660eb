"""An epoch publishes one root of all heads; each subject finds its own in it, and nothing else proves anything."""

import hmac
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import NotCanonical, ProofRefused
from consent.ledger.epoch_trees import LABELS, WIDTH, EpochTree, find_head, piece_of
from consent.ledger.epochs import (
    MOST,
    BlindedHead,
    Blinding,
    Head,
    HeadPath,
    HeadsInOrder,
    joined_node,
    sums_of,
    verify_head,
)
from consent.ledger.merkle_tree import root_of
from consent.ledger.subject_trees import subject_leaf_hash
from tests.consent.ledger import independent_epochs

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "epochs.json").read_text(encoding="utf-8"))


def head_of(subject):
    entries = [[(index, bytes.fromhex(own)) for index, own in subject[log]] for log in ("consent", "access")]
    roots = [root_of([subject_leaf_hash(*each) for each in some]) for some in entries]
    return Head(len(entries[0]), len(entries[1]), *roots)


def built(heads):
    """Build the tree of an epoch; return it with its pieces by level and number."""
    collected = HeadsInOrder()
    for each in heads:
        collected.add(each)
    tree = EpochTree(collected.take())
    return tree, {(each.level, each.number): each.contents for each in tree.pieces()}


def found(tree, pieces, label):
    number = piece_of(label, pieces[LABELS, 0])
    if number is None:
        return None
    return find_head(label, tree.heads, number, pieces[0, number], lambda *at: pieces[at])


@pytest.mark.parametrize("vector", VECTORS["epochs"], ids=lambda vector: vector["why"])
def test_an_epoch_to_the_byte(vector):
    blinding = Blinding(vector["epoch"])
    blinded = [blinding.head(bytes.fromhex(each["secret"]), head_of(each)) for each in vector["subjects"]]
    assert [each.label.hex() for each in blinded] == [each["label"] for each in vector["subjects"]]
    assert [each.node.hex() for each in blinded] == [each["node"] for each in vector["subjects"]]
    tree, pieces = built(blinded)
    assert (tree.root.hex(), tree.heads) == (vector["root"], len(vector["subjects"]))
    for subject, each in zip(vector["subjects"], blinded, strict=True):
        own = found(tree, pieces, each.label)
        assert own.node == each.node
        assert own.way.place == subject["place"]
        assert [node.hex() for node in own.way.path] == subject["path"]
        verify_head(each, own.way, tree.heads, tree.root)


def test_the_keys_of_a_head_are_an_hmac():
    secret = bytes(range(32))
    message = b"chengxin/epoch/1\0" + (77).to_bytes(8, "big")
    assert Blinding(77).keys(secret) == hmac.digest(secret, message, "sha512")


COUNTS = st.integers(0, 1 << 40)


def heads_of(counts):
    blinding = Blinding(5)
    return [
        blinding.head(at.to_bytes(32, "big"), Head(consent, access, bytes(32), bytes(32)))
        for at, (consent, access) in enumerate(counts)
    ]


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=40), st.data())
def test_every_subject_finds_its_head_and_all_counts_add_up(counts, data):
    heads = heads_of(counts)
    tree, pieces = built(data.draw(st.permutations(heads)))
    assert tree.root == independent_epochs.top([each.node for each in sorted(heads, key=lambda it: it.label)])
    assert sums_of(tree.root) == tuple(map(sum, zip(*counts, strict=True)))
    paths = {}
    for each in heads:
        own = found(tree, pieces, each.label).way
        verify_head(each, own, tree.heads, tree.root)
        paths[own.place] = len(own.path)
    # 960 bytes of 10^6 heads: 20 nodes of 48.
    assert paths[0] == max(paths.values()) == (len(heads) - 1).bit_length()
    assert found(tree, pieces, bytes(32)) is None
    assert found(tree, pieces, b"\xff" * 32) is None


@pytest.mark.parametrize("count", [WIDTH - 1, WIDTH, WIDTH + 1, 3 * WIDTH + 5])
def test_a_tree_of_several_pieces(count):
    heads = heads_of([(at, 1) for at in range(count)])
    tree, pieces = built(heads)
    assert tree.heads == count
    assert tree.root == independent_epochs.top([each.node for each in sorted(heads, key=lambda it: it.label)])
    assert len([each for each in pieces if each[0] == 0]) == -(-count // WIDTH)
    for each in heads[::97]:
        own = found(tree, pieces, each.label).way
        verify_head(each, own, tree.heads, tree.root)
        assert len(own.path) <= (count - 1).bit_length()


HEADS = heads_of([(at, 2 * at) for at in range(7)])
TREE, PIECES = built(HEADS)
OWN = HEADS[3]
WAY = found(TREE, PIECES, OWN.label).way


def blinded(epoch, head):
    return Blinding(epoch).head((3).to_bytes(32, "big"), head)


def beside(sums):
    """Return the way with other sums in its lowest node."""
    return HeadPath(WAY.place, [sums + WAY.path[0][16:], *WAY.path[1:]])


@pytest.mark.parametrize(
    ("why", "head", "way", "heads", "root"),
    [
        ("the head of another subject", HEADS[2], WAY, 7, TREE.root),
        ("the head of another epoch", blinded(6, Head(3, 6, bytes(32), bytes(32))), WAY, 7, TREE.root),
        ("an entry less in the head", blinded(5, Head(3, 5, bytes(32), bytes(32))), WAY, 7, TREE.root),
        ("another place", OWN, replace(WAY, place=WAY.place ^ 1), 7, TREE.root),
        ("a place beyond the heads", OWN, replace(WAY, place=7), 7, TREE.root),
        ("no place", OWN, replace(WAY, place=-1), 7, TREE.root),
        ("another number of heads", OWN, WAY, 70, TREE.root),
        ("a node less", OWN, HeadPath(WAY.place, WAY.path[1:]), 7, TREE.root),
        ("a node more", OWN, HeadPath(WAY.place, [*WAY.path, WAY.path[0]]), 7, TREE.root),
        ("a node of another length", OWN, HeadPath(WAY.place, [b"short", *WAY.path[1:]]), 7, TREE.root),
        ("the announced sums are others", OWN, WAY, 7, bytes(15) + b"\x01" + TREE.root[16:]),
        ("a count that wraps around", OWN, beside(b"\xff" * 16), 7, TREE.root),
        ("a sum that is too large", OWN, beside(b"\x7f" + b"\xff" * 15), 7, TREE.root),
    ],
)  # fmt: skip
def test_what_is_no_head_of_the_epoch_is_refused(why, head, way, heads, root):
    with pytest.raises(ProofRefused):
        verify_head(head, way, heads, root)


@given(st.integers(0, 3), st.integers(0, 48 * 8 - 1))
def test_any_flipped_bit_proves_nothing(which, bit):
    nodes = [OWN.node, *WAY.path, TREE.root]
    at = which % len(nodes)
    nodes[at] = (int.from_bytes(nodes[at], "big") ^ 1 << bit).to_bytes(48, "big")
    with pytest.raises(ProofRefused):
        verify_head(BlindedHead(OWN.label, nodes[0]), HeadPath(WAY.place, nodes[1:-1]), 7, nodes[-1])


def node(consent_sum, access_sum):
    return consent_sum.to_bytes(8, "big") + access_sum.to_bytes(8, "big") + bytes(32)


@pytest.mark.parametrize(
    ("why", "make"),
    [
        ("a sum of 2^63", lambda: joined_node(node(MOST, 0), node(1, 0))),
        ("the other sum of 2^63", lambda: joined_node(node(0, MOST), node(0, 1))),
        ("both sums at their most, carried", lambda: joined_node(node(MOST, MOST), node(MOST, MOST))),
        ("a negative count", lambda: heads_of([(-1, 0)])),
        ("a count of 2^63", lambda: heads_of([(0, MOST + 1)])),
        ("an epoch of 2^63", lambda: Blinding(MOST + 1)),
        ("a secret of another length", lambda: Blinding(1).label(b"short")),
        ("two heads under one label", lambda: built([OWN, OWN])),
        ("labels of another length", lambda: piece_of(bytes(32), b"short")),
        ("heads of another length", lambda: find_head(bytes(32), 1, 0, b"short", lambda *_: b"")),
        ("nodes of another length", lambda: find_head(OWN.label, 2_000, 0, PIECES[0, 0], lambda *_: b"short")),
    ],
)
def test_what_has_no_form_is_refused(why, make):
    with pytest.raises(NotCanonical):
        make()


def test_sums_at_their_most_are_taken():
    assert sums_of(joined_node(node(MOST, 0), node(0, MOST))) == (MOST, MOST)
