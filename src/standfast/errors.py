# SPDX-License-Identifier: Apache-2.0
"""Every error a person can meet.

::

    StandfastError
    ├─ WrongUsage            2  the command or an answer does not fit
    ├─ InputUnreadable       3  a file that was given could not be read; nothing is lost
    │  ├─ NotRecognised
    │  └─ TooLarge
    ├─ Locked                4  wrong passphrase, or somebody else has the case open
    │  ├─ WrongPassphrase
    │  └─ CaseBusy
    ├─ Damaged               5  the case or bundle is not as it was left
    ├─ Incomplete            6  a check could not be finished
    └─ StorageFailed         1  the disk is full, read-only or gone

An error says what happened, what is safe, and what to do next. The exit code of the command
line stands on the class; nothing else about a face is known here.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import ClassVar

from standfast import __version__

FRAMES = 6


class StandfastError(Exception):
    """Something a person must be told, in whole sentences.

    Attributes:
        message: what happened and what is safe.
        hint: what to do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the sentence and the advice apart, so that each face can lay them out."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongUsage(StandfastError):
    """The command, an option or an answer does not fit."""

    exit_code = 2


class InputUnreadable(StandfastError):
    """A file that was given could not be read."""

    exit_code = 3


class NotRecognised(InputUnreadable):
    """No format knows this file."""


class TooLarge(InputUnreadable):
    """A file goes over a limit that protects this computer."""


class Locked(StandfastError):
    """The case cannot be opened now."""

    exit_code = 4


class WrongPassphrase(Locked):
    """No key slot opens with what was given."""


class CaseBusy(Locked):
    """Another program has this case open for writing."""


class Damaged(StandfastError):
    """Something in the case folder or bundle is not as it was left."""

    exit_code = 5


class Incomplete(StandfastError):
    """A check or an examination could not be finished."""

    exit_code = 6


class StorageFailed(StandfastError):
    """The disk did not take what had to be written."""


def places_of(bug: BaseException) -> list[str]:
    """Name the places in the program where a bug of ours showed, and nothing it worked on."""
    frames = traceback.extract_tb(bug.__traceback__)[-FRAMES:]
    return [
        f"{type(bug).__name__}, standfast {__version__}",
        *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames),
    ]
