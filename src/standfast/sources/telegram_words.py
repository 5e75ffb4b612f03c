# SPDX-License-Identifier: Apache-2.0
"""What Telegram's words mean: kinds of chat, actions, fields of a message.

The words are those that Telegram Desktop writes (its source, ``export_output_json.cpp``).
"""

from __future__ import annotations

from typing import Final

CHATS: Final = ("chats", "left_chats")
LISTS: Final = ("contacts", "frequent_contacts", "sessions", "web_sessions")
"""Lists of a whole export that hold no events."""
CHAT_TYPES: Final = frozenset(
    {
        *("saved_messages", "replies", "verification_codes", "personal_chat", "bot_chat"),
        *("private_group", "private_supergroup", "public_supergroup"),
        *("private_channel", "public_channel"),
    }
)
TWO_SIDED: Final = frozenset({"personal_chat", "bot_chat"})
MESSAGE_TYPES: Final = ("message", "service", "unsupported")
VIEW_ONCE: Final = 0x7FFF_FFFF
"""The self-destruct period that stands for "after one look"."""

ACTIONS: Final = {
    "create_group": "group_created",
    "create_channel": "group_created",
    "edit_group_title": "subject_changed",
    "edit_group_photo": "icon_changed",
    "delete_group_photo": "icon_changed",
    "invite_members": "member_added",
    "join_group_by_link": "member_added",
    "join_group_by_request": "member_added",
    "remove_members": "member_removed",
    "set_messages_ttl": "disappearing_changed",
    "pin_message": "message_pinned",
    "clear_history": "history_cleared",
    "take_screenshot": "screenshot_taken",
}
"""Actions for which other apps' lines have a word; any other action is its own word."""
CALLS: Final = frozenset({"phone_call", "conference_call", "group_call"})

MEDIA_DETAILS: Final = frozenset({"sticker", "voice_message", "video_message", "animation"})
DETAILS: Final = {
    "poll": "poll",
    "location_information": "location",
    "contact_information": "contact_card",
}
"""Fields that say what sort of message it is."""

PLAIN: Final = frozenset(
    {"id", "type", "date", "date_unixtime", "from", "from_id", "text", "text_entities"}
)
"""The fields of a message with nothing but text."""
PLACED: Final = PLAIN | {"actor", "actor_id", "photo", "file", "contact_vcard", "information_text"}
"""Fields that have a place of their own in an event."""
NATIVE: Final = {
    "reply_to_message_id": "reply_to",
    "duration_seconds": "duration_s",
    "duration": "duration_s",
} | {
    name: name
    for name in (
        *("action", "address", "author", "contact_information", "discard_reason", "distance"),
        *("edited", "edited_unixtime", "emoticon", "file_name", "file_size", "forwarded_from"),
        *("forwarded_from_id", "game_description", "game_link", "game_title", "height"),
        *("invoice_information", "inviter", "live_location_period_seconds"),
        *("location_information", "media_spoiler", "media_type", "members", "message_id"),
        *("mime_type", "new_title", "performer", "period", "photo_file_size", "place_name"),
        *("poll", "reactions", "reply_to_peer_id", "saved_from", "schedule_date"),
        *("self_destruct_period_seconds", "sticker_emoji", "thumbnail", "title", "to", "to_id"),
        *("via_bot", "width"),
    )
}
"""Fields that are kept as they are, and the name they have in ``native``."""
