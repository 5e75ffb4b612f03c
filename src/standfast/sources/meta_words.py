# SPDX-License-Identifier: Apache-2.0
"""The words of Meta's downloads: of the account's copy, and of the end-to-end encrypted chats.

The fields are those that public readers of these files name (RLEAPP, timelinize, chat-miner).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one of the downloads names its fields.

    Attributes:
        sender: who sent a message.
        time: when, in milliseconds from 1970.
        text: what was written.
        unsent: whether it was withdrawn.
        title: what the chat is called.
        thread: the chat's own mark.
        channel: the channel of its events; empty when it depends on where the file lies.
        mojibake: whether its texts may be UTF-8 that was taken for Latin-1.
        media: fields that name files.
        native: fields that are kept as they are.
        plain: all fields of a message with nothing but text.
    """

    sender: str
    time: str
    text: str
    unsent: str
    title: str
    thread: str
    channel: str
    mojibake: bool
    media: tuple[str, ...]
    native: Mapping[str, str]
    plain: frozenset[str]


FLAGS: Final = frozenset(
    {
        *("is_geoblocked_for_viewer", "is_unsent", "is_taken_down", "missed", "isUnsent"),
        "is_unsent_image_by_messenger_kid_parent",
    }
)
"""Fields that say something only when they are true."""
PLAIN_TYPES: Final = ("Generic", "text")
"""Types of a message that is nothing but a text."""
FOLDERS: Final = frozenset(
    {
        *("inbox", "message_requests", "archived_threads", "filtered_threads", "e2ee_cutover"),
        *("secret_conversations", "broadcast"),
    }
)
TYPES: Final = {"subscribe": "member_added", "unsubscribe": "member_removed"}
"""Types of the lines the app writes itself; exports since 2024 do not say the type any more."""

ACCOUNT: Final = Dialect(
    sender="sender_name",
    time="timestamp_ms",
    text="content",
    unsent="is_unsent",
    title="title",
    thread="thread_path",
    channel="",
    mojibake=True,
    media=("photos", "videos", "audio_files", "files", "gifs", "sticker"),
    native={"call_duration": "duration_s"}
    | {
        name: name
        for name in (
            *("audio_files", "bumped_message_metadata", "files", "gifs", "ip", "missed", "photos"),
            *("reactions", "share", "sticker", "type", "users", "videos"),
            *("is_geoblocked_for_viewer", "is_taken_down"),
            "is_unsent_image_by_messenger_kid_parent",
        )
    },
    plain=frozenset({"sender_name", "timestamp_ms", "content"}),
)
ENCRYPTED: Final = Dialect(
    sender="senderName",
    time="timestamp",
    text="text",
    unsent="isUnsent",
    title="threadName",
    thread="threadName",
    channel="messenger",
    mojibake=False,
    media=("media",),
    native={name: name for name in ("media", "reactions", "type")},
    plain=frozenset({"senderName", "timestamp", "text"}),
)
