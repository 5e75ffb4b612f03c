# SPDX-License-Identifier: Apache-2.0
"""Walking through a JSON file of any size, value by value, each with its place in bytes.

Rules enforced here:

* only the containers that the caller descends into are taken apart; every other value is given
  whole, with the very bytes it stands in, so an event's place can be shown to a court;
* memory is bounded: one window, and no value longer than ``limit`` characters (it is stepped over,
  and given as `Broken`);
* a value that is no JSON costs itself where its end can be found, else the rest of the file, never
  what stands before it; a file that ends early likewise;
* every byte is in exactly one value, or between values: what is between is framing by its nature.

The window is held as text, in which Python's own C decoder finds the end of a value
(`json.JSONDecoder.raw_decode`); a byte that is no UTF-8 stands in it as a lone surrogate, so that
what was passed can always be counted in bytes again. JSON is RFC 8259; a byte order mark is
stepped over.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WINDOW: Final = 1 << 18
LIMIT: Final = 16 << 20
DEEPEST: Final = 32
"""How deep containers are taken apart; the files that hold conversations need six."""

_SPACES: Final = " \t\r\n"
_SPACE: Final = re.compile(r"[ \t\r\n]*+")
_NAME: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SIGN: Final = re.compile(r'["\[\]{}]')
_IN_STRING: Final = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
_SCALAR: Final = re.compile(r"[^,\[\]{}]*+")
_DEPTH: Final = {"{": 1, "[": 1, "}": -1, "]": -1}
_NUMBER: Final = "-0123456789"
_NEAR_END: Final = 16
"""A complaint so close to the window's end may be about what is not read yet."""
_MARK: Final = "\ufeff"
_ESCAPING: Final = "surrogateescape"

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A whole value: where in the document, where in the file, and what it is.

    ``exact`` is false when its bytes are not UTF-8 and the text holds replacement characters.
    """

    path: Path
    start: int
    end: int
    data: Any
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch that is no value: ``not_json``, ``too_large``, ``too_deep`` or ``cut``."""

    path: Path
    start: int
    end: int
    reason: str


class _Cut(Exception):
    """The file ends in the middle of something."""


class _NotJson(Exception):
    """Something stands where JSON has another thing."""


