# SPDX-License-Identifier: Apache-2.0
"""A long pause in incoming contact, and its end.

Rules enforced here: a pause lasts `SHORTEST` days or more, and at least `TIMES` the subject's
median gap between two incoming contacts; what went out meanwhile is counted and told; of very
many pauses the `SHOWN` longest are told, in the order of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from standfast.findings import contact, wording
from standfast.i18n import _
from standfast.model.finding import Confidence, Finding, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.findings import Settings

SHORTEST: Final = 14 * contact.DAY
TIMES: Final = 5
SHOWN: Final = 20
WEEK: Final = 7 * contact.DAY

_PAUSES: Final = f"""
WITH gaps AS (
    SELECT subject, ts, event, day, channel, account,
        lag(ts) OVER told AS before_ts, lag(event) OVER told AS before_event,
        lag(day) OVER told AS before_day
    FROM contact WHERE incoming
    WINDOW told AS (PARTITION BY subject ORDER BY ts, event)),
usual AS (
    SELECT subject, quantile_disc(ts - before_ts, 0.5) AS median FROM gaps
    WHERE before_ts IS NOT NULL GROUP BY subject)
SELECT subject, before_ts, ts, before_event, event, before_day, day, median, channel
FROM gaps JOIN usual USING (subject)
WHERE ts - before_ts >= {SHORTEST} AND ts - before_ts >= {TIMES} * median
QUALIFY row_number() OVER (
    PARTITION BY subject ORDER BY ts - before_ts DESC, ts, event) <= {SHOWN}
ORDER BY subject, ts, event
"""  # noqa: S608 - whole numbers of this file
_AROUND: Final = f"""
SELECT place,
    count(*) FILTER (NOT incoming AND ts BETWEEN low AND high),
    count(*) FILTER (incoming AND ts BETWEEN high AND high + {WEEK - 1}
        AND (ts > high OR contact.event >= pauses.event))
FROM pauses JOIN contact USING (subject) GROUP BY place ORDER BY place
"""  # noqa: S608 - a whole number of this file
Pause = tuple[str, int, int, str, str, int, int, int, str]


class SilenceReturn:
    """Pauses of contact that ended."""

    id = "silence_return"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding a pause, in the order of subjects and time."""
        del settings
        with contact.contacts(events) as connection:
            pauses = connection.execute(_PAUSES).fetchall()
            connection.register("pauses", _table(pauses))
            around = connection.execute(_AROUND).fetchall()
            connection.unregister("pauses")
        return [
            self._finding(pause, replies, week)
            for pause, (_place, replies, week) in zip(pauses, around, strict=True)
        ]

    def _finding(self, pause: Pause, replies: int, week: int) -> Finding:
        subject, low, high, before, after, before_day, after_day, median, channel = pause
        return contact.finding(
            self.id,
            self.version,
            subject,
            confidence=Confidence.COUNTED,
            numbers={
                "days": (high - low) // contact.DAY,
                "last_before": contact.iso_day(before_day),
                "returned": contact.iso_day(after_day),
                "channel": channel,
                "median_gap_hours": median // contact.HOUR,
                "outgoing_meanwhile": replies,
                "incoming_week_after": week,
                "last_event": before,
                "first_event": after,
            },
            events=(before, after),
            events_total=2,
            days=(before_day, after_day),
        )

    def say(self, finding: Finding) -> Statement:
        """Word the pause and its end."""
        return Statement(
            title=_("A pause, then contact again"),
            seen=wording.about(finding) + _seen(finding),
            why=_(
                "When contact starts again after a long pause, the date matters: something may "
                "have set it off. A pause does not mean that it is over."
            ),
            otherwise=_(
                "Holidays, a lost phone, an app that was removed, or an export that lacks these "
                "weeks can look like a pause. The contact afterwards may have had an ordinary "
                "reason."
            ),
            sure=wording.counted(),
            next_step=_(
                "Read the first message after the pause. Check that nothing from these weeks is "
                "missing, for example on an old phone."
            ),
            notice=wording.notice(),
        )


def _table(pauses: list[Pause]) -> pa.Table:
    return pa.table(
        {
            "place": pa.array(range(len(pauses)), pa.int64()),
            "subject": pa.array([pause[0] for pause in pauses], pa.string()),
            "low": pa.array([pause[1] for pause in pauses], pa.int64()),
            "high": pa.array([pause[2] for pause in pauses], pa.int64()),
            "event": pa.array([pause[4] for pause in pauses], pa.string()),
        }
    )


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    pause = _(
        "After {last} nothing came in for {n} days. On {returned} contact began again ({channel})."
    ).format(
        last=wording.spoken_date(str(numbers["last_before"])),
        n=wording.spoken_number(numbers["days"]),
        returned=wording.spoken_date(str(numbers["returned"])),
        channel=wording.channel(str(numbers["channel"])),
    )
    week = _("In the seven days from then on: {incoming}.").format(
        incoming=wording.incoming(numbers["incoming_week_after"])
    )
    replies = _("From your side during the pause: {outgoing}.").format(
        outgoing=wording.outgoing(numbers["outgoing_meanwhile"])
    )
    return f"{pause} {week} {replies}"


DETECTOR: Final = SilenceReturn()
