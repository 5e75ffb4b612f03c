# SPDX-License-Identifier: Apache-2.0
"""Meta's "Download your information", Facebook and Instagram: ``message_N.json`` of a chat.

How the file is walked through stands in `standfast.sources.meta_reading`, what its fields mean in
`standfast.sources.meta_rows`.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_
from standfast.model.event import Accounting
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.json_walk import JsonWalk, Value
from standfast.sources.meta_reading import MetaReading, opens
from standfast.sources.meta_words import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

SURE: Final = 95
EMPTY: Final = 90
SHORT: Final = 1 << 16
"""A file with a chat without messages is shorter than this."""

ABOUT: Final = About(
    id="meta",
    version=1,
    title=N_("Facebook or Instagram download (JSON)"),
    channel="messenger",
    accounting=Accounting.BYTES,
    export=N_(
        "In the Accounts Centre of Facebook or Instagram choose “Download your information”, then "
        "messages, all time, and the format JSON. Add the zip as it is."
    ),
    lacks=(
        N_(
            "End-to-end encrypted chats of Messenger are not in it, and it does not say so; they "
            "have a download of their own."
        ),
        N_("It does not say whose account it is, and names people only by the name they showed."),
        N_("The text of a message that was withdrawn is not in it."),
        N_("Reactions are in it without the time at which they were given."),
        N_("Since 2024 it does not say which lines the app wrote itself."),
    ),
)


class Meta:
    """The format of the account's copy."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for a message with the fields of this download, in a document of its shape."""
        if not head.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return None
        seen: set[str] = set()
        for one in JsonWalk(BytesIO(head.data), opens).run():
            if len(one.path) == 1:
                seen.add(str(one.path[0]))
            elif isinstance(one, Value) and one.path[:1] == ("messages",):
                data = one.data if isinstance(one.data, dict) else {}
                if "sender_name" in data and "timestamp_ms" in data:
                    return Recognition(SURE, "sender_name, timestamp_ms")
        if head.size < SHORT and {"participants", "title", "thread_path"} <= seen:
            return Recognition(EMPTY, "participants, title, thread_path")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        yield from MetaReading(ACCOUNT, source, options).run()


FORMAT: Final[Format] = Meta()
