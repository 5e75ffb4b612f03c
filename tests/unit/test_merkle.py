# SPDX-License-Identifier: Apache-2.0
import os
import random

import pytest

from standfast.vault.merkle import (
    ProofInvalid,
    Tree,
    check_consistency,
    leaf_hash,
    node_hash,
    root_from_proof,
)


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, 2.1.1, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(plain_root(leaves[:k]), plain_root(leaves[k:]))


@pytest.mark.parametrize("count", range(1, 70))
def test_every_root_proof_and_consistency_up_to_seventy(count: int) -> None:
    chance = random.Random(count)
    leaves = [os.urandom(32) for _ in range(count)]
    tree = Tree(leaves)
    grown = Tree()
    for leaf in leaves:
        grown.append(leaf)
    assert tree.root() == grown.root() == plain_root(leaves)
    for size in range(1, count + 1):
        root = plain_root(leaves[:size])
        assert tree.root(size) == root
        chosen = {i: leaves[i] for i in range(size) if chance.random() < 0.3}
        assert root_from_proof(size, chosen, tree.prove(chosen, size)) == root
        check_consistency(size, root, count, tree.root(), tree.consistency(size))


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 21, 64])
def test_a_proof_with_anything_changed_is_refused(count: int) -> None:
    leaves = [os.urandom(32) for _ in range(count)]
    tree = Tree(leaves)
    proof = tree.prove([0])
    if proof:
        assert root_from_proof(count, {0: leaves[0]}, [*proof[:-1], bytes(32)]) != tree.root()
        with pytest.raises(ProofInvalid):
            root_from_proof(count, {0: leaves[0]}, proof[:-1])
    with pytest.raises(ProofInvalid):
        root_from_proof(count, {0: leaves[0]}, [*proof, bytes(32)])
    with pytest.raises(ProofInvalid):
        root_from_proof(count, {count: leaves[0]}, proof)


def test_consistency_refuses_another_history() -> None:
    leaves = [leaf_hash(bytes([i])) for i in range(40)]
    tree = Tree(leaves)
    for old in range(1, 40):
        other = Tree([*leaves[: old - 1], bytes(32)]).root()
        with pytest.raises(ProofInvalid):
            check_consistency(old, other, 40, tree.root(), tree.consistency(old))
        proof = tree.consistency(old)
        for at in range(len(proof)):
            bad = [*proof[:at], bytes(32), *proof[at + 1 :]]
            with pytest.raises(ProofInvalid):
                check_consistency(old, tree.root(old), 40, tree.root(), bad)
        with pytest.raises(ProofInvalid):
            check_consistency(old, tree.root(old), 40, tree.root(), [*proof, bytes(32)])


def test_an_old_size_of_zero_is_refused() -> None:
    with pytest.raises(ProofInvalid):
        check_consistency(0, b"", 3, b"", [])
