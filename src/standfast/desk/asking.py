# SPDX-License-Identifier: Apache-2.0
"""Asking: what only the person can decide, with messages of their own beside each answer.

Rules enforced here:

* one question at a time; files that ask the same and came from the same folder ask it together;
* what an answer would mean is shown with messages from the export itself, never with made-up ones;
* an answer can be changed and taken back; a question that was taken back is open again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from standfast.desk import looking
from standfast.desk.unread import Beside
from standfast.desk.zones import check_zone, zone_of_this_computer, zones_to_choose
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.people import Role
from standfast.model.times import iso_wall
from standfast.sources import Options, known_formats
from standfast.sources.reading import Reader
from standfast.timeline.query import Where
from standfast.timeline.segments import read_item
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from standfast.desk.case import Desk
    from standfast.desk.looking import OpenQuestion
    from standfast.desk.progress import Progress
    from standfast.timeline.query import Row

ZONE, ME, DATE_ORDER = "zone", "me", "date_order"
LOOKED_AT: Final = 800
"""Events of an original that are looked at for messages to show."""
SHOWN: Final = 3
GROUP: Final = 64
DAY: Final = len("2024-03-04")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put to a person.

    Attributes:
        first: the question about the first original.
        also: the same question about others that came with it, answered together if wished.
        answer: what was answered, empty while it is open.
        title: the format's name, for people.
        folder: where the originals lay, as their browser or disk named it.
    """

    first: OpenQuestion
    also: tuple[OpenQuestion, ...] = ()
    answer: str = ""
    title: str = ""
    folder: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Give every question it stands for."""
        return (self.first.id, *(one.id for one in self.also))


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of the export.

    ``reading`` are its two days where the order of day and month is open, by answer.
    """

    event: str
    who: str
    text: str
    wall: int | None
    readings: tuple[tuple[str, int], ...] = ()


def open_questions(desk: Desk) -> tuple[Asked, ...]:
    """Give what is open; the same question about one folder's pictures once."""
    return _grouped(desk, desk.questions())


def answered_questions(desk: Desk) -> tuple[Asked, ...]:
    """Give what was answered, with the answer; who one is among them."""
    answers = desk.state.answers
    given = [one for one in looking.answered(desk) if answers.get((one.item, one.question))]
    return _grouped(desk, given)


def _grouped(desk: Desk, questions: Iterable[OpenQuestion]) -> tuple[Asked, ...]:
    found: dict[tuple[str, ...], list[OpenQuestion]] = {}
    for one in questions:
        item, reading = desk.state.items[one.item], desk.state.readings[one.item]
        answer = desk.state.answers.get((one.item, one.question), "")
        alone = one.question != ZONE
        key = (one.id,) if alone else (one.question, reading.format, item.folder, answer)
        found.setdefault(key, []).append(one)
    return tuple(_asked(desk, group) for group in found.values())


def _asked(desk: Desk, group: Sequence[OpenQuestion]) -> Asked:
    first = group[0]
    item, reading = desk.state.items[first.item], desk.state.readings[first.item]
    known = known_formats().get(reading.format)
    answer = desk.state.answers.get((first.item, first.question), "")
    return Asked(first, tuple(group[1:]), answer, known.about.title if known else "", item.folder)


@dataclass(frozen=True, slots=True)
class Mine:
    """An account that the person said is theirs."""

    channel: str
    address: str


def my_accounts(desk: Desk) -> tuple[Mine, ...]:
    """Give the accounts the person said are theirs."""
    mine = (one for one in desk.state.people.values() if one.role is Role.ME)
    return tuple(Mine(acc.channel, acc.address) for one in mine for acc in one.accounts)


def find_question(desk: Desk, question: str) -> Asked | None:
    """Give a question that is open or answered, by the id of any original it is about."""
    both = (*open_questions(desk), *answered_questions(desk))
    return next((one for one in both if question in one.ids), None)


# -- what each answer would mean -----------------------------------------------------------------


def samples(desk: Desk, asked: Asked) -> tuple[Sample, ...]:
    """Give messages of the export that the question is about, each with both of its readings."""
    undated = False if asked.first.question == DATE_ORDER and not asked.answer else None
    rows = desk.events(Where(item=asked.first.item, dated=undated), limit=LOOKED_AT)
    telling = [one for one in rows if one.text.strip() and (undated is None or one.wall_other)]
    order = _first_reading(asked, rows)
    return tuple(
        Sample(one.event, one.sender, one.text, one.wall, _readings(one, order))
        for one in (telling or rows)[:SHOWN]
    )


