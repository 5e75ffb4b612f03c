# SPDX-License-Identifier: Apache-2.0
"""The fonts a dossier is set in, and which characters they can show.

Rules enforced here:

* fonts come from installed packages only, never from this computer's own collection, so that a
  dossier looks the same everywhere and names no font somebody chose;
* what a font can show is read from its character map (OpenType ``cmap``, formats 4 and 12), within
  bounds: a damaged font shows nothing instead of stopping the program;
* Chinese, Japanese and Korean need the extra ``standfast[cjk]``; without it such characters are
  printed by name (`standfast.dossier.legible`).
"""

from __future__ import annotations

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGES: Final = (
    ("fontpkg_atkinson_hyperlegible", "files"),
    ("manimgx_fonts", ""),
    ("cvttf_NotoSansCJK_Regular", ""),
)
"""Package and folder inside it, the preferred first; one that is not installed is left out."""

FIRST_FAMILIES: Final = ("Atkinson Hyperlegible", "Noto Sans")
"""Tried in this order before every other family; the emoji stand last, they also hold digits."""

LAST_FAMILIES: Final = ("Noto Sans Symbols", "Noto Emoji")

MOST_TABLES: Final = 64
MOST_MAP_BYTES: Final = 4 << 20
MOST_GROUPS: Final = 65_536
LAST_CODE_POINT: Final = 0x10FFFF


def folders() -> tuple[Path, ...]:
    """Give the folders of the installed font packages."""
    found = []
    for package, inner in PACKAGES:
        spec = find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            found.append(Path(spec.submodule_search_locations[0]) / inner)
    return tuple(found)


def files() -> tuple[Path, ...]:
    """Give every font file, in a fixed order."""
    return tuple(
        path
        for folder in folders()
        for path in sorted(folder.iterdir())
        if path.suffix in {".ttf", ".otf"}
    )


@cache
def coverage() -> Mapping[int, int]:
    """Map every code point that can be shown to the set of fonts that have it.

    The set is a whole number with one bit a file of `files`, so that "one font has both" is ``&``.
    Bold and italic cuts are left out: text in a cut that lacks a character is set in another font.
    """
    shown: dict[int, int] = {}
    upright = [path for path in files() if not _is_a_cut(path)]
    for place, path in enumerate(upright):
        bit = 1 << place
        for code in code_points(path):
            shown[code] = shown.get(code, 0) | bit
    return shown


def _is_a_cut(path: Path) -> bool:
    return "Bold" in path.stem or "Italic" in path.stem


def code_points(path: Path) -> frozenset[int]:
    """Read which code points a font file maps to a glyph; a damaged file maps none."""
    try:
        with path.open("rb") as file:
            return frozenset(read_map(_map_table(file)))
    except (OSError, struct.error, ValueError):
        return frozenset()


def _map_table(file: BinaryIO) -> bytes:
    """Find the ``cmap`` table by the table directory (OpenType specification, "otff")."""
    _, count = struct.unpack(">4sH", file.read(6))
    file.read(6)
    for _ in range(min(count, MOST_TABLES)):
        tag, _, offset, length = struct.unpack(">4sLLL", file.read(16))
        if tag == b"cmap":
            file.seek(offset)
            return file.read(min(length, MOST_MAP_BYTES))
    return b""


def read_map(untrusted_table: bytes) -> Iterator[int]:
    """Give the code points of a ``cmap`` table: of its full map (12), or else of the short one (4).

    Raises:
        struct.error: the table ends early.
    """
    if not untrusted_table:
        return
    _, count = struct.unpack_from(">HH", untrusted_table)
    short = full = 0
    for index in range(min(count, MOST_TABLES)):
        _, _, offset = struct.unpack_from(">HHL", untrusted_table, 4 + 8 * index)
        (form,) = struct.unpack_from(">H", untrusted_table, offset)
        short = offset if form == 4 else short  # noqa: PLR2004 - the format's own number
        full = offset if form == 12 else full  # noqa: PLR2004 - the format's own number
    if full:
        yield from _format_12(untrusted_table, full)
    elif short:
        yield from _format_4(untrusted_table, short)


def _format_12(table: bytes, at: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">L", table, at + 12)
    for index in range(min(count, MOST_GROUPS)):
        first, last, glyph = struct.unpack_from(">LLL", table, at + 16 + 12 * index)
        last = min(last, LAST_CODE_POINT)
        yield from range(first + (glyph == 0), last + 1)


def _format_4(table: bytes, at: int) -> Iterator[int]:
    (double,) = struct.unpack_from(">H", table, at + 6)
    ends = at + 14
    starts = ends + double + 2
    for shift in range(0, double, 2):
        (last,) = struct.unpack_from(">H", table, ends + shift)
        (first,) = struct.unpack_from(">H", table, starts + shift)
        (delta,) = struct.unpack_from(">H", table, starts + double + shift)
        place = starts + 2 * double + shift
        (skip,) = struct.unpack_from(">H", table, place)
        for code in range(first, min(last, 0xFFFE) + 1):
            if _glyph(table, place, skip, code - first, (code + delta) & 0xFFFF):
                yield code


def _glyph(table: bytes, place: int, skip: int, step: int, direct: int) -> int:
    """Give the glyph number of a short map's entry; 0 means that there is none."""
    if skip == 0:
        return direct
    glyph: int = struct.unpack_from(">H", table, place + skip + 2 * step)[0]
    return glyph
