# SPDX-License-Identifier: Apache-2.0
"""People and chats of a Signal export: what the numbers in its messages stand for.

The export gives every recipient and chat a number of its own, valid in this file alone. Rules:

* an account is its telephone number in E.164, else its account id (ACI) as a UUID, else its user
  name, else its number id (PNI): the first that there is, so that two exports name it alike;
* a name is what the phone's owner gave (nickname, address book), else what the account calls
  itself; it is shown and never compared;
* a chat is called by its group's title or that name; where two chats would be called alike, each
  after the first carries its account or number too.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import dataclass
from typing import Any, Final

from standfast.sources.app_fields import first_text, text, thing, whole

MOST: Final = 1_000_000
"""Recipients and chats that are remembered."""
ACI_LENGTH: Final = 16
SIGNAL: Final = "Signal"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody or something that messages go to: address, name, and whether it is the owner."""

    address: str = ""
    name: str = ""
    is_self: bool = False
    is_group: bool = False


NOBODY: Final = Recipient()


class People:
    """What is known so far; in the export everybody stands before the first mention."""

    def __init__(self) -> None:
        """Know nobody."""
        self._recipients: dict[int, Recipient] = {}
        self._by_aci: dict[bytes, int] = {}
        self._chats: dict[int, tuple[Recipient, str]] = {}
        self._titles: set[str] = set()

    def meet(self, frame: dict[str, Any]) -> None:
        """Remember a recipient."""
        number = whole(frame, "id")
        if number is None or len(self._recipients) >= MOST:
            return
        contact = thing(frame, "contact")
        self._recipients[number] = _recipient(frame, contact)
        aci = raw(text(contact, "aci"))
        if aci:
            self._by_aci[aci] = number

    def open(self, frame: dict[str, Any]) -> None:
        """Remember a chat."""
        number = whole(frame, "id")
        if number is None or len(self._chats) >= MOST:
            return
        other = self._recipients.get(whole(frame, "recipientId") or 0, NOBODY)
        title = other.name or other.address
        if title in self._titles:
            title = f"{title} ({other.address or number})"
        self._titles.add(title)
        self._chats[number] = other, title

    def who(self, data: Any, name: str) -> Recipient:
        """Give the recipient that a field names."""
        return self._recipients.get(whole(data, name) or 0, NOBODY)

    def chat(self, item: dict[str, Any]) -> tuple[Recipient, str]:
        """Give the other side of an item's chat and what the chat is called."""
        known = self._chats.get(whole(item, "chatId") or 0)
        return known or (NOBODY, text(item, "chatId"))

    def named(self, aci: str) -> str:
        """Give the address of an account by its account id as the export writes it."""
        data = raw(aci)
        known = self._recipients.get(self._by_aci.get(data, -1), NOBODY)
        return known.address or service_id(data)


def _recipient(frame: dict[str, Any], contact: dict[str, Any]) -> Recipient:
    if contact:
        return Recipient(_address(contact), _name(contact))
    if "self" in frame:
        return Recipient(is_self=True)
    if "releaseNotes" in frame:
        return Recipient(SIGNAL, SIGNAL)
    group = thing(frame, "group")
    if group:
        key = raw(text(group, "masterKey"))
        title = text(thing(thing(group, "snapshot"), "title"), "title")
        return Recipient(f"group:{key.hex()[:ACI_LENGTH]}" if key else "", title, is_group=True)
    shared = thing(frame, "callLink") or thing(thing(frame, "distributionList"), "distributionList")
    return Recipient("", text(shared, "name"), is_group=True)


def _address(contact: dict[str, Any]) -> str:
    number = text(contact, "e164")
    if number.isascii() and number.removeprefix("+").isdigit():
        return f"+{number.removeprefix('+')}"
    account = service_id(raw(text(contact, "aci")))
    return account or text(contact, "username") or service_id(raw(text(contact, "pni")))


def _name(contact: dict[str, Any]) -> str:
    nickname = thing(contact, "nickname")
    return (
        _joined(nickname, "given", "family")
        or _joined(contact, "systemGivenName", "systemFamilyName")
        or text(contact, "systemNickname")
        or _joined(contact, "profileGivenName", "profileFamilyName")
        or first_text(contact, "username")
    )


def _joined(data: dict[str, Any], *names: str) -> str:
    return " ".join(part for name in names if (part := text(data, name).strip()))


def raw(written: str) -> bytes:
    """Give the bytes of a field that is written in base64; none when it is not."""
    try:
        return base64.b64decode(written.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def service_id(data: bytes) -> str:
    """Write an account id as a UUID, empty when it is none."""
    return str(uuid.UUID(bytes=data)) if len(data) == ACI_LENGTH else ""
