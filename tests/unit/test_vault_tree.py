# SPDX-License-Identifier: Apache-2.0
"""What a Merkle tree refuses: sizes and leaves it does not have."""

from __future__ import annotations

from hashlib import sha256

import pytest

from standfast.vault.merkle import (
    EMPTY_ROOT,
    ProofInvalid,
    Tree,
    check_consistency,
    leaf_hash,
    root_from_proof,
)

TREE = Tree(leaf_hash(bytes([number])) for number in range(5))


@pytest.mark.parametrize("size", [-1, 6])
def test_there_is_no_root_of_a_size_the_tree_never_had(size: int) -> None:
    with pytest.raises(ValueError, match="5 leaves"):
        TREE.root(size)


@pytest.mark.parametrize(("leaf", "size"), [(-1, None), (5, None), (3, 3)])
def test_a_leaf_outside_cannot_be_proved(leaf: int, size: int | None) -> None:
    with pytest.raises(ValueError, match="outside"):
        TREE.prove([leaf], size)
    with pytest.raises(ProofInvalid, match="outside"):
        root_from_proof(size or 5, {leaf: bytes(32)}, [])


def test_the_empty_tree_has_a_root_and_an_empty_proof() -> None:
    assert Tree().root() == EMPTY_ROOT == sha256(b"").digest()
    assert Tree().prove([]) == []
    assert root_from_proof(0, {}, []) == EMPTY_ROOT


@pytest.mark.parametrize(("old", "size"), [(0, 5), (4, 3), (3, 6)])
def test_there_is_no_consistency_between_sizes_the_tree_never_had(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="no consistency"):
        TREE.consistency(old, size)


def test_a_consistency_proof_without_a_step_proves_nothing() -> None:
    with pytest.raises(ProofInvalid):
        check_consistency(3, TREE.root(3), 5, TREE.root(), [])
