# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 9162, with proofs for many leaves at once.

Rules enforced here:

* a leaf is ``SHA-256(0x00 | data)``, a node ``SHA-256(0x01 | left | right)``; a tree of ``n``
  leaves splits at the largest power of two below ``n``; the empty tree is ``SHA-256("")``;
* a proof for a set of leaves lists the hashes of the largest subtrees that hold none of them,
  left to right, and must be used up exactly;
* a consistency proof (RFC 9162, 2.1.4) needs an old size of at least 1.
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class ProofInvalid(ValueError):
    """A proof does not fit what it is said to prove."""


def leaf_hash(data: bytes) -> bytes:
    """Hash the data of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children into their parent."""
    return sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """Give the largest power of two below a count of at least 2."""
    return 1 << (count - 1).bit_length() - 1


class Tree:
    """A tree over leaf hashes, kept level by level.

    Every level holds the hashes of the complete subtrees of its height; the ragged right edge is
    joined when a root or proof is asked for.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Build the tree over these leaf hashes."""
        level = list(leaves)
        self._levels = [level]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            self._levels.append(level)

    def copy(self) -> Tree:
        """Give a tree over the same leaves that grows by itself."""
        other = Tree()
        other._levels = [list(level) for level in self._levels]
        return other

    def __len__(self) -> int:
        """Count the leaves."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        level, node = 0, leaf
        while True:
            self._levels[level].append(node)
            done = self._levels[level]
            if len(done) % 2:
                return
            node = node_hash(done[-2], done[-1])
            level += 1
            if level == len(self._levels):
                self._levels.append([])

    def root(self, size: int | None = None) -> bytes:
        """Give the root over the first ``size`` leaves (all of them by default)."""
        count = len(self) if size is None else size
        if not 0 <= count <= len(self):
            message = f"the tree has {len(self)} leaves, not {count}"
            raise ValueError(message)
        return self._subtree(0, count) if count else EMPTY_ROOT

    def _subtree(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self._levels[height][start >> height]
        middle = start + split(count)
        return node_hash(self._subtree(start, middle), self._subtree(middle, end))

    def prove(self, leaves: Iterable[int], size: int | None = None) -> list[bytes]:
        """Give the hashes that, with the chosen leaves, make the root over ``size`` leaves."""
        count = len(self) if size is None else size
        chosen = sorted(set(leaves))
        if chosen and not (chosen[0] >= 0 and chosen[-1] < count):
            message = "a leaf to prove lies outside the tree"
            raise ValueError(message)
        return list(self._gaps(chosen, 0, count))

    def _gaps(self, chosen: Sequence[int], start: int, end: int) -> Iterator[bytes]:
        if start == end:
            return
        first = bisect_left(chosen, start)
        if first == len(chosen) or chosen[first] >= end:
            yield self._subtree(start, end)
        elif end - start > 1:
            middle = start + split(end - start)
            yield from self._gaps(chosen, start, middle)
            yield from self._gaps(chosen, middle, end)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Prove that the tree of ``old`` leaves is a beginning of the tree of ``size`` leaves."""
        count = len(self) if size is None else size
        if not 1 <= old <= count <= len(self):
            message = f"no consistency from {old} to {count}"
            raise ValueError(message)
        return list(self._steps(old, 0, count, whole=True))

    def _steps(self, old: int, start: int, end: int, *, whole: bool) -> Iterator[bytes]:
        count = end - start
        if old == count:
            if not whole:
                yield self._subtree(start, end)
            return
        middle = split(count)
        if old <= middle:
            yield from self._steps(old, start, start + middle, whole=whole)
            yield self._subtree(start + middle, end)
        else:
            yield from self._steps(old - middle, start + middle, end, whole=False)
            yield self._subtree(start, start + middle)


def root_from_proof(size: int, leaves: Mapping[int, bytes], hashes: Sequence[bytes]) -> bytes:
    """Compute the root that chosen leaf hashes and a proof lead to.

    Raises:
        ProofInvalid: a leaf lies outside, or the proof has too few or too many hashes.
    """
    chosen = sorted(leaves)
    if chosen and not (chosen[0] >= 0 and chosen[-1] < size):
        message = "a leaf lies outside the tree"
        raise ProofInvalid(message)
    rest = iter(hashes)

    def visit(start: int, end: int) -> bytes:
        first = bisect_left(chosen, start)
        if first == len(chosen) or chosen[first] >= end:
            found = next(rest, None)
            if found is None:
                message = "the proof has too few hashes"
                raise ProofInvalid(message)
            return found
        if end - start == 1:
            return leaves[start]
        middle = start + split(end - start)
        return node_hash(visit(start, middle), visit(middle, end))

    root = visit(0, size) if size else EMPTY_ROOT
    if next(rest, None) is not None:
        message = "the proof has too many hashes"
        raise ProofInvalid(message)
    return root


def check_consistency(
    old: int, old_root: bytes, size: int, root: bytes, hashes: Sequence[bytes]
) -> None:
    """Check that one head continues another (RFC 9162, 2.1.4.2).

    Raises:
        ProofInvalid: it does not, or the proof does not fit.
    """
    if not 1 <= old <= size:
        message = f"no consistency from {old} to {size}"
        raise ProofInvalid(message)
    if old == size:
        before, after, fits = old_root, old_root, not hashes
    else:
        path = [old_root, *hashes] if old & (old - 1) == 0 else list(hashes)
        before, after, fits = _continue(old, size, path)
    if not fits or before != old_root or after != root:
        message = "the newer head does not continue the older one"
        raise ProofInvalid(message)


def _continue(old: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes, bool]:
    """Walk a consistency proof: the root it gives the old tree, the new one, and if it ended."""
    if not path:
        return b"", b"", False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return b"", b"", False
        if first & 1 or first == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, step)
        first, last = first >> 1, last >> 1
    return before, after, last == 0