def _first_reading(asked: Asked, rows: Sequence[Row]) -> tuple[str, str]:
    """Give the answers that an event's two times belong to: the first one, the other one."""
    choices, days = asked.first.choices, asked.first.examples
    if len(choices) != 2 or len(days) != 2:  # noqa: PLR2004 - two readings
        return ("", "")
    swapped = any(one.wall is not None and iso_wall(one.wall)[:DAY] == days[1] for one in rows)
    return (choices[1], choices[0]) if swapped else (choices[0], choices[1])


def _readings(row: Row, order: tuple[str, str]) -> tuple[tuple[str, int], ...]:
    if row.wall is None or row.wall_other is None or not order[0]:
        return ()
    return ((order[0], row.wall), (order[1], row.wall_other))


def samples_by(desk: Desk, asked: Asked) -> dict[str, tuple[Sample, ...]]:
    """Give, for each of the people to choose from, messages that they wrote."""
    found: dict[str, list[Sample]] = {one: [] for one in asked.first.choices}
    for row in desk.events(Where(item=asked.first.item), limit=LOOKED_AT):
        mine = found.get(row.sender)
        if mine is not None and len(mine) < SHOWN and row.text.strip():
            mine.append(Sample(row.event, row.sender, row.text, row.wall))
    return {one: tuple(rows) for one, rows in found.items()}


def likely_zones(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Give zones to offer first, each with why: ``case``, ``said`` before, ``computer``."""
    said = [value for (_item, asked), value in desk.state.answers.items() if asked == ZONE]
    offered = [(desk.state.zone, "case"), *((one, "said") for one in reversed(said))]
    here = zone_of_this_computer()
    offered.append((here if here in zones_to_choose() else "", "computer"))
    found: dict[str, str] = {}
    for name, why in offered:
        if name and _is_zone(name):
            found.setdefault(name, why)
    return tuple(list(found.items())[: SHOWN + 1])


def _is_zone(name: str) -> bool:
    try:
        check_zone(name)
    except WrongUsage:
        return False
    return True


# -- answering -----------------------------------------------------------------------------------


def answer_all(desk: Desk, ids: Sequence[str], value: str, progress: Progress) -> None:
    """Answer the same question about several originals.

    They are read again in groups: stopping keeps what was read until then.

    Raises:
        WrongUsage: one of them is no such question, or the answer fits none of them.
    """
    if len(ids) == 1:
        desk.answer(ids[0], value, progress)
        return
    known = dict.fromkeys((*desk.questions(), *looking.answered(desk)))
    wanted = [one for one in known if one.id in ids]
    if len(wanted) != len(set(ids)) or any(one.question != ZONE for one in wanted):
        raise WrongUsage(
            _("These questions cannot be answered together."),
            hint=_("Answer them one after the other."),
        )
    check_zone(value)
    _read_with_zone(desk, wanted, value, progress)


def _read_with_zone(
    desk: Desk, asked: Sequence[OpenQuestion], value: str, progress: Progress
) -> None:
    beside, drafts = Beside(desk), list[Draft]()
    progress.start(_("Reading"), len(asked))
    with Reader() as reader:
        for one in asked:
            item = desk.state.items[one.item]
            known = {**asdict(desk.state.options(one.item)), "zone": value, "zone_basis": "stated"}
            how = (item, Options(**known), beside.nearby(item))
            read = read_item(desk.vault, reader, *how, forced=beside.forced(item))
            body = {"item": one.item, "question": ZONE, "value": value}
            drafts += [Draft(kinds.ANSWER, body), *read]
            progress.step(1)
            if len(drafts) >= GROUP:
                desk.append(*drafts)
                drafts = []
    desk.append(*drafts)


def take_back(desk: Desk, ids: Sequence[str], progress: Progress) -> None:
    """Take an answer back: the question is open again, and the originals are read without it.

    Raises:
        WrongUsage: there is no such answer.
    """
    beside = Beside(desk)
    given = {one.id: one for one in looking.answered(desk)}
    if not ids or any(one not in given for one in ids):
        raise WrongUsage(_("There is no such answer any more."), hint="")
    progress.start(_("Reading"), len(ids))
    with Reader() as reader:
        for one in (given[each] for each in dict.fromkeys(ids)):
            item = desk.state.items[one.item]
            desk_options = asdict(_without(desk, one))
            how = (item, Options(**desk_options), beside.nearby(item))
            read = read_item(desk.vault, reader, *how, forced=beside.forced(item))
            body = {"item": one.item, "question": one.question, "value": ""}
            desk.append(Draft(kinds.ANSWER, body), *read)
            progress.step(1)


def _without(desk: Desk, asked: OpenQuestion) -> Options:
    """Give an original's answers without this one."""
    known = asdict(desk.state.options(asked.item))
    if asked.question == ZONE:
        return Options(**{**known, "zone": desk.state.zone, "zone_basis": "case"})
    return Options(**{**known, asked.question: ""})
