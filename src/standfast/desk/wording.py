# SPDX-License-Identifier: Apache-2.0
"""Words that every face shares with the dossier, so that a thing is called the same everywhere."""

from __future__ import annotations

from standfast.dossier.wording import channel, kind, role

__all__ = ["channel", "kind", "role"]
