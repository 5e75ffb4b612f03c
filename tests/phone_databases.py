# SPDX-License-Identifier: Apache-2.0
"""Builds databases of calls, voicemail and messages as phones lay them out.

``python tests/phone_databases.py`` writes the fixtures in ``tests/fixtures/ios_backup`` and
``tests/fixtures/android_telephony`` anew. Nobody in them is real.
"""

from __future__ import annotations

import hashlib
import json
import plistlib
import sqlite3
import sys
import zlib
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parent / "fixtures"
ALEX, SAM = "+447700900123", "+447700900456"
APPLE: Final = 725_846_400
UNIX: Final = 1_704_153_600
ZCALLRECORD: Final = (
    "CREATE TABLE ZCALLRECORD ( Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZANSWERED "
    "INTEGER, ZCALLTYPE INTEGER, ZDISCONNECTED_CAUSE INTEGER, ZJUNKCONFIDENCE INTEGER, ZORIGINATED "
    "INTEGER, ZREAD INTEGER, ZDATE TIMESTAMP, ZDURATION FLOAT, ZADDRESS VARCHAR, ZISO_COUNTRY_CODE "
    "VARCHAR, ZLOCATION VARCHAR, ZNAME VARCHAR, ZSERVICE_PROVIDER VARCHAR, ZUNIQUE_ID VARCHAR )"
)
VOICEMAIL: Final = (
    " (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, remote_uid INTEGER, date INTEGER, token TEXT, "
    "sender TEXT, callback_num TEXT, duration INTEGER, expiration INTEGER, trashed_date INTEGER, "
    "flags INTEGER, receiver TEXT, label TEXT)"
)
SMS: Final = (
    "CREATE TABLE sms (_id INTEGER PRIMARY KEY,thread_id INTEGER,address TEXT,person INTEGER,date "
    "INTEGER,date_sent INTEGER DEFAULT 0,protocol INTEGER,read INTEGER DEFAULT 0,status INTEGER "
    "DEFAULT -1,type INTEGER,reply_path_present INTEGER,subject TEXT,body TEXT,service_center "
    "TEXT,locked INTEGER DEFAULT 0,sub_id INTEGER DEFAULT -1,error_code INTEGER DEFAULT 0,creator "
    "TEXT,seen INTEGER DEFAULT 0)"
)
MMS: Final = (
    "CREATE TABLE pdu (_id INTEGER PRIMARY KEY,thread_id INTEGER,date INTEGER,date_sent INTEGER "
    "DEFAULT 0,msg_box INTEGER,read INTEGER DEFAULT 0,m_id TEXT,sub TEXT,sub_cs INTEGER,ct_t TEXT,"
    "m_type INTEGER,locked INTEGER DEFAULT 0,sub_id INTEGER DEFAULT -1);"
    "CREATE TABLE part (_id INTEGER PRIMARY KEY,mid INTEGER,seq INTEGER DEFAULT 0,ct TEXT,name "
    "TEXT,chset INTEGER,cd TEXT,fn TEXT,cid TEXT,cl TEXT,_data TEXT,text TEXT);"
    "CREATE TABLE addr (_id INTEGER PRIMARY KEY,msg_id INTEGER,contact_id INTEGER,address TEXT,"
    "type INTEGER,charset INTEGER)"
)
CALLS: Final = (
    "CREATE TABLE calls (_id INTEGER PRIMARY KEY AUTOINCREMENT,number TEXT,presentation INTEGER "
    "NOT NULL DEFAULT 1,post_dial_digits TEXT NOT NULL DEFAULT '',date INTEGER,duration INTEGER,"
    "type INTEGER,subscription_id TEXT,new INTEGER,name TEXT)"
)


