# SPDX-License-Identifier: Apache-2.0
"""From a `Dossier` to PDF bytes.

Rules enforced here:

* nothing is written to disk and nothing is fetched: the template and its content go to the
  compiler in memory, fonts are read from installed packages, and the compiler's root is the folder
  of the template, which holds nothing of the case;
* content is JSON: the compiler never evaluates a word of it;
* the same dossier gives the same bytes: the only time in the file is ``Dossier.created``;
* the strictest archive standard that the compiler accepts is used and named; a dossier is made in
  any case, at worst without such a standard;
* a long chronology goes into volumes that are set one after the other, each in memory of its own.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst

from standfast.dossier import chapters, chronology, evidence, front, wording
from standfast.dossier.blocks import heading, note, para, stacked, styled, table
from standfast.dossier.document import Rendered
from standfast.dossier.fonts import FIRST_FAMILIES, LAST_FAMILIES, folders
from standfast.dossier.legible import one_line
from standfast.errors import StandfastError
from standfast.i18n import _, speaking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typst import PDFStandard

    from standfast.dossier.blocks import Block
    from standfast.dossier.document import Attached, Dossier, Row

STANDARDS: Final[tuple[tuple[PDFStandard, ...], ...]] = (
    ("a-3a", "ua-1"),
    ("a-3b", "ua-1"),
    ("a-3b",),
    (),
)
"""Tried in this order (ISO 19005-3, ISO 14289-1)."""

TEMPLATE: Final = Path(__file__).with_name("template.typ")
STANDARD_NAMES: Final = {"a-3a": "PDF/A-3a", "a-3b": "PDF/A-3b", "ua-1": "PDF/UA-1"}
REGIONS: Final = {"en": "GB", "de": "DE"}
SHORT_HEAD: Final = 16
COMPILES_TO_FORGET: Final = 12
"""The compiler keeps what it has laid out for some ten runs; empty runs make it let go."""


def make_pdf(dossier: Dossier, *, before_annex: str = "") -> Rendered:
    """Set a dossier in its language.

    The annex volumes, if any, are made first: the dossier lists their SHA-256, and their names,
    which begin with ``before_annex``.
    """
    with speaking(dossier.language):
        setter = _Setter(dossier)
        annexes: list[tuple[str, bytes]] = []
        parts: list[Sequence[Row]] = []
        if not chronology.fits_into_main(dossier.rows):
            parts = chronology.volumes(dossier.rows)
        for count, part in enumerate(parts, 1):
            blocks = list(_annex(count, len(parts), part))
            annexes.append(
                (f"{before_annex}annex-{count:02}.pdf", setter.make(blocks, _volume(count)))
            )
        main = setter.make(list(_main(dossier, parts, annexes)), "", attach=True)
        return Rendered(main=main, annexes=tuple(annexes), standard=setter.standard)


def make_pictures(
    dossier: Dossier, annexes: Sequence[tuple[str, bytes]], *, ppi: int
) -> list[bytes]:
    """Draw the pages of a dossier as PNG pictures, for looking at; ``annexes`` are its volumes.

    The pages are laid out anew from the same content; the volumes themselves are not drawn.
    """
    with speaking(dossier.language):
        parts: list[Sequence[Row]] = []
        if not chronology.fits_into_main(dossier.rows):
            parts = chronology.volumes(dossier.rows)
        return _Setter(dossier).draw(list(_main(dossier, parts, annexes)), ppi=ppi)


def _volume(count: int) -> str:
    return _("Annex {number}").format(number=count)


def _main(
    dossier: Dossier, parts: Sequence[Sequence[Row]], annexes: Sequence[tuple[str, bytes]]
) -> Iterator[Block]:
    made = chapters.drawn(dossier)
    yield from front.first_page(dossier)
    yield {"k": "break"}
    yield {"k": "contents", "t": _("Contents")}
    yield from front.people(dossier)
    yield from chapters.findings(dossier)
    yield from chapters.pictured(made)
    yield from chapters.incidents(dossier.incidents)
    yield from _chronology(dossier, parts, annexes)
    yield from chapters.pictures(dossier.pictures)
    yield from evidence.exhibits(dossier)
    yield from evidence.kept(dossier)
    yield from evidence.missing(dossier)
    yield from evidence.law(dossier.law)
    yield from evidence.limits(dossier)
    yield from chapters.behind(made)


def _chronology(
    dossier: Dossier, parts: Sequence[Sequence[Row]], annexes: Sequence[tuple[str, bytes]]
) -> Iterator[Block]:
    yield heading(1, _("Chronology"))
    if not dossier.rows:
        yield para(_("There are no events in this dossier."))
        return
    yield para(
        _("All events in the order of time, by the local clock that the source used. The text is"
          " as it was written. The last column says where it stands in the original.")
    )  # fmt: skip
    if not parts:
        yield chronology.table(dossier.rows)
        return
    sentence = _("The chronology has {count} events. It fills {volumes} annex volumes:")
    yield para(
        sentence.format(count=wording.number(len(dossier.rows)), volumes=wording.number(len(parts)))
    )
    rows = [
        (
            stacked(
                styled("strong", one_line(name, most=120)), styled("mono", sha256(data).hexdigest())
            ),
            f"{wording.number(part[0].number)}–{wording.number(part[-1].number)}",
            stacked(wording.moment_line(part[0].moment), wording.moment_line(part[-1].moment)),
        )
        for part, (name, data) in zip(parts, annexes, strict=True)
    ]
    yield table((_("File and SHA-256"), _("No."), _("First and last")), rows, (98, 26, 0))


def _annex(count: int, of: int, rows: Sequence[Row]) -> Iterator[Block]:
    yield heading(1, _("Chronology, volume {number} of {count}").format(number=count, count=of))
    yield note(_("This volume belongs to the dossier, which lists its SHA-256."))
    yield chronology.table(rows)


class _Setter:
    """The compiler, with what all volumes of a dossier share."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._fonts = typst.Fonts(
            include_system_fonts=False, font_paths=[str(folder) for folder in folders()]
        )
        self._first = 0

    @property
    def standard(self) -> str:
        """Name the standard of the weakest volume so far."""
        codes = STANDARDS[self._first]
        return ", ".join(STANDARD_NAMES[code] for code in codes) or "PDF 1.7"

    def make(self, blocks: list[Block], volume: str, *, attach: bool = False) -> bytes:
        """Set one volume to the strictest standard that works."""
        content = json.dumps(self._content(blocks, volume, attach=attach))
        try:
            for place in range(self._first, len(STANDARDS)):
                self._first = place
                with suppress(typst.TypstError):
                    return self._compile(content, STANDARDS[place])
        finally:
            self._forget()
        raise StandfastError(
            _("The dossier could not be laid out. Nothing was written, and the case is unchanged."),
            hint=_("Please report this as a fault of standfast."),
        )

    def draw(self, blocks: list[Block], *, ppi: int) -> list[bytes]:
        """Draw the pages of one volume."""
        content = json.dumps(self._content(blocks, "", attach=False))
        try:
            pages = typst.compile(
                str(TEMPLATE),
                root=str(TEMPLATE.parent),
                font_paths=self._fonts,
                ignore_system_fonts=True,
                format="png",
                ppi=ppi,
                sys_inputs={"content": content},
            )
        finally:
            self._forget()
        return list(pages) if isinstance(pages, list) else [pages or b""]

    def _compile(self, content: str, standards: Sequence[PDFStandard]) -> bytes:
        return typst.compile(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            font_paths=self._fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"content": content},
            pdf_standards=list(standards),
            timestamp=_timestamp(self._dossier.created),
        )

    def _forget(self) -> None:
        for _run in range(COMPILES_TO_FORGET):
            typst.compile(b"", font_paths=self._fonts, ignore_system_fonts=True)

    def _content(self, blocks: list[Block], volume: str, *, attach: bool) -> dict[str, Any]:
        dossier = self._dossier
        title = one_line(dossier.title, most=90)
        running = f"{title} · {volume}" if volume else title
        known = {info.family for info in self._fonts.fonts() if info.path}
        middle = sorted(known.difference(FIRST_FAMILIES, LAST_FAMILIES))
        made = _("Made with standfast {version} on {created}")
        return {
            "title": running,
            "subtitle": _("Dossier"),
            "running": running,
            "mark": _("Head {head}").format(head=one_line(dossier.head_root[:SHORT_HEAD])),
            "foot": made.format(
                version=one_line(dossier.version, most=20), created=wording.utc(dossier.created)
            ),
            "page": _("Page {page} of {pages}"),
            "language": dossier.language,
            "region": REGIONS.get(dossier.language, ""),
            "fonts": [*FIRST_FAMILIES, *middle, *LAST_FAMILIES],
            "blocks": blocks,
            "attached": [_attached(of) for of in dossier.attached] if attach else [],
        }


def _attached(of: Attached) -> dict[str, str]:
    return {
        "name": of.name,
        "text": of.text,
        "type": of.media_type,
        "description": of.description,
    }


def _timestamp(created: str) -> int:
    """Give the second that a moment names; a moment without a zone is UTC."""
    moment = datetime.fromisoformat(created)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp())
