# SPDX-License-Identifier: Apache-2.0
"""Builds databases of Apple's Messages as its programs of several years lay them out.

``python tests/apple_messages.py`` writes the fixtures in ``tests/fixtures/imessage`` anew. Column
lists are those that public programs have listed from real phones; nobody in them is real.
"""

from __future__ import annotations

import plistlib
import sqlite3
import sys
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parent / "fixtures" / "imessage"
START: Final = 725_846_400
"""2024-01-02T00:00:00Z in seconds from 2001."""
NANO: Final = 10**9
ALEX, SAM, MAIL = "+447700900123", "+447700900456", "alex@example.org"

OLD: Final = (
    "guid TEXT UNIQUE NOT NULL, text TEXT, replace INTEGER DEFAULT 0, service_center TEXT, "
    "handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT, attributedBody BLOB, version INTEGER "
    "DEFAULT 0, type INTEGER DEFAULT 0, service TEXT, account TEXT, account_guid TEXT, error "
    "INTEGER DEFAULT 0, date INTEGER, date_read INTEGER, date_delivered INTEGER, is_delivered "
    "INTEGER DEFAULT 0, is_finished INTEGER DEFAULT 0, is_emote INTEGER DEFAULT 0, is_from_me "
    "INTEGER DEFAULT 0, is_empty INTEGER DEFAULT 0, is_delayed INTEGER DEFAULT 0, is_auto_reply "
    "INTEGER DEFAULT 0, is_prepared INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0, "
    "is_system_message INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0, has_dd_results INTEGER "
    "DEFAULT 0, is_service_message INTEGER DEFAULT 0, is_forward INTEGER DEFAULT 0, "
    "was_downgraded INTEGER DEFAULT 0, is_archive INTEGER DEFAULT 0, cache_has_attachments "
    "INTEGER DEFAULT 0, cache_roomnames TEXT, was_data_detected INTEGER DEFAULT 0, "
    "was_deduplicated INTEGER DEFAULT 0"
)
MIDDLE: Final = OLD + (
    ", is_audio_message INTEGER DEFAULT 0, is_played INTEGER DEFAULT 0, date_played INTEGER, "
    "item_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0, group_title TEXT, "
    "group_action_type INTEGER DEFAULT 0, share_status INTEGER DEFAULT 0, share_direction INTEGER "
    "DEFAULT 0, is_expirable INTEGER DEFAULT 0, expire_state INTEGER DEFAULT 0, "
    "message_action_type INTEGER DEFAULT 0, message_source INTEGER DEFAULT 0, "
    "associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0, balloon_bundle_id "
    "TEXT, payload_data BLOB, expressive_send_style_id TEXT, associated_message_range_location "
    "INTEGER DEFAULT 0, associated_message_range_length INTEGER DEFAULT 0, "
    "time_expressive_send_played INTEGER, message_summary_info BLOB"
)
NEW: Final = MIDDLE + (
    ", ck_sync_state INTEGER DEFAULT 0, ck_record_id TEXT, ck_record_change_tag TEXT, "
    "destination_caller_id TEXT, is_corrupt INTEGER DEFAULT 0, reply_to_guid TEXT, sort_id "
    "INTEGER, is_spam INTEGER DEFAULT 0, has_unseen_mention INTEGER DEFAULT 0, "
    "thread_originator_guid TEXT, thread_originator_part TEXT, syndication_ranges TEXT, "
    "synced_syndication_ranges TEXT, was_delivered_quietly INTEGER DEFAULT 0, "
    "did_notify_recipient INTEGER DEFAULT 0, date_retracted INTEGER, date_edited INTEGER, "
    "was_detonated INTEGER DEFAULT 0, part_count INTEGER, is_stewie INTEGER DEFAULT 0, "
    "is_kt_verified INTEGER DEFAULT 0, is_sos INTEGER DEFAULT 0, is_critical INTEGER DEFAULT 0, "
    "bia_reference_id TEXT, fallback_hash TEXT, associated_message_emoji TEXT"
)
VERSIONS: Final = {"ios6": OLD, "ios10": MIDDLE, "ios17": NEW}

