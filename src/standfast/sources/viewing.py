# SPDX-License-Identifier: Apache-2.0
"""A small, safe view of a picture: decoded in the worker, drawn anew, never the original bytes.

Whatever a picture carries beside its pixels (metadata, a second file behind the first, a flaw made
for some decoder) stays in the worker: what leaves it is a fresh PNG of bounded size.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

EDGE = 800
"""Longest edge of a view, pixels."""
PIXELS = 80_000_000
"""Pixels a picture may have to be decoded at all; a phone's photos have at most half of it."""


class NotViewable(ValueError):
    """The picture cannot or will not be decoded."""


def small_view(opened: Callable[[], BinaryIO]) -> bytes:
    """Draw a picture small, upright and without anything but its pixels, as a PNG.

    Raises:
        NotViewable: it is damaged, far too large, or of a kind nothing here decodes.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - only here

    try:
        with warnings.catch_warnings(), opened() as file, Image.open(file) as untrusted:
            warnings.simplefilter("ignore")
            if untrusted.width * untrusted.height > PIXELS:
                message = "far too large"
                raise NotViewable(message)
            untrusted.draft("RGB", (EDGE, EDGE))
            untrusted.thumbnail((EDGE, EDGE))
            upright = ImageOps.exif_transpose(untrusted).convert("RGB")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, EOFError) as problem:
        raise NotViewable(str(problem)) from problem
    except Image.DecompressionBombError as problem:
        raise NotViewable(str(problem)) from problem
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright)
    out = io.BytesIO()
    fresh.save(out, "PNG")
    return out.getvalue()