class JsonWalk:
    """One walk from the beginning of a document to the end of the file."""

    def __init__(
        self,
        stream: BinaryIO,
        descend: Callable[[Path], bool],
        *,
        start: int = 0,
        limit: int = LIMIT,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> None:
        """Begin at a byte of a stream; ``descend`` says which containers are taken apart."""
        self._stream = stream
        self._descend = descend
        self._limit = limit
        self._progress = progress
        self._text = ""
        self._base = start
        """The byte at which the text before `_counted` ends."""
        self._counted = 0
        self._at = 0
        self._into_text = codecs.getincrementaldecoder("utf-8")(_ESCAPING)
        self._over = False
        self._told_end = False
        self._decode = json.JSONDecoder(strict=False).raw_decode
        stream.seek(start)

    @property
    def place(self) -> int:
        """Give the byte that is looked at next."""
        if self._at != self._counted:
            self._base += _bytes_in(self._text[self._counted : self._at])
            self._counted = self._at
        return self._base

    def run(self) -> Iterator[Value | Broken]:
        """Give every whole value in the order of the file."""
        self._fill()
        if self.place == 0 and self._sign_is_mark():
            self._at = len(_MARK)
        reason, whole = "not_json", False
        try:
            yield from self._value(())
            whole = True
            self._sign()
        except _Cut:
            if whole or self._told_end:
                return
            reason = "cut"
        except _NotJson:
            pass
        start = self.place
        self._pass_all()
        yield Broken((), start, self.place, reason)

    # -- the window --------------------------------------------------------------------------

    def _fill(self) -> bool:
        """Read on; what was passed is forgotten. Say whether anything came."""
        if self._over:
            return False
        wanted = max(WINDOW, len(self._text) - self._at)
        data = self._stream.read(wanted)
        self._over = not data
        self._progress(self.place)
        more = self._into_text.decode(data, final=self._over)
        self._text = self._text[self._at :] + more
        self._at = self._counted = 0
        return bool(data or more)

    def _sign(self) -> str:
        """Give the next character that is no space, without passing it."""
        if (here := self._text[self._at : self._at + 1]) and here not in _SPACES:
            return here
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                raise _Cut

    # -- what stands there -------------------------------------------------------------------

    def _sign_is_mark(self) -> bool:
        while not self._text and self._fill():
            pass
        return self._text.startswith(_MARK)

    def _value(self, path: Path) -> Iterator[Value | Broken]:
        sign = self._sign()
        if sign in "{[" and len(path) < DEEPEST and self._descend(path):
            self._at += 1
            yield from self._members(path) if sign == "{" else self._elements(path)
        else:
            yield self._whole(path)

    def _members(self, path: Path) -> Iterator[Value | Broken]:
        if self._sign() == "}":
            self._at += 1
            return
        while True:
            if self._sign() != '"':
                raise _NotJson
            name = self._name()
            if self._sign() != ":":
                raise _NotJson
            self._at += 1
            yield from self._value((*path, name))
            if self._ended("}"):
                return

    def _elements(self, path: Path) -> Iterator[Value | Broken]:
        if self._sign() == "]":
            self._at += 1
            return
        number = 0
        while True:
            here = (*path, number)
            if self._sign() in "{[" and len(here) < DEEPEST and self._descend(here):
                yield from self._value(here)
            else:
                yield self._whole(here)
            number += 1
            if self._ended("]"):
                return

    def _ended(self, closing: str) -> bool:
        """Pass the comma before the next, or the sign that closes the container."""
        sign = self._sign()
        if sign not in {",", closing}:
            raise _NotJson
        self._at += 1
        return sign == closing

    def _name(self) -> str:
        while (found := _NAME.match(self._text, self._at)) is None:
            if len(self._text) - self._at > self._limit or not self._fill():
                raise _Cut
        self._at = found.end()
        text = found.group()
        exact = text if _is_exact(text) else _replaced(text)
        try:
            return str(json.loads(exact, strict=False))
        except ValueError:
            raise _NotJson from None

    def _whole(self, path: Path) -> Value | Broken:
        """Give the value that begins here, or what keeps it from being one."""
        start = self.place
        while True:
            try:
                data, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as problem:
                if not self._unfinished(problem):
                    return self._step_over(path, "not_json")
            except RecursionError:
                return self._step_over(path, "too_deep")
            except ValueError:  # a number of thousands of digits
                return self._step_over(path, "not_json")
            else:
                unsure = self._text[self._at] in _NUMBER and end > len(self._text) - _NEAR_END
                if self._over or not unsure:
                    return self._taken(path, start, data, end)
                self._fill()  # a number may go on
                continue
            if len(self._text) - self._at > self._limit:
                return self._step_over(path, "too_large")
            if not self._fill():
                return self._step_over(path, "cut")

    def _unfinished(self, problem: json.JSONDecodeError) -> bool:
        near = problem.pos >= len(self._text) - _NEAR_END
        return not self._over and (near or problem.msg.startswith("Unterminated"))

    def _taken(self, path: Path, start: int, data: Any, end: int) -> Value:
        raw, self._at = self._text[self._at : end], end
        exact = True
        try:
            length = len(raw) if raw.isascii() else len(raw.encode())
        except UnicodeEncodeError:
            length = len(raw.encode("utf-8", _ESCAPING))
            data, exact = json.loads(_replaced(raw), strict=False), False
        self._base, self._counted = start + length, end
        return Value(path, start, start + length, data, exact)

    # -- what cannot be taken ----------------------------------------------------------------

    def _step_over(self, path: Path, reason: str) -> Broken:
        """Pass a value by its quotes and brackets alone, to its end or the file's."""
        start = self.place
        try:
            self._pass_value()
        except _Cut:
            self._told_end = True
        return Broken(path, start, self.place, reason)

    def _pass_value(self) -> None:
        depth = 0
        if self._text[self._at] not in '{["':
            self._pass_while(_SCALAR)
            return
        while True:
            found = _SIGN.search(self._text, self._at)
            self._at = found.start() if found else len(self._text)
            if found is None:
                if not self._fill():
                    raise _Cut
                continue
            self._at += 1
            if found.group() == '"':
                self._pass_while(_IN_STRING)
                if self._at == len(self._text):
                    raise _Cut
                self._at += 1
            depth += _DEPTH.get(found.group(), 0)
            if depth <= 0:
                return

    def _pass_while(self, sign: re.Pattern[str]) -> None:
        """Pass what fits, over as many windows as it takes; a lone backslash waits for its next."""
        while True:
            found = sign.match(self._text, self._at)
            self._at = found.end() if found else self._at
            left = len(self._text) - self._at
            if left > 1 or (left == 1 and self._text[self._at] != "\\"):
                return
            if not self._fill():
                self._at = len(self._text)
                return

    def _pass_all(self) -> None:
        self._at = len(self._text)
        while self._fill():
            self._at = len(self._text)


def _bytes_in(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", _ESCAPING))


def _is_exact(text: str) -> bool:
    """Say whether every byte of it was UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _replaced(text: str) -> str:
    """Put replacement characters where bytes were no UTF-8."""
    return text.encode("utf-8", _ESCAPING).decode("utf-8", "replace")
