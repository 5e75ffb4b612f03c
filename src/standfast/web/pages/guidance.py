# SPDX-License-Identifier: Apache-2.0
"""Guidance: what helps everywhere, in general words.

Rules enforced here: no telephone number and no statute stands in code, they differ from country to
country and come as data; nothing is demanded of the person, and nobody is told that they are safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.i18n import N_, _
from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Advice:
    """A question people have, what helps, and whether the other person would notice."""

    title: str
    sentences: tuple[str, ...]
    notice: str


def _advice() -> tuple[Advice, ...]:
    return (_keeping(), _answering(), _telling(), _blocking(), _reporting(), _own_body())


def _keeping() -> Advice:
    return Advice(
        _("Keep what comes, do not delete it"),
        (
            _(
                "Messages, call lists, letters, flowers: each alone may look small. Together they "
                "show a pattern."
            ),
            _(
                "Export chats before you block or leave them; some apps take the messages away "
                "then."
            ),
            _("Photograph what lies at your door before you touch it, and write an incident."),
        ),
        _("Keeping and exporting are usually not noticed by the other side."),
    )


def _answering() -> Advice:
    return Advice(
        _("Should I answer?"),
        (
            _(
                "You owe nobody an answer. Silence is no fault, and an answer in the past is none "
                "either."
            ),
            _(
                "Some people say once, clearly, that they want no contact. Whether that is wise "
                "for you is a question for a counsellor: it can also make things worse."
            ),
            _("If you have said it, note when: everything after that is counted apart."),
        ),
        _("An answer is always noticed. Even a read receipt can be; it can often be turned off."),
    )


def _telling() -> Advice:
    return Advice(
        _("Tell somebody you trust"),
        (
            _("Stalking is hard to bear alone. One person who knows is a witness as well."),
            _(
                "Counselling centres exist in many countries; many answer without your name, and "
                "in several languages."
            ),
            _("Speak, or write, from a device that the other person cannot see."),
        ),
        _(
            "A call stands in the call list and on the bill, a visit to a page in the browser's "
            "history."
        ),
    )


def _blocking() -> Advice:
    return Advice(
        _("Blocking"),
        (
            _("Blocking gives rest, and it can make somebody look for another way. Both happens."),
            _("Some people mute instead: everything still arrives and is kept, and nothing rings."),
            _("If you block, keep everything first and note when it was."),
        ),
        _("A block is often noticed. Muting is not."),
    )


def _reporting() -> Advice:
    return Advice(
        _("Going to the police"),
        (
            _("You can take somebody along. You may ask for somebody who knows about stalking."),
            _(
                "A dossier in order saves you from telling everything from the start. Take a copy, "
                "keep the originals."
            ),
            _(
                "Ask for the file number, and for the name of whoever took your report; write both "
                "down as a note."
            ),
            _(
                "If you are in danger now, call the emergency number of your country first. "
                "Everything else can wait."
            ),
        ),
        _(
            "A report alone is often not told to the other person at once, but sooner or later it "
            "usually is. Ask when."
        ),
    )


def _own_body() -> Advice:
    return Advice(
        _("You, meanwhile"),
        (
            _(
                "Sleeping badly, being watchful, doubting your own memory: that is what stalking "
                "does to people. It is not your fault."
            ),
            _(
                "A private note about how you are can help later, and it never leaves this case "
                "unless you choose it."
            ),
            _("You need not do everything today. One step is enough."),
        ),
        _("Nobody notices what you write here, unless they can see this screen."),
    )


def _show(visit: Visit) -> Response:
    return visit.render("guidance/list.html", advice=_advice())


PAGES = (Page(name="guidance", path="/g", get=_show, menu=(70, N_("Guidance"))),)