CHAT: Final = (
    "guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER, account_id TEXT, properties BLOB, "
    "chat_identifier TEXT, service_name TEXT, room_name TEXT, account_login TEXT, is_archived "
    "INTEGER DEFAULT 0, last_addressed_handle TEXT"
)
JOINS: Final = """
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id));
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER,
  PRIMARY KEY (chat_id, message_id));
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER,
  UNIQUE(message_id, attachment_id));
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL,
  created_date INTEGER DEFAULT 0, start_date INTEGER DEFAULT 0, filename TEXT, uti TEXT,
  mime_type TEXT, transfer_state INTEGER DEFAULT 0, is_outgoing INTEGER DEFAULT 0,
  user_info BLOB, transfer_name TEXT, total_bytes INTEGER DEFAULT 0);
CREATE INDEX message_idx_handle ON message(handle_id, date);
CREATE INDEX chat_message_join_idx_message_id_only ON chat_message_join(message_id);
CREATE TRIGGER after_delete_on_message_plugin AFTER DELETE ON message WHEN OLD.guid IS NOT NULL
  BEGIN SELECT after_delete_message_plugin(OLD.ROWID, OLD.guid); END;
"""
RECOVERABLE: Final = """
CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER,
  delete_date INTEGER, ck_sync_state INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id));
"""


def attributed(text: str, *, mutable: bool = False) -> bytes:
    """Write a text as NSArchiver writes an attributed string without any attribute of note."""
    data = text.encode()
    if len(data) < 0x80:
        length = bytes([len(data)])
    elif len(data) < 1 << 16:
        length = b"\x81" + len(data).to_bytes(2, "little")
    else:
        length = b"\x82" + len(data).to_bytes(4, "little")
    head = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84"
    root = b"\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84"
    if mutable:
        names = b"\x19NSMutableAttributedString\x00\x84\x84\x12NSAttributedString\x00" + root
        names += b"\x0fNSMutableString\x01\x84\x84\x08NSString\x01\x95\x84\x01+"
    else:
        names = b"\x12NSAttributedString\x00" + root + b"\x08NSString\x01\x94\x84\x01+"
    base, string, plus, number = b"\x95\x98\x98\x9b" if mutable else b"\x94\x96\x96\x99"
    tail = (
        b"\x86\x84\x02iI\x01" + bytes([min(len(text), 0x7F)]) + b"\x92\x84\x84\x84"
        b"\x0cNSDictionary\x00" + bytes([base]) + b"\x84\x01i\x01\x92\x84"
        + bytes([string, plus]) + b"\x1d__kIMMessagePartAttributeName"
        b"\x86\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00" + bytes([base])
        + b"\x84\x01*\x84" + bytes([number, number]) + b"\x00\x86\x86\x86"
    )  # fmt: skip
    return head + names + length + data + tail


def summary(versions: list[tuple[float, str]], withdrawn: list[int] | None = None) -> bytes:
    """Write the history of an edited message, or of one with parts withdrawn."""
    told: dict[str, Any] = {"amc": 1, "ust": True}
    if versions:
        told["ec"] = {"0": [{"d": when, "t": attributed(text)} for when, text in versions]}
        told["ep"] = [0]
    if withdrawn is not None:
        told["rp"] = withdrawn
    return plistlib.dumps(told, fmt=plistlib.FMT_BINARY)


