# SPDX-License-Identifier: Apache-2.0
"""The chapters on the evidence: exhibits, how they were kept, what is missing, the limits.

Rules enforced here:

* everything that is not shown is counted: withheld, erased, unreadable, undecided;
* a timestamp is told as "existed before", never as more;
* nothing is claimed that a reader could not check with the commands that stand beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.dossier import wording
from standfast.dossier.blocks import digest, heading, note, para, stacked, styled, table
from standfast.dossier.document import Kept
from standfast.dossier.legible import legible, one_line
from standfast.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from standfast.dossier.blocks import Block
    from standfast.dossier.document import Dossier, Exhibit, LawNote
    from standfast.model.coverage import Coverage

MOST_LISTED: Final = 20
STAMP_COMMAND: Final = (
    "openssl ts -verify -in X.tsr -data X.note -CAfile X.pem -untrusted X.pem -attime SECONDS"
)
COMMANDS: Final = (
    "python3 verify.py bundle.zip",
    "sha256sum -c manifest-sha256.txt",
    STAMP_COMMAND,
)


def exhibits(dossier: Dossier) -> Iterator[Block]:
    """List every original with its hash and what was read from it."""
    yield heading(1, _("Exhibits"))
    if not dossier.exhibits:
        yield para(_("No original has been added to the case."))
        return
    yield para(
        _("Each exhibit is an original, kept byte for byte as it was given. The SHA-256 beside it"
          " changes if a single bit of the file changes.")
    )  # fmt: skip
    rows = [
        (styled("strong", str(exhibit.number)), _exhibit(exhibit), _read(exhibit))
        for exhibit in dossier.exhibits
    ]
    yield table((_("No."), _("Original"), _("What was read from it")), rows, (10, 0, 60))


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    return stacked(
        styled("strong", one_line(exhibit.name, most=160) or _("without a name")),
        wording.size(exhibit.size),
        styled("small", _("Added on {time}").format(time=wording.utc(exhibit.added))),
        styled("small", "SHA-256:"),
        digest(exhibit.sha256),
        styled("strong", _kept(exhibit.kept)),
    )


def _kept(state: Kept) -> str:
    return {
        Kept.PRESENT: "",
        Kept.WITHHELD: _("Withheld on purpose: kept in the case, not handed over."),
        Kept.ERASED: _("Erased by the person; a sealed tombstone stands in its place."),
    }[state]


def _read(exhibit: Exhibit) -> dict[str, Any]:
    told = exhibit.coverage
    read = one_line(exhibit.format, most=60)
    lines = [
        _("Format: {format}").format(format=read)
        if read
        else _("No format of standfast reads it."),
        ngettext(
            "{count} event, {shown} of it in this dossier",
            "{count} events, {shown} of them in this dossier",
            told.events,
        ).format(count=wording.number(told.events), shown=wording.number(exhibit.shown)),
    ]
    if told.bytes:
        sentence = _("{done} of {all} bytes accounted for")
        lines.append(
            sentence.format(
                done=wording.number(told.bytes_accounted), all=wording.number(told.bytes)
            )
        )
    return stacked(*lines, *(styled("small", line) for line in _open_points(told)))


def _open_points(told: Coverage) -> Iterator[str]:
    unreadable = max(told.unreadable_total, len(told.unreadable))
    if unreadable:
        sentence = ngettext(
            "{count} stretch could not be read", "{count} stretches could not be read", unreadable
        )
        yield sentence.format(count=wording.number(unreadable))
    if told.questions:
        sentence = ngettext("{count} open question", "{count} open questions", len(told.questions))
        yield sentence.format(count=wording.number(len(told.questions)))
    if told.unread:
        sentence = ngettext(
            "{count} file inside it was kept and not read",
            "{count} files inside it were kept and not read",
            len(told.unread),
        )
        yield sentence.format(count=wording.number(len(told.unread)))


def kept(dossier: Dossier) -> Iterator[Block]:
    """Tell how the evidence was kept, and how anybody can check it."""
    yield heading(1, _("How the evidence was kept and how to check it"))
    for sentence in _keeping():
        yield para(sentence)
    yield heading(2, _("What to compare"))
    yield {
        "k": "facts",
        "r": [
            (_("Key fingerprint"), digest(dossier.fingerprint)),
            (_("Head of the record"), digest(dossier.head_root)),
            (_("Entries"), wording.number(dossier.head_size)),
        ],
    }
    yield heading(2, _("Since when the record exists"))
    if dossier.anchors:
        yield {"k": "list", "i": [wording.anchor(of) for of in dossier.anchors]}
    yield para(_since(dossier))
    yield heading(2, _("How to check"))
    yield {"k": "steps", "i": _checking()}
    yield note(_("For those who prefer commands, in the folder of the unpacked bundle:"))
    for command in COMMANDS:
        yield {"k": "command", "t": command}


def _keeping() -> list[str]:
    return [
        _("Every original was copied into an encrypted case on the person's own computer, and its"
          " SHA-256 was written down before anything was read from it. The originals have not been"
          " changed; standfast has no way to change them."),
        _("Every addition and every decision is an entry in a log that only grows. The entries are"
          " joined in a hash tree; its head, below, changes if any earlier entry is changed, left"
          " out or put in another order. The head is signed with the key of the case."),
        _("The signing key is the person's own. By itself it shows order and completeness, not the"
          " date: only an outside timestamp shows that the record existed before a time."),
    ]  # fmt: skip


def _since(dossier: Dossier) -> str:
    if not dossier.anchors:
        return _("The record is not timestamped. The times of adding are those of the person's"
                 " computer.")  # fmt: skip
    return _("A timestamp shows that the record existed before that time. It does not show who"
             " wrote a message, or that what it says is true.")  # fmt: skip


def _checking() -> list[str]:
    return [
        _("Ask for the bundle that belongs to this dossier: a zip file with the originals or the"
          " chosen events, and their proofs."),
        _("Unpack it and open verify.html in a browser. It works without a network and without an"
          " installation. Drag the zip file onto the page."),
        _("Compare the key fingerprint that the page shows with the one on page one. The head on"
          " page one is earlier than that of the bundle, because handing over is an entry, too; the"
          " bundle's log continues it."),
        _("The page says in words whether everything is unaltered, incomplete on purpose, altered"
          " and where, or not timestamped. A checker inside a bundle could be forged with it:"
          " if much depends on it, use verify.py from your own copy of standfast."),
    ]  # fmt: skip


def missing(dossier: Dossier) -> Iterator[Block]:
    """Count and name everything that is not in this dossier."""
    yield heading(1, _("What is missing"))
    told = [*_held_back(dossier), *map(_flat, dossier.missing)]
    for exhibit in dossier.exhibits:
        told += _missing_from(exhibit)
    if not told:
        yield para(_("Nothing was withheld or erased, and nothing failed to be read."))
        return
    yield para(_("This dossier does not show the following. Nothing is left out in silence."))
    yield {"k": "list", "i": told}


def _held_back(dossier: Dossier) -> Iterator[str]:
    for held in dossier.withheld:
        sentence = ngettext(
            "{exhibit}: {count} event is withheld on purpose.",
            "{exhibit}: {count} events are withheld on purpose.",
            held.count,
        )
        told = sentence.format(
            exhibit=wording.exhibit(held.exhibit), count=wording.number(held.count)
        )
        reason = one_line(held.reason, most=400)
        yield told + (" " + _("Reason given: {reason}").format(reason=reason) if reason else "")
    for exhibit in dossier.exhibits:
        if exhibit.kept is not Kept.PRESENT:
            yield f"{wording.exhibit(exhibit.number)}: {_kept(exhibit.kept)}"
    if dossier.counts.undated:
        sentence = ngettext(
            "{count} event has no certain date and is in no chart.",
            "{count} events have no certain date and are in no chart.",
            dossier.counts.undated,
        )
        yield sentence.format(count=wording.number(dossier.counts.undated))


def _missing_from(exhibit: Exhibit) -> list[str]:
    told = exhibit.coverage
    name = wording.exhibit(exhibit.number)
    lines = [
        _("{exhibit}: {remark}").format(exhibit=name, remark=_flat(remark.detail))
        for remark in told.remarks[:MOST_LISTED]
    ]
    for part in told.unreadable[:MOST_LISTED]:
        where = wording.locator(part.locator) or _("the whole of it")
        sentence = _("{exhibit}: could not be read ({where}). {detail}")
        lines.append(sentence.format(exhibit=name, where=where, detail=_flat(part.detail)))
    more = max(told.unreadable_total, len(told.unreadable)) - MOST_LISTED
    if more > 0:
        sentence = _("{exhibit}: {count} more stretches could not be read.")
        lines.append(sentence.format(exhibit=name, count=wording.number(more)))
    if told.questions:
        sentence = ngettext(
            "{exhibit}: {count} question has not been answered (such as the order of day and"
            " month).",
            "{exhibit}: {count} questions have not been answered (such as the order of day and"
            " month).",
            len(told.questions),
        )
        lines.append(sentence.format(exhibit=name, count=wording.number(len(told.questions))))
    if told.unread:
        names = ", ".join(one_line(unread, most=60) for unread in told.unread[:MOST_LISTED])
        sentence = _("{exhibit}: kept, but not read by this version: {names}")
        lines.append(sentence.format(exhibit=name, names=names))
        more = len(told.unread) - MOST_LISTED
        if more > 0:
            lines[-1] += " " + _("and {count} more").format(count=wording.number(more))
    return lines


def _flat(text: str) -> str:
    return legible(text, most=1_000).text


def law(notes: Sequence[LawNote]) -> Iterator[Block]:
    """Name provisions that may apply, with their source."""
    if not notes:
        return
    yield heading(1, _("Provisions that may apply"))
    yield para(_("This is a pointer for the reader, not legal advice."))
    for entry in notes:
        yield heading(2, one_line(entry.title))
        yield para(_flat(entry.text))
        source = _("Source: {source}, as of {date}.")
        yield note(source.format(source=one_line(entry.source), date=one_line(entry.as_of)))


def limits(dossier: Dossier) -> Iterator[Block]:
    """Say what this dossier cannot show, and what its words mean."""
    yield heading(1, _("Limits"))
    zone = one_line(dossier.zone, most=60)
    first = (
        _("Times without a zone of their own are read in the zone {zone}, as the person stated.")
        if zone
        else _("Times without a zone of their own are shown as written; nobody has stated a zone.")
    )
    yield {
        "k": "list",
        "i": [
            first.format(zone=zone),
            _("An export shows what an app wrote into it. It does not prove who held the device."),
            _("The name beside a message is the one that was saved on the device; the number or"
              " address counts."),
            _("The proofs show that nothing was changed since it was sealed. They cannot show what"
              " happened to a file before it was added to the case."),
            _("Findings count and quote. They do not judge a person, and they replace neither the"
              " reading of the messages nor a legal assessment."),
            _("Characters that no font has, and invisible or direction-changing characters, are"
              " printed as a name or number in brackets, such as [U+202E]. The original has them."),
        ],
    }  # fmt: skip
    yield heading(2, _("Words used here"))
    yield note(
        _("Exhibit: an original file. Event: a message, call, e-mail or picture read from one."
          " Contact: an event from one side to the other. Chronology: all events in the order of"
          " time. Head: the one number that stands for the whole record. SHA-256: a fingerprint of"
          " a file. Bundle: this dossier with its originals and proofs.")
    )  # fmt: skip
