# SPDX-License-Identifier: Apache-2.0
"""Filling a dossier from a case: what goes in, under which number, with which words.

Only confirmed findings go in. Every event keeps its exhibit and its place in it; what is not
there is said: unread stretches, open questions, erased items, events without a decided time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast import __version__
from standfast.desk import choosing, counting, exhibits, looking, placing
from standfast.dossier import document as doc
from standfast.dossier.layout import make_pdf
from standfast.dossier.wording import channel as channel_words
from standfast.errors import WrongUsage
from standfast.findings.wording import spoken_date, spoken_number, spoken_time
from standfast.i18n import _, language
from standfast.model.event import Attachment, Direction, Kind, Locator
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.model.times import ClockMark, Precision, iso_wall, micros, wall_to_utc
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft, stamp, utc_now
from standfast.vault.note import fingerprint
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.choosing import Selection
    from standfast.desk.looking import FindingView
    from standfast.desk.progress import Progress
    from standfast.model.people import Person
    from standfast.timeline.query import Row, Timeline
    from standfast.timeline.state import Incident, Moment

DAY = timedelta(days=1)
MINUTE = 60_000_000
QUOTES = 3
"""How many of a finding's first and of its last events are quoted."""
SERIES_ROWS = 60
CONTACT = (Kind.MESSAGE, Kind.CALL, Kind.MAIL)


@dataclass(frozen=True, slots=True)
class Range:
    """What a dossier covers: first and last day (ISO dates, empty for all), and the request.

    ``request`` is what the person asks of the reader, in their own words; ``only`` are
    the confirmed findings that go in, ``None`` for all (the dossier says how many are left out).
    """

    first: str = ""
    last: str = ""
    request: str = ""
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class DossierMade:
    """A finished dossier: the files, the PDF standard reached, how much is in it."""

    path: str
    annexes: tuple[str, ...]
    standard: str
    sha256: str
    events: int
    findings: int
    exhibits: int


def make_dossier(desk: Desk, out: Path, within: Range | None, progress: Progress) -> DossierMade:
    """Write the dossier, and enter its hash in the ledger.

    Raises:
        WrongUsage: a file of that name exists already.
        StorageFailed: the disk refused.
    """
    placing.must_be_new(out)
    progress.start(_("Writing the dossier"), 0)
    filled = fill(desk, within or Range())
    rendered = make_pdf(filled, before_annex=f"{out.stem}-")
    digest = sha256(rendered.main).hexdigest()
    annexes = [(out.with_name(name), data) for name, data in rendered.annexes]
    with storage_errors(lambda: _("Writing the dossier"), _no_dossier):
        placing.place_all(desk.vault.disk, [(out, rendered.main), *annexes])
    if desk.vault.writable:
        enter(desk, digest)
    names = tuple(str(path) for path, _data in annexes)
    return DossierMade(
        str(out), names, rendered.standard, digest, len(filled.rows), len(filled.findings),
        len(filled.exhibits),
    )  # fmt: skip


def _no_dossier() -> str:
    return _("No dossier was written; the case is as it was.")


def enter(desk: Desk, digest: str) -> None:
    """Enter in the ledger that a dossier was handed on."""
    desk.append(Draft(kinds.EXPORT, {"kind": "dossier", "sha256": digest}))


def render(desk: Desk, within: Range, chosen: Selection) -> doc.Rendered:
    """Make the PDFs of a dossier that tells of what was chosen, without writing them."""
    return make_pdf(fill(desk, within, chosen))


@dataclass(slots=True)
class _Frame:
    """What every part of the filling needs."""

    desk: Desk
    timeline: Timeline
    chosen: Selection
    shown: list[Row] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    stops: list[Moment] = field(default_factory=list)
    first_stops: dict[str, int] = field(default_factory=dict)
    """The time of the first confirmed request to stop, by the person it was made to."""

    def place(self, row: Row) -> doc.Place:
        item = self.desk.state.items.get(row.item)
        locator = Locator(row.path, row.start, row.end, row.row, row.pointer)
        return doc.Place(item.number if item else 0, locator)

    def look(self, rows: list[Row]) -> None:
        """Number the events that are shown, and find the requests to stop that have a time."""
        self.shown = rows
        self.numbers = {row.event: number for number, row in enumerate(rows, 1)}
        for one in self.desk.state.stops:
            at = self.desk.stop_time(one)
            if at is not None:
                self.stops.append(one)
                self.first_stops[one.person] = min(at, self.first_stops.get(one.person, at))

    def is_late(self, row: Row) -> bool:
        """Say whether an event came from somebody who had been asked to stop before."""
        stop = self.first_stops.get(row.person)
        incoming = row.direction == Direction.IN and row.kind in CONTACT
        return incoming and stop is not None and row.ts is not None and row.ts > stop