class Messages:
    """A database being built; use ``bytes`` for the finished file."""

    def __init__(
        self, version: str = "ios17", path: str | Path = ":memory:", page_size: int = 1024
    ) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.execute = self.connection.execute
        self.version = version
        self.unit = 1 if version == "ios6" else NANO if version == "ios17" else 1
        self.execute(f"PRAGMA page_size = {page_size}")
        more = ", display_name TEXT, group_id TEXT" if version != "ios6" else ""
        self.connection.executescript(
            "CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key));"
            f"CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, {VERSIONS[version]});"
            f"CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, {CHAT}{more});"
            "CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL,"
            " country TEXT, service TEXT NOT NULL, uncanonicalized_id TEXT, UNIQUE (id, service));"
            + JOINS
            + (RECOVERABLE if version == "ios17" else "")
        )

    def put(self, table: str, **values: Any) -> int:
        """Put in a row and give its number."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        cursor = self.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of the tests
            tuple(values.values()),
        )
        return int(cursor.lastrowid or 0)

    def chat(self, address: str, *others: str, name: str = "", service: str = "iMessage") -> int:
        """Put in a chat with some others."""
        named = {"display_name": name} if name else {}
        sign = "-" if len(others) == 1 else "+"
        chat = self.put(
            "chat", guid=f"{service};{sign};{address}", chat_identifier=address,
            service_name=service, **named,
        )  # fmt: skip
        for other in others:
            self.put("chat_handle_join", chat_id=chat, handle_id=self.handle(other, service))
        return chat

    def handle(self, address: str, service: str = "iMessage") -> int:
        """Give the number of an address."""
        known = self.execute(
            "SELECT ROWID FROM handle WHERE id = ? AND service = ?", (address, service)
        ).fetchone()
        return known[0] if known else self.put("handle", id=address, service=service)

    def message(  # noqa: PLR0913 - what tests vary, by name
        self, text: str | None, *, at: float, who: str = "", chat: int = 0, me: bool = False,
        service: str = "iMessage", **values: Any,
    ) -> int:  # fmt: skip
        """Put in a message ``at`` seconds after `START`."""
        number = self.put(
            "message", **{
                "guid": f"00000000-0000-0000-0000-{self.count():012d}", "text": text,
                "service": service, "date": self.time(at), "is_from_me": int(me),
                "handle_id": self.handle(who, service) if who else 0, **values,
            },
        )  # fmt: skip
        if chat:
            self.put("chat_message_join", chat_id=chat, message_id=number)
        return number

    def count(self) -> int:
        return int(self.execute("SELECT count(*) FROM message").fetchone()[0])

    def time(self, at: float) -> int:
        """Give a moment as this version stores it."""
        return round((START + at) * self.unit)

    def attach(self, message: int, path: str, **values: Any) -> int:
        """Put in a file of a message."""
        number = self.put(
            "attachment", guid=f"at_0_{path}", filename=path, transfer_name=Path(path).name,
            **values,
        )  # fmt: skip
        self.put("message_attachment_join", message_id=message, attachment_id=number)
        return number

    def bytes(self) -> bytes:
        """Give the file."""
        self.execute("VACUUM")
        return bytes(self.connection.serialize())


def modern() -> Messages:
    """Build what a phone of 2024 holds: every sort of row."""
    made = Messages("ios17")
    one = made.chat(ALEX, ALEX)
    group = made.chat("chat100200300", ALEX, SAM, name="Sunday walk")
    made.message("Where are you?", at=0.25, who=ALEX, chat=one,
                 date_read=made.time(60), destination_caller_id="+447700900001")  # fmt: skip
    made.message(None, at=30, who=ALEX, chat=one, attributedBody=attributed("Answer me! ☎"))
    made.message(None, at=31, who=ALEX, chat=one, attributedBody=attributed("Answer me! ☎"))
    made.message(None, at=90, me=True, who=ALEX, chat=one, date_delivered=made.time(91),
                 attributedBody=attributed("Please stop.", mutable=True))  # fmt: skip
    made.message(None, at=200, who=ALEX, chat=one, date_edited=made.time(260),
                 attributedBody=attributed("See you soon"),
                 message_summary_info=summary(
                     [(START + 200, "I know where you live"), (START + 260, "See you soon")]
                 ))  # fmt: skip
    made.message(None, at=300, who=ALEX, chat=one, date_edited=made.time(310),
                 message_summary_info=summary([], [0]))  # fmt: skip
    _around(made, one, group)
    _beside(made, one)
    return made


def _around(made: Messages, one: int, group: int) -> None:
    """Put in reactions and lines of the app itself."""
    made.message("Loved “Please stop.”", at=320, who=ALEX, chat=one,
                 associated_message_type=2000,
                 associated_message_guid="p:0/00000000-0000-0000-0000-000000000003")  # fmt: skip
    made.message("Removed a heart", at=330, who=ALEX, chat=one, associated_message_type=3000,
                 associated_message_guid="bp:00000000-0000-0000-0000-000000000003")  # fmt: skip
    made.message("Reacted", at=340, who=SAM, chat=group, associated_message_type=2006,
                 associated_message_emoji="🥾",
                 associated_message_guid="p:0/00000000-0000-0000-0000-000000000009")  # fmt: skip
    made.message("Walk on Sunday?", at=400, me=True, chat=group)
    made.message(None, at=410, who=ALEX, chat=group, item_type=1, group_action_type=1,
                 other_handle=made.handle(SAM))  # fmt: skip
    made.message(None, at=420, who=ALEX, chat=group, item_type=2, group_title="Our walk")
    made.message(None, at=430, who=SAM, chat=group, item_type=3)
    made.message(None, at=440, who=ALEX, chat=one, item_type=4, share_status=1)


def _beside(made: Messages, one: int) -> None:
    """Put in what is rare: files, other services, no chat, thrown away, not delivered."""
    picture = made.message("\ufffc", at=500, who=ALEX, chat=one, cache_has_attachments=1)
    made.attach(picture, "~/Library/SMS/Attachments/ab/11/AT-1/IMG_0001.HEIC",
                mime_type="image/heic", total_bytes=3210)  # fmt: skip
    made.message("Your parcel is here", at=600, who="SHOP", service="SMS",
                 chat=made.chat("SHOP", "SHOP", service="SMS"))  # fmt: skip
    made.message("Over RCS", at=610, who=SAM, service="RCS",
                 chat=made.chat(SAM, SAM, service="RCS"))  # fmt: skip
    made.message("In no chat", at=620, who=MAIL)
    lately = made.message("Thrown away", at=630, who=ALEX)
    made.put("chat_recoverable_message_join", chat_id=one, message_id=lately,
             delete_date=made.time(5000))  # fmt: skip
    made.message("A reply", at=640, me=True, who=ALEX, chat=one, error=22,
                 thread_originator_guid="00000000-0000-0000-0000-000000000001")  # fmt: skip
    made.message("No time", at=0, who=ALEX, chat=one, date=0)
    made.put("attachment", guid="at_left", filename="~/Library/SMS/Attachments/cd/IMG_0002.JPG")


def old() -> Messages:
    """Build what a phone of 2013 holds: whole seconds, texts in the column ``text``."""
    made = Messages("ios6")
    one = made.chat(ALEX, ALEX, service="SMS")
    for number, text in enumerate(("Hello", "Hello", "Who is this?", "Stop it")):
        made.message(text, at=60 * number - 400 * 86_400, who=ALEX, chat=one, service="SMS",
                     me=number > 1)  # fmt: skip
    made.message("Ünïcode and a\nbreak", at=-399 * 86_400, who=MAIL, chat=made.chat(MAIL, MAIL))
    return made


def middle() -> Messages:
    """Build what a phone of 2016 holds: reactions and groups, still whole seconds."""
    made = Messages("ios10")
    group = made.chat("chat400", ALEX, SAM, name="Choir")
    other = made.chat("chat401", ALEX, name="Choir")
    made.message("Rehearsal at eight", at=-300 * 86_400, who=SAM, chat=group)
    made.message("Only us two", at=-299 * 86_400, who=ALEX, chat=other)
    made.message("Questioned it", at=-298 * 86_400, who=ALEX, chat=group,
                 associated_message_type=2005, associated_message_guid="p:0/X")  # fmt: skip
    return made


BUILT: Final = {"sms-ios17.db": modern, "sms-ios6.db": old, "sms-ios10.db": middle}


def main() -> None:
    """Write the fixtures anew."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name, build in BUILT.items():
        (FIXTURES / name).write_bytes(build().bytes())
    sys.stdout.write(f"{len(BUILT)} files\n")


if __name__ == "__main__":
    main()
