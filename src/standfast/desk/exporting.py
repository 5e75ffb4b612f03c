# SPDX-License-Identifier: Apache-2.0
"""How to get an export out of an app: what the pages show."""

from __future__ import annotations

from standfast.guidance.exports import Export, exports

__all__ = ["Export", "exports"]
