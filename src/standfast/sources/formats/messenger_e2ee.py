# SPDX-License-Identifier: Apache-2.0
"""Messenger's own download of end-to-end encrypted chats: one ``Name_N.json`` a chat.

It is a download of its own (secure storage), beside that of the account; its texts are proper
UTF-8 and its files lie in one folder ``media``.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_
from standfast.model.event import Accounting
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.json_walk import JsonWalk, Value
from standfast.sources.meta_reading import MetaReading, opens
from standfast.sources.meta_words import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

SURE: Final = 95
EMPTY: Final = 90
SHORT: Final = 1 << 16
"""A file with a chat without messages is shorter than this."""

ABOUT: Final = About(
    id="messenger_e2ee",
    version=1,
    title=N_("Messenger download of encrypted chats"),
    channel="messenger",
    accounting=Accounting.BYTES,
    export=N_(
        "On a computer open messenger.com/secure_storage/dyi, ask for the file, and add the zip "
        "as it is."
    ),
    lacks=(
        N_(
            "Chats that are not end-to-end encrypted are not in it; they are in the other download."
        ),
        N_("It does not say whose account it is, and names people only by the name they showed."),
        N_("The text of a message that was withdrawn is not in it."),
        N_("Messages that disappeared before the download leave no trace in it."),
    ),
)


class MessengerEncrypted:
    """The format of the encrypted chats' own download."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for a message with the fields of this download, in a document of its shape."""
        if not head.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return None
        seen: set[str] = set()
        for one in JsonWalk(BytesIO(head.data), opens).run():
            if len(one.path) == 1:
                seen.add(str(one.path[0]))
            elif isinstance(one, Value) and one.path[:1] == ("messages",):
                data = one.data if isinstance(one.data, dict) else {}
                if {"senderName", "timestamp"} <= data.keys():
                    return Recognition(SURE, "senderName, timestamp")
        if head.size < SHORT and {"participants", "threadName"} <= seen:
            return Recognition(EMPTY, "participants, threadName")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        yield from MetaReading(ENCRYPTED, source, options).run()


FORMAT: Final[Format] = MessengerEncrypted()
