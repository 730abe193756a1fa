from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.audit_system import merkle
from components.audit_system.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_root,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The reference tree of Certificate Transparency: eight leaves, its roots and proofs.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
CT_INCLUSION = [
    (0, 1, []),
    (0, 8, [_A, _B, _C]),
    (5, 8, [_D, _E, CT_ROOTS[4]]),
    (2, 3, [CT_ROOTS[2]]),
    (1, 5, [CT_ROOTS[1], _B, _D]),
]
CT_CONSISTENCY = [
    (1, 1, []),
    (1, 8, [_A, _B, _C]),
    (6, 8, [_F, _E, CT_ROOTS[4]]),
    (2, 5, [_B, _D]),
]
SIZES = [*range(1, 34), 63, 64, 65, 127, 128, 255, 256, 257, 511, 513]


def naive_root(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def naive_inclusion(index, leaves):
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_inclusion(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_inclusion(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_consistency(old, leaves, whole=True):
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*naive_consistency(old, leaves[:split], whole), naive_root(leaves[split:])]
    return [*naive_consistency(old - split, leaves[split:], False), naive_root(leaves[:split])]


def inclusion(index, leaves):
    return merkle.prove(inclusion_ranges(index, len(leaves)), lambda a, b: naive_root(leaves[a:b]))


def consistency(old, leaves):
    return merkle.prove(consistency_ranges(old, len(leaves)), lambda a, b: naive_root(leaves[a:b]))


def some_leaves(count):
    return [f"leaf {number}".encode() for number in range(count)]


@pytest.mark.fault(10)
def test_fault_10_published_roots_are_exact():
    assert EMPTY_ROOT.hex() == CT_ROOTS[0]
    for size, root in enumerate(CT_ROOTS):
        assert root_of(map(leaf_hash, CT_LEAVES[:size])).hex() == root


@pytest.mark.fault(10)
@pytest.mark.parametrize(("index", "size", "published"), CT_INCLUSION)
def test_fault_10_published_inclusion_proofs_are_exact(index, size, published):
    assert [node.hex() for node in inclusion(index, CT_LEAVES[:size])] == published
    proof, root = [*map(bytes.fromhex, published)], bytes.fromhex(CT_ROOTS[size])
    assert verify_inclusion(leaf_hash(CT_LEAVES[index]), index, size, proof, root)


@pytest.mark.fault(10)
@pytest.mark.parametrize(("old", "new", "published"), CT_CONSISTENCY)
def test_fault_10_published_consistency_proofs_are_exact(old, new, published):
    assert [node.hex() for node in consistency(old, CT_LEAVES[:new])] == published
    proof = [*map(bytes.fromhex, published)]
    before, after = bytes.fromhex(CT_ROOTS[old]), bytes.fromhex(CT_ROOTS[new])
    assert verify_consistency(old, new, before, after, proof)


@given(st.lists(st.binary(max_size=20), max_size=70))
def test_the_frontier_gives_the_root_of_the_recursive_definition(leaves):
    assert root_of(map(leaf_hash, leaves)) == naive_root(leaves)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_proofs_are_those_of_the_recursive_definition(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    old = data.draw(st.integers(1, len(leaves)))
    assert inclusion(index, leaves) == naive_inclusion(index, leaves)
    assert consistency(old, leaves) == naive_consistency(old, leaves)


def test_roots_and_proofs_agree_with_pymerkle():
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    frontier = Frontier()
    for size in range(1, max(SIZES) + 1):
        leaf = f"leaf {size - 1}".encode()
        tree.append_entry(leaf)
        frontier.add(leaf_hash(leaf))
        assert frontier.root() == tree.get_root()
        if size not in SIZES:
            continue
        leaves = some_leaves(size)
        for index in {0, size // 3, size // 2, size - 1}:
            theirs = tree.prove_inclusion(index + 1, size).path
            assert theirs[1:] == inclusion(index, leaves)
        for old in {1, size // 3 + 1, size // 2 + 1, size}:
            before = tree.get_root(old)
            assert before == naive_root(leaves[:old])
            # Its consistency proofs have another shape than the RFC's; the roots must agree.
            tree.prove_consistency(old, size).verify(before, frontier.root())
            proof = consistency(old, leaves)
            assert verify_consistency(old, size, before, frontier.root(), proof)


@pytest.mark.parametrize("size", SIZES[:33])
def test_every_proof_holds_and_no_altered_one_does(size):
    leaves = some_leaves(size)
    root = naive_root(leaves)
    for index in range(size):
        proof = inclusion(index, leaves)
        mine = leaf_hash(leaves[index])
        assert verify_inclusion(mine, index, size, proof, root)
        assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
        assert not verify_inclusion(mine, index, size, [*proof, proof[0] if proof else mine], root)
        assert not verify_inclusion(mine, index, size, proof, leaf_hash(b"root"))
        assert not verify_inclusion(mine, index + 1, size, proof, root)
        if proof:
            assert not verify_inclusion(mine, index, size, proof[:-1], root)
            assert not verify_inclusion(mine, index, size, [proof[0][:-1], *proof[1:]], root)
            assert not verify_inclusion(mine, index ^ 1, size, proof, root)
    for old in range(1, size + 1):
        proof, before = consistency(old, leaves), naive_root(leaves[:old])
        assert verify_consistency(old, size, before, root, proof)
        assert not verify_consistency(old, size, leaf_hash(b"other"), root, proof)
        assert not verify_consistency(old, size, before, leaf_hash(b"other"), proof)
        assert not verify_consistency(old, size, before, root, [*proof, root])
        if proof:
            assert not verify_consistency(old, size, before, root, proof[:-1])
            assert not verify_consistency(old, size, before, root, proof[::-1]) or len(proof) == 1


@pytest.mark.fault(12)
def test_fault_12_inner_node_is_not_a_leaf():
    left, right = leaf_hash(CT_LEAVES[0]), leaf_hash(CT_LEAVES[1])
    root = bytes.fromhex(CT_ROOTS[8])
    # The tree of four pairs has the same root as one whose leaves were the pairs' nodes, if
    # only a node could be hashed as a leaf.
    pair = node_hash(left, right)
    proof = [bytes.fromhex(_B), bytes.fromhex(_C)]
    assert verify_inclusion(pair, 0, 4, proof, root)  # so the prefix is all that stands between
    assert leaf_hash(left + right) != pair
    assert not verify_inclusion(leaf_hash(left + right), 0, 4, proof, root)
    assert not verify_inclusion(leaf_hash(b"\x01" + left + right), 0, 4, proof, root)


def test_the_empty_tree_comes_before_every_tree():
    root = naive_root(some_leaves(5))
    assert consistency_ranges(0, 5) == []
    assert verify_consistency(0, 5, EMPTY_ROOT, root, [])
    assert not verify_consistency(0, 5, root, root, [])
    assert not verify_consistency(0, 5, EMPTY_ROOT, root, [root])
    assert not verify_consistency(5, 4, root, root, [])
    assert not verify_consistency(3, 5, root, root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_there_is_no_proof_of_a_leaf_outside(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_ranges(index, size)
    assert not verify_inclusion(leaf_hash(b""), index, size, [], leaf_hash(b""))


def test_there_is_no_proof_that_a_longer_tree_came_first():
    with pytest.raises(ValueError, match="does not come before"):
        consistency_ranges(4, 3)


def test_tiles_are_told_as_they_are_completed():
    frontier = Frontier()
    told = {}
    hashes = [leaf_hash(leaf) for leaf in some_leaves(256 * 3)]
    for number, leaf in enumerate(hashes, 1):
        for tile in frontier.add(leaf):
            told[tile.level, tile.position] = tile.hash
            assert number % 256 == 0
    assert told == {(8, at): complete_root(hashes[at * 256 : at * 256 + 256]) for at in range(3)}
    # 253 tiles more complete one of the second level.
    for _ in range(252):
        assert frontier.add(hashes[0], 8) == ()
    (second,) = frontier.add(hashes[0], 8)
    assert (second.level, second.position) == (16, 0)
    assert frontier.size == 65536
    assert frontier.nodes == [second.hash]


def test_a_copy_grows_on_its_own():
    frontier = Frontier()
    for leaf in some_leaves(5):
        frontier.add(leaf_hash(leaf))
    copy, root = frontier.copy(), frontier.root()
    copy.add(leaf_hash(b"more"))
    assert (frontier.size, frontier.root()) == (5, root)
    assert copy.size == 6
