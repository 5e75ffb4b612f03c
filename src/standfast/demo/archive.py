# SPDX-License-Identifier: Apache-2.0
"""A zip that is the same bytes every time: fixed dates, packed as a phone packs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPORTED = (2026, 4, 26, 20, 14, 0)
"""When the exports were made: year, month, day, hour, minute, second."""


def packed(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Pack files under their names."""
    sink = io.BytesIO()
    with ZipFile(sink, "w") as archive:
        for name, data in members:
            info = ZipInfo(name, EXPORTED)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, data)
    return sink.getvalue()
