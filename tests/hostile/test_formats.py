# SPDX-License-Identifier: Apache-2.0
"""Content made to harm a reader: each file costs itself at most, and bounded time and memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from hostile_case import GOOD, GOOD_NAME, attacked, desk, place
from standfast.sources.reading import Order, Reader, ReadingStopped

GIB = 1 << 30
HEADER = b"From: a@example.org\nTo: b@example.org\nDate: Thu, 14 Mar 2024 10:00:00 +0000\n"

LAUGHS = (
    b"<?xml version='1.0'?>\n<!DOCTYPE smses [\n<!ENTITY a 'ha'>\n"
    + b"".join(b"<!ENTITY %c '%s'>\n" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20))
    + b"]>\n<smses count='1'><sms address='1' date='1710454200000' type='1' body='&u;'/></smses>"
)
OUTSIDE = b"""<?xml version='1.0'?>
<!DOCTYPE smses [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % y SYSTEM "http://example.org/">
%y;]>
<smses count='1'><sms address='1' date='1710454200000' type='1' body='&x;'/></smses>"""


def parts(count: int) -> bytes:
    head = HEADER + b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    return head + b"--b\nContent-Type: text/plain\n\nhi\n" * count + b"--b--\n"


def nested(depth: int) -> bytes:
    body = HEADER + b"MIME-Version: 1.0\n"
    opened = [
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    ]
    return body + b"".join(opened) + b"Content-Type: text/plain\n\ndeep\n"


def letters(depth: int) -> bytes:
    return HEADER + b"MIME-Version: 1.0\n" + (b"Content-Type: message/rfc822\n\n" + HEADER) * depth


def exploding(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("L", (12_000, 12_000)).save(out, kind)
    return out.getvalue()


def test_entities_are_never_opened(tmp_path: Path) -> None:
    found = attacked(tmp_path, {"laughs.xml": LAUGHS, "outside.xml": OUTSIDE})
    assert found["laughs.xml"].outcome == found["outside.xml"].outcome == "kept"


def test_no_entity_reaches_an_event(tmp_path: Path) -> None:
    with desk(tmp_path) as opened:
        opened.add(place(tmp_path / "given", {"laughs.xml": LAUGHS, "outside.xml": OUTSIDE}))
        for row in opened.events():
            assert "root:" not in row.text
            assert len(row.text) < 1000


def test_mails_of_endless_parts_and_depths_are_one_event_each(tmp_path: Path) -> None:
    mails = {
        "parts.eml": parts(100_000), "nested.eml": nested(10_000), "letters.eml": letters(10_000),
        "header.eml": HEADER + b"X: " + b"a" * (8 << 20) + b"\n\nhi",
        "fields.eml": HEADER + b"".join(b"X-%d: a\n" % n for n in range(200_000)) + b"\nhi",
        "to.eml": HEADER + b"Cc: " + b",".join(b"a%d@b.c" % n for n in range(100_000)) + b"\n\nhi",
        "words.eml": HEADER + b"Subject: " + b"=?utf-8?q?=41?= " * 50_000 + b"\n\nhi",
        "html.eml": HEADER + b"MIME-Version: 1.0\nContent-Type: text/html\n\n" + b"<div>" * 200_000,
        "base.eml": HEADER + b"Content-Transfer-Encoding: base64\n\n" + b"=" * 1_000_000,
        "commas.eml": HEADER + b"Bcc: " + b'"' * 100_000 + b"(" * 100_000 + b"\n\nhi",
    }  # fmt: skip
    began = time.monotonic()
    found = attacked(tmp_path, mails)
    assert {name: found[name].events for name in mails} == dict.fromkeys(mails, 1)
    assert time.monotonic() - began < 100


def test_pictures_that_explode_or_end_early_are_events_and_never_decoded_whole(
    tmp_path: Path,
) -> None:
    png = exploding("PNG")
    huge = bytearray(png)
    huge[16:24] = b"\x7f\xff\xff\xff" * 2
    pictures = {
        "bomb.png": png, "huge.png": bytes(huge), "cut.png": png[:200], "cut.jpg": b"\xff\xd8\xff",
        "bomb.gif": exploding("GIF"), "tiff.tif": b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 99,
        "loop.tif": b"II*\0\x08\0\0\0\x00\x00\x08\0\0\0",
        "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8X",
        "box.heic": b"\0\0\0\x18ftypheic" + b"\0\0\0\x01meta" + b"\xff" * 40,
    }  # fmt: skip
    found = attacked(tmp_path, pictures)
    assert {name: found[name].events for name in pictures} == dict.fromkeys(pictures, 1)
    with Reader() as reader:
        for name in pictures:
            path = tmp_path / "given" / name
            order = Order(name, path.stat().st_size, str(path))
            assert viewed(reader, order) in {"", "not_viewable", "too_large", "reader_failed"}


def viewed(reader: Reader, order: Order) -> str:
    """Look at a picture, and say why it could not be seen."""
    try:
        assert len(reader.view(order)) < 16 << 20
    except ReadingStopped as stopped:
        return stopped.reason
    return ""


LINE = b"14/03/2024, 23:40 - A: "
CHATS = {
    "same.txt": b"14/03/2024, 23:40 - A: " * 200_000,
    "spaces.txt": b"14/03/2024, 23:40 - " + b" " * 5_000_000 + b": x\n" + GOOD,
    "digits.txt": b"1" * 5_000_000,
    "brackets.txt": b"[" * 2_000_000 + b"\n" + GOOD,
    "people.txt": b"".join(b"14/03/2024, 23:40 - P%d: x\n" % n for n in range(100_000)),
    "long name.txt": b"14/03/2024, 23:40 - " + b"n" * 100_000 + b": x\n" + GOOD,
    "marks.txt": b"14/03/2024, 23:40 - A: " + "\u200e".encode() * 1_000_000 + b"\n" + GOOD,
    "zalgo.txt": b"14/03/2024, 23:40 - A: a" + "\u0301".encode() * 1_000_000 + b"\n" + GOOD,
    "media.txt": b"".join(LINE + b"<attached: %d.jpg>\n" % n for n in range(50_000)),
}  # fmt: skip


def test_chats_made_to_keep_a_reader_busy_are_read_in_bounded_time(tmp_path: Path) -> None:
    began = time.monotonic()
    found = attacked(tmp_path, {f"WhatsApp Chat with {name}": data for name, data in CHATS.items()})
    assert time.monotonic() - began < 100
    assert found["WhatsApp Chat with people.txt"].events == 100_000


def test_a_mailbox_of_separators_is_read_in_bounded_time(tmp_path: Path) -> None:
    line = b"From a@example.org Thu Mar 14 10:00:00 2024\n"
    boxes = {
        "lines.mbox": line * 100_000,
        "mails.mbox": (line + HEADER + b"\nhi\n\n") * 20_000,
        "lengths.mbox": (line + HEADER + b"Content-Length: 99999999999999999999\n\nhi\n\n") * 2000,
    }
    began = time.monotonic()
    found = attacked(tmp_path, boxes)
    assert time.monotonic() - began < 100
    assert found["mails.mbox"].events == 20_000
    assert found["lengths.mbox"].events == 2000


def watched(path: Path, *words: str) -> tuple[int, bytes, bytes, int, int]:
    """Run ``read`` on a file; give its outcome and the most memory it and its worker held."""
    process = subprocess.Popen(
        [sys.executable, "-m", "standfast", "read", path, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    most = {"parent": 0, "worker": 0}

    def watch() -> None:
        while process.poll() is None:
            most["parent"] = max(most["parent"], resident(process.pid))
            for child in children(process.pid):
                most["worker"] = max(most["worker"], resident(child))
            time.sleep(0.05)

    watching = threading.Thread(target=watch)
    watching.start()
    out, err = process.communicate(timeout=300)
    watching.join()
    return process.returncode, out, err, most["parent"], most["worker"]


def resident(pid: int) -> int:
    """Give the MiB a process holds."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        return int(next(x for x in text.splitlines() if x.startswith("VmRSS")).split()[1]) >> 10
    except (OSError, StopIteration):
        return 0


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def sparse(path: Path, head: bytes, size: int) -> None:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)


