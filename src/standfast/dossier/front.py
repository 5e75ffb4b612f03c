# SPDX-License-Identifier: Apache-2.0
"""The first page, and the people of the case.

Rules enforced here:

* the first page answers who, what and when, and is bounded so that it fits on one page;
* what the person stated is told as their statement, what a rule counted as a count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.dossier import wording
from standfast.dossier.blocks import (
    digest,
    heading,
    line_number,
    note,
    para,
    stacked,
    styled,
    table,
)
from standfast.dossier.legible import legible, one_line, runs_right_to_left
from standfast.i18n import _, ngettext
from standfast.model.people import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from standfast.dossier.blocks import Block
    from standfast.dossier.document import Dossier, Stop
    from standfast.model.people import Person

PARTIES_ON_PAGE_ONE: Final = 3
ACCOUNTS_ON_PAGE_ONE: Final = 4
CHANNELS_ON_PAGE_ONE: Final = 3
STOPS_ON_PAGE_ONE: Final = 1
STOP_ON_PAGE_ONE: Final = 160
REQUEST_ON_PAGE_ONE: Final = 300


def first_page(dossier: Dossier) -> Iterator[Block]:
    """Tell who, what and when on one page."""
    counts = dossier.counts
    yield {"k": "title", "t": one_line(dossier.title, most=90)}
    yield note(
        _(
            "A dossier made with standfast on {created}. It speaks for the person whose case it is."
        ).format(created=wording.utc(dossier.created))
    )
    yield {"k": "tiles", "i": _tiles(dossier)}
    yield heading(1, _("In brief"))
    period = wording.period(dossier.first, dossier.last)
    facts: list[tuple[str, object]] = [(_("Period"), period)]
    facts += [(_role_head(person), _who(person)) for person in _parties(dossier)]
    more = len(dossier.parties) - PARTIES_ON_PAGE_ONE
    if more > 0:
        facts.append(("", _("All people and accounts stand in the next chapter.")))
    facts.append((_("Channels"), _channels(dossier)))
    facts.append((_("Request to stop"), _stops(dossier)))
    if counts.undated:
        facts.append((_("Without a certain date"), _undated(counts.undated)))
    yield {"k": "facts", "r": facts}
    yield heading(2, _("What is asked of you, the reader"))
    if dossier.request:
        text = _cut(dossier.request, REQUEST_ON_PAGE_ONE)
        yield {
            "k": "quote",
            "t": text,
            "rtl": runs_right_to_left(text),
            "m": _("In the person's own words."),
            "long": False,
        }
    yield {"k": "steps", "i": _asked()}
    yield heading(2, _("What this dossier rests on"))
    yield {"k": "facts", "r": _roots(dossier)}


def _tiles(dossier: Dossier) -> list[tuple[str, str]]:
    counts = dossier.counts
    days = _("days with contact, of {days}").format(days=wording.number(counts.days))
    tiles = [
        (wording.number(counts.incoming), _("contacts from the other side")),
        (wording.number(counts.outgoing), _("from the person to the other side")),
        (wording.number(counts.active_days), days),
    ]
    if dossier.stops:
        tiles.insert(1, (wording.number(counts.after_stop), _("of them after the request to stop")))
    return tiles


def _parties(dossier: Dossier) -> Sequence[Person]:
    order = {Role.OTHER: 0, Role.ME: 1, Role.THIRD: 2}
    named = sorted(dossier.parties, key=lambda person: order[person.role])
    return named[:PARTIES_ON_PAGE_ONE]


def _role_head(person: Person) -> str:
    return {
        Role.ME: _("The person"),
        Role.OTHER: _("The other side"),
        Role.THIRD: _("Third person"),
    }[person.role]


def _who(person: Person) -> dict[str, Any]:
    accounts = [
        f"{wording.channel(account.channel)} {one_line(account.address, most=40)}"
        for account in person.accounts[:ACCOUNTS_ON_PAGE_ONE]
    ]
    more = len(person.accounts) - ACCOUNTS_ON_PAGE_ONE
    if more > 0:
        accounts.append(_("and {count} more").format(count=more))
    return stacked(
        styled("strong", one_line(person.label, most=60)), styled("small", " · ".join(accounts))
    )


def _channels(dossier: Dossier) -> str:
    told = [
        _("{channel}: {incoming} from the other side, {outgoing} from the person").format(
            channel=wording.channel(count.channel),
            incoming=wording.number(count.incoming),
            outgoing=wording.number(count.outgoing),
        )
        for count in dossier.counts.channels[:CHANNELS_ON_PAGE_ONE]
    ]
    return "; ".join(told) or _("No contact was counted.")


def _stops(dossier: Dossier) -> object:
    if not dossier.stops:
        return _("The person has confirmed no request to stop contact.")
    cells: list[object] = []
    for stop in dossier.stops[:STOPS_ON_PAGE_ONE]:
        cells.append(styled("strong", wording.moment_line(stop.moment)))
        if stop.text:
            cells.append(_quoted(_cut(stop.text, STOP_ON_PAGE_ONE)))
        cells.append(styled("small", _stop_source(stop)))
    more = len(dossier.stops) - STOPS_ON_PAGE_ONE
    if more > 0:
        cells.append(styled("small", _("and {count} more").format(count=more)))
    return stacked(*cells)


def _quoted(text: str) -> str:
    return _("“{quote}”").format(quote=text)


def _stop_source(stop: Stop) -> str:
    to = _("to {names}").format(names=one_line(stop.person, most=40))
    place = wording.place(stop.place) if stop.place.exhibit else _("as the person states it")
    parts = [
        to,
        wording.channel(stop.channel) if stop.channel else "",
        line_number(stop.row),
        place,
    ]
    return ", ".join(part for part in parts if part)


def _cut(untrusted_text: str, most: int) -> str:
    shown = legible(" ".join(untrusted_text[: 4 * most].split()), most=most)
    return shown.text + " …" if shown.left or len(untrusted_text) > 4 * most else shown.text


def _undated(count: int) -> str:
    sentence = ngettext(
        "{count} event has no certain date. It is listed, and counted in no chart.",
        "{count} events have no certain date. They are listed, and counted in no chart.",
        count,
    )
    return sentence.format(count=wording.number(count))


def _asked() -> list[str]:
    return [
        _("Please read this page and the findings, then look up the quotes in the chronology."),
        _("Please check that the evidence is unaltered. The chapter “How the evidence was kept"
          " and how to check it” says how; it takes some minutes and nothing has to be installed."),
        _("Please judge the contact as a whole: messages that look harmless one by one can be part"
          " of a pattern."),
    ]  # fmt: skip


def _roots(dossier: Dossier) -> list[tuple[str, object]]:
    sealed = ngettext("{count} sealed entry", "{count} sealed entries", dossier.head_size).format(
        count=wording.number(dossier.head_size)
    )
    shown = ngettext("{count} exhibit", "{count} exhibits", len(dossier.exhibits)).format(
        count=wording.number(len(dossier.exhibits))
    )
    return [
        (_("Evidence"), f"{shown}, {sealed}. {wording.anchored(dossier.anchors)}"),
        (_("Key fingerprint"), digest(dossier.fingerprint)),
        (_("Head of the record"), digest(dossier.head_root)),
    ]


def people(dossier: Dossier) -> Iterator[Block]:
    """List everybody with every account, as the person stated it."""
    yield heading(1, _("People and accounts"))
    yield para(
        _("Who is behind an account is the statement of the person whose case this is. The numbers"
          " and addresses are as the devices and apps wrote them.")
    )  # fmt: skip
    rows = []
    for person in dossier.parties:
        accounts = "\n".join(
            f"{wording.channel(account.channel)}: {one_line(account.address)}"
            for account in person.accounts
        )
        told = accounts or _("No account was named.")
        rows.append((styled("strong", one_line(person.label)), wording.role(person.role), told))
    head = (_("Name"), _("Who this is"), _("Accounts"))
    if rows:
        yield table(head, rows, (42, 48, 0), breaks=True)
    else:
        yield para(_("The person has not stated who is behind the accounts."))
