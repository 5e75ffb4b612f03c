# SPDX-License-Identifier: Apache-2.0
"""Words that the detectors share: dates, numbers, counted things, and who it is about.

Rules enforced here:

* a date is written out as the language in force writes it, never as digits that two countries
  read differently;
* whoever wrote is "the other person"; no word here types or judges anybody;
* braces that came from outside stay what they are: formatting happens once, after translation.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from babel.dates import format_date
from babel.numbers import format_decimal

from standfast.i18n import _, language, ngettext

if TYPE_CHECKING:
    from standfast.model.finding import Finding

_LOCALES: Final = {"en": "en_GB", "de": "de_DE"}
_CHANNELS: Final = {"whatsapp": "WhatsApp", "sms": "SMS"}


def spoken_date(iso: str) -> str:
    """Write an ISO date out: ``4 March 2024``, ``4. März 2024``."""
    return format_date(date.fromisoformat(iso[:10]), format="long", locale=_locale())


def spoken_time(iso: str) -> str:
    """Write an ISO wall time out: ``4 March 2024, 21:05``."""
    return _("{date}, {time}").format(date=spoken_date(iso), time=iso[11:16])


def spoken_number(count: int | str) -> str:
    """Write a whole number as the language does: ``12,345``, ``12.345``."""
    return str(format_decimal(int(count), locale=_locale()))


def _locale() -> str:
    return _LOCALES.get(language(), language())


def contacts(count: int | str) -> str:
    """Say how many contacts."""
    return _plural(ngettext("{n} contact", "{n} contacts", int(count)), count)


def incoming(count: int | str) -> str:
    """Say how many incoming contacts."""
    return _plural(ngettext("{n} incoming contact", "{n} incoming contacts", int(count)), count)


def outgoing(count: int | str) -> str:
    """Say how many outgoing contacts."""
    return _plural(ngettext("{n} outgoing contact", "{n} outgoing contacts", int(count)), count)


def in_days(count: int | str) -> str:
    """Say within how many days."""
    return _plural(ngettext("in {n} day", "in {n} days", int(count)), count)


def on_days(count: int | str) -> str:
    """Say on how many days."""
    return _plural(ngettext("on {n} day", "on {n} days", int(count)), count)


def a_week(rounded: int | str, count: int | str) -> str:
    """Say how many a week, where ``count`` is the unrounded whole."""
    if not int(count):
        return _("that is none")
    if not int(rounded):
        return _("that is less than one a week")
    return _("that is about {n} a week").format(n=spoken_number(rounded))


def hours_later(count: int) -> str:
    """Say how many hours later, as the start of a sentence."""
    if count == 0:
        return _("Less than an hour later")
    return _plural(ngettext("{n} hour later", "{n} hours later", count), count)


def days_later(count: int) -> str:
    """Say how many days later, as the start of a sentence."""
    return _plural(ngettext("{n} day later", "{n} days later", count), count)


def _plural(sentence: str, count: int | str) -> str:
    return sentence.format(n=spoken_number(count))


def channel(name: str) -> str:
    """Give a channel's name in the language in force, or as the source writes it."""
    if name == "mail":
        return _("e-mail")
    if name == "phone":
        return _("phone")
    return _("incident") if name == "incident" else _CHANNELS.get(name, name)


def about(finding: Finding) -> str:
    """Say that a finding is about an account of nobody; blank when a person is stated."""
    if not finding.numbers.get("account"):
        return ""
    told = _(
        "This is about the account {account} ({channel}). You have not said yet who is behind it."
    ).format(
        account=finding.numbers["account"],
        channel=channel(str(finding.numbers["account_channel"])),
    )
    return f"{told} "


def notice() -> str:
    """Say that looking at the timeline reaches nobody."""
    return _(
        "No. This only looks at what you added here. Nothing changes on any device or in any "
        "account, and nobody is told."
    )


def counted() -> str:
    """Say how sure a count is, and of what."""
    return _(
        "This was counted, not estimated, in what you have added. What was deleted before, or is "
        "in another app, phone or account, is not in it."
    )