@pytest.mark.long
@pytest.mark.parametrize("name", ["chat", "spaces", "sms", "mbox", "mail", "picture"])
def test_a_gibibyte_in_one_line_stays_within_bounded_memory(tmp_path: Path, name: str) -> None:
    heads = {
        "chat": (GOOD_NAME, GOOD + b"16/03/2024, 10:00 - Alex: "),
        "spaces": (GOOD_NAME, GOOD),
        "sms": ("sms.xml", b"<?xml version='1.0'?><smses count='1'><sms address='1' body='"),
        "mbox": ("a.mbox", b"From a Thu Mar 14 10:00:00 2024\n" + HEADER + b"\n"),
        "mail": ("a.eml", HEADER + b"\n"),
        "picture": ("a.jpg", b"\xff\xd8\xff\xe1\xff\xffExif\0\0"),
    }
    file_name, head = heads[name]
    path = tmp_path / file_name
    if name == "spaces":
        with path.open("wb") as file:
            file.write(head)
            for _part in range(1024):
                file.write(b" " * (1 << 20))
    else:
        sparse(path, head, GIB)
    code, out, err, parent, worker = watched(path, "--summary")
    account = json.loads(out)["coverage"]
    assert account["bytes"] == account["bytes_accounted"], err
    assert code in {0, 3}
    assert parent < 700, f"{parent} MiB"
    assert worker < 1200, f"{worker} MiB"


EATER = """\
import standfast.sources.worker as worker
from standfast.sources.limits import Limits

real = worker.known_formats()["whatsapp"]

class Eater:
    about = real.about

    def read(self, source, options):
        eaten = []
        while True:
            ACTION
        yield

worker.known_formats = lambda: {"whatsapp": Eater()}
worker.Limits = lambda: Limits(memory=1 << 30, cpu_seconds=2, cpu_per_mib=0)
worker.main()
"""


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("eaten.append(bytearray(64 << 20))", {"too_large", "stopped"}),
        ("pass", {"stopped"}),
        ("open('written', 'wb').write(b'x' * 999999)", {"stopped", "unread"}),
        ("eaten.append(open('/dev/null'))", {"unread"}),
        ("raise KeyError('ours')", {"reader_failed"}),
        ("eaten = eaten.nothing", {"reader_failed"}),
    ],
)
def test_a_format_that_eats_memory_time_disk_or_handles_loses_one_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, expected: set[str]
) -> None:
    script = tmp_path / "eater.py"
    script.write_text(EATER.replace("ACTION", action), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    chat = tmp_path / GOOD_NAME
    chat.write_bytes(GOOD)
    order = Order(chat.name, len(GOOD), str(chat))
    with Reader(worker=("-I", str(script))) as reader:
        assert outcome(reader, order) in expected
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


def outcome(reader: Reader, order: Order) -> str:
    """Read a file nothing can be read of, and say why."""
    reading = reader.read(order)
    try:
        assert sum(len(batch) for batch in reading.batches) == 0
    except ReadingStopped as stopped:
        return stopped.reason
    assert reading.coverage.bytes == reading.coverage.bytes_accounted
    return reading.coverage.unreadable[0].reason
