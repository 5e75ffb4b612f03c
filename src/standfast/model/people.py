# SPDX-License-Identifier: Apache-2.0
"""Accounts and the people behind them, as the person stated it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who somebody is in this case."""

    ME = "me"
    OTHER = "other"
    """The person whose contact is not wanted."""
    THIRD = "third"
    """Family, friends, colleagues, authorities."""


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """An address that acts: what a channel shows as sender."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the person says is behind a set of accounts."""

    id: str
    label: str
    role: Role
    accounts: tuple[Account, ...] = ()