class Store:
    """A database being built; use ``bytes`` for the finished file."""

    def __init__(self, schema: str) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.execute("PRAGMA page_size = 1024")
        self.connection.executescript(schema)

    def put(self, table: str, **values: Any) -> None:
        """Put in a row."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self.connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of the tests
            tuple(values.values()),
        )

    def bytes(self) -> bytes:
        """Give the file."""
        return bytes(self.connection.serialize())


def apple_calls() -> bytes:
    """Build a call history: every direction, a call over another app, an address as bytes."""
    made = Store(ZCALLRECORD)
    phone, facetime = "com.apple.Telephony", "com.apple.FaceTime"
    for at, address, mine, answered, length, service in (
        (0.5, ALEX, 0, 0, 0.0, phone),
        (60, ALEX, 0, 0, 0.0, phone),
        (120, ALEX.encode(), 0, 1, 42.0, phone),
        (180, SAM, 1, 0, 12.25, phone),
        (240, "alex@example.org", 0, 0, 0.0, facetime),
        (300, SAM, 0, 1, 5.0, "net.whatsapp.WhatsApp"),
        (360, None, 0, 0, 0.0, phone),
    ):
        made.put("ZCALLRECORD", ZDATE=APPLE + at, ZADDRESS=address, ZORIGINATED=mine,
                 ZANSWERED=answered, ZDURATION=length, ZSERVICE_PROVIDER=service, ZCALLTYPE=1,
                 ZISO_COUNTRY_CODE="gb")  # fmt: skip
    made.put("ZCALLRECORD", ZADDRESS=ALEX, ZORIGINATED=None)
    return made.bytes()


def apple_voicemail() -> bytes:
    """Build a store of voicemail, one of it thrown away."""
    schema = f"CREATE TABLE voicemail{VOICEMAIL}; CREATE TABLE deleted{VOICEMAIL};"
    made = Store(schema + "CREATE TABLE map (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT);")
    made.put("voicemail", date=UNIX, sender=ALEX, duration=7, flags=3, trashed_date=0)
    made.put("voicemail", date=UNIX + 60, sender=ALEX, duration=9, flags=75,
             trashed_date=APPLE + 90)  # fmt: skip
    made.put("deleted", date=UNIX - 60, sender=SAM, duration=1, flags=0)
    return made.bytes()


def manifest() -> bytes:
    """Build a backup's list of files."""
    made = Store(
        "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags "
        "INTEGER, file BLOB); CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);"
    )
    for domain, path in (
        ("HomeDomain", "Library/SMS/sms.db"),
        ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
        ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.HEIC"),
    ):
        name = hashlib.sha1(f"{domain}-{path}".encode(), usedforsecurity=False).hexdigest()
        made.put("Files", fileID=name, domain=domain, relativePath=path, flags=1)
    return made.bytes()


def settings(*, locked: bool) -> bytes:
    """Write a backup's settings."""
    told = {
        "BackupKeyBag": b"\0" * 32,
        "IsEncrypted": locked,
        "Version": "10.0",
        "Applications": {},
    }
    return plistlib.dumps(told, fmt=plistlib.FMT_BINARY)


def android_messages() -> bytes:
    """Build Android's store of messages: texts of every box, a group with a picture."""
    made = Store(f"{SMS};{MMS};")
    for number, (box, text) in enumerate(
        [(1, "Where are you?"), (1, "Where are you?"), (2, "Leave me alone"), (3, "Not sent"),
         (5, "Not delivered"), (9, "Of another kind")]
    ):  # fmt: skip
        made.put("sms", thread_id=1, address=ALEX, date=(UNIX + number) * 1000 + number % 2,
                 type=box, body=text, read=1)  # fmt: skip
    made.put("sms", thread_id=1, address=ALEX, date=0, type=1, body="No time")
    made.put("pdu", thread_id=2, date=UNIX + 600, msg_box=1, m_type=132, sub="Look")
    made.put("part", mid=1, seq=0, ct="text/plain", text="This is your door")
    made.put("part", mid=1, seq=1, ct="image/jpeg", cl="door.jpg", _data="/data/parts/PART_1")
    for sort, address in ((137, ALEX), (151, SAM), (151, "insert-address-token")):
        made.put("addr", msg_id=1, type=sort, address=address)
    return made.bytes()


def android_calls() -> bytes:
    """Build Android's list of calls."""
    made = Store(CALLS)
    for number in range(1, 9):
        made.put("calls", number=ALEX, date=(UNIX + 60 * number) * 1000, duration=number,
                 type=number, name="Alex" if number % 2 else None)  # fmt: skip
    return made.bytes()


def android_list() -> bytes:
    """Build a part of Android's own backup."""
    text = {"self_phone": SAM, "address": ALEX, "body": "I see you", "date": str(UNIX * 1000),
            "date_sent": "0", "status": "-1", "type": "1"}  # fmt: skip
    group = {"self_phone": SAM, "msg_box": "1", "date": str(UNIX), "m_type": "132",
             "mms_body": "To all", "mms_charset": "106",
             "mms_addresses": [{"type": 137, "address": ALEX, "charset": 106},
                               {"type": 151, "address": SAM, "charset": 106}]}  # fmt: skip
    return zlib.compress(json.dumps([text, text, group, "none"]).encode())


BUILT: Final = {
    "ios_backup/CallHistory.storedata": apple_calls,
    "ios_backup/voicemail.db": apple_voicemail,
    "ios_backup/Manifest.db": manifest,
    "ios_backup/Manifest.plist": lambda: settings(locked=True),
    "android_telephony/mmssms.db": android_messages,
    "android_telephony/calllog.db": android_calls,
    "android_telephony/000000_sms_backup": android_list,
}


def main() -> None:
    """Write the fixtures anew."""
    for name, build in BUILT.items():
        path = FIXTURES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(build())
    sys.stdout.write(f"{len(BUILT)} files\n")


if __name__ == "__main__":
    main()
