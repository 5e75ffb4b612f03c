# SPDX-License-Identifier: Apache-2.0
"""Filling a dossier from a case: what goes in, under which number, with which words.

Only confirmed findings go in. Every event keeps its exhibit and its place in it; what is not
there is said: unread stretches, open questions, erased items, events without a decided time.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast import __version__
from standfast.desk import exhibits
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
from standfast.timeline.query import Where
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft, stamp, utc_now
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.looking import FindingView
    from standfast.desk.progress import Progress
    from standfast.model.people import Person
    from standfast.timeline.query import Row
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

    ``request`` is what the person asks of the reader, in their own words.
    """

    first: str = ""
    last: str = ""
    request: str = ""


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
    if out.exists():
        raise WrongUsage(
            _("{name} exists already. Nothing was written.").format(name=out.name),
            hint=_("Choose another name for the dossier."),
        )
    progress.start(_("Writing the dossier"), 0)
    filled = fill(desk, within or Range())
    rendered = make_pdf(filled)
    digest = sha256(rendered.main).hexdigest()
    annexes = [(out.with_name(f"{out.stem}-{name}"), data) for name, data in rendered.annexes]
    with storage_errors(lambda: _("Writing the dossier")):
        for path, data in [(out, rendered.main), *annexes]:
            path.write_bytes(data)
    if desk.vault.writable:
        desk.append(Draft(kinds.EXPORT, {"kind": "dossier", "sha256": digest}))
    names = tuple(str(path) for path, _data in annexes)
    return DossierMade(
        str(out), names, rendered.standard, digest, len(filled.rows), len(filled.findings),
        len(filled.exhibits),
    )  # fmt: skip


def render(desk: Desk, within: Range) -> doc.Rendered:
    """Make the PDFs of a dossier without writing them."""
    return make_pdf(fill(desk, within))


@dataclass(slots=True)
class _Frame:
    """What every part of the filling needs."""

    desk: Desk
    shown: list[Row] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    first_stop: int | None = None

    def place(self, row: Row) -> doc.Place:
        item = self.desk.state.items.get(row.item)
        locator = Locator(row.path, row.start, row.end, row.row, row.pointer)
        return doc.Place(item.number if item else 0, locator)


def fill(desk: Desk, within: Range) -> doc.Dossier:
    """Gather everything a dossier says."""
    frame = _Frame(desk, _rows(desk, within))
    frame.numbers = {row.event: number for number, row in enumerate(frame.shown, 1)}
    stops = [one for one in desk.state.stops if desk.stop_time(one) is not None]
    times = [desk.stop_time(one) for one in stops]
    frame.first_stop = min((at for at in times if at is not None), default=None)
    contact = [row for row in frame.shown if row.kind in CONTACT and row.ts is not None]
    days = [iso_wall(row.wall)[:10] for row in contact if row.wall is not None]
    confirmed = [one for one in desk.findings() if one.status is Status.CONFIRMED]
    head = desk.vault.head
    return doc.Dossier(
        title=desk.state.opened.get("title") or _("Record of contacts"),
        language=language(),
        created=stamp(utc_now()),
        first=within.first or min(days, default=""),
        last=within.last or max(days, default=""),
        parties=tuple(_named(desk, one) for one in desk.state.people.values()),
        request=within.request,
        counts=_counts(frame, contact, days),
        stops=tuple(_stop(frame, one) for one in stops),
        rows=tuple(_row(frame, row) for row in frame.shown),
        contacts=_contacts(contact, confirmed),
        pictures=tuple(exhibits.pictures(desk)),
        findings=tuple(_finding(frame, one) for one in confirmed),
        incidents=tuple(_incidents(desk)),
        exhibits=tuple(
            exhibits.exhibit(desk, item, frame.shown) for item in desk.state.items.values()
        ),
        anchors=tuple(exhibits.anchors(desk)),
        missing=tuple(exhibits.missing(desk)),
        fingerprint=sha256(desk.vault.keys.public).hexdigest(),
        head_root=head.root.hex(),
        head_size=head.size,
        zone=desk.state.zone,
        version=__version__,
    )


