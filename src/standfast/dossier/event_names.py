# SPDX-License-Identifier: Apache-2.0
"""What formats call the finer sorts of events, in words for people.

A code that is not here is shown as it is, with spaces: nothing is left out for want of a word.
"""

from __future__ import annotations

from typing import Final

from standfast.i18n import N_

BRANDS: Final = {
    "discord": "Discord",
    "facetime": "FaceTime",
    "google_chat": "Google Chat",
    "imessage": "iMessage",
    "instagram": "Instagram",
    "line": "LINE",
    "messenger": "Messenger",
    "meta": "Facebook, Instagram",
    "mms": "MMS",
    "rcs": "RCS",
    "signal": "Signal",
    "skype": "Skype",
    "sms": "SMS",
    "snapchat": "Snapchat",
    "telegram": "Telegram",
    "tiktok": "TikTok",
    "whatsapp": "WhatsApp",
    "x": "X (Twitter)",
}
"""Channels that have the same name in every language."""

NOTICES: Final = {
    "encryption_notice": N_("about encryption"),
    "security_code_changed": N_("a security code changed"),
    "number_changed": N_("a number changed"),
    "group_created": N_("a group was created"),
    "member_added": N_("somebody was added"),
    "member_removed": N_("somebody was removed"),
    "member_left": N_("somebody left"),
    "admin_changed": N_("an administrator changed"),
    "subject_changed": N_("the group's name changed"),
    "description_changed": N_("the group's description changed"),
    "icon_changed": N_("the group's picture changed"),
    "settings_changed": N_("the group's settings changed"),
    "disappearing_changed": N_("disappearing messages changed"),
    "blocked": N_("a contact was blocked"),
    "unblocked": N_("a contact was unblocked"),
    "waiting": N_("a message had not arrived yet"),
    "friend_added": N_("a contact was added"),
    "friend_deleted": N_("a contact was deleted"),
    "friend_request_received": N_("a contact request came in"),
    "group_call": N_("about a group call"),
    "history_cleared": N_("the history was cleared"),
    "invite_to_group_call": N_("somebody was invited to a group call"),
    "joined_telegram": N_("somebody joined Telegram"),
    "message_pinned": N_("a message was pinned"),
    "migrate_to_supergroup": N_("the group became a larger one"),
    "muted": N_("a contact was muted"),
    "pinned": N_("a message was pinned"),
    "profile_changed": N_("a profile changed"),
    "proximity_reached": N_("somebody came close to the other's location"),
    "reaction": N_("a reaction to a message"),
    "screenshot_taken": N_("a screenshot was taken"),
    "topic_created": N_("a topic was created"),
    "unsent": N_("a message was withdrawn"),
}
"""What a line of the app is about."""

DETAILS: Final = {
    "call": "",
    "deleted": "",
    "view_once": "",
    "missed": N_("missed call"),
    "missed_voice_call": N_("missed voice call"),
    "missed_video_call": N_("missed video call"),
    "incoming": N_("incoming call"),
    "outgoing": N_("outgoing call"),
    "voicemail": N_("voicemail"),
    "rejected": N_("rejected call"),
    "blocked": N_("blocked call"),
    "answered_elsewhere": N_("answered on another device"),
    "mms_not_fetched": N_("not fetched from the network"),
    "photo_omitted": N_("picture left out"),
    "video_omitted": N_("video left out"),
    "audio_omitted": N_("audio left out"),
    "media_omitted": N_("file left out"),
    "document_omitted": N_("file left out"),
    "sticker_omitted": N_("sticker left out"),
    "gif_omitted": N_("moving picture left out"),
    "contact_omitted": N_("contact card left out"),
    "poll": N_("poll"),
    "photo": "",
    "screenshot": N_("screenshot"),
    "location": N_("location"),
    "animation": N_("moving picture"),
    "call_by_link": N_("call by a link"),
    "contact": N_("contact card"),
    "contact_card": N_("contact card"),
    "group_call": N_("group call"),
    "image": N_("picture"),
    "media": N_("media"),
    "note": N_("voice message"),
    "outbox": N_("still to be sent"),
    "queued": N_("still to be sent"),
    "share": N_("something shared"),
    "sticker": N_("sticker"),
    "story_reply": N_("reply to a story"),
    "text_missing": N_("its text is missing"),
    "text_not_saved": N_("its text was not saved"),
    "unsupported": N_("of a sort that cannot be shown"),
    "video": N_("video"),
    "video_message": N_("video message"),
    "voice_message": N_("voice message"),
}
"""The finer sort of an event; empty where kind or state say it already."""
