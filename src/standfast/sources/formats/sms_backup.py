# SPDX-License-Identifier: Apache-2.0
"""SMS Backup & Restore (Android): texts, multimedia messages and calls, as XML.

The file is a flat list: ``<smses>`` of ``<sms>`` and ``<mms>``, or ``<calls>`` of ``<call>``. How
it is walked through stands in `standfast.sources.phone_scan`, what its fields mean in
`standfast.sources.phone_rows`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_
from standfast.model.event import Accounting
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.phone_scan import DOCTYPE, PhoneScan
from standfast.sources.xml_window import Window, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

_PROLOG: Final = re.compile(
    rb"(?:\s++|<\?.*?\?>|<!--.*?-->|" + DOCTYPE.pattern + rb")*+<(smses|calls)[\s/>]", re.DOTALL
)

ABOUT: Final = About(
    id="sms_backup",
    version=1,
    title=N_("SMS Backup & Restore"),
    channel="sms",
    accounting=Accounting.BYTES,
    export=N_(
        "On the Android phone, open the app SMS Backup & Restore, choose to back up messages and "
        "calls, and copy the XML files it makes."
    ),
    lacks=(
        N_("Messages and calls that were deleted before the backup are not in it."),
        N_("Chat messages (RCS) are only in it if the app was set to include them."),
        N_("Pictures and voice messages are only in it if the app was set to include them."),
    ),
)


class SmsBackup:
    """The format of the app's message and call backups."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the root element behind nothing but a prolog."""
        encoding, mark = encoding_of(head.data)
        data = head.data[mark:]
        if encoding.startswith("utf-16"):
            data = data.decode(encoding, "replace").encode()
        root = _PROLOG.match(data)
        return Recognition(95, f"<{root[1].decode()}>") if root else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            window = Window(stream, source.progress, options.encoding)
            yield from PhoneScan(window, options.zone, source.path).run()


FORMAT: Final[Format] = SmsBackup()