def _rows(desk: Desk, within: Range) -> list[Row]:
    """Give the events that belong in it: with the other person, or all when nobody was named."""
    start, end = _day(within.first), _day(within.last)
    where = Where(
        start=None if start is None else micros(start),
        end=None if end is None else micros(end + DAY),
    )
    rows = [row for row in desk.timeline.rows(where) if row.kind != Kind.INCIDENT]
    if any(person.role is Role.OTHER for person in desk.state.people.values()):
        rows = [row for row in rows if row.role == Role.OTHER or row.kind == Kind.PHOTO]
    return rows


def _named(desk: Desk, person: Person) -> Person:
    """Call the person whose case it is by the name they gave, if they gave one."""
    if person.role is not Role.ME:
        return person
    return replace(person, label=desk.state.opened.get("name") or _("(no name entered)"))


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
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
    late = frame.first_stop is not None and row.ts is not None and row.ts > frame.first_stop
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
        after_stop=late and row.direction == Direction.IN and row.kind in CONTACT,
    )


def _counts(frame: _Frame, contact: Sequence[Row], days: Sequence[str]) -> doc.Counts:
    incoming = [row for row in contact if row.direction == Direction.IN]
    outgoing = [row for row in contact if row.direction == Direction.OUT]
    ins, outs = Counter(row.channel for row in incoming), Counter(row.channel for row in outgoing)
    stop = frame.first_stop
    active = {iso_wall(row.wall)[:10] for row in incoming if row.wall is not None}
    span = (date.fromisoformat(max(days)) - date.fromisoformat(min(days))).days + 1 if days else 0
    return doc.Counts(
        incoming=len(incoming),
        outgoing=len(outgoing),
        after_stop=sum(1 for row in incoming if stop is not None and (row.ts or 0) > stop),
        active_days=len(active),
        days=span,
        undated=sum(1 for row in frame.shown if row.ts is None),
        channels=tuple(
            doc.ChannelCount(name, ins[name], outs[name])
            for name in sorted({*ins, *outs}, key=lambda name: (-ins[name] - outs[name], name))
        ),
    )


def _contacts(contact: Sequence[Row], confirmed: Sequence[FindingView]) -> doc.Contacts:
    walls = [
        (iso_wall(row.wall), row)
        for row in contact
        if row.wall is not None and row.direction == Direction.IN
    ]
    days = Counter(wall[:10] for wall, _row in walls)
    weeks: dict[str, Counter[str]] = {}
    for wall, row in walls:
        day = date.fromisoformat(wall[:10])
        monday = (day - DAY * day.weekday()).isoformat()
        weeks.setdefault(monday, Counter())[row.channel] += 1
    hours = Counter(int(wall[11:13]) for wall, row in walls if row.precision not in {"day", "none"})
    return doc.Contacts(
        days=tuple(sorted(days.items())),
        weeks=tuple((week, tuple(sorted(weeks[week].items()))) for week in sorted(weeks)),
        hours=tuple(hours[hour] for hour in range(24)),
        levels=_levels(confirmed),
    )


def _levels(confirmed: Sequence[FindingView]) -> tuple[doc.LevelPart, ...]:
    """Give the stretches of a steady level, when exactly one person's level changed once."""
    changes = [one.finding for one in confirmed if one.finding.detector == "change_of_level"]
    if len(changes) != 1:
        return ()
    (change,) = changes
    numbers, day = change.numbers, date.fromisoformat(str(change.numbers["date"]))
    before, after = int(numbers["before"]), int(numbers["after"])
    return (
        doc.LevelPart(
            first=change.first, last=(day - DAY).isoformat(), contacts=before,
            days=int(numbers["before_days"]),
        ),
        doc.LevelPart(
            first=day.isoformat(), last=change.last, contacts=after,
            days=int(numbers["after_days"]),
        ),
    )  # fmt: skip


def _stop(frame: _Frame, one: Moment) -> doc.Stop:
    row = frame.desk.timeline.by_reference([one.event]).get(one.event) if one.event else None
    if row is None:
        return doc.Stop(person=one.person, moment=doc.Moment(one.when), text=one.words)
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
    rows = frame.desk.timeline.by_reference(few)
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


def _incidents(desk: Desk) -> Iterable[doc.Incident]:
    for one in desk.state.incidents:
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