def fill(desk: Desk, within: Range, chosen: Selection | None = None) -> doc.Dossier:
    """Gather everything a dossier says of what was chosen: everything, if nothing was."""
    chosen = chosen or choosing.select(desk, None, None)
    if chosen.everything:
        return _filled(_Frame(desk, desk.timeline, chosen), within)
    with looking.open_timeline(desk, {*chosen.whole, *chosen.numbers}) as timeline:
        return _filled(_Frame(desk, timeline, chosen), within)


def _filled(frame: _Frame, within: Range) -> doc.Dossier:
    desk, chosen = frame.desk, frame.chosen
    frame.look(_rows(frame, within))
    contact = [row for row in frame.shown if row.kind in CONTACT and row.ts is not None]
    days = [iso_wall(row.wall)[:10] for row in contact if row.wall is not None]
    wanted, left_out = _confirmed(desk, within)
    confirmed, unsupported = choosing.supported(desk, chosen, wanted)
    seen = choosing.accounts_in(frame.shown)
    head = desk.vault.head
    return doc.Dossier(
        title=desk.state.opened.get("title") or _("Record of contacts"),
        language=language(),
        created=stamp(utc_now()),
        first=_day(within.first) or min(days, default=""),
        last=_day(within.last) or max(days, default=""),
        parties=tuple(
            _named(desk, one) for one in choosing.parties(desk, seen, everything=chosen.everything)
        ),
        request=within.request,
        counts=counting.counts(frame.shown, contact, frame.is_late),
        stops=tuple(_stop(frame, one) for one in frame.stops),
        rows=tuple(_row(frame, row) for row in frame.shown),
        contacts=counting.contacts(contact, confirmed),
        pictures=tuple(exhibits.pictures(desk, chosen)),
        findings=tuple(_finding(frame, one) for one in confirmed),
        incidents=tuple(_incidents(desk, within)),
        exhibits=tuple(
            exhibits.exhibit(desk, item, frame.shown, chosen)
            for item in desk.state.items.values()
            if chosen.has(item.sha256) or (item.erased and chosen.everything)
        ),
        anchors=tuple(exhibits.anchors(desk)),
        withheld=tuple(exhibits.withheld(desk, chosen)),
        missing=tuple(exhibits.missing(desk, chosen, unsupported, by_choice=left_out)),
        fingerprint=fingerprint(desk.vault.keys.public),
        head_root=head.root.hex(),
        head_size=head.size,
        zone=desk.state.zone,
        version=__version__,
    )


def _confirmed(desk: Desk, within: Range) -> tuple[list[FindingView], int]:
    """Give the confirmed findings that are wanted, and how many more there are."""
    found = [one for one in desk.findings() if one.status is Status.CONFIRMED]
    wanted = [one for one in found if within.only is None or one.finding.id in within.only]
    return wanted, len(found) - len(wanted)


def _rows(frame: _Frame, within: Range) -> list[Row]:
    """Give the events that belong in it: with the other person, or all when nobody was named.

    A day is one of the clock that wrote the event. What has two possible days is there when one
    of them is, and what has none is always there: nothing is left out in silence.
    """
    first, last = _day(within.first), _day(within.last)
    rows = [
        row
        for row in frame.timeline.rows()
        if row.kind != Kind.INCIDENT and frame.chosen.shows(row)
        and _between(first, (row.wall, row.wall_other), last)
    ]  # fmt: skip
    if any(person.role is Role.OTHER for person in frame.desk.state.people.values()):
        rows = [row for row in rows if row.role == Role.OTHER or row.kind == Kind.PHOTO]
    return rows


def _named(desk: Desk, person: Person) -> Person:
    """Call the person whose case it is by the name they gave, if they gave one."""
    if person.role is not Role.ME:
        return person
    return replace(person, label=desk.state.opened.get("name") or _("(no name entered)"))


def _between(first: str, walls: Iterable[int | None], last: str) -> bool:
    days = [iso_wall(wall)[:10] for wall in walls if wall is not None]
    return not days or any(first <= day <= (last or day) for day in days)


def _day(text: str) -> str:
    """Check a day, and give it in the one form that can be compared as text.

    Raises:
        WrongUsage: it is none.
    """
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as problem:
        raise WrongUsage(
            _("“{when}” is not a date.").format(when=text),
            hint=_("Write the day like 2024-03-04."),
        ) from problem


