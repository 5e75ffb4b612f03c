# SPDX-License-Identifier: Apache-2.0
"""Checks: what this version can examine, what it cannot, and what helps meanwhile.

Rules enforced here: nothing is promised; no device or account is touched, and no page says that
something is safe; whether the other person would notice stands with every piece of advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.i18n import N_, _
from standfast.web.page import Page, pages

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that could be examined: what helps meanwhile, and who would notice."""

    title: str
    sign: str
    meanwhile: tuple[str, ...]
    notice: str


def _topics() -> tuple[Topic, ...]:
    return (_phone(), _computer(), _trackers(), _network(), _accounts())


def _phone() -> Topic:
    return Topic(
        _("Your phone"),
        _("Somebody knows what you write, or where you are, and only your phone knew it."),
        (
            _("Leave the phone as it is for now: what was removed can no longer be proved."),
            _(
                "Use another device for calls and searches about help, one that the person never "
                "held."
            ),
            _("A counselling centre for digital violence, or the police, can look at it with you."),
        ),
        _(
            "Looking through the settings is usually not noticed. Removing an app, or turning off"
            " a shared location, usually is."
        ),
    )


def _computer() -> Topic:
    return Topic(
        _("Your computer"),
        _("Somebody knows what you typed, or which pages you read."),
        (
            _("Do not use it for anything that must stay secret until somebody has looked at it."),
            _("A computer at a library or with a friend you trust is safer for urgent letters."),
            _("Keep this case on a USB stick that you carry with you."),
        ),
        _("Whoever can see this screen can see this page. Using another computer is not noticed."),
    )


def _trackers() -> Topic:
    return Topic(
        _("Hidden trackers"),
        _("Somebody turns up where you are, although nobody told them."),
        (
            _(
                "Phones can warn of unknown trackers that travel along. Photograph such a warning,"
                " with date and place, and write an incident about it."
            ),
            _("If you find one, do not destroy it: photograph where it lay. It is evidence."),
            _("Do not drive home with it. Go where there are people, and ask for help there."),
        ),
        _("Whoever put it there may see that it no longer moves, or that it was switched off."),
    )


def _network() -> Topic:
    return Topic(
        _("Your home's network"),
        _("Somebody set up the router, the cameras or the door lock, and still has the passwords."),
        (
            _("Write down which devices there are and who set them up. That is worth a lot later."),
            _("Talk about plans outside, without the devices, until somebody has looked at them."),
        ),
        _("Changing the password of the router is noticed: devices of the person fall out."),
    )


def _accounts() -> Topic:
    return Topic(
        _("Your accounts"),
        _("Somebody reads your mail, your photos or your calendar without having your phone."),
        (
            _(
                "Most accounts list the devices that are logged in. Photograph that list before you"
                " change anything, and add the photo here."
            ),
            _("Open a new mail account on a safer device, for help alone."),
            _("Change passwords only when you have decided what happens then, on a safer device."),
        ),
        _(
            "Looking at the list is usually not noticed. Logging a device out, or changing a"
            " password, usually is."
        ),
    )


def _show(visit: Visit) -> Response:
    known = any(one.name == "add" for one in pages())
    add = visit.url("add") if known else ""
    return visit.render("checks/list.html", topics=_topics(), add=add)


PAGES = (Page(name="checks", path="/c", get=_show, menu=(60, N_("Checks"))),)
