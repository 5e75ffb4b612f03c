# SPDX-License-Identifier: Apache-2.0
"""Where each pattern begins and ends: what counts as contact, as a reply, as after, as new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contact_case import DAY, HOUR, MINUTE, START, daily, row, table
from standfast.findings import Block, Settings, StopRequest, contact, detectors, wording
from standfast.findings.patterns.change_of_level import parts, per_week
from standfast.findings.patterns.night import night_hours
from standfast.i18n import speaking
from standfast.model.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.model.finding import Finding

OTHER = ("whatsapp", "+44 7700 900123")
SECOND = {"channel": "sms", "account": "+44 7700 900124"}
UNKNOWN = {"person": "", "role": "", "channel": "sms", "account": "+44 7700 900300"}


def look(name: str, rows: list[dict[str, Any]], stated: Settings | None = None) -> list[Finding]:
    return list(detectors()[name].look(table(rows), stated or Settings()))


def incoming(count: int, *, start: int = START, step: int = HOUR, **more: Any) -> list[dict]:
    return [row(100 + n, start + n * step, **more) for n in range(count)]


@pytest.mark.parametrize(
    "reply",
    [{}, {"kind": "call"}, {"kind": "mail", "channel": "mail"}, {"state": "deleted"}, SECOND],
)
def test_a_reply_on_any_channel_ends_a_row(reply: dict[str, str]) -> None:
    rows = [*incoming(9), row(1, START + 4 * HOUR + 1, direction="out", **reply)]
    (finding,) = look("one_sided", rows)
    assert finding.numbers["longest"] == 5
    assert finding.numbers["first_event"] == "0123456789ab-100"
    assert finding.numbers["last_event"] == "0123456789ab-104"


@pytest.mark.parametrize(
    "nothing",
    [
        {"direction": "out", "state": "draft"},
        {"direction": "out", "state": "failed"},
        {"direction": "out", "person": "p2"},
        {"direction": "system"},
        {"direction": "unknown"},
    ],
)
def test_what_was_never_sent_to_them_ends_no_row(nothing: dict[str, str]) -> None:
    rows = [*incoming(9), row(1, START + 4 * HOUR + 1, **nothing)]
    (finding,) = look("one_sided", rows)
    assert finding.numbers["longest"] == 9


def test_of_rows_of_equal_length_the_earlier_is_quoted() -> None:
    rows = [*incoming(12), row(1, START + 5 * HOUR + 1, direction="out")]
    (finding,) = look("one_sided", rows)
    assert finding.numbers["longest"] == 6
    assert finding.numbers["first_event"] == "0123456789ab-100"


def test_four_in_a_row_are_not_told() -> None:
    assert look("one_sided", incoming(4)) == []
    assert look("one_sided", incoming(5))[0].series["longest_runs"] == (("2024-01-01", 5),)


def test_an_account_of_nobody_is_told_once_something_came_in() -> None:
    (finding,) = look("contact_count", incoming(1, **UNKNOWN))
    assert finding.subject == "account:sms:+44 7700 900300"
    assert finding.numbers["account"] == "+44 7700 900300"
    assert look("contact_count", incoming(3, direction="out", **UNKNOWN)) == []
    assert look("contact_count", incoming(3, account="", person="")) == []


def test_the_own_account_and_third_people_are_no_counterparts() -> None:
    assert look("contact_count", incoming(3, role="third")) == []
    assert look("contact_count", incoming(3, role="me")) == []


def test_weeks_without_contact_are_zeros_and_begin_on_monday() -> None:
    rows = [row(1, START - DAY), row(2, START), row(3, START + 20 * DAY)]
    (finding,) = look("contact_count", rows)
    weeks = (("2023-12-25", 1), ("2024-01-01", 1), ("2024-01-08", 0), ("2024-01-15", 1))
    assert finding.series["per_week"] == weeks
    assert finding.series["per_month"] == (("2023-12", 1), ("2024-01", 2))
    assert finding.series["per_week:whatsapp"] == weeks


def test_a_series_over_centuries_is_not_filled_with_zeros() -> None:
    assert len(contact.by_week([(0, 1), (365_000, 2)])) == 2
    assert contact.by_week([]) == ()


@pytest.mark.parametrize("detail", ["missed", "missed_voice_call", "rejected", "voicemail"])
def test_a_call_that_nobody_took_is_contact_and_missed(detail: str) -> None:
    (finding,) = look("contact_count", incoming(2, kind="call", detail=detail))
    assert finding.numbers["incoming"] == finding.numbers["missed_calls"] == 2


def test_a_night_over_midnight_is_one_night() -> None:
    rows = incoming(8, start=START + 22 * HOUR)
    (finding,) = look("night", rows)
    assert finding.numbers["nights"] == 1
    assert finding.numbers["busiest_night"] == "2024-01-01"
    assert dict(finding.series["per_hour"])["05"] == 1


def test_the_end_of_the_night_is_outside_it() -> None:
    assert night_hours(22, 6) == (0, 1, 2, 3, 4, 5, 22, 23)
    assert night_hours(0, 5) == (0, 1, 2, 3, 4)
    late = incoming(5, start=START + 6 * HOUR, step=MINUTE)
    assert look("night", late) == []
    assert len(look("night", late, Settings(night=(22, 7)))) == 1
    assert look("night", late, Settings(night=(6, 6))) == []


def test_the_night_goes_by_the_wall_clock() -> None:
    away = [one | {"wall": one["ts"] + 12 * HOUR} for one in incoming(5, start=START + 12 * HOUR)]
    assert look("night", away)[0].numbers["at_night"] == 5


def test_eight_in_an_hour_are_a_burst_and_seven_are_not() -> None:
    quiet = [row(n, START + n * DAY) for n in range(1, 9)]
    dense = START + 20 * DAY
    assert look("burst", quiet + incoming(7, start=dense, step=MINUTE)) == []
    (finding,) = look("burst", quiet + incoming(8, start=dense, step=MINUTE))
    assert finding.series["densest"] == (("2024-01-21T00:00", 8),)
    spread = incoming(8, start=dense, step=HOUR // 7 + 1)
    assert look("burst", quiet + spread) == []


def test_bursts_an_hour_apart_are_two_and_the_fuller_comes_first() -> None:
    quiet = [row(n, START + n * DAY) for n in range(1, 30)]
    dense = [row(200 + n, START + 40 * DAY + n) for n in range(9)]
    dense += [row(300 + n, START + 40 * DAY + HOUR + n) for n in range(10)]
    (finding,) = look("burst", quiet + dense)
    told = (("2024-02-10T01:00", 10), ("2024-02-10T00:00", 9))
    assert finding.series["densest"] == told
    assert finding.events_total == 19
    assert finding.events[0] == "0123456789ab-200"


def test_an_hour_like_every_other_is_no_burst() -> None:
    lively = [one for day in range(30) for one in incoming(10, start=START + day * DAY, step=1)]
    assert look("burst", [one | {"event": f"e-{n}"} for n, one in enumerate(lively)]) == []


def test_contact_at_the_moment_of_the_stop_is_not_after_it() -> None:
    stated = Settings(stops=(StopRequest("p1", START + 2 * HOUR, "0123456789ab-1"),))
    own = row(1, START + 2 * HOUR, direction="out")
    (finding,) = look("after_stop", [*incoming(5), own], stated)
    assert finding.numbers["incoming"] == 2
    assert finding.numbers["outgoing"] == 0
    assert finding.events == ("0123456789ab-1", "0123456789ab-103", "0123456789ab-104")
    assert finding.numbers["stop_date"] == "2024-01-01"


def test_own_replies_after_a_stop_are_counted_cited_and_said() -> None:
    replies = [row(n, START + DAY + n * MINUTE, direction="out") for n in (1, 2)]
    stated = Settings(stops=(StopRequest("p1", START - DAY),))
    (finding,) = look("after_stop", [*incoming(300), *replies], stated)
    assert finding.numbers["outgoing"] == 2
    assert {"0123456789ab-1", "0123456789ab-2"} <= set(finding.events)
    assert len(finding.events) <= 200
    assert "2 outgoing contacts" in detectors()["after_stop"].say(finding).seen


def test_without_a_confirmed_stop_nothing_is_said_about_one() -> None:
    assert look("after_stop", [row(1, START, direction="out"), *incoming(20)]) == []


def test_an_account_that_was_known_before_the_stop_is_not_new() -> None:
    rows = [row(1, START), row(2, START, **SECOND), row(3, START + DAY)]
    rows += [row(4, START + DAY, **SECOND), row(5, START + DAY, account="+44 7700 900125")]
    stated = Settings(stops=(StopRequest("p1", START + HOUR),))
    (finding,) = look("after_stop", rows, stated)
    assert finding.series["new_accounts"] == (("whatsapp +44 7700 900125", 1),)
    assert finding.series["per_channel"] == (("sms", 1), ("whatsapp", 2))


def silence(days: int, *, median: int = 1) -> list[Finding]:
    before = [row(n, START + n * median * DAY) for n in range(10)]
    back = [row(50 + n, START + (9 * median + days + n) * DAY) for n in range(3)]
    return look("silence_return", before + back)


def test_a_pause_begins_at_fourteen_days_and_at_five_times_the_usual_gap() -> None:
    assert silence(13) == []
    assert [finding.numbers["days"] for finding in silence(14)] == [14]
    assert silence(19, median=4) == []
    assert [finding.numbers["days"] for finding in silence(20, median=4)] == [20]
    assert silence(14)[0].numbers["incoming_week_after"] == 3


def hop(
    later: int, *, stated: Settings | None = None, more: Sequence[dict[str, Any]] = (), **new: str
) -> list[Finding]:
    begin = [row(1, START), row(2, START + HOUR)]
    start = START + DAY + later
    rows = [*begin, *more, row(3, start, **new), row(4, start + HOUR, **new)]
    return look("hopping", rows, stated or BLOCKED)


BLOCKED = Settings(blocks=(Block("p1", *OTHER, START + DAY),))


def test_a_new_account_after_a_block_is_told_with_its_hours() -> None:
    (finding,) = hop(3 * HOUR + MINUTE, **SECOND)
    assert finding.subject == "p1"
    assert finding.confidence is Confidence.COUNTED
    assert finding.numbers["hours"] == 3
    assert finding.numbers["new_channel"] == 1
    assert finding.series["order"] == (
        ("2024-01-01 whatsapp +44 7700 900123", 2),
        ("2024-01-02 sms +44 7700 900124", 2),
    )


def test_the_blocked_account_itself_is_no_new_account() -> None:
    assert hop(HOUR) == []


def test_an_account_of_theirs_that_was_there_before_is_not_new() -> None:
    assert hop(HOUR, more=[row(9, START, direction="out", **SECOND)], **SECOND) == []


def test_a_line_of_the_app_says_that_somebody_was_blocked() -> None:
    line = row(9, START + DAY, kind="system", direction="system", detail="blocked", person="")
    (finding,) = hop(HOUR, stated=Settings(), more=[line], **SECOND)
    assert finding.numbers["mark_event"] == "0123456789ab-9"
    assert finding.events[0] == "0123456789ab-9"
    unblocked = line | {"detail": "unblocked"}
    assert hop(HOUR, stated=Settings(), more=[unblocked], **SECOND) == []


def test_after_a_stop_a_new_account_is_told_as_after_a_stop() -> None:
    (finding,) = hop(HOUR, stated=Settings(stops=(StopRequest("p1", START + DAY),)), **SECOND)
    assert finding.numbers["mark"] == "stop"


@pytest.mark.parametrize(("hours", "told"), [(1, 1), (72, 1), (73, 0)])
def test_an_unknown_account_is_a_lead_within_three_days_of_a_block(hours: int, told: int) -> None:
    found = hop(hours * HOUR, **UNKNOWN)
    assert len(found) == told
    assert all(finding.confidence is Confidence.HINT for finding in found)
    assert all(finding.numbers["marked_person"] == "p1" for finding in found)


def test_an_unknown_account_with_a_history_is_no_lead() -> None:
    before = row(9, START, direction="out", **UNKNOWN)
    assert hop(HOUR, more=[before], **UNKNOWN) == []


def test_a_stop_makes_nobody_unknown_a_lead() -> None:
    assert hop(HOUR, stated=Settings(stops=(StopRequest("p1", START + DAY),)), **UNKNOWN) == []


def test_leads_after_one_block_are_bounded() -> None:
    many = [
        row(100 + n, START + DAY + n * MINUTE + 1, **UNKNOWN | {"account": f"new{n}@example.org"})
        for n in range(40)
    ]
    found = hop(HOUR, more=many)
    assert len(found) == 10


def test_a_change_of_level_is_told_with_the_true_counts() -> None:
    rows = daily([1, 0, 1] * 20 + [9, 50, 11, 8] * 10)
    (finding,) = look("change_of_level", rows)
    assert finding.confidence is Confidence.LIKELY
    assert finding.numbers["date"] == "2024-03-01"
    assert (finding.numbers["before"], finding.numbers["before_days"]) == (40, 60)
    assert (finding.numbers["after"], finding.numbers["after_days"]) == (780, 40)
    assert finding.numbers["before_per_week"] == 5
    assert finding.events_total == 820


def test_a_wrong_clock_long_ago_does_not_stretch_the_record() -> None:
    found = list(parts([(0, 3), (19_000, 15), (19_001, 9)]))
    assert found == [(19_000, [15, 9])]
    ((first, counts),) = parts([(day, 1) for day in range(0, 20_000, 300)])
    assert len(counts) == 20 * 366
    assert first + len(counts) - 1 == 19_800


def test_a_rate_is_rounded_to_the_nearest_whole_number() -> None:
    assert [per_week(3, 7), per_week(1, 14), per_week(1, 15), per_week(0, 9)] == [3, 1, 0, 0]


def test_the_middle_of_many_references_is_left_out() -> None:
    assert contact.ends([str(n) for n in range(5)], 3) == ("0", "1", "4")
    assert contact.ends(["a", "b"], 2) == ("a", "b")


def test_dates_numbers_and_counted_things_are_worded_in_both_languages() -> None:
    assert wording.spoken_date("2024-03-04") == "4 March 2024"
    assert wording.contacts(1) == "1 contact"
    assert wording.contacts(12345) == "12,345 contacts"
    assert wording.channel("whatsapp") == "WhatsApp"
    assert wording.channel("telegram") == "telegram"
    with speaking("de"):
        assert wording.spoken_date("2024-03-04") == "4. März 2024"
        assert wording.spoken_number(12345) == "12.345"
