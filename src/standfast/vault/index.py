# SPDX-License-Identifier: Apache-2.0
"""What the entries say about the files of the case folder, folded from first to last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from standfast.vault.entry import Entry


@dataclass(slots=True)
class Index:
    """Which file must be where, and which key file holds.

    Attributes:
        items: the ``item`` body of every original that must be there, by SHA-256.
        erased: likewise of every original that was destroyed.
        readings: the newest ``reading`` body of an item.
        segments: the ids of all readings an item ever had, oldest first.
        anchors: name and SHA-256 of every file beside the head.
        aside: what was set aside: each folder with the number and the digest of its files.
        key_files: the SHA-256 of every ``case.toml`` the case ever had, oldest first.
    """

    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    erased: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    readings: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    segments: dict[str, list[str]] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)
    aside: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    key_files: list[str] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Take notice of one entry."""
        step = STEPS.get(entry.type)
        if step is not None:
            step(self, entry.body)

    def copy(self) -> Index:
        """Give one that says the same and takes notice by itself."""
        return Index(
            items=dict(self.items),
            erased=dict(self.erased),
            readings=dict(self.readings),
            segments={item: list(ids) for item, ids in self.segments.items()},
            anchors=dict(self.anchors),
            aside=dict(self.aside),
            key_files=list(self.key_files),
        )

    @property
    def present(self) -> set[str]:
        """Give the ids of the readings whose segments belong in the folder."""
        return {body["id"] for body in self.readings.values()}


def _item(index: Index, body: Mapping[str, Any]) -> None:
    index.items[body["sha256"]] = body
    index.erased.pop(body["sha256"], None)


def _reading(index: Index, body: Mapping[str, Any]) -> None:
    index.readings[body["item"]] = body
    index.segments.setdefault(body["item"], []).append(body["id"])


def _erase(index: Index, body: Mapping[str, Any]) -> None:
    index.erased[body["item"]] = index.items.pop(body["item"])
    index.readings.pop(body["item"], None)


def _anchor(index: Index, body: Mapping[str, Any]) -> None:
    index.anchors.update(body["files"])


def _slots(index: Index, body: Mapping[str, Any]) -> None:
    index.key_files.append(body["sha256"])


def _recover(index: Index, body: Mapping[str, Any]) -> None:
    if "slots" in body:
        index.key_files.append(body["slots"])
    for one in body.get("set_aside", ()):
        index.aside[one["folder"]] = one


STEPS: Mapping[str, Callable[[Index, Mapping[str, Any]], None]] = {
    kinds.ITEM: _item,
    kinds.READING: _reading,
    kinds.ERASE: _erase,
    kinds.ANCHOR: _anchor,
    kinds.SLOTS: _slots,
    kinds.RECOVER: _recover,
}