def moment_of(row: Row) -> doc.Moment:
    """Give the time of an event as its source wrote it."""
    precision = Precision(row.precision)
    if row.wall is None:
        return doc.Moment(precision=precision)
    if row.wall_other is not None:
        return doc.Moment("", "", precision, (iso_wall(row.wall), iso_wall(row.wall_other)))
    clock = ClockMark(json.loads(row.native).get("clock", "")) if row.native else ClockMark.PLAIN
    return doc.Moment(iso_wall(row.wall), _offset(row.wall, row.utc), precision, (), clock)


def _offset(wall: int, utc: int | None) -> str:
    if utc is None:
        return ""
    minutes = (wall - utc) // MINUTE
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _row(frame: _Frame, row: Row) -> doc.Row:
    files = json.loads(row.attachments) if row.attachments else []
    return doc.Row(
        number=frame.numbers[row.event],
        moment=moment_of(row),
        kind=Kind(row.kind),
        channel=row.channel,
        detail=row.detail,
        sender=row.sender,
        recipients=tuple(json.loads(row.recipients)) if row.recipients else (),
        direction=Direction(row.direction),
        text=row.text,
        state=row.state,
        attachments=tuple(Attachment(**{"name": "", **file}) for file in files),
        place=frame.place(row),
        after_stop=frame.is_late(row),
    )


def _stop(frame: _Frame, one: Moment) -> doc.Stop:
    row = frame.timeline.by_reference([one.event]).get(one.event) if one.event else None
    if row is None or not frame.chosen.shows(row):
        words = "" if one.event and not frame.chosen.everything else one.words
        return doc.Stop(person=one.person, moment=doc.Moment(one.when), text=words)
    return doc.Stop(
        person=one.person,
        moment=moment_of(row),
        text=one.words or row.text,
        channel=row.channel,
        place=frame.place(row),
        row=frame.numbers.get(row.event, 0),
    )


def _finding(frame: _Frame, view: FindingView) -> doc.FindingBlock:
    cited = view.finding.events
    few = cited if len(cited) <= 2 * QUOTES else (*cited[:QUOTES], *cited[-QUOTES:])
    rows = frame.timeline.by_reference(few)
    return doc.FindingBlock(
        statement=view.statement,
        confidence=view.finding.confidence,
        quotes=tuple(_quote(frame, rows[event]) for event in few if event in rows),
        events_total=view.finding.events_total,
        series=tuple(_series(view)),
    )


def _quote(frame: _Frame, row: Row) -> doc.Quote:
    return doc.Quote(
        moment=moment_of(row),
        sender=row.sender or row.account,
        text=row.text,
        channel=row.channel,
        place=frame.place(row),
        row=frame.numbers.get(row.event, 0),
    )


SPOKEN: Mapping[str, Callable[[str], str]] = {
    "per_week": spoken_date,
    "per_week_out": spoken_date,
    "longest_runs": spoken_date,
    "densest": spoken_time,
    "per_channel": channel_words,
}
"""How the labels of a finding's series are put into words."""


def _series(view: FindingView) -> Iterable[doc.Series]:
    titles = {
        "per_week": (_("Contacts by week"), _("Week from")),
        "per_week_out": (_("Replies by week"), _("Week from")),
        "per_channel": (_("Contacts by channel"), _("Channel")),
        "per_hour": (_("Contacts by hour of the day"), _("Hour")),
        "per_month": (_("Contacts by month"), _("Month")),
        "densest": (_("Densest hours"), _("From")),
        "longest_runs": (_("Longest runs without a reply"), _("From")),
        "new_accounts": (_("New accounts"), _("Account")),
    }
    for name, (title, head) in titles.items():
        rows = view.finding.series.get(name, ())
        if 0 < len(rows) <= SERIES_ROWS:
            worded = SPOKEN.get(name, str)
            lines = tuple((worded(label), spoken_number(count)) for label, count in rows)
            yield doc.Series(title, (head, _("Number")), lines)


def _incidents(desk: Desk, within: Range) -> Iterable[doc.Incident]:
    first, last = _day(within.first), _day(within.last)
    for one in desk.state.incidents:
        if one.when and not first <= one.when[:10] <= (last or one.when[:10]):
            continue
        yield doc.Incident(
            moment=doc.Moment(one.when, _stated_offset(one), Precision(one.precision)),
            text=one.text,
            entered=one.written,
            where=one.place,
            witnesses=one.witnesses,
        )


def _stated_offset(incident: Incident) -> str:
    if not (incident.when and incident.zone):
        return ""
    wall = datetime.fromisoformat(incident.when)
    return _offset(micros(wall), micros(wall_to_utc(wall, incident.zone)[0]))
