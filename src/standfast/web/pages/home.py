# SPDX-License-Identifier: Apache-2.0
"""Where a person arrives: what there is, and the one next thing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.i18n import N_, _
from standfast.web.page import Page, pages

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit

NEXT = {
    "verify": (
        N_("Look at what has changed"),
        N_("This case is not as it was left, so it can only be read. Nothing of it is changed "
           "from here on. The next page says what is affected and what is not."),
        N_("See what is affected"),
    ),
    "add": (
        N_("Bring in the first file"),
        N_("A chat export, an e-mail, a list of calls: one is enough to begin. The file you give "
           "stays where it is; a copy is kept here that provably does not change."),
        N_("Add a file"),
    ),
    "questions": (
        N_("Answer a question"),
        N_("Some things in your files can be read in two ways, and only you know which one is "
           "right. Nothing is guessed. If you do not know either, it can wait."),
        N_("See the questions"),
    ),
    "people": (
        N_("Say who is who"),
        N_("Which account is yours, and which ones belong to the other person? From then on it "
           "can be counted who wrote to whom."),
        N_("Name people"),
    ),
    "timeline": (
        N_("Your files are being put in order"),
        N_("This takes a moment, longer with many files. Findings are looked for afterwards. Load "
           "this page again soon, or look at the timeline as it is."),
        N_("See the timeline"),
    ),
    "findings": (
        N_("Look at what was found"),
        N_("These are suggestions, each with the messages it rests on and what else could explain "
           "it. You decide which of them hold. You need not read them all today."),
        N_("See the findings"),
    ),
    "dossier": (
        N_("Make a report, or add more"),
        N_("Nothing waits for you here. When you want to show the case to somebody, a report puts "
           "it on paper, and they can check it."),
        N_("Make a report"),
    ),
}  # fmt: skip
"""What to do next: a title, a few words, and what its button says; by the name of its page."""
OTHERS = (
    ("timeline", N_("Timeline"), N_("Everything in one order.")),
    ("notes", N_("Write something down"), N_("What left no file: a visit, a call, a fear.")),
    ("guidance", N_("Guidance"), N_("What could help, in your country and your situation.")),
    ("knowledge", N_("How do they know?"), N_("Step by step, what could have told them.")),
)


def _home(visit: Visit) -> Response:
    from standfast.desk.overview import LINKED, overview  # noqa: PLC0415 - the first page comes first

    seen = overview(visit.desk, complete=not visit.sitting.behind)
    there = {one.name for one in pages()}
    title, told, label = (_(one) for one in NEXT[seen.next_step])
    return visit.render(
        "start/home.html",
        seen=seen,
        trouble=visit.sitting.trouble,
        next_title=title,
        next_told=told,
        next_label=label,
        next_href=visit.url(seen.next_step) if seen.next_step in there else "",
        others=[
            (visit.url(name), _(heading), _(line))
            for name, heading, line in OTHERS
            if name in there and seen.files
        ],
        links={name: visit.url(name) for name in LINKED if name in there},
    )


PAGES = (Page(name="home", path="/", get=_home, menu=(0, N_("Start"))),)
