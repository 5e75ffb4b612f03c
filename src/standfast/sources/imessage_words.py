# SPDX-License-Identifier: Apache-2.0
"""What the numbers in a Messages database mean, and the columns that are read.

The meanings are those that public programs for these databases agree on; a number that is not
listed here is kept as a number and never guessed at.
"""

from __future__ import annotations

from typing import Final

MESSAGE: Final = (
    *("guid", "text", "attributedBody", "handle_id", "service", "date", "is_from_me"),
    *("date_read", "date_delivered", "date_played", "date_edited", "date_retracted"),
    *("associated_message_guid", "associated_message_type", "associated_message_emoji"),
    *("thread_originator_guid", "reply_to_guid", "message_summary_info", "item_type"),
    *("group_action_type", "group_title", "other_handle", "share_status", "share_direction"),
    *("subject", "error", "balloon_bundle_id", "expressive_send_style_id"),
    *("destination_caller_id", "cache_roomnames", "is_audio_message"),
)
"""The columns read of a message; older versions lack some of them."""

NATIVE: Final = {
    "guid": "guid", "thread_originator_guid": "thread_guid", "reply_to_guid": "reply_to_guid",
    "subject": "subject", "balloon_bundle_id": "app", "expressive_send_style_id": "effect",
    "destination_caller_id": "own_address", "group_title": "group_title", "service": "service",
}  # fmt: skip
"""Texts that are kept beside an event, each with the name it has there."""

REACTIONS: Final = {
    0: "loved", 1: "liked", 2: "disliked", 3: "laughed", 4: "emphasised", 5: "questioned",
    6: "emoji", 7: "sticker",
}  # fmt: skip
FIRST_REACTION, FIRST_REMOVED, STICKER = 2000, 3000, 1000

ACTIONS: Final = {
    (1, 0): "member_added",
    (1, 1): "member_removed",
    (3, 0): "member_left",
    (3, 1): "icon_changed",
    (3, 2): "icon_changed",
    (3, 4): "background_changed",
    (3, 6): "background_changed",
    (5, 0): "audio_message_kept",
    (6, 0): "shared_activity",
}
"""By kind of item and kind of group action: what a line that is no message tells."""
SUBJECT, LOCATION = 2, 4
SHARING: Final = {0: "location_sharing_started", 1: "location_sharing_stopped"}

CHANNELS: Final = {"sms": "sms", "rcs": "sms", "mms": "sms"}
"""A text over the telephone network is one channel, whoever stored it."""
