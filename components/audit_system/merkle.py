"""The Merkle tree of RFC 6962 over SHA-256: roots, inclusion and consistency proofs.

Leaves and inner nodes are hashed with different prefixes, so that neither passes as the other. A
range `(start, end)` of leaves counts from 0 and leaves `end` out.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from msgspec import Struct

EMPTY_ROOT = sha256(b"").digest()
TILE_BITS = 8  # a tile is the root of 256, 256², … leaves
LONGEST_PROOF = 63  # hashes; a log of 2^63 leaves needs no more

Range = tuple[int, int]


class Tile(Struct, frozen=True):
    """The root of the complete subtree of `2**level` leaves at that position among its equals."""

    level: int
    position: int
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """All that an append-only tree must remember: its complete subtrees' roots, largest first."""

    __slots__ = ("nodes", "size")

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)

    def copy(self) -> "Frontier":
        """A frontier that grows on its own."""
        return Frontier(self.size, self.nodes)

    def add(self, node: bytes, level: int = 0) -> tuple[Tile, ...]:
        """Add a leaf hash, or the root of the next complete subtree of `2**level` leaves.

        Returns the tiles above it that this completes, mostly none.
        """
        position = self.size >> level
        self.size += 1 << level
        nodes = self.nodes
        tiles: tuple[Tile, ...] = ()
        while position & 1:
            node = sha256(b"\x01" + nodes.pop() + node).digest()
            position >>= 1
            level += 1
            if not level % TILE_BITS:
                tiles += (Tile(level, position, node),)
        nodes.append(node)
        return tiles

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


def root_of(hashes: Iterable[bytes], start: Frontier | None = None) -> bytes:
    """The root over leaf hashes, which may continue a frontier."""
    frontier = start.copy() if start else Frontier()
    for leaf in hashes:
        frontier.add(leaf)
    return frontier.root()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes, quicker than `root_of`."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
    return hashes[0]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose roots prove that a leaf is in the tree, from its sibling up."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end = 0, size
    ranges: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose roots prove that a tree of `old` leaves is the beginning of one of `new`."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves does not come before one of {new}")
    if old == 0:
        return []
    start, end = 0, new
    known = True  # whether the old tree's root itself is what is left to prove
    ranges: list[Range] = []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
            known = False
    if not known:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof shows the leaf hash at `index` in the tree of that size and root."""
    if not (0 <= index < size and _sound(proof)):
        return False
    last, node = size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the old tree is the beginning of the new one."""
    if not (0 <= old <= new and _sound(proof)):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    return _climb(path, index, last, old_root, new_root)


def _climb(path: list[bytes], index: int, last: int, old_root: bytes, new_root: bytes) -> bool:
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def prove(ranges: Iterable[Range], root: Callable[[int, int], bytes]) -> list[bytes]:
    """The hashes of a proof, given how to find the root over a range."""
    return [root(start, end) for start, end in ranges]


def _sound(proof: Sequence[bytes]) -> bool:
    return len(proof) <= LONGEST_PROOF and all(len(node) == 32 for node in proof)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
