# SPDX-License-Identifier: Apache-2.0
"""An event as the timeline shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """An event; the columns are those of `sources.tables` and more.

    ``account`` is the counterpart's address in its one form, ``person`` whose it was said to be,
    ``copies`` in how many originals the event stands.
    """

    event: str
    ts: int | None
    wall: int | None
    wall_other: int | None
    utc: int | None
    zone: str
    zone_basis: str
    precision: str
    kind: str
    channel: str
    conversation: str
    sender: str
    recipients: str
    account: str
    person: str
    role: str
    direction: str
    text: str
    attachments: str
    state: str
    detail: str
    item: str
    path: str
    start: int
    end: int
    row: int
    pointer: str
    native: str
    copies: int
    n: int


SHOWN = tuple(Row.__dataclass_fields__)
"""The columns of an event, in the order of `Row`."""
