# SPDX-License-Identifier: Apache-2.0
"""What LINE writes into its text exports: dates, clocks, and words of its own.

Rules enforced here:

* a date that begins with the year is certain. Of one that does not, the day of the week that
  stands beside it says which number is the day; where it fits both ways or is in no language known
  here, nothing is guessed;
* a clock may go beyond midnight (``24:53``): that is the next day;
* LINE's own words are recognised in English, Japanese, Chinese and Thai; in another language they
  stay the text of the message they stand in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:\s?\([^()\n]{1,12}\)|\s[^\s\d\t]{1,20})?\s*"
)
_YEAR_LAST: Final = re.compile(r"(?P<day>[^\s\d,]{1,20}),? (\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*")
_CLOCK: Final = re.compile(
    r"(?:(?P<before>午前|午後|上午|下午|오전|오후) ?)?(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r" ?(?P<after>[AaPp][Mm])?(?=[\t ]|$)"
)
_DAYS: Final = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
                "mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6}  # fmt: skip
_AFTERNOON: Final = frozenset({"午後", "下午", "오후", "pm"})
_NOON: Final = 12
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_LAST_HOUR: Final = 29
"""LINE's day ends at five in the morning at most."""
TITLES: Final = re.compile(
    r"\[LINE\] ?(?:Chat history (?:with|in)\s*|トーク履歴[:：]?\s*|"
    r"(?:與|与)?\s*|ประวัติการ(?:สนทนา|แชท)กับ\s*)"
    r"(?P<title>.{1,300}?)(?:とのトーク履歴|的聊天[記记][錄录])?\s*"
)
SAVED: Final = re.compile(
    r"(?:Saved? (?:on|date)|保存日時|儲存日期|儲存時間|บันทึกวันที่)\s*[:：]?.{0,60}"
)
OMITTED: Final = {
    "[Photo]": "photo_omitted", "[写真]": "photo_omitted", "[照片]": "photo_omitted",
    "[圖片]": "photo_omitted", "[Video]": "video_omitted", "[動画]": "video_omitted",
    "[影片]": "video_omitted", "[Sticker]": "sticker_omitted", "[スタンプ]": "sticker_omitted",
    "[貼圖]": "sticker_omitted", "[File]": "document_omitted", "[ファイル]": "document_omitted",
    "[檔案]": "document_omitted", "[Voice message]": "audio_omitted", "[Audio]": "audio_omitted",
    "[ボイスメッセージ]": "audio_omitted", "[語音訊息]": "audio_omitted",
    "[Contact]": "contact_omitted", "[連絡先]": "contact_omitted",
}  # fmt: skip
_CALL: Final = "☎"
_MISSED: Final = ("Missed", "不在着信", "未接", "สายที่ไม่ได้รับ")
_LENGTH: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d\d)\s*$")
_NOTICES: Final = (
    (
        "unsent",
        re.compile(r".{0,300}(?:unsent a message|メッセージの送信を取り消しました|已收回訊息)\.?"),
    ),
    ("member_added", re.compile(r".{1,300} (?:joined the (?:group|chat)|added .{1,300})\.?")),
    ("member_left", re.compile(r".{1,300} left the (?:group|chat)\.?")),
    ("subject_changed", re.compile(r".{1,300} changed the (?:group|chat)(?:'s)? name .{0,300}")),
    ("member_removed", re.compile(r".{1,300} removed .{1,300} from the (?:group|chat)\.?")),
)


@dataclass(frozen=True, slots=True)
class Day:
    """A date line: the day, and the other reading where nothing decides."""

    day: date
    other: date | None = None


def day_of(line: str, order: str) -> Day | None:
    """Read a line that holds a date and nothing else; ``None`` when it is none."""
    found = _YEAR_FIRST.fullmatch(line)
    if found:
        day = _day(found[1], found[2], found[3])
        return Day(day) if day else None
    found = _YEAR_LAST.fullmatch(line)
    return _by_weekday(found, order) if found else None


def _by_weekday(found: re.Match[str], order: str) -> Day | None:
    day_first = _day(found[4], found[3], found[2])
    month_first = _day(found[4], found[2], found[3])
    name = found["day"].rstrip(".,").lower()
    weekday = _DAYS.get(name[:3], _DAYS.get(name[:2]) if len(name) <= len("di.") else None)
    readings = [day for day in (day_first, month_first) if day]
    fitting = [day for day in readings if day.weekday() == weekday] or readings
    if len(set(fitting)) == 1:
        return Day(fitting[0])
    wanted = {"dmy": day_first, "mdy": month_first}.get(order)
    if wanted:
        return Day(wanted)
    return Day(fitting[0], fitting[1]) if fitting else None


def _day(year: str, month: str, day: str) -> date | None:
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def clock_of(line: str) -> tuple[timedelta, str] | None:
    """Read the clock a line begins with; give it with the rest of the line."""
    found = _CLOCK.match(line)
    if found is None:
        return None
    half = (found["before"] or found["after"] or "").lower()
    hour, minute = int(found["hour"]), int(found["minute"])
    if half and not 0 <= hour <= _NOON:
        return None
    if half:
        hour = hour % _NOON + (_NOON if half in _AFTERNOON else 0)
    if hour > _LAST_HOUR or minute > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    return timedelta(hours=hour, minutes=minute), line[found.end() :]


def at(day: date, clock: timedelta) -> datetime:
    """Put day and clock together; beyond midnight is the next day."""
    return datetime(day.year, day.month, day.day) + clock  # noqa: DTZ001 - a wall time is naive


def call_of(text: str) -> tuple[str, int] | None:
    """Read what LINE writes of a call: its sort, and its length in seconds (0 when untold)."""
    if not text.startswith(_CALL):
        return None
    if any(word in text for word in _MISSED):
        return "missed_voice_call", 0
    found = _LENGTH.search(text)
    if found is None:
        return "call", 0
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return "call", (hours * 60 + minutes) * 60 + seconds


def notice_of(text: str) -> str:
    """Name what a line of the app is about."""
    return next((sort for sort, words in _NOTICES if words.fullmatch(text)), "notice")
