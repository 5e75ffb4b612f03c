# SPDX-License-Identifier: Apache-2.0
"""One item of a Signal chat, made into an event.

The fields are those of Signal's own backup (version 2), which its export writes out as JSON.
Rules enforced here:

* the time is ``dateSent``, which the sender's device states; when it was received and when
  Signal's server had it stand beside it in ``native`` (milliseconds from 1970);
* an item says from whose side it came, or that the app wrote it; neither is guessed;
* reactions, earlier versions and receipts are parts of the item's own bytes: they are kept within
  its event, each with its time;
* what has disappeared is not in the file; an item that will disappear says after how long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.sources.app_fields import code, text, thing, things, whole
from standfast.sources.app_rows import Said
from standfast.sources.app_times import from_milliseconds
from standfast.sources.signal_files import attachment, attachments
from standfast.sources.signal_people import NOBODY, People
from standfast.sources.signal_updates import is_update, tell_update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from standfast.sources import Neighbour

_DELIVERY: Final = ("pending", "sent", "delivered", "read", "viewed", "skipped", "failed")
_REACTED: Final = frozenset({
    "standardMessage", "contactMessage", "stickerMessage", "viewOnceMessage",
    "directStoryReplyMessage", "poll",
})  # fmt: skip


class Items:
    """Makes events of the items of one file.

    Attributes:
        disappearing: messages that would have disappeared by themselves.
        unknown_chats: items of chats that the file does not describe.
    """

    def __init__(self, people: People, zone: str, neighbours: Mapping[str, Neighbour]) -> None:
        """Name everybody by ``people``; wall clocks in ``zone``; files lie beside."""
        self.disappearing = self.unknown_chats = 0
        self._people = people
        self._zone = zone
        self._neighbours = neighbours
        self._tellers: dict[str, Callable[[dict[str, Any], Said], None]] = {
            "standardMessage": self._standard,
            "contactMessage": _contact,
            "stickerMessage": self._sticker,
            "remoteDeletedMessage": _deleted,
            "adminDeletedMessage": self._deleted_by_admin,
            "viewOnceMessage": self._view_once,
            "directStoryReplyMessage": _story_reply,
            "paymentNotification": _payment,
            "giftBadge": _badge,
            "poll": self._poll,
        }

    def said(self, item: dict[str, Any]) -> Said:
        """Make the event of an item."""
        said = self._begun(item)
        for name, held in item.items():
            if isinstance(held, dict) and name in self._tellers:
                self._tellers[name](held, said)
        if is_update(item):
            tell_update(thing(item, "updateMessage"), said, self._people, self._zone)
            chat, _title = self._people.chat(item)
            if said.direction == "out" and not chat.is_group:
                said.recipients = (chat.address,)
        self._about_time(item, said)
        self._around(item, said)
        return said

    def _begun(self, item: dict[str, Any]) -> Said:
        chat, title = self._people.chat(item)
        self.unknown_chats += chat is NOBODY
        author = self._people.who(item, "authorId")
        said = Said(
            conversation=title,
            moment=from_milliseconds(whole(item, "dateSent"), self._zone),
            direction=_direction(item),
        )
        if said.direction != "out" and not author.is_self:
            said.sender = author.address
            said.note("contact_name", author.name)
        if said.direction == "out" and not chat.is_group:
            said.recipients = (chat.address,)
        if said.moment.wall is None:
            said.note("date_sent", item.get("dateSent"))
        return said

    def _about_time(self, item: dict[str, Any], said: Said) -> None:
        incoming, outgoing = thing(item, "incoming"), thing(item, "outgoing")
        for name, key in (("dateReceived", "date_received"), ("dateServerSent", "date_server")):
            said.note(key, text(incoming, name) or text(outgoing, name))
        timer = whole(item, "expiresInMs")
        if timer:
            self.disappearing += 1
            said.note("disappears_after_ms", timer)
            said.note("disappearing_since", text(item, "expireStartDate"))

    def _around(self, item: dict[str, Any], said: Said) -> None:
        if item.get("sms") is True:
            said.note("sms", "true")
        statuses = things(thing(item, "outgoing"), "sendStatus")
        said.note("delivery", [self._delivery(one) for one in statuses])
        if statuses and all("failed" in one for one in statuses) and not said.state:
            said.state = "failed"
        held = [content for name, content in item.items() if name in _REACTED]
        reactions = [one for content in held for one in things(content, "reactions")]
        said.note("reactions", [self._reaction(one) for one in reactions])
        revisions = things(item, "revisions")
        if revisions:
            said.note("revisions", [_revision(one) for one in revisions])
            said.state = said.state or "edited"

    def _delivery(self, status: dict[str, Any]) -> dict[str, str]:
        told = next((name for name in _DELIVERY if name in status), "pending")
        to = self._people.who(status, "recipientId").address
        return {"to": to, "state": told, "at": text(status, "timestamp")}

    def _reaction(self, one: dict[str, Any]) -> dict[str, str]:
        author = self._people.who(one, "authorId")
        by = "self" if author.is_self else author.address or text(one, "authorId")
        return {"by": by, "emoji": text(one, "emoji"), "at": text(one, "sentTimestamp")}

    # -- what an item holds ------------------------------------------------------------------

    def _standard(self, data: dict[str, Any], said: Said) -> None:
        said.text = text(thing(data, "text"), "body")
        said.attachments = attachments(data, self._neighbours)
        if any(text(one, "flag") == "VOICE_MESSAGE" for one in things(data, "attachments")):
            said.detail = "voice_message"
        _mentions(thing(data, "text"), said, self._people)
        quote = thing(data, "quote")
        if quote:
            author = self._people.who(quote, "authorId")
            said.note("quote_author", "self" if author.is_self else author.address)
            said.note("quote_sent", text(quote, "targetSentTimestamp"))
            said.note("quote_text", text(thing(quote, "text"), "body"))
        said.note("links", [text(one, "url") for one in things(data, "linkPreview")])
        long_text = thing(data, "longText")
        if long_text:
            said.note("text_goes_on", "true")
            said.attachments.append(attachment(long_text, self._neighbours))

    def _sticker(self, data: dict[str, Any], said: Said) -> None:
        sticker = thing(data, "sticker")
        said.detail, said.text = "sticker", text(sticker, "emoji")
        if thing(sticker, "data"):
            said.attachments = [attachment(thing(sticker, "data"), self._neighbours)]

    def _view_once(self, data: dict[str, Any], said: Said) -> None:
        said.detail = said.state = "view_once"
        pointer = thing(thing(data, "attachment"), "pointer")
        if pointer:
            said.attachments = [attachment(pointer, self._neighbours)]

    def _deleted_by_admin(self, data: dict[str, Any], said: Said) -> None:
        said.detail = said.state = "deleted"
        said.note("deleted_by", self._people.who(data, "adminId").address)

    def _poll(self, data: dict[str, Any], said: Said) -> None:
        options = things(data, "options")
        said.detail = "poll"
        said.text = "\n".join([text(data, "question"), *(text(one, "option") for one in options)])
        votes = {
            text(one, "option"): [
                self._people.who(vote, "voterId").address or "self" for vote in things(one, "votes")
            ]
            for one in options
        }
        said.note("votes", {option: who for option, who in votes.items() if who})


def _direction(item: dict[str, Any]) -> str:
    sides = {"incoming": "in", "outgoing": "out", "directionless": "system"}
    return next((side for name, side in sides.items() if name in item), "unknown")


def _revision(one: dict[str, Any]) -> dict[str, str]:
    body = text(thing(thing(one, "standardMessage"), "text"), "body")
    return {"at": text(one, "dateSent"), "text": body}


def _mentions(data: dict[str, Any], said: Said, people: People) -> None:
    """Name who is mentioned: in the text itself stands only a placeholder."""
    found = [text(one, "mentionAci") for one in things(data, "bodyRanges")]
    said.note("mentions", [people.named(aci) for aci in found if aci])


def _deleted(_data: dict[str, Any], said: Said) -> None:
    said.detail = said.state = "deleted"


def _contact(data: dict[str, Any], said: Said) -> None:
    said.detail = "contact"
    card = thing(data, "contact")
    said.note("contact", card)
    name = thing(card, "name")
    parts = (text(name, part) for part in ("givenName", "familyName", "nickname"))
    numbers = [text(one, "value") for one in (*things(card, "number"), *things(card, "email"))]
    said.text = "\n".join(filter(None, [" ".join(filter(None, parts)), *numbers]))


def _story_reply(data: dict[str, Any], said: Said) -> None:
    said.detail = "story_reply"
    said.text = text(thing(thing(data, "textReply"), "text"), "body") or text(data, "emoji")


def _payment(data: dict[str, Any], said: Said) -> None:
    said.detail, said.text = "payment", text(data, "note")
    said.note("amount_mob", text(data, "amountMob"))


def _badge(data: dict[str, Any], said: Said) -> None:
    said.detail = "gift_badge"
    said.note("badge_state", code(text(data, "state")))
