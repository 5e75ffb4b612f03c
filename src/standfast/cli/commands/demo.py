# SPDX-License-Identifier: Apache-2.0
"""``standfast demo``: an invented case, from its exports to a bundle that was tampered with."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import command, json_option, option, progress
from standfast.cli.output import headline, plain, print_json, say, size_words, visible
from standfast.demo import build
from standfast.demo.place import BUNDLE, CASE, CHANGED, DOSSIER, EXPORTS
from standfast.findings.wording import spoken_date, spoken_number
from standfast.i18n import N_, _, ngettext
from standfast.model.finding import Status

if TYPE_CHECKING:
    from standfast.demo import DemoReport
    from standfast.demo.building import Answered, Checked, Statement
    from standfast.desk import Added, FindingView

WIDEST = 88
INDENT = "  "


@command(
    "demo",
    N_(
        "Build an invented case and go the whole way with it: exports, questions, findings, "
        "dossier, bundle, verification. Nobody in it exists.\n\n"
        "Example: standfast demo --out standfast-demo"
    ),
)
@option(
    "--out",
    default=Path("standfast-demo"),
    type=click.Path(path_type=Path),
    help=N_("Folder to make it in; “standfast-demo” if not given."),
)
@option("--again", is_flag=True, help=N_("Replace the demo that is in the folder."))
@json_option()
def COMMAND(*, out: Path, again: bool, as_json: bool) -> None:
    """Make the demo and tell what happened."""
    with progress() as bar:
        report = build(out, bar, again=again)
    if as_json:
        print_json(_json(report))
    else:
        _show(report)


def _json(report: DemoReport) -> dict[str, Any]:
    out = Path(report.out)
    names = (EXPORTS, CASE, DOSSIER, BUNDLE, CHANGED)
    return {
        "paths": {name.partition(".")[0]: str(out / name) for name in names},
        "passphrase": report.passphrase,
        "added": plain(report.added.files),
        "answered": plain(report.answered),
        "statements": plain(report.statements),
        "events": report.events,
        "findings": plain(report.findings),
        "dossier": plain(report.dossier),
        "bundle": plain(report.bundle),
        "verified": plain(report.checked.facts),
        "change": plain(report.change),
        "verified_after_change": plain(report.checked_changed.facts),
    }


def _show(report: DemoReport) -> None:
    _paragraph(
        _(
            "This is a demo. Mira, Jonas and everybody else in it are invented, and nothing of "
            "it happened. Some of the messages are hard to read; you can stop at any time."
        )
    )
    _added(report)
    _answered(report.answered)
    _stated(report.statements)
    _found(report.findings)
    _handed_over(report)
    _verified(report)
    _what_now(report)


def _added(report: DemoReport) -> None:
    files = report.added.files
    _head(1, _("What Mira collected"))
    for one in files:
        _aligned(_file_name(one, report), _events(one.events))
    read = sum(one.events for one in files)
    _paragraph(
        _(
            "{files} originals are kept, byte for byte and encrypted. {read} events were read in "
            "them. Two exports of one chat overlap; what both show counts once, so the timeline "
            "has {events} events."
        ).format(files=len(files), read=spoken_number(read), events=spoken_number(report.events))
    )


def _file_name(one: Added, report: DemoReport) -> str:
    below = Path(one.path).relative_to(Path(report.out) / EXPORTS)
    return f"{one.number:>2}  {visible(str(below), most=200)}"


def _events(count: int) -> str:
    return ngettext("{n} event", "{n} events", count).format(n=spoken_number(count))


def _answered(answered: tuple[Answered, ...]) -> None:
    _head(2, _("What only Mira could answer"))
    for one in answered:
        asked = one.question
        if asked.question == "date_order":
            first, second = (spoken_date(example) for example in asked.examples)
            meant = dict(zip(asked.choices, asked.examples, strict=True))[one.answer]
            question = _("Is this {first} or {second}?").format(first=first, second=second)
            answer = spoken_date(meant)
        else:
            question = _("Which of these is you: {names}?").format(names=", ".join(asked.choices))
            answer = one.answer
        _item(f"{visible(asked.name)}: {visible(question)}")
        say(f"{INDENT}  → {visible(answer)}")


def _stated(statements: tuple[Statement, ...]) -> None:
    _head(3, _("What Mira says herself"))
    third = ", ".join(one.about for one in statements if one.kind == "third")
    told = [one for one in statements if one.kind != "third"]
    people = [one for one in told if one.kind in {"me", "other"}]
    for one in people:
        _item(_stated_words(one))
    _item(_("Friends, family, work, offices: {names}.").format(names=third))
    for one in told[len(people) :]:
        _item(_stated_words(one))


def _stated_words(one: Statement) -> str:
    sentences = {
        "me": _("Her own accounts: {words}."),
        "other": _("The other person is {about}: {words}."),
        "stop": _("On {when} she asked {about} to stop: “{words}”"),
        "block": _("On {when} she blocked {words}."),
        "incident": _("An incident that left no file, on {when}: “{words}”"),
        "note": _("A private note. It stays in the case and is in nothing that is handed over."),
        "knowledge": _("How did he know, on {when}: “{words}”? That is asked on her board."),
    }
    when = _moment(one.when) if one.when else ""
    return visible(sentences[one.kind].format(about=one.about, words=one.words, when=when))


def _found(findings: tuple[FindingView, ...]) -> None:
    _head(4, _("What stands out"))
    _paragraph(
        _(
            "“You” is Mira. A finding is a suggestion until she confirms it; only what is "
            "confirmed enters the dossier."
        )
    )
    status = {
        Status.SUGGESTED: _("left open"),
        Status.CONFIRMED: _("confirmed"),
        Status.DISMISSED: _("dismissed"),
    }
    for view in findings:
        say()
        say(f"{INDENT}{view.statement.title} ({status[view.status]})")
        _paragraph(visible(view.statement.seen), INDENT * 2)


def _handed_over(report: DemoReport) -> None:
    dossier, bundle = report.dossier, report.bundle
    _head(5, _("Dossier and bundle"))
    found = ngettext("{n} confirmed finding", "{n} confirmed findings", dossier.findings)
    shown = ngettext("{n} exhibit", "{n} exhibits", dossier.exhibits)
    numbers = [
        _events(dossier.events), found.format(n=dossier.findings), shown.format(n=dossier.exhibits),
    ]  # fmt: skip
    _aligned(DOSSIER, ", ".join(numbers))
    originals = ngettext("{n} original", "{n} originals", bundle.originals)
    kept = ", ".join([originals.format(n=bundle.originals), size_words(bundle.size)])
    _aligned(BUNDLE, kept)


def _verified(report: DemoReport) -> None:
    _head(6, _("Is the bundle genuine?"))
    _verdict(report.checked)
    _head(7, _("And after one byte was changed?"))
    _paragraph(
        _(
            "In a copy of the bundle one digit was changed, so that Mira would have asked ten "
            "days later:"
        )
    )
    for mark, line in (("-", report.change.before), ("+", report.change.after)):
        say(f"{INDENT * 2}{mark} {visible(line)}")
    _verdict(report.checked_changed)


def _verdict(checked: Checked) -> None:
    for line in checked.text.splitlines():
        stripped = line.strip()
        _paragraph(visible(stripped), INDENT * 2, INDENT if stripped.startswith("- ") else "")


def _what_now(report: DemoReport) -> None:
    out = Path(report.out)
    say()
    say(_("Look around in it:"))
    say(f"{INDENT}{out / DOSSIER}")
    for words in (
        f"open {out / CASE}",
        f"timeline {out / CASE} --with Jonas --limit 40",
        f"findings {out / CASE}",
        f"knowledge {out / CASE}",
        f"verify {out / BUNDLE}",
    ):
        say(f"{INDENT}standfast {words}")
    say(_("Passphrase of this invented case: {words}").format(words=report.passphrase))


def _head(number: int, words: str) -> None:
    say()
    headline(f"{number}. {words}")


def _width() -> int:
    return min(WIDEST, shutil.get_terminal_size().columns) - 1


def _paragraph(words: str, indent: str = INDENT, hanging: str = "") -> None:
    say(
        textwrap.fill(
            words, _width(), initial_indent=indent, subsequent_indent=indent + hanging,
            break_long_words=False, break_on_hyphens=False,
        )
    )  # fmt: skip


def _item(words: str) -> None:
    _paragraph("· " + words, INDENT, INDENT)


def _aligned(left: str, right: str) -> None:
    room = _width() - len(INDENT) - len(right) - 2
    shown = left if len(left) <= room else left[: room - 1] + "…"
    say(f"{INDENT}{shown:<{room}}  {right}")


def _moment(when: str) -> str:
    return _("{date}, {time}").format(date=spoken_date(when), time=when[-5:])
