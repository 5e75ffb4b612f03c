# SPDX-License-Identifier: Apache-2.0
"""Reading originals: the protocol a format fulfils, and how formats are found.

A format is one file in ``standfast/sources/formats/`` that ends in ``FORMAT: Final = …``. Nothing
else has to be touched to add one. Formats run only inside the bounded worker
(`standfast.sources.worker`), which owns every limit; a format itself

* reads through the `Source` it is given and nothing else (no path, no socket, no process);
* yields what it finds in file order, without filtering, sorting or guessing;
* never raises because of content: what it cannot read is an `Unreadable`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.model.event import Accounting, Yield

HEAD_BYTES = 65536
"""How much of a file a format may look at to recognise it."""


@dataclass(frozen=True, slots=True)
class About:
    """What a format is.

    Attributes:
        id: short and stable, ``whatsapp``; it stands in the ledger.
        version: raised whenever the events of an unchanged file would come out differently.
        title: the format's name for people.
        channel: the channel its events carry.
        accounting: how it proves that nothing was lost.
        export: how a person gets such a file, in a sentence or two.
        lacks: what such an export leaves out, one sentence each.
    """

    id: str
    version: int
    title: str
    channel: str
    accounting: Accounting
    export: str
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """A format's claim on a file: how sure (1 to 100), and on what evidence."""

    confidence: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a format sees to recognise a file.

    Attributes:
        name: the file's own name, without folders.
        data: the first `HEAD_BYTES` bytes at most.
        size: the size of the whole file.
        catalogue: of a SQLite database, the pages that list its tables, wherever they lie.
    """

    name: str
    data: bytes
    size: int
    catalogue: bytes = b""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person has answered for an item.

    Attributes:
        zone: the zone of the phone or computer that wrote the file; empty when nobody has said.
        zone_basis: ``stated`` or ``case``: who said it.
        date_order: ``dmy``, ``mdy`` or ``ymd``; empty to decide by evidence or to ask.
        encoding: a text encoding the person chose; empty to decide by evidence.
    """

    zone: str = ""
    zone_basis: str = "stated"
    date_order: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A file beside the one being read: in the same archive or folder."""

    path: str
    size: int


class Source(Protocol):
    """A read-only view of an original, or of a member of an archive.

    Attributes:
        name: the file's own name, without folders.
        path: the member's path in its archive, empty for the item itself.
        size: bytes.
        container: the name of the archive or folder it lies in, empty when it lies alone.
        neighbours: files beside it by their own name.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - said above

    @property
    def path(self) -> str: ...  # noqa: D102 - said above

    @property
    def size(self) -> int: ...  # noqa: D102 - said above

    @property
    def container(self) -> str: ...  # noqa: D102 - said above

    @property
    def neighbours(self) -> Mapping[str, Neighbour]: ...  # noqa: D102 - said above

    def open(self) -> BinaryIO:
        """Open the bytes from the beginning; the stream can seek."""
        ...

    def progress(self, done: int) -> None:
        """Say how many bytes have been read; call it now and then on long work."""
        ...


class Format(Protocol):
    """How one kind of file is read."""

    about: About

    def recognise(self, head: Head) -> Recognition | None:
        """Look at the first bytes, then the name; ``None`` when it is not ours."""
        ...

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file, in file order."""
        ...


@cache
def known_formats() -> Mapping[str, Format]:
    """Find every format by its id."""
    package = importlib.import_module("standfast.sources.formats")

    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        format_: Format | None = getattr(loaded, "FORMAT", None)
        if format_ is not None:
            found[format_.about.id] = format_
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Recognised:
    """The outcome of looking at a file: the best claim, and any that came close."""

    format: str
    confidence: int
    evidence: str
    others: tuple[str, ...] = field(default=())


def recognise(head: Head) -> Recognised | None:
    """Ask every format; the most confident one wins, by content before name."""
    claims = []
    for name, format_ in known_formats().items():
        claim = format_.recognise(head)
        if claim is not None:
            claims.append((claim.confidence, name, claim.evidence))
    if not claims:
        return None
    claims.sort(key=lambda claim: (-claim[0], claim[1]))
    confidence, name, evidence = claims[0]
    return Recognised(name, confidence, evidence, tuple(claim[1] for claim in claims[1:]))
