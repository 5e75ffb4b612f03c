# SPDX-License-Identifier: Apache-2.0
"""Pictures: photos and screenshots, one event each.

Rules enforced here:

* a picture is always kept as an event, also when its header is damaged or nobody can read its
  kind; what could not be read stands beside it;
* the time is that of the exposure in the header, else the one in the file name, else none: never
  that of the file system, which copying changes. ``native`` says which one it is;
* an offset in the header, or a name that counts in UTC, makes the moment known; otherwise the
  clock is the phone's own, in the zone the person named, and if nobody has, it is a question;
* pixels are never decoded here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import (
    Accounting,
    Event,
    Kind,
    Locator,
    Question,
    Remark,
    Unreadable,
)
from standfast.model.times import Precision, ZoneBasis, wall_to_utc
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.picture_header import Header, HeaderBroken, read_header
from standfast.sources.picture_names import is_screenshot_name, time_in_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from standfast.model.event import Yield

VERY_LARGE: Final = 178_956_970
"""More pixels than this are worth a word: decoded they fill half a gigabyte and more."""
SIGNATURE_BYTES: Final = 32

_SIGNATURES: Final = (
    (re.compile(rb"\xff\xd8\xff"), "jpeg", 95),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png", 95),
    (re.compile(rb"GIF8[79]a"), "gif", 95),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp", 95),
    (re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), "heic", 95),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "avif", 95),
    (re.compile(rb"II\*\0|MM\0\*"), "tiff", 85),
    (re.compile(rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}", re.DOTALL), "bmp", 85),
)
_ENDINGS: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|hei[cf]|avif|tiff?|bmp)\Z", re.IGNORECASE | re.ASCII
)
BY_NAME: Final = 10

ABOUT: Final = About(
    id="picture",
    version=1,
    title=N_("Pictures and screenshots"),
    channel="photo",
    accounting=Accounting.WHOLE,
    export=N_(
        "Copy the picture files as they are, by cable or with the phone's own file app; sending "
        "them through a messenger takes the date and place out of them."
    ),
    lacks=(N_("A picture that came through a messenger has usually lost its date and place."),),
)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a picture was made, and where that is written."""

    wall: datetime | None = None
    precision: Precision = Precision.NONE
    zone: str = ""
    basis: ZoneBasis = ZoneBasis.UNKNOWN
    origin: str = ""


class Pictures:
    """The format of single picture files."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look at the signature; a picture's ending alone is a weak claim."""
        for signature, kind, confidence in _SIGNATURES:
            if signature.match(head.data):
                return Recognition(confidence, kind)
        if _ENDINGS.search(head.name):
            return Recognition(BY_NAME, "name")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield the picture's event, and what must be known about it."""
        with source.open() as stream:
            kind = _kind_of(stream.read(SIGNATURE_BYTES))
            stream.seek(0)
            header, problem = Header(), None
            if not kind:
                problem = _unread(kind, source)
            else:
                try:
                    header = read_header(stream, kind)
                except HeaderBroken:
                    problem = _unread("damaged", source)
        moment = _moment(header, source.name, options)
        yield _event(source, kind, header, moment)
        if problem is not None:
            yield problem
        yield from _remarks(source, header, moment)


def _kind_of(data: bytes) -> str:
    return next((kind for signature, kind, _sure in _SIGNATURES if signature.match(data)), "")


def _unread(why: str, source: Source) -> Unreadable:
    if why == "damaged":
        sentence = _("The picture is kept, but what its file says about it could not be read.")
    else:
        sentence = _("The file is kept; it is named like a picture but does not begin like one.")
    return Unreadable(f"picture_{why or 'unknown'}", sentence, Locator(source.path))


def _moment(header: Header, name: str, options: Options) -> _Moment:
    zone, basis = options.zone, ZoneBasis.UNKNOWN
    if zone:
        basis = ZoneBasis(options.zone_basis)
    if header.wall is not None:
        precision = Precision.MILLISECOND if header.fraction else Precision.SECOND
        if header.offset:
            zone, basis = header.offset, ZoneBasis.IN_FILE
        return _Moment(header.wall, precision, zone, basis, "exif")
    named = time_in_name(name)
    if named is None:
        return _Moment()
    if named.utc:
        zone, basis = "UTC", ZoneBasis.IN_FILE
    return _Moment(named.wall, named.precision, zone, basis, "name")


def _event(source: Source, kind: str, header: Header, moment: _Moment) -> Event:
    native = dict(header.facts)
    if kind:
        native["format"] = kind
    utc = None
    if moment.wall is not None:
        native["time_from"] = moment.origin
        if moment.zone:
            utc, mark = wall_to_utc(moment.wall, moment.zone)
            native |= {"clock": str(mark)} if mark else {}
    screenshot = header.screenshot or is_screenshot_name(source.name)
    return Event(
        kind=Kind.PHOTO,
        channel=ABOUT.channel,
        locator=Locator(source.path, 0, source.size),
        wall=moment.wall,
        zone=moment.zone,
        zone_basis=moment.basis,
        utc=utc,
        precision=moment.precision,
        detail="screenshot" if screenshot else "photo",
        native=native,
    )


def _remarks(source: Source, header: Header, moment: _Moment) -> Iterator[Yield]:
    if header.width * header.height > VERY_LARGE:
        sentence = _("The picture says that it is {width} by {height} pixels; it is not opened.")
        sentence = sentence.format(width=header.width, height=header.height)
        yield Remark("very_large", sentence, source.path)
    if header.wrong_date:
        sentence = _("The date inside the picture is not a real one and is not used.")
        yield Remark("wrong_date", sentence, source.path)
    if moment.wall is not None and not moment.zone:
        yield Question("zone", why="no_offset", path=source.path)


FORMAT: Final[Format] = Pictures()
